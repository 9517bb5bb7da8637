"""Triples that a model does not believe, and such that may be missing, on a line by hand."""

from __future__ import annotations

import numpy as np
import pytest

from core.base.errors import InputError
from core.base.types import Progress
from core.graphs import review
from core.graphs.graph import Graph, build_graph
from core.graphs.models import GraphModel
from core.graphs.parts import read_parts
from core.graphs.scoring import GraphVectors, Model
from core.graphs.settings import Settings
from core.graphs.training import Trained

WRONG = ("e0", "next", "e5")


def on_a_line() -> GraphModel:
    """Places 0 to 5; "next" is a step of 1, which one triple is not; "same" is a step of 0."""
    graph = build_graph(
        "line",
        {
            "train": [
                ("e0", "next", "e1"),
                ("e1", "next", "e2"),
                ("e3", "next", "e4"),
                ("e4", "next", "e3"),
                ("e2", "next", "e0"),
                WRONG,
                ("e2", "same", "e2"),
                ("e5", "same", "e4"),
            ],
            "test": [("e2", "next", "e3")],
        },
        whole=True,
    )
    places = np.arange(6, dtype=np.float32)[:, None]
    vectors = GraphVectors(Model.TRANSE, places, np.array([[1.0], [0.0]], dtype=np.float32))
    trained = Trained(vectors, Settings(Model.TRANSE, 1, loss="softplus"), 1, (0.0,), (), 0.0)
    return GraphModel(graph, trained, {}, "line")


def named(model: GraphModel, triples: object) -> list[tuple[str, ...]]:
    graph = model.graph
    return [
        (graph.entities[head], graph.relations[relation], graph.entities[tail])
        for head, relation, tail in np.asarray(triples).tolist()
    ]


def test_the_triple_that_the_model_believes_least_comes_first() -> None:
    model = on_a_line()
    found = review.find_suspicious(model)
    assert named(model, found.triples)[0] == WRONG
    # e5 as the tail of e0 (place 1): e1 is filtered out, all others but e5 itself lie nearer.
    assert (found.tail_ranks[0], found.parts[0], found.whole) == (5.0, "train", 9)
    # e0 as the head: e4, e3, e5 (after 5, 4 and 6 by one step) and e2, e1 are nearer to e5.
    assert found.head_ranks[0] == 6.0
    assert found.percentiles[0] == 1.0
    assert found.percentiles.tolist() == sorted(found.percentiles.tolist(), reverse=True)
    true = named(model, found.triples).index(("e2", "next", "e3"))
    assert (found.percentiles[true], found.parts[true]) == (0.0, "test")
    only = review.find_suspicious(model, ["test"])
    assert named(model, only.triples) == [("e2", "next", "e3")]
    table = found.table(model.graph, 1)
    assert [table[name] for name in ("head", "relation", "tail")] == [["e0"], ["next"], ["e5"]]


def test_of_many_triples_a_sample_is_ranked_and_none_is_told() -> None:
    model = on_a_line()
    found = review.find_suspicious(model, ["train"], most=3)
    assert (len(found.triples), found.whole) == (3, 8)
    with pytest.raises(InputError, match="no triple in these splits"):
        review.find_suspicious(model, ["valid"])


def test_each_training_triple_is_ranked_by_a_model_that_has_not_seen_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    model = on_a_line()
    rests: list[set[tuple[int, ...]]] = []

    def train(graph: Graph, settings: Settings, progress: Progress) -> Trained:
        rests.append({tuple(triple) for triple in graph.train.tolist()})
        progress(1, 2, "epochs")
        return model.trained

    monkeypatch.setattr(review.training, "train", train)
    told: list[tuple[int, int]] = []
    found = review.cross_validate(
        model.graph, model.trained.settings, lambda done, total, _: told.append((done, total)), 4
    )
    whole = {tuple(triple) for triple in model.graph.train.tolist()}
    left_out = [whole - rest for rest in rests]
    assert [len(part) for part in left_out] == [2, 2, 2, 2]
    assert set().union(*left_out) == whole
    assert [one for one in told if one[1] == 8] == [(1, 8), (3, 8), (5, 8), (7, 8)]
    # The vectors are the same here, so the order is that of one model.
    assert named(model, found.triples)[0] == WRONG
    same = review.find_suspicious(model, ["train"])
    assert sorted(found.percentiles.tolist()) == sorted(same.percentiles.tolist())
    rests.clear()
    review.cross_validate(model.graph, model.trained.settings, folds=9)
    assert [len(whole - rest) for rest in rests] == [1] * 8  # of fewer triples each alone
    with pytest.raises(InputError, match="1 part of 8 training triples"):
        review.cross_validate(model.graph, model.trained.settings, folds=1)


def test_missing_triples_are_the_unknown_ones_that_score_highest() -> None:
    model = on_a_line()
    following = model.graph.relation("next")
    found = review.find_missing(model, [following], 2)
    assert named(model, found.triples) == [("e2", "next", "e3"), ("e4", "next", "e5")]
    assert found.parts == ["test", ""]
    assert found.scores.tolist() == [0.0, 0.0]
    # Three of six known ones hold exactly, so three score lower than 0.
    assert found.above.tolist() == [0.5, 0.5]
    new = review.find_missing(model, [following], 1, held_out=False)
    assert named(model, new.triples) == [("e4", "next", "e5")]


def test_missing_triples_keep_to_what_the_relation_has() -> None:
    model = on_a_line()
    same = model.graph.relation("same")
    found = review.find_missing(model, [same], 10)
    # Heads e2 and e5, tails e2 and e4; it has a loop, so (e2, same, e2) would be one, were it new.
    assert named(model, found.triples) == [("e2", "same", "e4"), ("e5", "same", "e2")]
    free = review.find_missing(model, [same], 1, constrained=False)
    assert named(model, free.triples) == [("e5", "same", "e5")]
    # “next” has no loop: none is offered, though its score is as good as others.
    loops = review.find_missing(model, [model.graph.relation("next")], 50, constrained=False)
    assert not any(head == tail for head, _, tail in named(model, loops.triples))
    with pytest.raises(InputError, match="0 candidates"):
        review.find_missing(model, [same], 0)


def test_triples_are_exported_so_that_they_are_read_again() -> None:
    model = on_a_line()
    data = review.as_tsv(model.graph, model.graph.train)
    again = read_parts("again", {"train.tsv": data})
    assert named(model, model.graph.train) == [
        (again.entities[head], again.relations[relation], again.entities[tail])
        for head, relation, tail in again.train.tolist()
    ]
