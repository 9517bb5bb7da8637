"""Sentences matched to queries, on graphs by hand, with vectors by hand."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest

from core.base.errors import InputError
from core.base.types import FloatArray
from core.graphs.graph import Graph, build_graph
from core.graphs.sentence_query import (
    OTHER_WAY,
    Encoders,
    describe,
    offer,
    readable_relation,
)
from tests.support.graph_fixtures import family


def states() -> Graph:
    triples = [
        ("usa", "embassy", "uk"),
        ("usa", "militaryalliance", "uk"),
        ("soviet_union", "accusation", "usa"),
        ("uk", "tourism3", "usa"),
    ]
    return build_graph("states", {"train": triples}, labels={"uk": "United Kingdom"})


def told(graph: Graph, sentence: str, encoders: Encoders | None = None) -> list[tuple[str, float]]:
    return [
        (describe(graph, one.question), round(one.score, 3))
        for one in offer(graph, sentence, encoders)
    ]


@pytest.mark.parametrize(
    ("sentence", "first"),
    [
        ("whom did the USA give an embassy?", "(usa, embassy, ?)"),
        ("who gave the usa an embassy", "(?, embassy, usa)"),
        (
            "Which military alliance has the United Kingdom?",
            "(United Kingdom, militaryalliance, ?)",
        ),
        ("by whom was the soviet union sent an embassy", "(?, embassy, soviet_union)"),
        ("what embassies does soviet_union have?", "(soviet_union, embassy, ?)"),
        ("tourism from uk to where?", "(United Kingdom, tourism3, ?)"),
    ],
)
def test_names_and_word_order_decide_the_first_offer(sentence: str, first: str) -> None:
    graph = states()
    found = told(graph, sentence)
    assert found[0][0] == first


def test_the_other_way_round_is_offered_with_a_lower_score() -> None:
    assert told(states(), "whom did the usa give an embassy?") == [
        ("(usa, embassy, ?)", 1.0),
        ("(?, embassy, usa)", OTHER_WAY),
    ]


@pytest.mark.parametrize(
    ("sentence", "first"),
    [
        ("who is the parent of ben", "(?, parent of, ben)"),
        ("whom is anna the parent of", "(anna, parent of, ?)"),
        ("who is anna's child of", "(?, child of, anna)"),
    ],
)
def test_a_relation_that_ends_with_of_has_the_entity_as_its_tail(sentence: str, first: str) -> None:
    assert told(family(), sentence)[0][0] == first


def test_two_entities_without_a_relation_ask_for_the_relation() -> None:
    found = told(states(), "how are usa and the united kingdom linked?")
    assert found[:2] == [
        ("(usa, ?, United Kingdom)", 1.0),
        ("(United Kingdom, ?, usa)", OTHER_WAY),
    ]
    with_relation = told(states(), "has usa an embassy in the united kingdom")
    assert with_relation[:2] == [
        ("(usa, embassy, ?)", 1.0),
        ("(?, embassy, United Kingdom)", 1.0),
    ]
    assert ("(usa, ?, United Kingdom)", 0.5) in with_relation


VECTORS = {
    "russia": (0.8, 0.6, 0.0),
    "soviet union": (1.0, 0.0, 0.0),
    "blame": (0.0, 0.6, 0.8),
    "accusation": (0.0, 0.0, 1.0),
}


def encode(texts: Sequence[str]) -> FloatArray:
    """Vectors by hand; what has none is like nothing else."""
    return np.array([VECTORS.get(text, (0.0, 0.0, 0.0)) for text in texts], dtype=np.float32)


def test_what_is_not_written_so_is_matched_by_vectors() -> None:
    both = Encoders(encode, encode)
    assert told(states(), "whom did russia blame?") == []
    assert told(states(), "whom did russia blame?", both) == [
        ("(soviet_union, accusation, ?)", 0.64),
        ("(?, accusation, soviet_union)", round(0.64 * OTHER_WAY, 3)),
    ]


def test_a_misspelt_entity_is_matched_by_its_letters() -> None:
    [first, _] = told(states(), "whom did soviet uniom send an accusation")
    assert first[0] == "(soviet_union, accusation, ?)"
    assert first[1] == round(2 * 10 / 22, 3)  # ten letters of eleven are shared


def test_relations_are_read_as_words() -> None:
    assert readable_relation("/location/country/form_of_government") == "form of government"
    assert (
        readable_relation("/tv/program/regular_cast./tv/appearance/actor") == "regular cast actor"
    )
    assert readable_relation("bornIn") == "born In"
    assert readable_relation("child of") == "child of"


def test_a_sentence_has_words_and_an_end() -> None:
    for wrong in ("", " ?! ", "usa " * 200):
        with pytest.raises(InputError, match="names an entity and a relation"):
            offer(states(), wrong)
    assert offer(states(), "whom does nobody know") == []
    with pytest.raises(InputError, match="0 queries were asked for"):
        offer(states(), "usa", k=0)


def test_a_name_that_stands_twice_is_offered_once() -> None:
    offers = [one.question for one in offer(states(), "usa usa embassy usa")]
    assert len(offers) == len({*offers}) > 1
