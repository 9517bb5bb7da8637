"""Items of a map: what stands for them, and columns of numbers as their vectors."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from core.base.types import FloatArray, Metric, no_progress
from core.cache import map_items as items_cache, maps as maps_cache
from core.cache.maps import Made
from core.maps import project
from core.maps.clusters import Clustering, Grouping
from core.maps.items import MapData, from_columns, from_vectors
from core.maps.recipe import Method, Recipe
from core.maps.store import load_or_project

VECTORS = np.random.default_rng(0).normal(size=(4, 8)).astype(np.float32)
WORDS = ["a", "b", "c", "d"]


def labelled(labels: list[object], name: str = "d") -> MapData:
    return from_vectors(name, WORDS, VECTORS, frame=pd.DataFrame({"label": labels}))


def test_metadata_and_name_count_as_the_vectors_do() -> None:
    first = labelled([0, 1, 0, 1])
    assert labelled([0, 1, 0, 1]).digest == first.digest
    others = [
        labelled([1, 0, 1, 0]),
        labelled(["0", "1", "0", None]),
        labelled([0, 1, 0, 1], "e"),
        from_vectors("d", WORDS, VECTORS, frame=pd.DataFrame({"kind": [0, 1, 0, 1]})),
        from_vectors("d", WORDS, VECTORS[::-1], frame=pd.DataFrame({"label": [0, 1, 0, 1]})),
    ]
    assert len({first.digest, *(other.digest for other in others)}) == 6


def test_corrected_labels_are_what_a_map_shows() -> None:
    before, after = labelled(["x", "y", "x", "y"]), labelled(["y", "x", "y", "x"])
    codes = [maps_cache.colored(data, "label").codes.tolist() for data in (before, after)]
    names = [maps_cache.colored(data, "label").names for data in (before, after)]
    told = [[kinds[code] for code in row] for kinds, row in zip(names, codes, strict=True)]
    assert told == [["x", "y", "x", "y"], ["y", "x", "y", "x"]]
    rows = np.array([0, 1])
    assert items_cache.part(before, rows).frame["label"].tolist() == ["x", "y"]
    assert items_cache.part(after, rows).frame["label"].tolist() == ["y", "x"]


def places(count: int = 300) -> FloatArray:
    """Places far from the origin, which cosine tells hardly apart."""
    drawn = np.random.default_rng(1).uniform(5, 6, size=(count, 2))
    return drawn.astype(np.float32)


def test_ready_coordinates_lose_nothing() -> None:
    points = places()
    data = from_columns("t", pd.DataFrame({"x": points[:, 0], "y": points[:, 1]}), ["x", "y"])
    assert data.metric is Metric.EUCLIDEAN
    stored = load_or_project(data.vectors, Recipe(metric=data.metric))
    assert stored.quality is not None
    assert stored.quality.trustworthiness == pytest.approx(1)
    assert stored.quality.continuity == pytest.approx(1)
    assert stored.quality.neighbors_kept == pytest.approx(1)
    by_direction = load_or_project(data.vectors, Recipe(metric=Metric.COSINE)).quality
    assert by_direction is not None
    assert by_direction.neighbors_kept < 0.5


def test_standardised_columns_have_no_units_and_odd_cells_stay() -> None:
    frame = pd.DataFrame(
        {"a": [1.0, 2.0, 3.0, None], "b": [1e6, 2e6, 3e6, 4e6], "c": [7.0] * 4, "d": ["?"] * 4}
    )
    data = from_columns("t", frame, ["a", "b", "c"], standardize=True)
    known = frame["a"].to_numpy()[:3]
    np.testing.assert_allclose(data.vectors[:3, 0], (known - 2) / known.std(), atol=1e-6)
    assert np.isnan(data.vectors[3, 0])
    assert data.vectors[:, 1].mean() == pytest.approx(0, abs=1e-6)
    assert data.vectors[:, 1].std() == pytest.approx(1)
    assert data.vectors[:, 2].tolist() == [0, 0, 0, 0]
    assert data.notes == ("Each column is standardised.",)


def test_rows_of_numbers_are_called_by_their_text_and_not_by_their_kind() -> None:
    told = [f"number {at} of them" for at in range(6)]
    frame = pd.DataFrame({"kind": ["a", "b"] * 3, "x": range(6), "told": told})
    assert from_columns("t", frame, ["x"]).texts == told
    assert from_columns("t", frame, ["x"], called="kind").texts == told  # it tells kinds, not rows
    assert from_columns("t", frame[["kind", "x"]], ["x"]).texts == ["a", "b"] * 3
    assert from_columns("t", frame[["x"]], ["x"]).texts == list("123456")


def test_a_map_that_was_made_again_has_clusters_of_its_own() -> None:
    points = places(60)
    points[30:] += 40
    frame = pd.DataFrame({"x": points[:, 0], "y": points[:, 1]})
    data = from_columns("t", frame, ["x", "y"])
    recipe = Recipe(Method.PCA, metric=data.metric)
    made = Made(data, load_or_project(data.vectors, recipe))
    order = np.random.default_rng(2).permutation(60)
    moved = project.project(data.vectors[order], recipe)
    again = Made(data, type(made.stored)(moved, None))
    labels = [
        maps_cache.clusters(one, Grouping(Clustering.KMEANS, count=2), no_progress).clusters.labels
        for one in (made, again)
    ]
    expected = (np.arange(60) >= 30).astype(int)
    for found, wanted in zip(labels, (expected, expected[order]), strict=True):
        assert len({*zip(found.tolist(), wanted.tolist(), strict=True)}) == 2
