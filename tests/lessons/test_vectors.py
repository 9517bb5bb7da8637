"""Lesson 1's arithmetic against plain numpy."""

from __future__ import annotations

import numpy as np
import pytest

from core.lessons.vectors import (
    cosine_parts,
    in_their_plane,
    largest_products,
    nearest_rows,
    random_cosines,
    rank_of,
)

A = np.array([3.0, -4.0, 0.0], dtype=np.float32)
B = np.array([1.0, 2.0, 2.0], dtype=np.float32)


def test_the_cosine_and_its_parts() -> None:
    parts = cosine_parts(A, B)
    assert (parts.dot, parts.length_a, parts.length_b) == (-5.0, 5.0, 3.0)
    assert parts.cosine == pytest.approx(-1 / 3)
    assert parts.distance == pytest.approx(float(np.linalg.norm(A - B)))
    assert cosine_parts(np.zeros(3, np.float32), B).cosine == 0


def test_the_largest_products_come_first_whatever_their_sign() -> None:
    assert largest_products(A, B, 2).tolist() == [1, 0]


def test_the_plane_of_two_vectors_keeps_lengths_and_angle() -> None:
    points = in_their_plane(A, B).astype(np.float64)
    assert np.linalg.norm(points, axis=1) == pytest.approx([5, 3])
    assert points[0] @ points[1] == pytest.approx(float(A @ B), abs=1e-5)


def test_random_pairs_are_never_one_word_with_itself() -> None:
    rows = np.eye(5, dtype=np.float32)
    assert not random_cosines(rows, 1_000).any()
    assert (random_cosines(rows[:2], 50, seed=1) == random_cosines(rows[:2], 50, seed=1)).all()


def test_ranks_and_nearest_leave_out_the_word_itself() -> None:
    scores = np.array([0.2, 1.0, 0.9, 0.5], dtype=np.float32)
    assert nearest_rows(scores, 2).tolist() == [1, 2]
    assert nearest_rows(scores, 2, [1]).tolist() == [2, 3]
    assert [rank_of(scores, row, 1) for row in (2, 3, 0)] == [1, 2, 3]
