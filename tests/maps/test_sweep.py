"""A sweep: a map for each combination of values, with the figures that each has alone."""

from __future__ import annotations

import numpy as np
import pytest

from core.base.errors import Cancelled, InputError
from core.maps import store as map_store, sweep
from core.maps.recipe import Method, Recipe
from tests.maps.test_project import blobs

pytestmark = pytest.mark.usefixtures("own_home")
BASE = Recipe(Method.UMAP, seed=0, epochs=5)


def test_a_recipe_for_each_combination() -> None:
    found = sweep.recipes(BASE, {"neighbors": [5, 15.0], "min_dist": [0, 0.5]})
    told = [(one.neighbors, one.min_dist) for one in found]
    assert told == [(5, 0), (5, 0.5), (15, 0), (15, 0.5)]
    assert all(isinstance(one.neighbors, int) for one in found)
    assert {one.epochs for one in found} == {5}


@pytest.mark.parametrize(
    ("grid", "told"),
    [
        ({"perplexity": [5]}, "cannot be swept for umap"),
        ({"neighbors": range(2, 30)}, "28 combinations"),
        ({"neighbors": [1]}, "neighbors"),
        ({"neighbors": [5.5]}, "neighbors"),
    ],
)
def test_what_cannot_be_swept_is_refused(grid: dict[str, list[float]], told: str) -> None:
    with pytest.raises(InputError, match=told):
        sweep.recipes(BASE, grid)


def test_values_are_read_each_once() -> None:
    assert sweep.read_values("Neighbours", " 5, 15,5.0 ;50,") == [5, 15, 50]
    for text in ("", " , ", "5, many"):
        with pytest.raises(InputError):
            sweep.read_values("Neighbours", text)


def test_rows_that_are_shown_as_they_are_make_no_sweep() -> None:
    with pytest.raises(InputError, match="2 numbers each"):
        sweep.run(blobs(20)[:, :2], sweep.recipes(BASE, {"neighbors": [5, 20]}))


def test_each_map_is_the_one_that_its_recipe_makes_alone() -> None:
    vectors = blobs(60)
    wanted = sweep.recipes(BASE, {"neighbors": [5, 20]})
    made = sweep.run(vectors, wanted)
    table = sweep.table(wanted, made, ["neighbors"])
    assert table["neighbors"] == [5, 20]
    for at, recipe in enumerate(wanted):
        alone = map_store.load_or_project(vectors, recipe)
        assert alone.opened
        np.testing.assert_array_equal(alone.projection.coordinates, made[at].projection.coordinates)
        assert alone.quality is not None
        assert table["trustworthiness"][at] == alone.quality.trustworthiness
        assert table["neighbors_kept"][at] == alone.quality.neighbors_kept


def test_maps_that_were_finished_are_kept_when_it_is_cancelled() -> None:
    vectors = blobs(60)
    wanted = sweep.recipes(BASE, {"neighbors": [5, 20, 30]})

    def stop(done: int, total: int, note: str = "") -> None:
        assert total == 3
        if done == 1:
            raise Cancelled("maps")

    with pytest.raises(Cancelled):
        sweep.run(vectors, wanted, stop)
    kept = [map_store.map_folder(vectors, recipe).is_dir() for recipe in wanted]
    assert kept == [True, False, False]
