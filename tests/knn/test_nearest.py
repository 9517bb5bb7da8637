"""The exact search against distances in double precision: ties, rounding, blocks, cancelling."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings, strategies as st

from core.base.errors import Cancelled
from core.base.types import FloatArray, IntArray
from core.knn import nearest
from core.knn.nearest import SPARE, nearest_rows, nearest_to


def drawn(count: int, dim: int) -> FloatArray:
    return np.random.default_rng(count + dim).normal(size=(count, dim)).astype(np.float32)


def reference(queries: FloatArray, vectors: FloatArray, k: int, *, own: bool) -> IntArray:
    """The nearest by distances in double precision, ties by row; ``own`` leaves the row out."""
    rows = []
    for at, query in enumerate(queries.astype(np.float64)):
        squares = np.square(vectors.astype(np.float64) - query).sum(axis=1)
        if own:
            squares[at] = np.inf
        rows.append(np.argsort(squares, kind="stable")[:k])
    return np.array(rows)


def check(vectors: FloatArray, k: int) -> None:
    vectors = np.asarray(vectors, dtype=np.float32)
    rows, squares = nearest_rows(vectors, k)
    k = min(k, len(vectors) - 1)
    np.testing.assert_array_equal(rows, reference(vectors, vectors, k, own=True))
    exact = np.square(vectors[rows].astype(np.float64) - vectors[:, None]).sum(axis=2)
    np.testing.assert_allclose(squares, exact, rtol=1e-5)
    rows, squares = nearest_to(vectors[:50], vectors, k)
    np.testing.assert_array_equal(rows, reference(vectors[:50], vectors, k, own=False))
    assert not squares[:, 0].any()  # exactly 0 from itself


LARGE = np.float32(1e4)
KINDS = {
    "no ties": drawn(700, 12),
    "five equal vectors each": drawn(140, 12)[np.arange(700) % 140],
    "few distinct vectors": drawn(9, 12)[np.arange(700) % 9],
    "all equal": drawn(1, 12)[np.zeros(700, dtype=np.int64)],
    "whole numbers in one dimension": np.arange(700)[:, None] // 3,
    "far from 0": np.round(drawn(700, 6) * 64) / 64 + 1_000,
    "one far away": np.vstack([drawn(699, 6), np.full((1, 6), LARGE)]),
    "two places": np.vstack([drawn(350, 6), drawn(350, 6) + LARGE]),
    "zeros": drawn(700, 6) * (np.arange(700) % 3 > 0)[:, None],
}


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("rows", [37, nearest.ROWS])
def test_rows_and_order_are_those_of_double_precision(
    kind: str, rows: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(nearest, "ROWS", rows)
    check(KINDS[kind], 15)


@settings(max_examples=60, deadline=None)
@given(
    st.lists(st.tuples(*[st.integers(-2, 2)] * 3), min_size=2, max_size=60),
    st.integers(1, 70),
)
def test_small_whole_numbers_full_of_ties(rows: list[tuple[int, int, int]], k: int) -> None:
    check(np.array(rows), k)


def test_products_too_coarse_to_tell_near_rows_apart_are_not_trusted() -> None:
    # 30 rows around one of length 100: the products' last digits are worth far more than the gaps.
    middle = np.zeros((1, 8), dtype=np.float32)
    middle[0, 0] = 100
    ring = middle + drawn(30, 8) * np.float32(1e-3)
    vectors = np.vstack([ring, -ring, np.zeros((1, 8), dtype=np.float32)])
    check(vectors, 5)
    assert 5 + SPARE < 30  # so that others could have been proposed


def test_a_cancel_passes_through_both_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(nearest, "ROWS", 256)
    vectors = drawn(3, 4)[np.arange(900) % 3]
    notes: list[str] = []

    def stop(done: int, total: int, note: str = "") -> None:
        notes.append(note)
        if note == "rows compared again" and done:
            raise Cancelled("Comparing")

    with pytest.raises(Cancelled):
        nearest_rows(vectors, 4, stop)
    assert notes[0] == "rows compared"
    assert notes[-1] == "rows compared again"


def test_memory_is_bounded_by_lower_blocks(monkeypatch: pytest.MonkeyPatch) -> None:
    vectors = drawn(300, 5)
    whole = nearest_rows(vectors, 7)
    heights = []

    def watch(done: int, total: int, note: str = "") -> None:
        heights.append(done)

    monkeypatch.setattr(nearest, "_HELD", 3_000)
    low = nearest_rows(vectors, 7, watch)
    assert heights == [*range(0, 300, 10), 300]
    np.testing.assert_array_equal(low[0], whole[0])
    np.testing.assert_array_equal(low[1], whole[1])
