"""Which known facts pull a triple's way: gradients against formulas, and their cosines."""

from __future__ import annotations

import numpy as np
import pytest

from core.graphs.influence import gradients, influences
from core.graphs.scoring import Model
from tests.support.graph_fixtures import by_hand, family, random_model


@pytest.mark.parametrize("inverse", [False, True])
def test_gradients_of_distmult_are_the_products_of_the_other_two(inverse: bool) -> None:
    vectors = by_hand(Model.DISTMULT, inverse=inverse)
    facts = np.array([[0, 1, 2], [1, 0, 0]])
    entities, relations = vectors.entities, vectors.relations
    back = relations if vectors.inverses is None else vectors.inverses
    wanted = np.stack([back[1] * entities[2], relations[0] * entities[1]])
    np.testing.assert_allclose(gradients(vectors, 0, facts), wanted, atol=1e-3)


def test_gradients_of_complex_numbers_and_of_distances() -> None:
    vectors = by_hand(Model.COMPLEX)
    relation, tail = vectors.relations[1], vectors.entities[2]
    pull = np.conj(relation) * tail  # Re(h r conj(t)) is the product of h with this, as reals
    found = gradients(vectors, 0, np.array([[0, 1, 2]]))[0]
    np.testing.assert_allclose(found, [*pull.real, *pull.imag], atol=1e-3)
    transe = by_hand(Model.TRANSE)
    gap = transe.entities[0] + transe.relations[1] - transe.entities[2]
    found = gradients(transe, 0, np.array([[0, 1, 2]]))[0]
    np.testing.assert_allclose(found, -np.sign(gap), atol=1e-3)
    rotate = by_hand(Model.ROTATE)
    gap = rotate.entities[0] * rotate.relations[1] - rotate.entities[2]
    slope = -np.conj(rotate.relations[1]) * gap / np.linalg.norm(gap)
    found = gradients(rotate, 0, np.array([[0, 1, 2]]))[0]
    np.testing.assert_allclose(found, [*slope.real, *slope.imag], atol=1e-3)


def test_influences_are_cosines_of_the_facts_at_both_ends() -> None:
    graph = family()
    model = random_model(graph, Model.DISTMULT)
    anna, ben, dora = map(graph.entity, ("anna", "ben", "dora"))
    parent = graph.relation("parent of")
    found = influences(model, (dora, parent, ben))
    assert len(found) == 5  # one of dora, four of ben
    assert [one.cosine for one in found] == sorted((one.cosine for one in found), reverse=True)
    [shared] = [one for one in found if one.fact == (anna, parent, ben)]
    assert shared.shared == ben
    entities, relation = model.vectors.entities, model.vectors.relations[parent]
    one, other = relation * entities[dora], relation * entities[anna]
    cosine = one @ other / np.linalg.norm(one) / np.linalg.norm(other)
    assert shared.cosine == pytest.approx(cosine, abs=1e-3)
    known = influences(model, (anna, parent, ben))
    assert (anna, parent, ben) not in [one.fact for one in known]


def test_to_first_order_the_score_rises_with_a_fact_that_pulls_its_way() -> None:
    graph = family()
    model = random_model(graph, Model.COMPLEX)
    dora, parent, ben = graph.entity("dora"), graph.relation("parent of"), graph.entity("ben")
    rows = np.array([[dora, parent, ben]])
    first = influences(model, (dora, parent, ben))[0]
    pull = gradients(model.vectors, first.shared, np.array([first.fact]))[0]
    own = gradients(model.vectors, first.shared, rows)[0]
    assert pull @ own > 0
    half = len(pull) // 2
    entities = model.vectors.entities.copy()

    def score(vectors: np.ndarray) -> float:
        h, r, t = vectors[dora], model.vectors.relations[parent], vectors[ben]
        return float((h * r * np.conj(t)).sum().real)

    before = score(entities)
    entities[first.shared] += 1e-3 * (pull[:half] + 1j * pull[half:])
    assert score(entities) - before == pytest.approx(1e-3 * (pull @ own), rel=0.05)
