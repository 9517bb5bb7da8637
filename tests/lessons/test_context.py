"""Lesson 2: windows and pairs counted by hand, the gradient against differences."""

from __future__ import annotations

import numpy as np
import pytest

from core.base.errors import InputError
from core.lessons.context import Pair, first_vectors, noise, pairs, train, words_of

TEXT = (
    "The king wears a crown and rules the land. The queen wears a crown and rules the land. "
    "A dog eats meat in the garden. A cat eats meat in the garden. "
) * 3


def test_a_window_stops_at_the_ends_of_the_text() -> None:
    assert pairs(3, 1) == [(0, 1), (1, 0), (1, 2), (2, 1)]
    assert len(pairs(8, 2)) == 2 * (2 * 8 - 2 - 1)
    assert len(pairs(4, 10)) == 4 * 3  # each with each


def test_words_are_found_in_any_script() -> None:
    assert words_of("Don't stop, ÉTÉ: 日本 it’s!") == ["don't", "stop", "été", "日本", "it’s"]
    for empty in ("", "  ", "one", "!!!"):
        with pytest.raises(InputError, match="at least two words"):
            words_of(empty)


def test_frequent_words_are_drawn_less_often_than_they_stand_there() -> None:
    found = noise({"the": 16, "king": 1})
    assert found["the"] == pytest.approx(8 / 9)
    assert sum(found.values()) == pytest.approx(1)


def test_before_training_the_loss_is_that_of_chance() -> None:
    pair = first_vectors("abcdef", 4, 0, trained=False)
    assert pair.loss == pytest.approx(6 * np.log(2))
    assert pair.errors.tolist() == [-0.5, 0.5, 0.5, 0.5, 0.5, 0.5]


def test_the_loss_is_the_formula() -> None:
    pair = first_vectors("abc", 4, 1, trained=True)
    sigma = 1 / (1 + np.exp(-(pair.context @ pair.center)))
    assert pair.loss == pytest.approx(-np.log(sigma[0]) - np.log(1 - sigma[1:]).sum())


def test_the_step_goes_down_the_gradient() -> None:
    pair, small = first_vectors("abcd", 5, 2, trained=True), 1e-6
    after = pair.step(1.0)
    for at in range(5):
        moved = np.eye(5)[at] * small
        slope = (Pair(pair.center + moved, pair.context).loss - pair.loss) / small
        assert pair.center[at] - after.center[at] == pytest.approx(slope, abs=1e-4)
        for row in range(4):
            changed = pair.context.copy()
            changed[row, at] += small
            slope = (Pair(pair.center, changed).loss - pair.loss) / small
            assert pair.context[row, at] - after.context[row, at] == pytest.approx(slope, abs=1e-4)
    assert pair.step(0.1).loss < pair.loss


def test_a_word_drawn_twice_has_one_vector_that_both_move() -> None:
    pair, small = first_vectors(["sea", "old", "old"], 3, 0, trained=True), 1e-6
    after = pair.step(1.0)
    assert (pair.context[1] == pair.context[2]).all()
    assert (after.context[1] == after.context[2]).all()
    changed = pair.context.copy()
    changed[1:, 0] += small
    slope = (Pair(pair.center, changed).loss - pair.loss) / small
    assert pair.context[1, 0] - after.context[1, 0] == pytest.approx(slope, abs=1e-4)


def test_training_brings_the_loss_down_and_words_of_like_contexts_together() -> None:
    found = train(words_of(TEXT), 2)
    assert 6 * np.log(2) > found.losses[0] > found.losses[1]
    assert found.losses[-1] < 0.85 * found.losses[0]
    assert found.nearest("king", 1)[0][0] == "queen"
    assert found.pairs == len(pairs(len(words_of(TEXT)), 2))
    again = train(words_of(TEXT), 2)
    assert (again.vectors == found.vectors).all()
