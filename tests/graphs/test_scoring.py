"""The six models' scores against the formulas, written out by hand."""

from __future__ import annotations

import cmath
import math

import numpy as np
import pytest

from core.graphs.scoring import (
    GraphVectors,
    Model,
    head_scores,
    real_view,
    relation_scores,
    tail_scores,
)
from tests.support.graph_fixtures import by_hand

EVERY = np.array([(h, r, t) for h in range(3) for r in range(2) for t in range(3)])


def formula(vectors: GraphVectors, head: int, relation: int, tail: int) -> float:
    """The paper's formula, number by number."""
    if vectors.model is Model.TRANSH:
        first, second = vectors.entities[head], vectors.entities[tail]
        normal, move = np.split(vectors.relations[relation], 2)
        flat = [one - normal * (normal @ one) for one in (first, second)]
        return -float(np.linalg.norm(flat[0] + move - flat[1]))
    h, r, t = (
        [complex(number) for number in row]
        for row in (vectors.entities[head], vectors.relations[relation], vectors.entities[tail])
    )
    triples = list(zip(h, r, t, strict=True))
    if vectors.model is Model.TRANSE:
        return -sum(abs(a + b - c) for a, b, c in triples)
    if vectors.model is Model.ROTATE:
        return -math.sqrt(sum(abs(a * b - c) ** 2 for a, b, c in triples))
    if vectors.model is Model.HOLE:
        size = len(h)
        shifted = [sum(h[k] * t[(at + k) % size] for k in range(size)) for at in range(size)]
        return sum(a * b for a, b in zip(r, shifted, strict=True)).real
    return sum(a * b * c.conjugate() for a, b, c in triples).real


@pytest.mark.parametrize("model", list(Model))
def test_scores_are_those_of_the_formula_whatever_is_asked_for(model: Model) -> None:
    vectors = by_hand(model)
    expected = np.array([formula(vectors, *triple) for triple in EVERY.tolist()])
    heads, relations, tails = EVERY.T
    rows = np.arange(len(EVERY))
    for scores, asked in (
        (tail_scores(vectors, heads, relations), tails),
        (head_scores(vectors, relations, tails), heads),
        (relation_scores(vectors, heads, tails), relations),
    ):
        np.testing.assert_allclose(scores[rows, asked], expected, rtol=1e-4, atol=1e-5)


def test_a_few_numbers_by_hand() -> None:
    one = GraphVectors(Model.TRANSE, np.array([[1.0, 2.0], [4.0, 0.0]]), np.array([[2.0, -1.0]]))
    first = np.array([0])
    assert tail_scores(one, first, first)[0, 1] == pytest.approx(-(1 + 1))
    two = GraphVectors(Model.DISTMULT, one.entities, one.relations)
    assert tail_scores(two, first, first)[0, 1] == pytest.approx(1 * 2 * 4)
    turn = np.array([[cmath.exp(1j * math.pi / 2)]])
    ends = np.array([[2 + 0j], [2j], [-2 + 0j]])
    rotate = GraphVectors(Model.ROTATE, ends, turn)
    assert tail_scores(rotate, first, first)[0] == pytest.approx(
        [-math.sqrt(8), 0, -math.sqrt(8)], abs=1e-6
    )
    product = GraphVectors(Model.COMPLEX, ends, turn)
    # Re(2 * i * conj(2 i)) = Re(2 i * -2 i) = 4, and Re(2 i * i * conj(2)) = -4 the other way.
    found = tail_scores(product, np.array([0, 1]), np.array([0, 0]))
    assert (found[0, 1], found[1, 0]) == pytest.approx((4, -4))


def test_the_circular_correlation_by_hand() -> None:
    places = np.array([[1, 0, 2], [0, 3, 1]], dtype=np.float32)
    vectors = GraphVectors(Model.HOLE, places, np.array([[1, 2, -1]], dtype=np.float32))
    zero, one = np.array([0]), np.array([1])
    # The first with the second: (2, 3, 7), so 2 + 6 - 7. The other way round: (2, 7, 3).
    assert tail_scores(vectors, zero, zero)[0, 1] == pytest.approx(1)
    assert tail_scores(vectors, one, zero)[0, 0] == pytest.approx(13)
    assert head_scores(vectors, zero, one)[0, 0] == pytest.approx(1)
    assert head_scores(vectors, zero, zero)[0, 1] == pytest.approx(13)
    assert relation_scores(vectors, zero, one)[0, 0] == pytest.approx(1)


@pytest.mark.parametrize("model", list(Model))
def test_heads_are_asked_by_the_inverse_relation_where_there_is_one(model: Model) -> None:
    vectors = by_hand(model, inverse=True)
    turned = GraphVectors(model, vectors.entities, vectors.inverses)
    relations, tails = np.array([0, 1]), np.array([2, 1])
    np.testing.assert_array_equal(
        head_scores(vectors, relations, tails), tail_scores(turned, tails, relations)
    )


@pytest.mark.parametrize("model", list(Model))
def test_a_batch_of_one_is_a_row_of_a_batch(model: Model) -> None:
    random = np.random.default_rng(0)
    entities = random.normal(size=(50, 6)).astype(np.float32)
    width = 12 if model is Model.TRANSH else 6
    relations = random.normal(size=(4, width)).astype(np.float32)
    vectors = GraphVectors(model, entities, relations)
    heads, asked = random.integers(50, size=20), random.integers(4, size=20)
    many = tail_scores(vectors, heads, asked)
    for at in range(20):
        one = tail_scores(vectors, heads[at : at + 1], asked[at : at + 1])
        np.testing.assert_allclose(one[0], many[at], rtol=1e-5, atol=1e-5)


def test_complex_vectors_are_shown_as_real_then_imaginary_parts() -> None:
    assert real_view(np.array([[1 + 2j, 3 - 4j]])).tolist() == [[1, 3, 2, -4]]
    assert real_view(np.array([[1.0, 3.0]])).tolist() == [[1, 3]]
