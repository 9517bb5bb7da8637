"""Questions, explanations, kinds of relations, leakage, neighbourhoods, arrows, angles, texts."""

from __future__ import annotations

import time

import numpy as np
import pytest

from core.base.errors import InputError
from core.base.types import Encoded
from core.graphs import geometry, map_items, prediction, statistics as graph_statistics
from core.graphs.graph import build_graph
from core.graphs.models import GraphModel
from core.graphs.prediction import Question, answer, explain, read_question
from core.graphs.scoring import GraphVectors, Model
from core.graphs.settings import Settings
from core.graphs.training import Trained
from tests.support.graph_fixtures import family, random_model


def on_a_line() -> GraphModel:
    """Places 0, 1, 2, 5 on a line; "next" is a step of 1."""
    graph = build_graph(
        "line",
        {
            "train": [("a", "next", "b"), ("d", "far", "a")],
            "valid": [("b", "next", "c")],
            "test": [("a", "next", "d")],
        },
    )
    # "c" is in no training triple, so the validation triple is left out.
    assert graph.entities == ["a", "b", "d"]
    places = np.array([[0.0], [1.0], [5.0]], dtype=np.float32)
    relations = np.array([[-5.0], [1.0]], dtype=np.float32)  # far, next
    vectors = GraphVectors(Model.TRANSE, places, relations)
    trained = Trained(vectors, Settings(Model.TRANSE, 1, loss="softplus"), 1, (0.0,), (), 0.0)
    return GraphModel(graph, trained, {}, "line")


def test_answers_are_ranked_marked_and_filtered() -> None:
    model = on_a_line()
    found = answer(model, read_question(model.graph, head="a", relation="next"))
    assert [(one.id, one.score, one.part) for one in found] == [
        ("b", 0.0, "train"),
        ("a", -1.0, ""),
        ("d", -4.0, "test"),
    ]
    fresh = answer(model, read_question(model.graph, head="a", relation="next"), known=False)
    assert [one.id for one in fresh] == ["a"]
    heads = answer(model, read_question(model.graph, relation="next", tail="b"), 1)
    assert [(one.id, one.score) for one in heads] == [("a", 0.0)]
    relations = answer(model, read_question(model.graph, head="a", tail="b"))
    assert [(one.id, one.score, one.part) for one in relations] == [
        ("next", 0.0, "train"),
        ("far", -6.0, ""),
    ]


def test_predictions_begin_with_a_relation_that_has_some() -> None:
    triples = [("a", "all", end) for end in "abc"] + [("a", "all", "a"), ("a", "some", "b")]
    graph = build_graph("g", {"train": [*triples, ("b", "into", "c")]})
    names = [graph.relations[prediction.open_relation(graph, at)] for at in range(3)]
    # "all" leads from a to each other entity; b and c are heads of less than is open.
    assert names == ["some", "into", "all"]
    # As tails: b of "all" and "some" once each, by number; c of "all" and "into".
    found = [prediction.open_relation(graph, at, heads=True) for at in range(3)]
    assert [graph.relations[at] for at in found] == ["all", "all", "all"]


def test_a_question_leaves_one_open() -> None:
    for wrong in ((0, 0, 0), (0, None, None), (None, None, None)):
        with pytest.raises(InputError, match="leaves one member"):
            Question(*wrong)
    with pytest.raises(InputError, match="At least 1"):
        answer(on_a_line(), Question(0, 0, None), 0)


def test_the_nearest_known_triples_explain() -> None:
    graph = build_graph(
        "trade",
        {
            "train": [
                ("a", "sells", "x"),
                ("b", "sells", "y"),
                ("c", "sells", "z"),
                ("a", "is", "b"),
            ]
        },
    )
    angles = {"a": 0, "b": 10, "c": 90, "x": 180, "y": 185, "z": 300}
    turned = np.radians([angles[name] for name in graph.entities])
    places = np.stack([np.cos(turned), np.sin(turned)], axis=1).astype(np.float32)
    vectors = GraphVectors(Model.DISTMULT, places, np.ones((2, 2), dtype=np.float32))
    trained = Trained(vectors, Settings(Model.DISTMULT, 2), 1, (0.0,), (), 0.0)
    model = GraphModel(graph, trained, {}, "trade")
    names, sells = graph.entities, graph.relation("sells")
    found = explain(model, (names.index("a"), sells, names.index("x")))
    assert [tuple(names[one.triple[at]] for at in (0, 2)) for one in found] == [
        ("b", "y"),
        ("c", "z"),
    ]
    assert found[0].similarity == pytest.approx(np.cos(np.radians(10)), abs=1e-5)
    near = prediction.nearest_entities(model, names.index("a"), 2)
    assert [names[row] for row, _ in near] == ["b", "z"]  # at 10 and at 60 degrees
    assert explain(model, (0, graph.relation("is"), 1)) == []


def test_a_question_on_14_541_entities_compares_with_all() -> None:
    random = np.random.default_rng(0)
    places = random.normal(size=(14_541, 16)).astype(np.float32)
    vectors = GraphVectors(Model.TRANSE, places, random.normal(size=(3, 16)).astype(np.float32))
    names = [f"e{at:05}" for at in range(len(places))]
    graph = build_graph(
        "many", {"train": [(one, f"r{at % 3}", names[0]) for at, one in enumerate(names)]}
    )
    trained = Trained(vectors, Settings(Model.TRANSE, 16, loss="softplus"), 1, (0.0,), (), 0.0)
    began = time.monotonic()
    found = answer(GraphModel(graph, trained, {}, "many"), Question(7, 1, None), 3)
    assert time.monotonic() - began < 30  # it ends; benchmarks/graph.py tells how fast
    expected = np.abs(places[7] + vectors.relations[1] - places).sum(axis=1)
    assert [one.row for one in found] == np.argsort(expected)[:3].tolist()


def test_kinds_of_relations_and_leakage() -> None:
    couples = [(f"m{at}", "married to", f"w{at}") for at in range(10)]
    couples += [(tail, name, head) for head, name, tail in couples]
    owners = [(f"m{at % 3}", "owns", f"t{at}") for at in range(9)]
    owned = [(tail, "owned by", head) for head, _, tail in owners]
    knows = [(f"m{at}", "knows", f"w{other}") for at in range(4) for other in range(3)]
    graph = build_graph(
        "town", {"train": couples[1:] + owners[1:] + owned + knows, "test": [couples[0], owners[0]]}
    )
    found = {one.relation: one for one in graph_statistics.relation_facts(graph)}
    assert {name: one.kind for name, one in found.items()} == {
        "married to": "1-1",
        "owns": "1-N",
        "owned by": "N-1",
        "knows": "N-N",
    }
    assert found["married to"].symmetric == 1.0
    assert not found["married to"].inverse
    assert (found["owns"].inverse, found["owned by"].inverse) == ("owned by", "owns")
    assert (found["owns"].leaked, found["married to"].leaked, found["knows"].leaked) == (1, 1, 0)
    assert found["owns"].tails_per_head == 3
    assert found["knows"].symmetric == 0


def test_inverses_are_those_that_sets_of_pairs_tell() -> None:
    random = np.random.default_rng(3)
    drawn = {(f"e{head}", f"e{tail}") for head, tail in random.integers(9, size=(30, 2)).tolist()}
    back = {(tail, head) for head, tail in drawn}
    some = set(sorted(back)[:-3])
    sets = {"a": drawn, "b": back, "c": back, "d": some, "e": {("e0", "e1")}}
    train = [(head, name, tail) for name, pairs in sets.items() for head, tail in sorted(pairs)]
    found = graph_statistics.relation_facts(build_graph("drawn", {"train": train}, whole=True))
    for one in found:
        pairs = sets[one.relation]
        shares = {
            name: len({(tail, head) for head, tail in pairs} & other) / len(pairs)
            for name, other in sets.items()
            if name != one.relation
        }
        best = max(sorted(shares), key=lambda name: shares[name])
        kept = shares[best] >= graph_statistics.INVERSE and len(pairs) >= 5
        assert one.inverse == (best if kept else ""), one
    assert [one.inverse for one in found] == ["b", "a", "a", "a", ""]


def test_degrees_and_what_is_around() -> None:
    graph = family()
    out, into = graph_statistics.degrees(graph)
    anna = graph.entity("anna")
    assert (out[anna], into[anna]) == (2, 3)
    found = graph_statistics.around(graph, anna, 3)
    assert (len(found.triples), found.left_out) == (3, 2)
    assert all(anna in (head, tail) for head, _, tail, _ in found.triples)
    assert len({(relation, head == anna) for head, relation, _, _ in found.triples}) >= 2
    assert graph_statistics.around(graph, graph.entity("emil"), 9).left_out == 0


def test_arrows_of_a_perfect_translation_are_parallel() -> None:
    random = np.random.default_rng(0)
    heads = random.normal(size=(20, 8)).astype(np.float32)
    step = random.normal(size=8).astype(np.float32)
    places = np.concatenate([heads, heads + step])
    pairs = np.stack([np.arange(20), np.arange(20, 40)], axis=1)
    vectors = GraphVectors(Model.TRANSE, places, step[None])
    found = geometry.arrows(vectors, pairs, places[:, :2])
    assert found.parallel == pytest.approx(1, abs=1e-5)
    assert found.on_map == pytest.approx(1, abs=1e-5)
    assert abs(found.chance) < 0.5
    assert geometry.with_relation(vectors, pairs, 0) == pytest.approx(1, abs=1e-5)
    opposite = GraphVectors(Model.TRANSE, places, -step[None])
    assert geometry.with_relation(opposite, pairs, 0) == pytest.approx(-1, abs=1e-5)
    other = GraphVectors(Model.DISTMULT, places, step[None])
    assert geometry.with_relation(other, pairs, 0) is None


def test_arrows_are_a_sample_and_angles_are_degrees() -> None:
    graph = build_graph("many", {"train": [(f"e{at}", "r", f"e{at + 1}") for at in range(200)]})
    pairs = geometry.arrow_pairs(graph, 0)
    assert pairs.shape == (geometry.ARROWS, 2)
    np.testing.assert_array_equal(pairs, geometry.arrow_pairs(graph, 0))
    turn = np.exp(1j * np.radians([[90, -45, 180]])).astype(np.complex64)
    vectors = GraphVectors(Model.ROTATE, turn, turn)
    assert geometry.relation_angles(vectors, 0) == pytest.approx([90, -45, 180], abs=1e-3)


def test_complex_entities_on_the_map_are_real_and_imaginary_parts() -> None:
    model = random_model(family(), Model.COMPLEX, dim=3)
    data = map_items.map_data(model)
    assert data.vectors.shape == (5, 6)
    assert any("real parts" in note for note in data.notes)
    assert data.frame["as tail"].tolist()[0] == 3
    expected = np.concatenate([model.vectors.entities.real, model.vectors.entities.imag], axis=1)
    expected /= np.linalg.norm(expected, axis=1, keepdims=True)
    np.testing.assert_allclose(data.vectors, expected, atol=1e-6)
    assert not map_items.map_data(random_model(family())).notes


def test_neighbours_by_the_graph_and_by_names_are_compared() -> None:
    model = random_model(family(), dim=4)
    same = model.vectors.entities / np.linalg.norm(model.vectors.entities, axis=1, keepdims=True)
    ones, none = np.ones(5, dtype=np.float32), np.zeros(5, dtype=np.bool_)
    found = geometry.join_texts(model, Encoded(same, ones, none), 2)
    assert found.shared.tolist() == [1.0] * 5
    assert found.chance == 0.5
    assert geometry.readable(["acquired_abnormality"]) == ["acquired abnormality"]
