"""Lesson 4: principal components and kept neighbours against plain numpy and scikit-learn."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.decomposition import PCA

from core.base.types import FloatArray
from core.lessons.dimensions import (
    components,
    kept_by_width,
    nearest,
    nearest_of,
    sample,
    shared,
    widths,
)


@pytest.fixture
def rows() -> FloatArray:
    random = np.random.default_rng(0)
    return (random.normal(size=(300, 12)) * np.linspace(3, 0.1, 12)).astype(np.float32) + 1


def test_components_are_those_of_scikit_learn(rows: FloatArray) -> None:
    found, peer = components(rows), PCA().fit(rows)
    assert found.shares == pytest.approx(peer.explained_variance_ratio_, abs=1e-5)
    assert found.variance(12) == pytest.approx(1, abs=1e-5)
    ours = np.abs(found.reduce(rows, 3))
    assert ours == pytest.approx(np.abs(peer.transform(rows)[:, :3]), abs=1e-3)


def test_nearest_are_those_of_all_distances(rows: FloatArray) -> None:
    far = ((rows[7] - rows) ** 2).sum(axis=1)
    assert nearest(rows, 7, 5).tolist() == np.argsort(far)[1:6].tolist()
    assert nearest_of(rows, np.array([7, 9]), 5)[0].tolist() == nearest(rows, 7, 5).tolist()
    assert shared(np.array([1, 2, 3]), np.array([3, 4, 1])) == 2


def test_all_dimensions_keep_all_neighbours_and_components_more_than_numbers(
    rows: FloatArray,
) -> None:
    turned = np.linalg.qr(np.random.default_rng(1).normal(size=(12, 12)))[0]
    mixed = (rows @ turned).astype(np.float32)  # no number by itself holds more than another
    components_, first = kept_by_width(mixed, components(mixed), [2, 4, 12], 10)
    assert components_[-1] == first[-1] == 1
    assert components_ == sorted(components_)
    assert components_[1] > first[1]
    one = nearest(components(mixed).reduce(mixed, 4), int(sample(300)[0]), 10)
    assert 0 < shared(one, nearest(mixed, int(sample(300)[0]), 10)) <= 10


def test_widths_end_with_the_whole() -> None:
    assert widths(12) == [2, 4, 8, 12]
    assert widths(16) == [2, 4, 8, 16]
