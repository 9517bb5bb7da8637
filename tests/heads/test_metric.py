"""A metric of marked pairs: its gradient, what it learns, and how that is measured."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.optimize import check_grad

from core.base.errors import InputError
from core.base.types import FloatArray
from core.heads import metric
from core.heads.draws import draw_pair
from core.heads.labels import label
from core.heads.marks import Pairs, as_pairs
from core.heads.metric_effect import measure
from tests.heads.test_training import items

VECTORS, KINDS, _ = items(400)


def marked(count: int, *, turned: bool = False, seed: int = 0) -> Pairs:
    """Pairs by chance, alike where both are of a kind."""
    random = np.random.default_rng(seed)
    found: dict[frozenset[int], tuple[int, int, bool]] = {}
    while len(found) < count:
        first, second = map(int, random.choice(len(VECTORS), 2, replace=False))
        alike = KINDS[first] == KINDS[second]
        wanted = len(found) % 2 == 0  # as many of each
        if alike == wanted:
            found.setdefault(frozenset((first, second)), (first, second, alike is not turned))
    return as_pairs(list(found.values()))


def by_hand(vectors: FloatArray, pairs: Pairs, change: FloatArray, strength: float) -> float:
    """What is made least, as the formula is written, for a whole map ``(d, d)``."""
    at = metric.levels(vectors)
    total = float((change**2).sum()) / strength
    for (first, second), alike in zip(pairs.rows, pairs.alike, strict=True):
        one, other = (vectors[row] + change @ vectors[row] for row in (first, second))
        cosine = one @ other / np.linalg.norm(one) / np.linalg.norm(other)
        over = (at.near - cosine if alike else cosine - at.far) / at.gap
        total += float(np.log1p(np.exp(4 * over)))
    return total


def test_the_metric_is_the_least_of_its_formula_over_all_maps() -> None:
    pairs = marked(6)
    found = metric.learn(VECTORS, pairs, metric.levels(VECTORS), 2.0)
    change = found.span.T @ found.change @ found.span
    least = by_hand(VECTORS, pairs, change, 2.0)
    random = np.random.default_rng(1)
    for _ in range(20):  # the penalty keeps it within the span of the marked items
        step = random.standard_normal(change.shape).astype(np.float32) * 0.02
        assert by_hand(VECTORS, pairs, change + step, 2.0) > least
    assert least < by_hand(VECTORS, pairs, np.zeros_like(change), 2.0)


def test_the_gradient_is_that_of_the_value() -> None:
    pairs = marked(5)
    rows, places = np.unique(pairs.rows, return_inverse=True)
    given = VECTORS[rows].astype(np.float64)[:, :6]
    work = metric._Objective(given, places.reshape(-1, 2), pairs, metric.levels(VECTORS), 1.0)
    at = np.random.default_rng(0).standard_normal(36) * 0.3
    off = check_grad(lambda x: work(x)[0], lambda x: work(x)[1], at)
    assert off < 1e-4 * np.linalg.norm(work(at)[1])


def test_what_is_orthogonal_to_all_marked_items_stays_as_it_was() -> None:
    space = np.eye(6, dtype=np.float32)
    both = as_pairs([(0, 1, True), (0, 2, False)])
    learnt = metric.learn(space, both, metric.Levels(0.0, 0.5))
    moved = learnt.apply(space)
    assert np.allclose(moved[3:], space[3:], atol=1e-6)
    assert moved[0] @ moved[1] > 0.3
    assert moved[0] @ moved[2] < 0.01


def test_without_a_pair_nothing_changes() -> None:
    none = as_pairs([])
    effect = measure(VECTORS, none, [label("kind", KINDS)])
    assert np.allclose(effect.metric.apply(VECTORS), VECTORS, atol=1e-6)
    assert np.allclose(effect.metric.head().apply(VECTORS), VECTORS, atol=1e-6)
    assert effect.precisions[0].before == effect.precisions[0].after
    assert len(effect.told) == 0


def test_the_head_is_the_metric() -> None:
    learnt = metric.learn(VECTORS, marked(8), metric.levels(VECTORS))
    assert np.allclose(learnt.head().apply(VECTORS), learnt.apply(VECTORS), atol=1e-5)


def test_marks_carry_over_to_marks_and_items_that_were_not_seen() -> None:
    effect = measure(VECTORS, marked(60), [label("kind", KINDS)], 10.0)
    assert len(effect.told) == 60
    assert effect.told.sum() > effect.told_before.sum() + 3
    [precision] = effect.precisions
    assert precision.after > precision.before + 0.05
    assert precision.items == 400 - len(np.unique(effect.pairs.rows))
    assert effect.fitted.sum() >= effect.told.sum()


def test_one_mark_has_no_figure_and_marks_of_one_kind_are_told() -> None:
    one = measure(VECTORS, marked(1))
    assert (len(one.told), one.as_dict()["held_out"]["marks"]) == (0, 0)
    assert "No pair is marked not alike" in one.notes[0]
    assert one.cosines[0] > one.before[0]
    alike = measure(VECTORS, marked(8).take(np.arange(0, 8, 2)))
    assert any("No pair is marked not alike" in note for note in alike.notes)


def test_marks_that_contradict_the_space_are_told_not_to_help() -> None:
    random = marked(30)
    mixed = Pairs(random.rows, np.random.default_rng(3).permutation(random.alike))
    effect = measure(VECTORS, mixed, [label("kind", KINDS)], 10.0)
    assert effect.told.mean() < 0.7  # chance alone
    assert effect.fitted.mean() > 0.8


def test_a_strength_outside_its_range_is_refused() -> None:
    with pytest.raises(InputError, match="“strength” of the metric is 0"):
        measure(VECTORS, marked(2), (), 0)
    with pytest.raises(InputError, match="There are 2 items"):
        measure(VECTORS[:2], as_pairs([(0, 1, True)]))


def test_drawn_pairs_are_near_and_not_marked_yet() -> None:
    none = as_pairs([])
    drawn = draw_pair(VECTORS, none, 3)
    assert drawn is not None
    first, second = drawn
    assert draw_pair(VECTORS, none, 3) == drawn
    above = VECTORS @ VECTORS[first] > VECTORS[second] @ VECTORS[first]
    assert above.sum() <= 30
    assert draw_pair(VECTORS[:2], none, 0) in {(0, 1), (1, 0)}
    assert draw_pair(VECTORS[:2], as_pairs([(1, 0, True)]), 0) is None
    assert draw_pair(VECTORS[:1], none, 0) is None
