"""Filtered realistic ranks, MRR and Hits@k by hand; baselines; memory that runs out."""

from __future__ import annotations

import numpy as np
import pytest

from core.base.errors import Cancelled, InputError
from core.graphs import pipeline, ranking, scoring
from core.graphs.graph import build_graph
from core.graphs.ranking import Known, evaluate, figures, filtered_ranks, frequency_figures
from core.graphs.scoring import GraphVectors, Model
from tests.support.graph_fixtures import family, random_model


def test_ranks_are_filtered_and_equal_scores_share_their_places() -> None:
    scores = np.array([[0.9, 0.5, 0.7, 0.5, 0.1], [0.2, 0.2, 0.2, 0.2, 0.2]], dtype=np.float32)
    targets = np.array([1, 4])
    ranks, optimistic, kept = filtered_ranks(scores.copy(), targets, [np.array([], int)] * 2)
    # Two are better, one is equal: places 3 and 4. All five equal: places 1 to 5.
    assert ranks.tolist() == [3.5, 3.0]
    assert optimistic.tolist() == [3.0, 1.0]
    assert kept.tolist() == [5, 5]
    # 0 and 1 are true: 0 is left out, the target stays. Of five equal ones two are left out.
    ranks, optimistic, kept = filtered_ranks(
        scores, targets, [np.array([0, 1]), np.array([0, 2, 4])]
    )
    assert ranks.tolist() == [2.5, 2.0]
    assert optimistic.tolist() == [2.0, 1.0]
    assert kept.tolist() == [4, 3]


def test_mrr_and_hits_by_hand() -> None:
    found = figures(np.array([[1.0, 2.0], [4.0, 20.0]]))
    assert found.mrr == pytest.approx((1 + 1 / 2 + 1 / 4 + 1 / 20) / 4)
    assert found.hits == {1: 0.25, 3: 0.5, 10: 0.75}
    assert (found.count, figures(np.array([])).mrr) == (4, 0.0)


def test_optimistic_figures_stand_beside_the_realistic_ones() -> None:
    # One place for all: every score is equal, so the best place is the first.
    graph = build_graph("line", {"train": [("a", "r", "b"), ("b", "r", "c")]})
    zeros = np.zeros((3, 1), dtype=np.float32)
    found = evaluate(GraphVectors(Model.DISTMULT, zeros, zeros[:1]), graph, graph.train)
    assert found.both.mrr == pytest.approx(1 / 2)  # places 1 to 3
    assert (found.at_best.mrr, found.at_best.hits[1], found.at_best.count) == (1.0, 1.0, 4)
    assert pipeline.evaluated(found) == {
        **pipeline.as_numbers(found.both),
        "optimistic_mrr": 1.0,
        "optimistic_hits_at_1": 1.0,
        "optimistic_hits_at_3": 1.0,
        "optimistic_hits_at_10": 1.0,
    }


def test_known_answers_are_those_of_the_pair() -> None:
    triples = np.array([[0, 0, 1], [0, 0, 2], [0, 1, 3], [4, 0, 2]])
    known = Known(triples, 2)
    found = known.answers(np.array([0, 0, 9]), np.array([0, 1, 0]), tails=True)
    assert [sorted(one.tolist()) for one in found] == [[1, 2], [3], []]
    [heads] = known.answers(np.array([2]), np.array([0]), tails=False)
    assert sorted(heads.tolist()) == [0, 4]


def test_a_toy_graph_is_evaluated_by_hand() -> None:
    # On a line, one step to the right: TransE answers each question, and only one entity fits.
    graph = build_graph(
        "line",
        {
            "train": [("a", "next", "b"), ("b", "next", "c"), ("d", "next", "a")],
            "test": [("c", "next", "d")],
        },
    )
    places = np.array([[0.0], [1.0], [2.0], [2.9]], dtype=np.float32)
    vectors = GraphVectors(Model.TRANSE, places, np.array([[1.0]], dtype=np.float32))
    found = evaluate(vectors, graph, graph.test)
    # c + 1 = 3, of which d (2.9) is nearest; d - 1 = 1.9, of which c (2) is nearest.
    assert found.ranks.tolist() == [[1.0, 1.0]]
    assert found.both.mrr == found.heads.mrr == found.tails.mrr == 1.0
    wrong = evaluate(vectors, graph, graph.train[2:])
    # d + 1 = 3.9: a (0) is the farthest of all four. a - 1 = -1: d is, too.
    assert wrong.ranks.tolist() == [[4.0, 4.0]]


def test_batches_do_not_change_ranks_and_are_halved_where_memory_runs_out(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    graph = family()
    model = random_model(graph)
    whole = evaluate(model.vectors, graph, graph.train)
    for batch in (1, 2, 5):
        again = evaluate(model.vectors, graph, graph.train, batch=batch)
        np.testing.assert_array_equal(again.ranks, whole.ranks)
    original, room = scoring.tail_scores, [3]

    def short(vectors: GraphVectors, heads: np.ndarray, relations: np.ndarray) -> np.ndarray:
        if len(heads) > room[0]:
            raise MemoryError
        return original(vectors, heads, relations)

    monkeypatch.setattr(scoring, "tail_scores", short)
    found = evaluate(model.vectors, graph, graph.train, batch=8)
    np.testing.assert_array_equal(found.ranks, whole.ranks)
    assert "2 triples were ranked at a time" in found.notes[0]
    room[0] = 0
    with pytest.raises(InputError, match="Memory does not suffice"):
        evaluate(model.vectors, graph, graph.train)


def test_baselines_by_chance_and_by_frequency() -> None:
    graph = build_graph(
        "votes",
        {
            "train": [(f"p{at}", "votes for", "x") for at in range(6)]
            + [("p0", "votes for", "y"), ("p1", "votes for", "y"), ("z", "votes for", "p2")],
            "test": [("p3", "votes for", "y")],
        },
    )
    found = evaluate(random_model(graph).vectors, graph, graph.test)
    # As tails 9 entities less x, which is true: 8. As heads 9 less p0 and p1, which are: 7.
    assert found.candidates.tolist() == [[7, 8]]
    chance = ranking.random_figures(found)
    mean = [sum(1 / at for at in range(1, count + 1)) / count for count in (7, 8)]
    assert chance.mrr == pytest.approx(sum(mean) / 2)
    assert chance.hits[3] == pytest.approx((3 / 7 + 3 / 8) / 2)
    frequent = frequency_figures(graph, graph.test)
    # Tails: y was voted for twice, p2 once, x is left out: rank 1. Heads: p2, p3, p4, p5 and z
    # each voted once, two more never: ranks 1 to 5.
    assert frequent.mrr == pytest.approx((1 + 1 / 3) / 2)
    assert frequent.count == 2


def test_ranking_is_cancelled_by_its_progress() -> None:
    def stop(done: int, total: int, note: str = "") -> None:
        raise Cancelled("Ranking")

    graph = family()
    with pytest.raises(Cancelled):
        evaluate(random_model(graph).vectors, graph, graph.train, stop)
