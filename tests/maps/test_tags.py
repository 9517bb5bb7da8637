"""Tags of a dataset: kept on the disk, read as they were written, a column of every table."""

from __future__ import annotations

import json

import numpy as np
import pytest

from core.base.errors import DamagedError, InputError
from core.base.types import IntArray
from core.maps import items, row_ranges, tags
from core.maps.colors import NO_TAG, by_names
from core.maps.export import map_columns
from core.maps.items import MapData
from core.maps.project import project
from core.maps.recipe import Method, Recipe
from core.maps.tags import Combine

pytestmark = pytest.mark.usefixtures("own_home")


def words() -> MapData:
    vectors = np.random.default_rng(0).normal(size=(6, 4)).astype(np.float32)
    return items.from_vectors("words", ["a", "b", "c", "d", "e", "f"], vectors)


def rows(*numbers: int) -> IntArray:
    return np.array(numbers, dtype=np.int64)


def tag(data: MapData, name: str, at: IntArray) -> None:
    tags.change(data, lambda known: tags.with_tag(known, name, at))


def test_tags_are_read_as_they_were_written_in_any_model() -> None:
    data = words()
    assert tags.load(data) == {}
    tag(data, "  fruit of  summer ", rows(4, 1, 1))
    tag(data, "seen", rows(1))
    other = items.from_vectors("words", data.ids, data.vectors[:, ::-1])  # of another model
    held = tags.load(other)
    assert {name: found.tolist() for name, found in held.items()} == {
        "fruit of summer": [1, 4],
        "seen": [1],
    }
    longer = items.from_vectors("words", [*data.ids, "g"], np.eye(7, dtype=np.float32))
    assert tags.load(longer) == {}  # of other items


def test_a_tag_without_items_is_gone_and_so_is_the_file_of_the_last() -> None:
    data = words()
    tag(data, "seen", rows(1))
    path = tags.path_of(row_ranges.items_digest(data.ids, data.texts))
    assert path.is_file()
    tag(data, "seen", rows())
    assert not path.exists()
    assert tags.load(data) == {}


def test_names_that_cannot_be_and_too_many_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    data = words()
    for name in ("", "  ", "a;b", "x" * 61, "a\0b"):
        with pytest.raises(InputError, match="The name of the tag"):
            tag(data, name, rows(1))
    monkeypatch.setattr(tags, "MOST", 2)
    tag(data, "one", rows(1))
    tag(data, "two", rows(2))
    with pytest.raises(InputError, match="At most 2"):
        tag(data, "three", rows(3))
    assert set(tags.load(data)) == {"one", "two"}


def test_each_browser_has_its_own_and_begins_with_those_from_before() -> None:
    data = words()
    tag(data, "old", rows(0))

    def change(browser: str, name: str, at: IntArray) -> None:
        tags.change(data, lambda known: tags.with_tag(known, name, at), browser=browser)

    change("a", "mine", rows(1, 2))
    change("b", "old", rows())  # deletes it, for itself
    assert list(tags.load(data, browser="a")) == ["mine", "old"]
    assert tags.load(data, browser="b") == {}
    assert list(tags.load(data, browser="c")) == list(tags.load(data)) == ["old"]
    change("b", "mine", rows(2, 3))
    told = {name: found.tolist() for name, found in tags.load_all(data).items()}
    assert told == {"mine": [1, 2, 3], "old": [0]}
    digest = row_ranges.items_digest(data.ids, data.texts)
    assert "a" not in tags.path_of(digest, "a").name.split(".")  # no id stands on the disk


def test_what_was_tagged_under_another_id_comes_to_the_browser() -> None:
    one, other = words(), items.from_vectors("more", ["x", "y"], np.eye(2, dtype=np.float32))
    for data in (one, other):
        tags.change(data, lambda known: tags.with_tag(known, "new", rows(0)), browser="before")
    tags.change(one, lambda known: tags.with_tag(known, "own", rows(1)), browser="mine")
    tags.adopt("before", "mine")
    assert list(tags.load(one, browser="mine")) == ["new", "own"]
    assert list(tags.load(other, browser="mine")) == ["new"]
    assert tags.load(one, browser="before") == tags.load(other, browser="before") == {}


@pytest.mark.parametrize(
    "text",
    [
        "",
        "[]",
        '{"format": 2, "tags": {}}',
        '{"format": 1, "tags": {"a": 5}}',
        '{"format": 1, "tags": {" a": "6~000000000000~eJw"}}',
        '{"format": 1, "tags": {"a": "6~000000000000~eJw"}}',
    ],
)
def test_a_damaged_file_is_told_and_not_written_over(text: str) -> None:
    data = words()
    tag(data, "seen", rows(1))
    path = tags.path_of(row_ranges.items_digest(data.ids, data.texts))
    path.write_text(text)
    with pytest.raises(DamagedError, match="damaged"):
        tags.load(data)
    with pytest.raises(DamagedError, match="damaged"):
        tag(data, "more", rows(2))
    assert path.read_text() == text


def test_a_file_tells_what_it_is_of() -> None:
    data = words()
    tag(data, "seen", rows(0, 5))
    told = json.loads(tags.path_of(row_ranges.items_digest(data.ids, data.texts)).read_text())
    assert told["name"] == "words"
    assert list(told["tags"]) == ["seen"]


def test_a_selection_and_a_tag_are_combined() -> None:
    selected, tagged = rows(1, 2, 3), rows(3, 4)
    for how, expected in (
        (Combine.REPLACE, [3, 4]),
        (Combine.UNION, [1, 2, 3, 4]),
        (Combine.INTERSECTION, [3]),
        (Combine.DIFFERENCE, [1, 2]),
    ):
        assert tags.combine(selected, tagged, how).tolist() == expected


def test_tags_are_a_column_of_tables_and_no_part_of_the_digest() -> None:
    data = words()
    tagged = tags.attach(data, {"seen": rows(1, 2), "good": rows(2)})
    assert tagged.digest == data.digest
    assert tagged.tags != data.tags
    assert tagged.take([2, 0]).digest == data.take([2, 0]).digest
    cells = map_columns(tagged, project(data.vectors, Recipe(Method.PCA)))["tags"]
    assert cells == ["", "seen", "seen; good", "", "", ""]
    assert tags.attach(data, {}) is data


def test_a_column_of_the_same_name_stays() -> None:
    data = items.from_vectors(
        "own", ["a", "b"], np.eye(2, dtype=np.float32), frame=_frame({"tags": ["mine", "too"]})
    )
    tagged = tags.attach(data, {"seen": rows(1)})
    assert list(tagged.frame.columns) == ["tags", "tags (2)"]
    assert tagged.tag_column == "tags (2)"
    assert tagged.frame["tags"].tolist() == ["mine", "too"]


def _frame(columns):  # type: ignore[no-untyped-def]
    import pandas as pd

    return pd.DataFrame(columns)


def test_points_are_filtered_by_each_of_their_tags() -> None:
    coloring = by_names("tags", [(), ("seen",), ("good", "seen"), ()], none=NO_TAG)
    assert coloring.codes is not None
    assert coloring.members == ("good", "seen", "no tag")
    told = [
        {coloring.members[part] for part in coloring.parts[code]}
        for code in coloring.codes.tolist()
    ]
    assert told == [{"no tag"}, {"seen"}, {"good", "seen"}, {"no tag"}]
