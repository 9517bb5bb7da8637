"""Lesson 7: InfoNCE and a contrastive head, against plain numpy."""

from __future__ import annotations

import numpy as np
import pytest

from core.lessons import contrast


def test_info_nce_is_the_cross_entropy_of_the_diagonal() -> None:
    similarity = np.array([[0.9, 0.1, 0.2], [0.3, 0.4, 0.8], [0.0, 0.0, 0.0]])
    losses = contrast.info_nce(similarity, 0.5)
    for row in range(3):
        parts = [np.exp(similarity[row, column] / 0.5) for column in range(3)]
        assert losses[row] == pytest.approx(-np.log(parts[row] / sum(parts)))
    assert losses[2] == pytest.approx(np.log(3))  # chance
    assert contrast.info_nce(similarity, 1e-3)[0] == pytest.approx(0, abs=1e-9)
    assert np.isfinite(contrast.info_nce(similarity, 1e-6)).all()
    assert contrast.own_first(similarity) == 1


def test_the_slope_of_the_loss_is_that_of_its_differences() -> None:
    draw = np.random.default_rng(0)
    vectors, weights = draw.normal(size=(7, 5)), draw.normal(size=(5, 2))
    labels = np.array([0, 0, 1, 1, 1, 2, 0])  # 2 stands alone: no positive
    loss, slope = contrast.contrastive_loss(weights, vectors, labels, 0.3)
    for row in range(5):
        for column in range(2):
            moved = weights.copy()
            moved[row, column] += 1e-6
            after = contrast.contrastive_loss(moved, vectors, labels, 0.3)[0]
            assert (after - loss) / 1e-6 == pytest.approx(slope[row, column], abs=1e-4)


def test_the_loss_is_that_of_the_papers_formula() -> None:
    places = np.array([[1.0, 0.0], [0.6, 0.8], [0.0, 1.0]])
    labels = np.array([0, 0, 1])
    loss, _ = contrast.contrastive_loss(np.eye(2), places, labels, 0.5)
    dots = places @ places.T / 0.5
    first = -np.log(np.exp(dots[0, 1]) / (np.exp(dots[0, 1]) + np.exp(dots[0, 2])))
    second = -np.log(np.exp(dots[1, 0]) / (np.exp(dots[1, 0]) + np.exp(dots[1, 2])))
    assert loss == pytest.approx((first + second) / 2)


def test_a_head_brings_groups_together_also_those_it_did_not_see() -> None:
    draw = np.random.default_rng(1)
    labels = np.repeat([0, 1, 2], 10)
    vectors = 0.2 * draw.normal(size=(30, 10))
    vectors[:, :3] += np.eye(3)[labels]
    vectors[:, 3:5] += 3 * draw.normal(size=(30, 2))  # what varies most says nothing of the groups
    learns = np.tile([True] * 7 + [False] * 3, 3)
    formed = contrast.form(vectors, labels.tolist(), learns.tolist())
    assert formed.losses[-1] < 0.7 * formed.losses[0]
    assert np.linalg.norm(formed.places, axis=2) == pytest.approx(np.ones((61, 30)))
    before = contrast.nearest_label(formed.places[0], labels.tolist(), learns.tolist())
    after = contrast.nearest_label(formed.places[-1], labels.tolist(), learns.tolist())
    assert before < after
    assert after > 0.8


def test_the_nearest_label_counts_only_what_was_not_learnt_from() -> None:
    places = np.array([[1, 0], [0, 1], [1, 0.1], [0.9, 0.2]])
    assert contrast.nearest_label(places, [0, 1, 0, 1], [True, True, False, False]) == 0.5
    assert contrast.nearest_label(places, [0, 1, 0, 1], [True] * 4) == 0
    assert contrast.same_group_share(places, [0, 1, 0, 1]) == 0.75
