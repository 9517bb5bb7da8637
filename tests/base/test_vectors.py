"""Arithmetic on vectors, by hand."""

import numpy as np
import pytest

from core.base import vectors as vec


def test_normalize_gives_unit_rows_and_leaves_zero_rows() -> None:
    rows = np.array([[3, 4], [0, 0], [1e30, 0], [1e-30, 0]], dtype=np.float32)
    assert vec.normalize(rows) == pytest.approx(
        np.array([[0.6, 0.8], [0, 0], [1, 0], [1, 0]], dtype=np.float32)
    )


def test_normalize_of_a_batch_of_one_equals_the_row_of_a_batch() -> None:
    rows = np.random.default_rng(0).normal(size=(7, 5)).astype(np.float32)
    assert (vec.normalize(rows[3:4])[0] == vec.normalize(rows)[3]).all()


def test_similarity_is_the_cosine() -> None:
    a = vec.normalize(np.array([[1, 0], [1, 1]], dtype=np.float32))
    assert vec.similarity(a, a) == pytest.approx(np.array([[1, 0.5**0.5], [0.5**0.5, 1]]))


def test_principal_axes_keep_a_plane_and_say_how_much_they_hold() -> None:
    flat = np.zeros((5, 6), dtype=np.float32)
    flat[:, 2] = [0, 4, 0, 4, 2]
    flat[:, 5] = [0, 0, 1, 1, 0.5]
    mean, axes, shares = vec.principal_axes(flat, 3)
    assert shares == pytest.approx([16 / 17, 1 / 17, 0], abs=1e-6)
    placed = (flat - mean) @ axes.T
    # A projection on the plane they lie in keeps all distances.
    assert np.linalg.norm(placed[0] - placed[3]) == pytest.approx(17**0.5, rel=1e-5)
    assert (placed[:, 2] == 0).all()


def test_principal_axes_of_equal_points_are_zero() -> None:
    _, axes, shares = vec.principal_axes(np.ones((4, 3), dtype=np.float32), 3)
    assert not axes.any()
    assert not shares.any()
