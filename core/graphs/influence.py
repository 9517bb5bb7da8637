"""Which known facts of its two entities pull the same way as a triple: gradients of scores."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from core.base.types import FloatArray, IntArray
from core.graphs import scoring
from core.graphs.models import GraphModel
from core.graphs.scoring import GraphVectors, Vectors

MOST = 300  # facts of an end that are looked at
_STEP = 0.01  # of an entity's root mean square: how far its numbers are moved


@dataclass(frozen=True, slots=True)
class Influence:
    """A training fact that shares an end with a triple.

    Attributes:
        shared: the entity that both have.
        cosine: of the gradients of both scores with respect to the vector of ``shared``: 1 where
            what raises the one raises the other just so, 0 where they have nothing to do with each
            other, below it where what raises the one lowers the other.
    """

    fact: tuple[int, int, int]
    shared: int
    cosine: float


def influences(model: GraphModel, triple: Sequence[int]) -> list[Influence]:
    """The training facts of a triple's head and tail, those that pull most its way first.

    The measure is the gradient cosine of Bhardwaj et al. 2021, "Adversarial Attacks on Knowledge
    Graph Embeddings via Instance Attribution Methods": to first order, a step that fits the fact
    better moves the triple's score up where it is positive. It takes the vectors as they are
    trained; no model is trained without the fact. Gradients are central differences of the model's
    own scores, so that every model has them. Of an end with more than ``MOST`` facts those of the
    triple's relation are looked at before others.
    """
    head, relation, tail = triple
    found = []
    for shared in dict.fromkeys((head, tail)):
        facts = _facts(model, triple, shared)
        if not len(facts) or head == tail:
            continue
        rows = np.concatenate([facts, np.array([[head, relation, tail]])])
        pulls = gradients(model.vectors, shared, rows)
        pulls /= np.maximum(np.linalg.norm(pulls, axis=1, keepdims=True), 1e-12)
        cosines = pulls[:-1] @ pulls[-1]
        found += [
            Influence((fact[0], fact[1], fact[2]), shared, float(cosine))
            for fact, cosine in zip(facts.tolist(), cosines, strict=True)
        ]
    return sorted(found, key=lambda one: (-one.cosine, one.fact))


def _facts(model: GraphModel, triple: Sequence[int], shared: int) -> IntArray:
    """Training facts of an entity but the triple itself and loops, ``(m, 3)``."""
    train = model.graph.train
    own = ((train[:, [0, 2]] == shared).sum(axis=1) == 1) & ~(train == triple).all(axis=1)
    rows = train[own]
    order = np.argsort(rows[:, 1] != triple[1], kind="stable")[:MOST]
    facts: IntArray = rows[order]
    return facts


def gradients(vectors: GraphVectors, entity: int, facts: IntArray) -> FloatArray:
    """Gradients ``(m, d)`` of the scores of ``facts`` ``(m, 3)`` by the vector of an entity.

    Each fact has it at one end, and is scored as the question for that end. ``d`` counts real
    numbers; the imaginary parts of complex vectors come after the real ones.
    """
    moved, step = _moved(vectors.entities[entity])
    count, half = len(moved), len(moved) // 2
    as_head = facts[:, 0] == entity
    others = np.where(as_head, facts[:, 2], facts[:, 0])
    own = replace(vectors, entities=np.concatenate([moved, vectors.entities[others]]))
    found = np.empty((len(facts), half), dtype=np.float32)
    for side in (True, False):
        rows = np.flatnonzero(as_head == side)
        if not len(rows):
            continue
        relations, ends = facts[rows, 1], count + rows
        if side:
            scores = scoring.head_scores(own, relations, ends)
        else:
            scores = scoring.tail_scores(own, ends, relations)
        found[rows] = (scores[:, :half] - scores[:, half:count]) / (2 * step)
    return found


def _moved(vector: Vectors) -> tuple[Vectors, float]:
    """A vector with each of its real numbers moved up, then each moved down; and by how much."""
    size = len(vector)
    step = _STEP * max(1e-6, float(np.sqrt(np.mean(np.abs(vector) ** 2))))
    moves = step * np.eye(size, dtype=vector.dtype)
    if np.iscomplexobj(vector):
        moves = np.concatenate([moves, 1j * moves])
    moved: Vectors = np.concatenate([vector + moves, vector - moves]).astype(vector.dtype)
    return moved, step
