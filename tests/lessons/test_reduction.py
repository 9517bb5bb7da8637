"""Lesson 8: principal components, perplexity and the measures of maps, against plain numpy."""

from __future__ import annotations

import numpy as np
import pytest

from core.lessons import reduction
from core.maps.methods import pca


def test_principal_components_are_those_of_the_map() -> None:
    points = np.random.default_rng(0).normal(size=(80, 6)) * [5, 3, 2, 1, 0.5, 0.1]
    shares, directions = reduction.principal(points)
    assert shares.sum() == pytest.approx(1)
    assert (np.diff(shares) <= 0).all()
    assert directions @ directions.T == pytest.approx(np.eye(6), abs=1e-9)
    _, components, explained = pca.fit_pca(points.astype(np.float32), 2)
    assert explained == pytest.approx(shares[:2], abs=1e-5)
    assert np.abs((components * directions[:2]).sum(axis=1)) == pytest.approx([1, 1], abs=1e-4)
    along = (points - points.mean(axis=0)) @ directions[0]
    assert along.var(ddof=1) / points.var(axis=0, ddof=1).sum() == pytest.approx(shares[0])


def test_shares_of_neighbors_have_the_perplexity_that_was_asked_for() -> None:
    distances = np.abs(np.random.default_rng(1).normal(size=200)) + 0.1
    for perplexity in (2, 5, 30, 100):
        shares = reduction.affinities(distances, perplexity)
        assert shares.sum() == pytest.approx(1)
        assert 2 ** reduction.entropy_of(shares) == pytest.approx(perplexity, rel=1e-4)
        assert shares.argmax() == distances.argmin()
    assert reduction.affinities([1.0, 1.0, 1.0], 30) == pytest.approx([1 / 3] * 3)
    assert np.isfinite(reduction.affinities([0.0, 1e-9, 1e6], 1.5)).all()


def test_toy_sets_are_what_they_are_called() -> None:
    points, labels = reduction.two_sizes()
    assert reduction.width_ratio(points, labels) == pytest.approx(reduction.WIDE, rel=0.1)
    points, labels = reduction.two_distances()
    assert reduction.gap_ratio(points, labels) == pytest.approx(reduction.FAR, rel=0.1)
    points, labels = reduction.only_noise()
    assert points.shape == (150, 50)
    assert set(labels.tolist()) == {0}


def test_widths_and_gaps_are_ratios() -> None:
    labels = np.array([0, 0, 1, 1, 2, 2])
    places = np.array([[0, 0], [0, 2], [10, 0], [10, 6], [40, 3], [40, 3]])
    assert reduction.width_ratio(places, labels) == pytest.approx(3)
    assert reduction.gap_ratio(places, labels) == pytest.approx(30 / np.hypot(10, 2))


def test_clumping_tells_chance_from_clumps_and_from_a_grid() -> None:
    draw = np.random.default_rng(2)
    chance = draw.random((2_000, 2))
    clumps = draw.random((20, 2)).repeat(100, axis=0) + 0.002 * draw.normal(size=(2_000, 2))
    grid = np.stack(np.meshgrid(range(40), range(40)), axis=-1).reshape(-1, 2)
    assert reduction.clumping(chance) == pytest.approx(1, abs=0.05)
    assert reduction.clumping(clumps) < 0.3
    assert reduction.clumping(grid) > 1.8
