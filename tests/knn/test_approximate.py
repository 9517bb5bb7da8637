"""Neighbours by a graph: the recall that is told is that of comparing with all."""

from __future__ import annotations

import numpy as np
import pytest

from core.base.errors import Cancelled
from core.base.types import FloatArray
from core.knn import approximate
from core.knn.approximate import near_rows
from core.knn.nearest import nearest_rows


def rows(count: int, dim: int = 24) -> FloatArray:
    random = np.random.default_rng(0)
    centers = random.normal(size=(30, dim))
    spread = random.normal(size=(count, dim))
    return (centers[random.integers(30, size=count)] + spread).astype(np.float32)


def long_rows(noise: float) -> FloatArray:
    """Of 300 numbers that lie near a plane of 24 dimensions; much noise fills all of them."""
    random = np.random.default_rng(1)
    plane = rows(3_000) @ random.normal(size=(24, 300)).astype(np.float32)
    return plane + noise * random.normal(size=plane.shape).astype(np.float32)


@pytest.mark.parametrize(
    ("vectors", "by_components"),
    [(rows(3_000), False), (long_rows(2), True)],
)
def test_the_recall_told_is_that_of_comparing_with_all(
    vectors: FloatArray, by_components: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(approximate, "ASKED", 3_000)
    assert (approximate._components(vectors) is not None) == by_components
    found = near_rows(vectors, 10, start=1_000)
    true, squares = nearest_rows(vectors, 10)
    recall = np.mean(
        [len(np.intersect1d(one, two)) for one, two in zip(found.rows, true, strict=True)]
    )
    assert found.recall == pytest.approx(recall / 10, abs=2e-4)  # ties
    assert found.recall is not None
    assert approximate.WANTED <= found.recall <= 1
    assert (found.rows != np.arange(3_000)[:, None]).all()
    assert (np.diff(found.squares, axis=1) >= 0).all()
    same = found.rows == true
    np.testing.assert_allclose(found.squares[same], squares[same], rtol=1e-5)


def test_components_that_lose_too_much_are_not_taken() -> None:
    assert approximate._components(long_rows(30)) is None


def test_by_one_thread_they_are_the_same_each_time() -> None:
    vectors = rows(2_000)
    one, two = (near_rows(vectors, 5, threads=1, start=1_000) for _ in range(2))
    np.testing.assert_array_equal(one.rows, two.rows)


def test_few_rows_are_compared_with_all() -> None:
    vectors = rows(300)
    found = near_rows(vectors, 7)
    np.testing.assert_array_equal(found.rows, nearest_rows(vectors, 7)[0])
    assert found.recall is None


def test_rows_that_a_graph_does_not_tell_apart_are_compared_with_all() -> None:
    vectors = np.repeat(rows(2), 1_000, axis=0)  # links of a copy lead to copies alone
    found = near_rows(vectors, 5, start=1_000)
    assert not found.squares.any()
    assert (found.rows != np.arange(2_000)[:, None]).all()
    assert (found.rows // 1_000 == np.arange(2_000)[:, None] // 1_000).all()


@pytest.mark.parametrize("note", ["rows linked", "rows searched"])
def test_it_can_be_cancelled(note: str) -> None:
    def stop(done: int, total: int, told: str = "") -> None:
        if told == note:
            raise Cancelled("map")

    with pytest.raises(Cancelled):
        near_rows(rows(1_500), 5, stop, start=1_000)
