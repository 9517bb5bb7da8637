"""Selecting on a map: by words, by nearness."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from core.base import vectors as vec
from core.base.types import Metric
from core.maps.selection import (
    Share,
    mean_vector,
    nearest_rows_to,
    rows_with_text,
    shares,
    with_neighbors,
)


def test_all_the_words_are_in_the_text() -> None:
    texts = ["Red Apple", "green apple", "a STRASSE", "pineapple red"]
    assert rows_with_text(texts, "apple RED").tolist() == [0, 3]
    assert rows_with_text(texts, "straße").tolist() == [2]
    assert rows_with_text(texts, "  ").tolist() == []


def test_neighbours_are_told_by_the_vectors() -> None:
    vectors = np.array([[1, 0], [0.9, 0.1], [0, 1], [-1, 0]], dtype=np.float32)
    rows = nearest_rows_to(vectors, np.array([2, 0], dtype=np.float32), 3)
    assert rows.tolist() == [0, 1, 2]
    assert with_neighbors(vectors, np.array([0]), 1).tolist() == [0, 1]
    assert with_neighbors(vectors, np.array([2, 3]), 2).tolist() == [0, 1, 2, 3]
    assert with_neighbors(vectors[:1], np.array([0]), 5).tolist() == [0]


def test_neighbours_of_many_equal_those_of_each() -> None:
    vectors = np.random.default_rng(0).normal(size=(700, 6)).astype(np.float32)
    rows = np.arange(300)
    similar = vec.normalize(vectors) @ vec.normalize(vectors).T
    np.fill_diagonal(similar, -2)
    expected = set(rows) | set(np.argsort(-similar[rows], axis=1, kind="stable")[:, :3].ravel())
    assert set(with_neighbors(vectors, rows, 3)) == expected


def test_neighbours_by_distance_are_others_than_by_direction() -> None:
    vectors = np.array([[1, 1], [9, 9], [1, 0.8], [8, 9.5]], dtype=np.float32)
    assert nearest_rows_to(vectors, vectors[0], 2).tolist() == [0, 1]
    assert nearest_rows_to(vectors, vectors[0], 2, Metric.EUCLIDEAN).tolist() == [0, 2]
    assert with_neighbors(vectors, np.array([0]), 1).tolist() == [0, 1]
    assert with_neighbors(vectors, np.array([0]), 1, Metric.EUCLIDEAN).tolist() == [0, 2]


@pytest.mark.parametrize("metric", list(Metric))
@pytest.mark.parametrize("odd", [np.nan, np.inf])
def test_rows_that_are_on_no_map_are_nobodys_neighbours(metric: Metric, odd: float) -> None:
    vectors = np.random.default_rng(0).normal(size=(40, 2)).astype(np.float32)
    vectors[[3, 17], 1] = odd
    usable = np.delete(np.arange(40), [3, 17])
    expected = usable[nearest_rows_to(vectors[usable], vectors[0], 11, metric)]
    assert nearest_rows_to(vectors, vectors[0], 11, metric).tolist() == expected.tolist()
    grown = set(with_neighbors(vectors, np.array([0]), 10, metric).tolist())
    assert grown == set(expected.tolist())
    assert with_neighbors(vectors, np.array([3]), 5, metric).tolist() == [3]


def test_equal_points_grow_by_others_only() -> None:
    vectors = np.ones((9, 2), dtype=np.float32)
    assert len(with_neighbors(vectors, np.array([8]), 3)) == 4


def test_shares_tell_how_many_of_all_are_selected() -> None:
    column = pd.Series(["a", "b", "a", None, "a"])
    assert shares(column, np.array([0, 1, 2])) == [Share("a", 2, 3), Share("b", 1, 1)]
    numbers = shares(pd.Series([1.5, np.nan]), np.array([0, 1]))
    assert {one.kind for one in numbers} == {"1.5", "no value"}
    assert len(shares(pd.Series(range(50)), np.arange(50), limit=7)) == 7


def test_the_mean_of_opposites_has_no_direction() -> None:
    vectors = np.array([[1, 0], [-1, 0], [0, 1]], dtype=np.float32)
    assert mean_vector(vectors, np.array([0, 1])) is None
    found = mean_vector(vectors, np.array([0, 2]))
    assert found is not None
    assert found == pytest.approx(np.sqrt([0.5, 0.5]))
