"""Pictures of entities: by what they are matched, which are taken, and what is told."""

from __future__ import annotations

import io

import pandas as pd
import pytest
from PIL import Image

from core.base.errors import InputError
from core.graphs import pictures, sources
from core.graphs.graph import Graph, build_graph
from core.images import galleries
from core.images.gallery import Gallery

COLORS = ["red", "green", "blue", "white"]


def cities() -> Graph:
    triples = [("Q90", "in", "Q142"), ("Q64", "in", "Q183"), ("Q90", "near", "Q64")]
    return build_graph("cities", {"train": triples}, labels={"Q90": "Paris", "Q64": "Berlin"})


def gallery(ids: list[str], captions: list[str] | None = None, **columns: list[object]) -> Gallery:
    made = [Image.new("RGB", (8, 8), color) for color in COLORS]
    digests = [bytes([at]) * 16 for at in range(len(ids))]
    return Gallery("g", ids, digests, made.__getitem__, captions, (), pd.DataFrame(columns))


@pytest.mark.parametrize(
    ("shown", "by", "rows"),
    [
        (gallery(["a/q90.jpg", "b/Q 64.png", "c/x.png"]), "id", {"Q90": 0, "Q64": 1}),
        (gallery(["1", "2"], ["in Berlin", "PARIS"]), "caption", {"Q90": 1}),
        (gallery(["Q90/1.png", "Q90/2.png", "Q142/1.png"]), "folder", {"Q90": 0, "Q142": 2}),
        (gallery(["1", "2"], wikidata=["q183", None]), "wikidata", {"Q183": 0}),
    ],
)
def test_entities_get_the_pictures_that_are_called_as_they_are(
    shown: Gallery, by: str, rows: dict[str, int]
) -> None:
    graph = cities()
    found = pictures.join(graph, shown)
    assert found.by == by
    assert {graph.entities[entity]: row for entity, row in found.rows.items()} == rows
    assert pictures.join(graph, shown, by).rows == found.rows


def test_what_matched_and_what_did_not_is_told() -> None:
    graph = cities()
    found = pictures.join(graph, gallery(["Q90/1.png", "Q90/2.png", "Q142/1.png"]))
    assert found.told() == (
        "2 of 4 entities have a picture, by the folder; 2 have none. 1 have several, of which the "
        "first is taken."
    )
    assert found.id(graph.entity("Q90")) == "Q90/1.png"
    assert found.id(graph.entity("Q64")) == ""
    assert found.small(graph.entity("Q64")) is None
    small = Image.open(io.BytesIO(found.small(graph.entity("Q142")) or b""))
    assert max(abs(a - b) for a, b in zip(small.getpixel((4, 4)), (0, 0, 255), strict=True)) < 8


def test_a_gallery_of_other_things_is_refused() -> None:
    with pytest.raises(InputError, match=r"No picture of “g”.*Looked at: id, kind; .*“Q142”"):
        pictures.join(cities(), gallery(["1", "2"], kind=["cat", "dog"]))
    with pytest.raises(InputError, match=r"have no “knd”.*They have: id, kind"):
        pictures.join(cities(), gallery(["1", "2"], kind=["cat", "dog"]), "knd")


def test_ten_nations_have_a_flag() -> None:

    emoji = galleries.load(galleries.list_galleries()[0])
    graph = sources.load_graph("nations")
    found = pictures.join(graph, emoji)
    assert (found.by, len(found.rows)) == ("caption", 10)
    assert found.id(graph.entity("brazil")) == "1F1E7-1F1F7"
