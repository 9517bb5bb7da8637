"""Lesson 11: TransE by hand, against plain numpy and the app's own ranks."""

from __future__ import annotations

import numpy as np
import pytest

from core.graphs import ranking, scoring, sources
from core.lessons import facts


def test_the_loss_is_zero_once_the_false_fact_is_farther_by_the_margin() -> None:
    assert facts.pair_loss(0.5, 2.0) == 0
    assert facts.pair_loss(0.5, 1.0) == pytest.approx(0.5)
    assert facts.pair_loss(2.0, 0.5) == pytest.approx(2.5)
    head, relation, tail = np.array([1.0, 0.0]), np.array([0.0, 2.0]), np.array([1.0, 1.0])
    assert facts.distance(head, relation, tail) == 1
    assert facts.distance(np.stack([head, tail]), relation, tail).tolist() == [1, 2]


def test_a_step_goes_down_the_slope_of_the_loss() -> None:
    draw = np.random.default_rng(0)
    parts = [draw.normal(size=5) for _ in range(4)]

    def loss(
        head: facts.Doubles, relation: facts.Doubles, tail: facts.Doubles, false: facts.Doubles
    ) -> float:
        true = float(facts.distance(head, relation, tail))
        return facts.pair_loss(true, float(facts.distance(head, relation, false)), margin=5)

    rate = 1e-6
    moved = facts.pair_step((parts[0], parts[1], parts[2]), parts[3], rate)
    for at, (before, after) in enumerate(zip(parts, moved, strict=True)):
        slope = []
        for number in range(5):
            shifted = [part.copy() for part in parts]
            shifted[at][number] += 1e-6
            slope.append((loss(*shifted) - loss(*parts)) / 1e-6)
        expected = slope if facts.pair_loss(*_both(parts)) else [0] * 5
        assert (before - after) / rate == pytest.approx(np.array(expected), abs=1e-3)


def _both(parts: list[facts.Doubles]) -> tuple[float, float]:
    head, relation, tail, false = parts
    true = float(facts.distance(head, relation, tail))
    return true, float(facts.distance(head, relation, false))


def test_nothing_moves_where_the_loss_is_zero() -> None:
    one, far = np.zeros(2), np.full(2, 9.0)
    for before, after in zip(
        (one, one, one, far), facts.pair_step((one, one, one), far, 1), strict=True
    ):
        assert np.array_equal(before, after)


def test_what_is_taught_ranks_facts_better_than_chance() -> None:
    graph = sources.load_named("nations")
    size = (len(graph.entities), len(graph.relations))
    taught = facts.teach(graph.train, *size, 16, epochs=60)
    assert taught.losses[-1] < 0.7 * taught.losses[0]
    assert np.linalg.norm(taught.vectors.entities, axis=1).max() <= 1 + 1e-5
    found = ranking.evaluate(taught.vectors, graph, graph.test)
    assert found.both.mrr > 1.2 * ranking.random_figures(found).mrr
    again = facts.teach(graph.train, *size, 16, epochs=60)
    assert np.array_equal(taught.vectors.entities, again.vectors.entities)


def test_ranks_with_and_without_the_filter_are_the_apps_own() -> None:
    graph = sources.load_named("nations")
    vectors = facts.teach(
        graph.train, len(graph.entities), len(graph.relations), 8, epochs=3
    ).vectors
    triples = graph.test[:40]
    evaluation = ranking.evaluate(vectors, graph, triples)
    known = ranking.Known(graph.triples, len(graph.relations))
    scores = scoring.tail_scores(vectors, triples[:, 0], triples[:, 1])
    others = known.answers(triples[:, 0], triples[:, 1], tails=True)
    for row, (head, relation, tail) in enumerate(triples.tolist()):
        raw, filtered = facts.ranks(scores[row], tail, others[row])
        assert filtered <= raw
        assert filtered == pytest.approx(evaluation.ranks[row, 1], abs=0.5), (head, relation)


def test_a_relation_that_holds_both_ways_is_told_from_one_that_does_not() -> None:
    triples = np.array([[0, 0, 1], [1, 0, 0], [0, 1, 1], [2, 0, 1]])
    assert facts.reversed_share(triples, 0) == pytest.approx(2 / 3)
    assert facts.reversed_share(triples, 1) == 0
    assert facts.reversed_share(triples, 7) == 0


def test_complex_tells_directions_apart_where_the_relation_turns() -> None:
    head, tail = 1 + 2j, 3 - 1j
    forth, back = facts.complex_scores(head, 2 + 0j, tail)
    assert forth == back
    forth, back = facts.complex_scores(head, 2j, tail)
    assert forth == pytest.approx(-back)
    assert forth == pytest.approx((head * 2j * (3 + 1j)).real)


def test_what_the_lesson_says_of_the_nations_is_so() -> None:
    graph = sources.load_named("nations")
    number = {name: at for at, name in enumerate(graph.relations)}
    assert facts.reversed_share(graph.triples, number["militaryalliance"]) > 0.9
    assert facts.reversed_share(graph.triples, number["economicaid"]) == 0
    fact = [graph.entities.index("usa"), number["embassy"], graph.entities.index("uk")]
    assert fact in graph.triples.tolist()
