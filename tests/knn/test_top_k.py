"""The highest scores against a plain sort: ties by position, NaN last, any k."""

from __future__ import annotations

import math

import numpy as np
from hypothesis import given, strategies as st

from core.knn.top_k import top_k

# Few values, so that most examples are full of ties.
SCORES = st.sampled_from([-math.inf, -2.0, -0.5, -0.0, 0.0, 0.5, 1.0, math.inf, math.nan])


def by_sorting(scores: list[float], k: int) -> list[int]:
    """NaN after all numbers, these from high to low, equal ones by position."""

    def rank(at: int) -> tuple[bool, float, int]:
        unknown = math.isnan(scores[at])
        return unknown, 0.0 if unknown else -scores[at], at

    return sorted(range(len(scores)), key=rank)[:k]


@given(st.lists(SCORES, max_size=40), st.integers(0, 50), st.sampled_from([np.float32, np.float64]))
def test_the_highest_are_those_of_a_plain_sort(scores: list[float], k: int, kind: type) -> None:
    best = top_k(np.array(scores, dtype=kind), k)
    assert best.dtype == np.int64
    assert best.tolist() == by_sorting(scores, k)


@given(st.integers(0, 12).flatmap(lambda n: st.lists(st.lists(SCORES, min_size=n, max_size=n))))
def test_each_row_is_for_itself(rows: list[list[float]]) -> None:
    scores = np.array(rows, dtype=np.float32).reshape(len(rows), -1) if rows else np.empty((0, 5))
    best = top_k(scores, 5)
    assert best.shape == (len(rows), min(5, scores.shape[1]))
    assert best.tolist() == [by_sorting(row, 5) for row in rows]


def test_ties_by_hand() -> None:
    assert top_k(np.array([1, 3, 3, 0, 3], dtype=np.float32), 2).tolist() == [1, 2]
    assert top_k(np.array([1, 3, 3], dtype=np.float32), 9).tolist() == [1, 2, 0]
    assert top_k(np.array([np.nan, 1, np.nan, 2]), 3).tolist() == [3, 1, 0]
