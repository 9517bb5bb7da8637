"""A disk that refuses at any step of what is kept: it is told, and nothing is left half."""

from __future__ import annotations

import errno
import gzip
import os
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from core.base.errors import DamagedError, StorageError
from core.base.types import Encoded
from core.generation import history
from core.generation.request import Generated, Request
from core.graphs import sources
from core.images import galleries, thumbnails
from core.images.gallery import Gallery
from core.maps import recipe as map_recipe, store as map_store
from core.sentences import datasets
from core.spaces import added as added_spaces, vector_store, vocabulary_files
from core.spaces.entry import READY, SpaceEntry, SpaceSpec
from core.spaces.sources.folder import FOLDER
from core.storage import cleanup, data_home
from tests.conftest import SMALL, FakeEncoder

STEPS = (
    (Path, "mkdir"),
    (Path, "write_bytes"),
    (Path, "write_text"),
    (Path, "rename"),
    (Path, "replace"),
    (os, "fsync"),
)
PICTURE = Image.new("RGB", (8, 8), (200, 30, 30))
DRAWN = Generated(PICTURE, Request("small", "a red square"), 1, 0.1)
VECTORS = np.eye(6, 4, dtype=np.float32) + 0.1


def keep_vectors(home: Path) -> Encoded:
    encoded = Encoded(VECTORS, np.ones(6, np.float32), np.zeros(6, np.bool_))
    items = vector_store.Items([bytes([at]) * 16 for at in range(6)], [1] * 6, "texts")
    work = vector_store.Work(
        lambda rows: Encoded(
            *(part[rows] for part in (encoded.vectors, encoded.lengths, encoded.cut))
        ),
        4,
        3,
    )
    return vector_store.load_or_encode(items, work, home / "text-vectors" / "small")


KEEPS: dict[str, Callable[[Path], Any]] = {
    "texts": lambda _: datasets.import_table("t.csv", b"text\none\ntwo\nthree\n"),
    "a gallery": lambda _: galleries.import_files("g", [("a.png", store_png())]),
    "a packed table": lambda _: datasets.import_table("t.csv.gz", gzip.compress(b"text\none\ntwo")),
    "a graph": lambda _: sources.keep_own("g", {"g.tsv": b"a\tr\tb\nb\tr\tc\nc\tr\ta\na\tr\tc\n"}),
    "a picture": lambda _: history.keep(DRAWN),
    "a vocabulary": lambda home: vocabulary_files.build(
        SMALL, ["a", "b"], FakeEncoder(), home / "vocabularies" / "small"
    ),
    "vectors": keep_vectors,
    "a space": lambda _: added_spaces.add(
        SpaceEntry(SpaceSpec(replace(SMALL, name="s"), model="/models/s"), FOLDER, READY)
    ),
}


def store_png() -> bytes:
    import io

    stream = io.BytesIO()
    PICTURE.save(stream, "PNG")
    return stream.getvalue()


class Refusing:
    """A disk that is full at the n-th step, counted from 0."""

    def __init__(self, at: int) -> None:
        self.at, self.seen = at, 0

    def wrap(self, original: Callable[..., Any]) -> Callable[..., Any]:
        def step(*args: Any, **options: Any) -> Any:
            self.seen += 1
            if self.seen - 1 == self.at:
                raise OSError(errno.ENOSPC, "No space left on device")
            return original(*args, **options)

        return step


@pytest.fixture
def refuse(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[int], Refusing]]:
    with monkeypatch.context() as patch:

        def start(at: int) -> Refusing:
            patch.undo()
            patch.setenv(data_home.HOME_VARIABLE, os.environ[data_home.HOME_VARIABLE])
            disk = Refusing(at)
            for owner, name in STEPS:
                patch.setattr(owner, name, disk.wrap(getattr(owner, name)))
            return disk

        yield start


@pytest.mark.slow
@pytest.mark.parametrize("what", KEEPS)
def test_a_disk_that_is_full_at_any_step_is_told_and_leaves_nothing_half(
    own_home: Path, refuse: Callable[[int], Refusing], what: str
) -> None:
    refused = 0
    for at in range(100):
        disk = refuse(at)
        try:
            KEEPS[what](own_home)
        except StorageError as error:
            assert "No space left" in error.given
            refused += 1
        finally:
            refuse(-1)
        assert list(cleanup.unfinished(own_home)) == []
        if disk.seen <= at:  # it was done before the step came
            break
    else:
        pytest.fail("it never ends")
    assert refused >= 2
    KEEPS[what](own_home)  # what is there now is whole


def test_a_map_that_cannot_be_kept_is_shown_and_says_so(
    own_home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    recipe = map_recipe.Recipe(map_recipe.Method.PCA, 2)
    vectors = np.random.default_rng(0).normal(size=(20, 5)).astype(np.float32)
    own_home.write_text("a file where the data home should be")
    made = map_store.load_or_project(vectors, recipe)
    assert made.projection.coordinates.shape == (20, 2)
    assert "not kept" in made.projection.notes[-1]
    own_home.unlink()
    kept = map_store.load_or_project(vectors, recipe)
    assert not kept.projection.notes and map_store.load_or_project(vectors, recipe).opened


def test_a_thumbnail_that_is_damaged_is_made_again(own_home: Path) -> None:
    import pandas as pd

    gallery = Gallery("g", ["a"], [b"a" * 16], lambda _: PICTURE, None, (), pd.DataFrame())
    small = thumbnails.thumbnail(gallery, 0)
    (path,) = (own_home / thumbnails.FOLDER).rglob("*.thumbnail")
    data = bytearray(path.read_bytes())
    data[-1] ^= 1
    path.write_bytes(data)
    assert thumbnails.thumbnail(gallery, 0) == small
    assert bytes(data) != path.read_bytes()


def test_a_picture_of_the_history_that_is_damaged_is_told(own_home: Path) -> None:
    item = history.keep(DRAWN)
    data = bytearray(item.path.read_bytes())
    data[-20] ^= 1
    item.path.write_bytes(data)
    with pytest.raises(DamagedError, match="damaged"):
        history.read(item)
