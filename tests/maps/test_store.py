"""Maps on disk: opened as they were, again after a restart, damaged ones computed anew."""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import asdict
from pathlib import Path

import numpy as np
import pytest

from core.base.errors import Cancelled
from core.maps import project, store as map_store
from core.maps.recipe import Method, Recipe
from core.maps.store import ABOUT, ARRAYS, forget, load_or_project, map_folder
from core.storage import data_home
from tests.maps.test_project import METHODS, blobs, quick

pytestmark = pytest.mark.usefixtures("own_home")


def same(one: map_store.StoredMap, other: map_store.StoredMap) -> None:
    for left, right in zip(
        asdict(one.projection).values(), asdict(other.projection).values(), strict=True
    ):
        if isinstance(left, np.ndarray):
            assert left.dtype == right.dtype
            assert np.array_equal(left, right)
        else:
            assert left == right
    assert (one.quality is None) == (other.quality is None)
    if one.quality is not None and other.quality is not None:
        assert np.array_equal(one.quality.lost, other.quality.lost)
        assert one.quality.trustworthiness == other.quality.trustworthiness
        assert one.quality.k == other.quality.k


@pytest.mark.parametrize("method", METHODS)
def test_a_map_opens_as_it_was(method: Method) -> None:
    vectors = blobs(60)
    vectors[5, 1] = np.nan
    made = load_or_project(vectors, quick(method))
    assert not made.opened

    def never(done: int, total: int, note: str = "") -> None:
        pytest.fail("computed again")

    opened = load_or_project(vectors, quick(method), never)
    assert opened.opened
    same(made, opened)
    new = project.place(opened.projection, vectors, blobs(70)[60:])
    np.testing.assert_allclose(
        new.coordinates, project.place(made.projection, vectors, blobs(70)[60:]).coordinates
    )


def test_another_process_opens_it(own_home: Path) -> None:
    vectors = blobs(40)
    made = load_or_project(vectors, Recipe(epochs=10))  # fast maps are kept, too
    code = (
        "import sys\n"
        "from core.maps.store import load_or_project\n"
        "from core.maps.recipe import Recipe\n"
        "from tests.maps.test_project import blobs\n"
        "found = load_or_project(blobs(40), Recipe(epochs=10))\n"
        "assert found.opened\n"
        "assert 'numba' not in sys.modules\n"
        "print(found.projection.coordinates.tobytes().hex())\n"
    )
    found = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=False
    )
    assert found.returncode == 0, found.stderr
    assert bytes.fromhex(found.stdout.strip()) == made.projection.coordinates.tobytes()


def test_other_vectors_and_recipes_are_other_maps() -> None:
    vectors = blobs(30)
    folders = {
        map_folder(vectors, Recipe(Method.PCA)),
        map_folder(vectors, Recipe(Method.PCA, 3)),
        map_folder(vectors, Recipe(Method.UMAP)),
        map_folder(vectors, Recipe(Method.UMAP, seed=1)),
        map_folder(vectors[:29], Recipe(Method.PCA)),
        map_folder(vectors + 1, Recipe(Method.PCA)),
        map_folder(vectors.reshape(-1, 5), Recipe(Method.PCA)),
    }
    assert len(folders) == 7
    assert map_folder(vectors.copy(), Recipe(Method.PCA)) in folders


@pytest.mark.parametrize("name", [ARRAYS, ABOUT])
@pytest.mark.parametrize("how", ["cut", "empty", "changed", "garbled", "nested"])
def test_a_damaged_map_is_computed_again(name: str, how: str) -> None:
    vectors, recipe = blobs(30), Recipe(Method.PCA)
    made = load_or_project(vectors, recipe)
    path = map_folder(vectors, recipe) / name
    data = bytearray(path.read_bytes())
    if how == "cut":
        del data[len(data) // 2 :]
    elif how == "empty":
        data.clear()
    elif how == "nested":
        data[:] = b"[" * 100_000
    elif how == "changed" and name == ABOUT:
        told = json.loads(data)
        data[:] = json.dumps(told | {"recipe": {"method": "isomap"}}).encode()
    else:
        data[-9:] = b"\xff" * 9
    path.write_bytes(bytes(data))
    again = load_or_project(vectors, recipe)
    assert not again.opened
    np.testing.assert_array_equal(made.projection.coordinates, again.projection.coordinates)
    assert load_or_project(vectors, recipe).opened


def test_a_missing_file_is_computed_again() -> None:
    vectors, recipe = blobs(30), Recipe(Method.PCA)
    load_or_project(vectors, recipe)
    (map_folder(vectors, recipe) / ARRAYS).unlink()
    assert not load_or_project(vectors, recipe).opened


@pytest.mark.parametrize("note", ["rows compared", "epochs", "points ranked"])
def test_a_cancelled_map_leaves_nothing(note: str, own_home: Path) -> None:
    def stop(done: int, total: int, told: str = "") -> None:
        if told == note:
            raise Cancelled("the map")

    with pytest.raises(Cancelled):
        load_or_project(blobs(50), quick(Method.UMAP), stop)
    assert not list(own_home.rglob("*.*"))
    assert not load_or_project(blobs(50), quick(Method.UMAP)).opened


def test_a_fast_map_that_is_forgotten_is_made_anew() -> None:
    vectors, recipe = blobs(80), Recipe(epochs=20)
    one = load_or_project(vectors, recipe)
    forget(vectors, recipe)
    other = load_or_project(vectors, recipe)
    assert not other.opened
    assert not np.array_equal(one.projection.coordinates, other.projection.coordinates)
    same(load_or_project(vectors, recipe), other)


def test_few_points_have_no_quality() -> None:
    made = load_or_project(blobs(2), Recipe(Method.PCA))
    assert made.quality is None
    assert load_or_project(blobs(2), Recipe(Method.PCA)).quality is None


def test_what_makes_it_again_is_told() -> None:
    made = load_or_project(blobs(30), quick(Method.TSNE))
    told = map_store.about(made, "blobs", "minilm")
    assert Recipe.from_dict(told["recipe"]) == quick(Method.TSNE)
    assert told["digest"] == project.vectors_digest(blobs(30))
    assert told["versions"]["openTSNE"]
    assert (told["name"], told["space"]) == ("blobs", "minilm")
    json.dumps(told)
    assert data_home.data_home().is_dir()
