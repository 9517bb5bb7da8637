"""What is drawn of a graph: places, expanding, whole graphs, paths between two entities."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest

from core.base.errors import InputError
from core.graphs import neighborhood, sources
from core.graphs.graph import Graph, build_graph
from core.graphs.layout import force_layout, spiral
from core.graphs.paths import draw, shortest_paths
from tests.support.graph_fixtures import family


def chain(*ways: str) -> Graph:
    """A graph of facts "next" between entities of one letter, as they follow each other."""
    facts = [(one, "next", other) for way in ways for one, other in pairwise(way)]
    return build_graph("chain", {"train": facts}, whole=True)


def names(graph: Graph, entities: tuple[int, ...]) -> str:
    return "".join(graph.entities[entity] for entity in entities)


def test_linked_points_stand_nearer_than_others_and_none_on_another() -> None:
    triangles = np.array([[0, 1], [1, 2], [2, 0], [3, 4], [4, 5], [5, 3], [0, 3], [0, 0]])
    places = force_layout(triangles, spiral(6))
    gaps = np.linalg.norm(places[:, None] - places, axis=2)
    inner = [gaps[a, b] for a, b in triangles[:6]]
    outer = [gaps[a, b] for a in (1, 2) for b in (4, 5)]
    assert max(inner) < min(outer)
    assert 0.5 < min(inner) <= max(inner) < 2
    np.testing.assert_array_equal(places, force_layout(triangles, spiral(6)))


def test_two_linked_points_rest_where_spring_push_and_gravity_are_even() -> None:
    """With x the distance: the spring x - 1 is the push 0.1 / x less the gravity 0.02 x / 2."""
    places = force_layout(np.array([[0, 1]]), spiral(2))
    distance = np.linalg.norm(places[1] - places[0])
    wanted = (1 + np.sqrt(1 + 4 * 1.01 * 0.1)) / (2 * 1.01)
    assert distance == pytest.approx(wanted, abs=0.01)


def test_expanding_adds_facts_and_what_is_left_out_is_counted() -> None:
    graph = family()
    anna, ben, cora = map(graph.entity, ("anna", "ben", "cora"))
    first = neighborhood.expand(graph, [anna], 1)
    told = [(graph.label(head), graph.label(tail)) for head, _, tail, _ in first.facts]
    assert told == [("anna", "ben"), ("ben", "anna")]
    assert first.left_out == {anna: 3}
    assert first.entities[0] == anna
    both = neighborhood.expand(graph, [anna, ben], 10)
    all_facts = {
        (graph.label(head), graph.label(tail), graph.relations[by])
        for head, by, tail, _ in both.facts
    }
    assert all_facts == {
        ("anna", "ben", "parent of"),
        ("anna", "cora", "parent of"),
        ("ben", "anna", "child of"),
        ("cora", "anna", "child of"),
        ("dora", "anna", "child of"),
        ("ben", "cora", "sibling of"),
        ("cora", "ben", "sibling of"),
    }
    assert both.left_out == {anna: 0, ben: 0}
    again = neighborhood.expand(graph, [anna, ben], 10)
    np.testing.assert_array_equal(both.places, again.places)
    assert set(neighborhood.reach(graph, anna, 2, 10)) == {anna, ben, cora, graph.entity("dora")}
    assert neighborhood.reach(graph, anna, 1, 10) == [anna]


def test_collapsing_takes_away_what_only_that_entity_had_brought() -> None:
    graph = chain("abcde", "ax")
    a, b, c, d, x = map(graph.entity, "abcdx")
    assert neighborhood.collapse(graph, [a, b, c, d, x], b, 10) == [a, x]
    assert neighborhood.collapse(graph, [a, b, c, d, x], d, 10) == [a, b, c, x]


def test_only_some_relations() -> None:
    graph = family()
    siblings = neighborhood.only(graph, [graph.relation("sibling of")])
    drawn = neighborhood.expand(siblings, [graph.entity("ben")], 10)
    assert {graph.relations[by] for _, by, _, _ in drawn.facts} == {"sibling of"}
    assert len(drawn.facts) == 2
    assert neighborhood.only(graph, []) is graph


def test_a_predicted_fact_is_added_beside_what_it_leads_from() -> None:
    graph = family()
    anna, ben, emil = map(graph.entity, ("anna", "ben", "emil"))
    drawn = neighborhood.expand(graph, [anna], 10)
    more = neighborhood.add(drawn, [(emil, graph.relation("sibling of"), ben, "predicted")])
    assert more.entities == (*drawn.entities, emil)
    assert more.facts[-1] == (emil, graph.relation("sibling of"), ben, "predicted")
    near = np.linalg.norm(more.places - more.places[-1], axis=1)
    assert more.entities[int(np.argsort(near)[1])] == ben


def test_a_whole_graph_and_a_sample_by_degree() -> None:
    graph = chain("abcdefg", "ac", "ad", "xy")
    everything = neighborhood.whole(graph)
    assert (everything.entities, everything.by_degree) == (9, 9)
    assert (everything.components, everything.drawn_components) == (2, 2)
    assert len(everything.drawing.facts) == 9
    part = neighborhood.whole(graph, most=4)
    assert set(names(graph, part.drawing.entities)) == set("acdb")  # 3, 3, 3 and the first of 2
    assert len(part.drawing.facts) == 5
    fewer = neighborhood.whole(graph, most_links=3)
    assert set(names(graph, fewer.drawing.entities)) == set("acd")


def test_of_many_components_the_largest_are_drawn() -> None:
    pairs = [f"{chr(0x100 + 2 * at)}{chr(0x101 + 2 * at)}" for at in range(40)]
    graph = chain(*pairs, "abc")
    found = neighborhood.whole(graph)
    assert (found.components, found.drawn_components) == (41, 30)
    assert set("abc") <= set(names(graph, found.drawing.entities))
    assert len(found.drawing.entities) == 3 + 29 * 2


def test_paths_are_the_shortest_either_way_or_along_the_facts() -> None:
    graph = chain("abcz", "az", "azq", "xaz", "xz", "zb")
    a, z = graph.entity("a"), graph.entity("z")

    def found(k: int, *, directed: bool) -> list[str]:
        paths = shortest_paths(graph, a, z, k, directed=directed)
        assert [path.length for path in paths] == [len(path.entities) - 1 for path in paths]
        return [names(graph, path.entities) for path in paths]

    assert found(9, directed=True) == ["az", "abcz"]
    assert found(9, directed=False) == ["az", "abz", "axz", "abcz"]
    assert found(2, directed=False)[0] == "az"
    assert shortest_paths(graph, graph.entity("q"), a, directed=True) == []
    with pytest.raises(InputError, match="begins and ends at one entity"):
        shortest_paths(graph, a, a)
    with pytest.raises(InputError, match="0 paths"):
        shortest_paths(graph, a, z, 0)


def test_a_link_of_a_path_has_all_its_facts() -> None:
    graph = family()
    [path, *_] = shortest_paths(graph, graph.entity("dora"), graph.entity("ben"))
    assert [graph.label(entity) for entity in path.entities] == ["dora", "anna", "ben"]
    told = [
        [(graph.label(head), graph.relations[by], part) for head, by, _, part in link]
        for link in path.links
    ]
    assert told[0] == [("dora", "child of", "test")]
    assert sorted(told[1]) == [("anna", "parent of", "train"), ("ben", "child of", "train")]


def test_paths_are_drawn_from_left_to_right() -> None:
    graph = chain("abz", "acz", "az")
    a, z = graph.entity("a"), graph.entity("z")
    drawn = draw(shortest_paths(graph, a, z))
    place = dict(zip(names(graph, drawn.entities), drawn.places.tolist(), strict=True))
    assert place == {"a": [0, 0], "z": [4, 0], "b": [2, -0.6], "c": [2, 0.6]}
    assert len(drawn.facts) == 5


def test_paths_of_a_public_graph() -> None:
    graph = sources.load_graph("nations")
    paths = shortest_paths(graph, graph.entity("usa"), graph.entity("cuba"), 5)
    assert [path.length for path in paths] == [1, 2, 2, 2, 2]
    assert len({path.entities for path in paths}) == 5
