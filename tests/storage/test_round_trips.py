"""What each store of the data home writes it reads back equal, at the edges of what it takes."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from dataclasses import fields
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, example, given, settings, strategies as st
from PIL import Image

from core.base import vectors as vec
from core.base.errors import ExplorerError, InputError
from core.base.types import Metric, Modality, Space
from core.generation import history, png_metadata
from core.generation.large import added as added_large
from core.generation.request import Generated, Request
from core.generation.request_checks import MAX_DIM, MAX_PROMPT
from core.graphs import models, sources, store as graph_store, triples
from core.graphs.graph import PARTS, Graph, Triple, build_graph
from core.graphs.scoring import Model
from core.graphs.settings import Settings
from core.images import galleries
from core.images.gallery import Skipped
from core.images.public.catalog import PUBLIC_SETS
from core.maps import store as map_store
from core.maps.recipe import Method, Projection, Recipe
from core.maps.store import StoredMap
from core.sentences import datasets
from core.spaces import added, vocabulary_files
from core.spaces.entry import DAMAGED, READY, SpaceEntry, SpaceSpec
from core.spaces.sources.addable import AddableSource
from core.spaces.sources.clip import CLIP
from core.spaces.sources.cnn import CNN
from core.spaces.sources.folder import FOLDER
from core.spaces.sources.hub import HUB
from core.spaces.sources.service import SERVICE
from core.storage import data_home
from tests.support import own_words
from tests.support.graph_fixtures import random_model
from tests.support.picture_files import encoded
from tests.support.table_files import as_csv

pytestmark = pytest.mark.usefixtures("own_home")
many = settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)

# Any text, and more often than by chance what ends lines, separates cells or is half a character.
ODD = "\ud800\udfff\ufeff\u2028\u200b\x85\x0b\x1c\0\r\n\t\\\"' ,;|/.:"
TEXT = st.text(st.characters() | st.sampled_from(ODD), max_size=12)
NAME = st.one_of(TEXT, st.sampled_from(["head", "relation", "tail", "\\t", "名" * 90, "n" * 1_200]))


# Graphs and their models


def same_graph(back: Graph, graph: Graph) -> None:
    for field in ("name", "entities", "relations", "labels", "notes", "digest"):
        assert getattr(back, field) == getattr(graph, field)
    for part in PARTS:
        np.testing.assert_array_equal(getattr(back, part), getattr(graph, part))


TRIPLE = st.tuples(NAME, NAME, NAME)
GRAPH = st.fixed_dictionaries({part: st.lists(TRIPLE, max_size=4) for part in PARTS})


@pytest.mark.slow
@many
@given(name=TEXT, parts=GRAPH, labels=st.dictionaries(NAME, TEXT), notes=st.lists(TEXT, max_size=2))
@example("g", {"train": [("head", "relation", "tail"), ("a", "r", "b")]}, {}, [])
@example("g", {"train": [("\ufeffa", "r", "b"), ("c", "r", "b")]}, {"b": "x\u2028y"}, ["\udcff"])
def test_a_graph_and_a_model_of_it(
    tmp_path_factory: pytest.TempPathFactory,
    name: str,
    parts: Mapping[str, list[Triple]],
    labels: dict[str, str],
    notes: list[str],
) -> None:
    graph = build_graph(name, parts, notes, labels, whole=True)
    folder = tmp_path_factory.mktemp("graphs")
    graph_store.write_graph(graph, folder)
    same_graph(graph_store.read_graph(folder), graph)
    if not graph.entities:
        return
    for kind in (Model.TRANSE, Model.COMPLEX):
        model = random_model(graph, kind, dim=2)
        models.save(model, folder / kind.value)
        back = models.load(folder / kind.value)
        same_graph(back.graph, graph)
        assert back.digest == model.digest
        assert back.trained.settings == model.trained.settings
        assert (back.trained.losses, back.trained.notes) == ((1.0, 0.5, 0.2), ())
        np.testing.assert_array_equal(back.vectors.entities, model.vectors.entities)
        np.testing.assert_array_equal(back.vectors.relations, model.vectors.relations)


def test_a_graph_of_several_files_may_have_more_triples_than_one_file(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(triples, "MAX_LINES", 4)
    rows = [f"a{at}\tr\tb{at}" for at in range(3)]
    files = {
        "train.txt": "\n".join(rows).encode(),
        "valid.txt": b"a0\tr\tb1\na1\tr\tb2\n",
        "test.txt": b"a0\tr\tb2\na2\tr\tb1\n",
    }
    graph = sources.load_named(sources.keep_own("many", files))
    assert [len(part) for part in graph.parts.values()] == [3, 2, 2]


def test_a_graph_of_format_1_is_read_as_it_was_written(tmp_path: Path) -> None:
    graph = build_graph("g", {"train": [("a\\tb", "r", "c"), ("c", "r", "d\\")]}, whole=True)
    lines = b"a\\tb\tr\tc\ttrain\nc\tr\td\\\ttrain\n"
    (tmp_path / "triples.tsv").write_bytes(lines)
    (tmp_path / "labels.tsv").write_bytes(b"c\tthe \\n sea\n")
    sums = {name: data_home.digest_file(tmp_path / name) for name in ("triples.tsv", "labels.tsv")}
    told = {"format": 1, "name": "g", "notes": list(graph.notes), "sha256": sums}
    (tmp_path / "graph.json").write_text(json.dumps(told))
    back = graph_store.read_graph(tmp_path)
    assert back.digest == graph.digest
    assert back.labels == {"c": "the \\n sea"}


# Settings and recipes, as JSON


@st.composite
def values_of(draw: st.DrawFn, kind: type) -> dict[str, Any]:
    """Some fields of settings or of a recipe, with numbers at and around their edges."""
    numbers = st.one_of(
        st.integers(-2, 12_000),
        st.sampled_from([0, 1, 2, 3, 200, 500, 2**32 - 1, 2**32, 10**400]),
        st.floats(),
        st.floats(0, 30),
        st.booleans(),
        st.none(),
        st.text(max_size=2),
        st.lists(st.integers(), max_size=1),
    )
    known: dict[str, Any] = {field.name: numbers for field in fields(kind)}
    known["method"] = numbers | st.sampled_from(list(Method))
    known["model"] = numbers | st.sampled_from(list(Model))
    known["metric"] = numbers | st.sampled_from(list(Metric))
    chosen = draw(st.lists(st.sampled_from([field.name for field in fields(kind)]), max_size=3))
    return {name: draw(known[name]) for name in chosen}


@pytest.mark.slow
@settings(max_examples=500, deadline=None)
@given(values_of(Recipe))
@example({"dims": 2.0, "seed": 0.0})
@example({"dims": float("inf")})
@example({"seed": float("nan")})
def test_a_recipe_that_can_be_made_is_made_again(values: dict[str, Any]) -> None:
    try:
        recipe = Recipe.from_dict(values)
    except InputError:
        return
    assert Recipe.from_dict(json.loads(json.dumps(recipe.as_dict(), allow_nan=False))) == recipe
    assert all(type(getattr(recipe, name)) is int for name in ("dims", "neighbors"))


@settings(max_examples=500, deadline=None)
@given(values_of(Settings))
@example({"epochs": 20.0})
@example({"dim": float("inf")})
@example({"loss": []})
def test_settings_that_can_be_made_are_made_again(values: dict[str, Any]) -> None:
    try:
        chosen = Settings.from_dict(values)
    except InputError:
        return
    assert Settings.from_dict(json.loads(json.dumps(chosen.as_dict(), allow_nan=False))) == chosen
    assert type(chosen.dim) is type(chosen.epochs) is int


@many
@given(
    notes=st.lists(TEXT, max_size=2),
    digest=TEXT,
    seconds=st.floats(0, 1e9),
    count=st.integers(0, 3),
)
def test_a_map(notes: list[str], digest: str, seconds: float, count: int) -> None:
    rows = np.arange(count, dtype=np.int64)
    projection = Projection(
        np.full((count, 2), np.float32(1e-45)),
        Recipe(Method.TSNE, seed=2**32 - 1, min_dist=5.0, spread=10.0),
        rows,
        count,
        digest,
        notes=tuple(notes),
        seconds=seconds,
        versions={"a": digest},
    )
    folder = data_home.data_home() / f"map-{os.urandom(8).hex()}"
    map_store.save(StoredMap(projection, None), folder)
    back = map_store.load(folder).projection
    for field in fields(Projection):
        left, right = getattr(back, field.name), getattr(projection, field.name)
        if isinstance(right, np.ndarray):
            assert left.dtype == right.dtype
            np.testing.assert_array_equal(left, right)
        else:
            assert left == right


# Pictures that were drawn, with their settings


_WHOLE = st.integers(-1, 300).map(lambda n: n * 8) | st.integers(0, 2**32) | st.just(np.int64(8))
_VECTORS = st.sampled_from(
    [
        np.ones(MAX_DIM, np.float32),
        np.ones(MAX_DIM + 1, np.float32),
        np.ones(0, np.float32),
        np.full(3, np.nan, np.float32),
        np.array([1e300, 1]),
        np.eye(2, dtype=np.float32),
    ]
)
_LONG = st.sampled_from(["🦊" * MAX_PROMPT, '"' * MAX_PROMPT, "\\" * MAX_PROMPT, "a\n" * 1_000])
REQUESTS = st.fixed_dictionaries(
    {"generator": TEXT | st.just("folder:/" + "é" * 4_000), "prompt": st.just("a cat") | _LONG},
    optional={
        "negative": TEXT | _LONG,
        "steps": st.integers(1, 201) | st.just(3.0) | st.booleans(),
        "guidance": st.floats(0, 31) | st.integers(0, 30) | st.just(np.float32(0.1)),
        "seed": _WHOLE,
        "scheduler": TEXT,
        "width": _WHOLE,
        "height": _WHOLE,
        "vector": _VECTORS,
        "negative_vector": _VECTORS,
    },
)


@settings(max_examples=300, deadline=None)
@given(REQUESTS)
@example({"generator": "small", "prompt": "a cat", "vector": np.full(3, np.nan, np.float32)})
@example({"generator": "small", "prompt": "a cat", "steps": 3.0})
def test_a_drawn_picture_with_its_settings(asked: dict[str, Any]) -> None:
    request = Request(**asked)
    try:
        request.checked()
    except InputError:
        return
    png = png_metadata.to_png(Generated(Image.new("RGB", (8, 8)), request, 3, 1.5))
    record = png_metadata.read_record(png, "a.png")
    assert record is not None
    assert record.request == request
    assert (record.done, record.seconds) == (3, 1.5)
    for name in ("vector", "negative_vector"):
        back, given_vector = getattr(record.request, name), getattr(request, name)
        assert (back is None) == (given_vector is None)
        if back is not None:
            np.testing.assert_array_equal(back, given_vector.astype(np.float32))


def test_a_picture_of_a_folder_that_is_not_in_utf_8_is_in_the_history() -> None:
    request = Request("folder:/models/\udcff", "a cat").checked()
    item = history.keep(Generated(Image.new("RGB", (8, 8)), request, 3, 1.5))
    found = history.record(item)
    assert found is not None
    assert found.request == request


# Vocabularies, texts, pictures


@many
@given(words=st.lists(TEXT, min_size=1, max_size=5, unique=True), title=TEXT, note=TEXT)
@example(["\ud83e\udd8a", "🦊", "a\u2028b"], "", "\udcff")
def test_a_vocabulary(words: list[str], title: str, note: str) -> None:
    folder = data_home.data_home() / f"vocabulary-{os.urandom(8).hex()}"
    vectors = np.random.default_rng(0).normal(size=(len(words), 3)).astype(np.float32)
    space = Space("own", title, 3, (Modality.WORD,))
    vocabulary_files.save(space, words, vectors, folder, [note], exclusive=True)
    back, _ = vocabulary_files.load(folder)
    assert list(back.words) == words
    assert (back.space, back.notes) == (space, (note,))
    np.testing.assert_array_equal(back.vectors, vec.normalize(vectors))


LONG = ("名" * 90, "n" * 300, "é." * 100, "🦊" * 90)


@pytest.mark.slow
@pytest.mark.parametrize("name", LONG)
def test_what_has_a_long_name_is_kept(name: str, tmp_path: Path) -> None:
    table = datasets.import_table(f"{name}.csv", b"text\nthe cat sleeps\na dog barks\n")
    second = datasets.import_table(f"{name}.csv", b"text\nthe cat wakes\na dog barks\n")
    assert [*datasets.read_table(table).frame["text"]] == ["the cat sleeps", "a dog barks"]
    assert table.name != second.name
    assert datasets.find_dataset(second.name) == second
    (tmp_path / "v.txt").write_text("cat 1 0 0\ndog 0 1 0\n")
    space = own_words.keep_words(tmp_path / "v.txt", name)
    assert list(space.vocabulary()[0].words) == ["cat", "dog"]
    gallery = galleries.import_files(name, [("a.png", encoded("red"))]).entry
    assert galleries.load(gallery).ids == ["a.png"]
    graph = sources.keep_own(name, {"g.tsv": b"a\tr\tb\nb\tr\tc\n"})
    assert sources.load_named(graph).entities == ["a", "b", "c"]
    model = random_model(build_graph(name, {"train": [("a", "r", "b"), ("b", "r", "c")]}))
    models.save(model, models.kept_folder(model), exclusive=True)
    assert models.load(models.list_kept()[models.kept_folder(model).name]).digest == model.digest


@many
@given(rows=st.lists(st.tuples(TEXT, TEXT), min_size=1, max_size=5), column=TEXT)
def test_a_dataset(rows: list[tuple[str, str]], column: str) -> None:
    table = as_csv([["text", column], *[[f"the cat {one}", other] for one, other in rows]])
    listed = json.dumps([{"text": f"the cat {one}", column: other} for one, other in rows])
    for name, data in (("a.csv", table.encode("utf-8", "replace")), ("a.json", listed.encode())):
        try:
            entry = datasets.import_table(name, data)
        except ExplorerError:
            continue
        back = datasets.read_table(entry)
        read = datasets.tables.read_table(name, data)
        pd.testing.assert_frame_equal(back.frame, read.frame)
        assert back.notes == read.notes
        assert entry.rows == len(read.frame)
        datasets.remove(entry)  # the next may be the same table, read otherwise


@pytest.mark.slow
@many
@given(names=st.lists(TEXT.filter(lambda name: name[-1:] not in ("", "/", "\\")), min_size=1))
@example([".hidden", "c:d", "a/b", "b"])
def test_every_uploaded_picture_is_in_the_gallery(names: list[str]) -> None:
    files = [(f"{name}.png", encoded((at, 1, 1))) for at, name in enumerate(names)]
    brought = galleries.import_files("pictures", files)
    gallery = galleries.load(brought.entry)
    assert (brought.skipped, gallery.skipped) == ((), ())
    assert len(gallery) == len(files)
    assert sorted(gallery.open(at).getpixel((0, 0))[0] for at in range(len(files))) == [  # type: ignore[index]
        *range(len(files))
    ]


def test_a_folder_whose_name_is_not_in_utf_8_is_linked(tmp_path: Path) -> None:
    folder = Path(os.fsdecode(os.fsencode(tmp_path) + b"/pictures \xff"))
    folder.mkdir()
    (folder / "a.png").write_bytes(encoded("red"))
    galleries.link_folder(str(folder))
    [_, entry] = galleries.list_galleries()
    assert (entry.path, bool(entry.digest)) == (folder, True)
    assert galleries.load(entry).ids == ["a.png"]
    assert galleries.link_folder(str(folder)).name == entry.name


@pytest.mark.slow
@many
@given(left_out=st.lists(st.tuples(TEXT, TEXT), max_size=3))
def test_a_public_set_with_what_was_left_out(
    tmp_path_factory: pytest.TempPathFactory, left_out: list[tuple[str, str]]
) -> None:
    known = next(one for one in PUBLIC_SETS)
    place = tmp_path_factory.mktemp("set")
    parts, _, _ = galleries.uploads.sort_files([("a.png", encoded("red"))])
    (place / "pictures.zip").write_bytes(parts["pictures.zip"])
    missing = [Skipped(one, why) for one, why in left_out]
    entry = galleries.keep_public(known, {"pictures.zip": place / "pictures.zip"}, left_out=missing)
    assert entry.public == known.name
    [listed] = [one for one in galleries.list_galleries() if one.name == entry.name]
    assert listed == entry
    assert listed.left_out == tuple(missing)
    assert galleries.load(listed).skipped == tuple(missing)
    galleries.remove(listed)  # the next is of the same pictures


# Models that were added


@many
@given(
    kind=st.sampled_from([FOLDER, SERVICE, CNN, CLIP, HUB]),
    wanted=NAME,
    dim=st.integers(1, 10**6),
    model=TEXT,
    recipe=TEXT,
    variable=TEXT,
)
def test_an_added_space(
    kind: AddableSource, wanted: str, dim: int, model: str, recipe: str, variable: str
) -> None:
    spec = SpaceSpec(
        Space(wanted, wanted, dim, kind.modalities),
        model="org/name" if kind is HUB else model,
        url="http://127.0.0.1:1/v1",
        key_variable=variable,
        recipe=recipe,
        digest="d",
    )
    name = added.add(SpaceEntry(spec, kind, READY))
    [entry] = [one for one in added.list_added() if one.space.name == name]
    assert (entry.source, entry.space.dim, entry.spec.model) == (kind, dim, spec.model)
    assert (entry.spec.recipe, entry.spec.key_variable) == (recipe, variable)
    assert (entry.spec.url, entry.spec.digest) == (spec.url, "d")
    assert entry.state != DAMAGED
    entry.remove()
    assert not entry.removable


@many
@given(path=TEXT, pipeline=TEXT.filter(bool), size=st.integers(0, 2**70), half=st.booleans())
def test_an_added_generator(path: str, pipeline: str, size: int, half: bool) -> None:
    told = added_large.Added(f"folder:/{path}", pipeline, size, size // 2, half, Path())
    name = added_large._write(told)
    back = added_large.find(name)
    for field in ("name", "pipeline", "size", "weights", "half"):
        assert getattr(back, field) == getattr(told, field)
    added_large.remove(name)
    assert added_large.list_added() == []
