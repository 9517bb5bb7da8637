"""Entities by words, formulas over entities, neighbours in the graph and by name in one table."""

from __future__ import annotations

import numpy as np
import pytest

from core.base.errors import InputError, UnknownTermError
from core.formula.formula import parse_formula
from core.graphs import entity_search, near
from core.graphs.graph import build_graph
from core.graphs.models import GraphModel
from core.graphs.scoring import GraphVectors, Model
from core.graphs.settings import Settings
from core.graphs.training import Trained

CAPITALS = [("paris", "france"), ("berlin", "germany"), ("new_rome", "italy")]


def capitals() -> GraphModel:
    """Countries are axes, and a capital is its country with an axis of its own."""
    graph = build_graph(
        "capitals",
        {"train": [(city, "capital of", country) for city, country in CAPITALS]},
        labels={"new_rome": "Roma"},
    )
    axes = dict(zip(("france", "germany", "italy"), np.eye(4)[:3], strict=True))
    axes |= {city: axes[country] + np.eye(4)[3] for city, country in CAPITALS}
    entities = np.array([axes[name] for name in graph.entities], dtype=np.float32)
    vectors = GraphVectors(Model.DISTMULT, entities, np.ones((1, 4), dtype=np.float32))
    trained = Trained(vectors, Settings(Model.DISTMULT, 4), 1, (0.0,), (), 0.0)
    return GraphModel(graph, trained, {}, "capitals")


def test_a_formula_over_entities_is_answered_in_the_graphs_space() -> None:
    model = capitals()
    query = entity_search.add_entities(model, parse_formula("paris - france + germany"))
    found = entity_search.nearest_to(model, query.vector, 2, query.rows)
    half = np.sqrt(0.5)
    place = np.array([half - 1, 1, 0, half])
    expected = (place @ np.array([0, half, 0, half])) / np.linalg.norm(place)
    names = model.graph.entities
    assert names[found[0][0]] == "berlin"
    assert found[0][1] == pytest.approx(expected, abs=1e-6)
    # A name of two words, and a readable one, are entities as well.
    for text in ('"new rome" - italy + germany', "Roma - italy + germany"):
        other = entity_search.add_entities(model, parse_formula(text))
        assert names[entity_search.nearest_to(model, other.vector, 1, other.rows)[0][0]] == "berlin"
    with pytest.raises(UnknownTermError, match="Did you mean paris"):
        entity_search.add_entities(model, parse_formula("pariss - france"))


def test_complex_entities_are_added_as_real_and_imaginary_parts() -> None:
    model = capitals()
    held = model.vectors.entities
    turned = GraphVectors(
        Model.COMPLEX, (1j * held).astype(np.complex64), np.ones((1, 4), dtype=np.complex64)
    )
    trained = Trained(turned, Settings(Model.COMPLEX, 4), 1, (0.0,), (), 0.0)
    other = GraphModel(model.graph, trained, {}, "turned")
    query = entity_search.add_entities(other, parse_formula("paris - france + germany"))
    assert query.vector.shape == (8,)
    assert query.vector[:4] == pytest.approx(np.zeros(4))
    [(row, _)] = entity_search.nearest_to(other, query.vector, 1, query.rows)
    assert other.graph.entities[row] == "berlin"


def test_words_are_looked_up_by_name_and_then_by_meaning() -> None:
    graph = capitals().graph
    similar = np.linspace(0.1, 0.6, len(graph.entities)).astype(np.float32)
    found = entity_search.search(graph, "ROM", similar, 3)
    assert [(graph.entities[one.row], one.by_name) for one in found] == [
        ("new_rome", True),
        ("paris", False),
        ("italy", False),
    ]
    assert found[1].score == pytest.approx(0.6)
    by_name = entity_search.search(graph, "an")  # france and germany have it
    assert [graph.entities[one.row] for one in by_name] == ["france", "germany"]
    assert entity_search.search(graph, "zzz") == []
    for wrong in ((" - ", 3), ("paris", 0)):
        with pytest.raises(InputError):
            entity_search.search(graph, wrong[0], None, wrong[1])


def test_neighbours_by_graph_and_by_name_stand_in_one_list() -> None:
    model = capitals()
    names = model.graph.entities
    # By name paris is like france, then like italy; in the graph like france, then the capitals.
    texts = np.zeros((6, 6), dtype=np.float32)
    like = {"paris": 1.0, "france": 0.9, "italy": 0.8, "berlin": 0.1, "germany": 0.0, "new_rome": 0}
    for row, name in enumerate(names):
        texts[row, 0] = like[name]
    texts[:, 1] = 0.001  # Germany and Rome have a name too
    held = {"graph": entity_search.unit_entities(model), "text": texts}
    paris = names.index("paris")
    found, agreement = near.near_by_each(held, paris, 2)
    assert [(names[one.row], one.rank("graph"), one.rank("text")) for one in found] == [
        ("france", 1, 1),
        ("berlin", 2, 3),
        ("italy", 5, 2),
    ]
    assert agreement == {("graph", "text"): 0.5}
    assert found[0].cosine("graph") == pytest.approx(np.sqrt(0.5))
    assert found[2].cosine("text") == pytest.approx(0.8, abs=1e-5)
    # Of France there is no picture: the nearest is Berlin's, as in the graph without France.
    pictures = np.zeros((6, 2), dtype=np.float32)
    for name, x in (("paris", 1.0), ("berlin", 0.6), ("italy", 0.2)):
        pictures[names.index(name)] = x, np.sqrt(1 - x * x)
    found, agreement = near.near_by_each({**held, "picture": pictures}, paris, 1)
    assert [(names[one.row], one.rank("picture")) for one in found] == [
        ("france", None),
        ("berlin", 1),
    ]
    assert agreement == {("graph", "text"): 1, ("graph", "picture"): 1, ("text", "picture"): 0}
    assert found[1].cosine("picture") == pytest.approx(0.6)
    assert near.near_by_each({"picture": pictures}, names.index("france")) == ([], {})
