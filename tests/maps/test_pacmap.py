"""PaCMAP in its child process: clusters stay together, the same by a seed, cancelled at once."""

from __future__ import annotations

import numpy as np
import pytest

from core.base.errors import Cancelled
from core.maps import project as map_project
from core.maps.methods import pacmap
from core.maps.recipe import Method, Recipe
from tests.maps.test_project import blobs, own_share
from tests.support.own_worker import own_worker

RECIPE = Recipe(Method.PACMAP, seed=1, neighbors=10, epochs=90)


@pytest.mark.slow
@pytest.mark.parametrize("dims", [2, 3])
def test_clusters_stay_together_and_the_same_seed_gives_the_same_map(dims: int) -> None:
    recipe = Recipe(Method.PACMAP, dims, seed=1, neighbors=10, epochs=90)
    vectors = blobs()
    made = map_project.project(vectors, recipe)
    assert made.coordinates.shape == (120, dims)
    assert made.coordinates.dtype == np.float32
    assert own_share(made.coordinates) > 0.95
    again = map_project.project(vectors, recipe)
    np.testing.assert_array_equal(made.coordinates, again.coordinates)
    assert made.versions["pacmap"]


@pytest.mark.slow
def test_new_points_land_in_their_cluster() -> None:
    vectors = blobs(120)
    made = map_project.project(vectors[:90], RECIPE)
    placed = map_project.place(made, vectors[:90], vectors[90:])
    assert own_share(np.concatenate([made.coordinates, placed.coordinates])) > 0.95


@pytest.mark.slow
def test_few_points_are_told() -> None:
    few = map_project.project(blobs(pacmap.MIN_ROWS - 1), RECIPE)
    assert few.notes == ("pacmap needs 8 points or more; 7 points by PCA.",)
    lowered = map_project.project(blobs(pacmap.MIN_ROWS), RECIPE)
    assert lowered.notes == ("Neighbours lowered to 7: there are 8 points.",)
    assert np.isfinite(lowered.coordinates).all()


@pytest.mark.slow
def test_copies_of_rows_have_places() -> None:
    vectors = np.repeat(blobs(10), 6, axis=0)
    assert np.isfinite(map_project.project(vectors, RECIPE).coordinates).all()


def test_the_phases_share_the_epochs_that_are_asked_for() -> None:
    assert pacmap.phases(Recipe(Method.PACMAP)) == (100, 100, 250)
    assert pacmap.phases(Recipe(Method.PACMAP, epochs=90)) == (20, 20, 50)
    assert pacmap.phases(Recipe(Method.PACMAP, epochs=1)) == (1, 1, 1)


@pytest.mark.slow
def test_it_tells_how_far_it_is_and_is_cancelled_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    worker = own_worker(monkeypatch, pacmap)
    seen: list[int] = []

    def stop(done: int, total: int, note: str = "") -> None:
        if note.startswith("iterations"):
            assert total == 450
            seen.append(done)
            if done >= 10:
                raise Cancelled("map")

    recipe = Recipe(Method.PACMAP, seed=1)
    with pytest.raises(Cancelled):
        map_project.project(blobs(400), recipe, stop)
    assert seen[-1] >= 10
    assert not worker.working
