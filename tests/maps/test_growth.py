"""A map that grows: old points stay, new ones land among their like, and the loss is told."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from core.base.errors import InputError
from core.maps import growth, items, store as map_store
from core.maps.items import MapData
from core.maps.recipe import Method, Recipe
from tests.maps.test_project import METHODS, blobs, quick

pytestmark = pytest.mark.usefixtures("own_home")


def named(vectors: np.ndarray, first: int = 0, name: str = "old") -> MapData:
    texts = [f"n{first + at}" for at in range(len(vectors))]
    frame = pd.DataFrame({"size": np.arange(len(vectors))})
    return items.from_vectors(name, texts, vectors, frame=frame)


def test_rows_are_new_that_are_not_there_as_often() -> None:
    vectors = np.eye(4, dtype=np.float32)
    old = named(vectors[:3])
    other = named(vectors, name="other")
    assert growth.new_rows(old, other).tolist() == [3]
    twice = replace(other, texts=["n0", "n0", "n1", "n2"], vectors=vectors[[0, 0, 1, 2]])
    assert growth.new_rows(old, twice).tolist() == [1]
    changed = replace(other, texts=["n0", "n1", "another", "n3"])
    assert growth.new_rows(old, changed).tolist() == [2, 3]


def test_new_rows_stand_behind_the_old_and_are_told_from_them() -> None:
    vectors = np.eye(5, dtype=np.float32)
    grown = growth.join(named(vectors[:3]), named(vectors, name="more"))
    assert grown.data.texts == ["n0", "n1", "n2", "n3", "n4"]
    assert grown.data.frame.columns[0] == growth.COLUMN
    assert grown.data.frame[growth.COLUMN].tolist() == ["before"] * 3 + ["new"] * 2
    assert grown.data.frame["size"].tolist() == [0, 1, 2, 3, 4]
    assert len(set(grown.data.ids)) == 5
    assert grown.added == 2
    assert grown.data.digest != grown.old.digest


def test_ids_that_are_taken_become_others() -> None:
    vectors = np.eye(4, dtype=np.float32)
    old, other = named(vectors[:2]), named(vectors[2:], name="other")
    grown = growth.join(old, replace(other, texts=["x", "y"]))
    assert grown.data.ids == ["n0", "n1", "other n0", "other n1"]


def test_other_vectors_and_no_new_row_are_refused() -> None:
    vectors = np.eye(4, dtype=np.float32)
    with pytest.raises(InputError, match="3 numbers a row"):
        growth.join(named(vectors), named(vectors[:, :3]))
    with pytest.raises(InputError, match="are on the map"):
        growth.join(named(vectors), named(vectors[:2]))


@pytest.mark.slow
@pytest.mark.parametrize("method", METHODS)
def test_old_points_stay_and_new_ones_land_among_their_like(method: Method) -> None:
    vectors = blobs(120)
    old = named(vectors[:90])
    grown = growth.join(old, named(vectors, name="more"))
    stored = map_store.load_or_project(old.vectors, quick(method))
    placed = growth.place_new(grown, stored)
    assert len(placed.projection) == 120
    np.testing.assert_array_equal(placed.projection.coordinates[:90], stored.projection.coordinates)
    assert placed.projection.rows.tolist() == list(range(120))
    assert placed.quality is not None
    assert len(placed.quality.lost) == 120
    assert any("30 new rows" in note for note in placed.projection.notes)


def test_what_placing_costs_is_measured_at_the_new_points_alone() -> None:
    vectors = blobs(120)
    old = named(vectors[:90])
    grown = growth.join(old, named(vectors, name="more"))
    recipe = Recipe(Method.PCA)
    placed = growth.place_new(grown, map_store.load_or_project(old.vectors, recipe))
    fresh = map_store.load_or_project(grown.data.vectors, recipe)
    loss = growth.compare(grown, placed, fresh)
    assert loss is not None
    assert placed.quality is not None
    assert fresh.quality is not None
    assert loss.placed == pytest.approx(1 - placed.quality.lost[90:].mean(), abs=1e-6)
    assert loss.fresh == pytest.approx(1 - fresh.quality.lost[90:].mean(), abs=1e-6)
    assert (loss.count, loss.k) == (30, 15)


def test_new_rows_without_finite_numbers_are_left_out_and_told() -> None:
    vectors = blobs(40)
    more = vectors.copy()
    more[35, 0] = np.nan
    old = named(vectors[:30])
    grown = growth.join(old, replace(named(vectors, name="more"), vectors=_unit(more)))
    placed = growth.place_new(grown, map_store.load_or_project(old.vectors, Recipe(Method.PCA)))
    assert 35 not in placed.projection.rows
    assert len(placed.projection) == 39
    assert any("1 new row" in note for note in placed.projection.notes)


def _unit(vectors: np.ndarray) -> np.ndarray:
    from core.base import vectors as vec

    return vec.normalize(vectors)
