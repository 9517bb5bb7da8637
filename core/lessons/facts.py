"""Lesson 11: TransE trained by hand, its loss, ranks with and without the filter, and both ways.

TransE (Bordes et al. 2013) takes a fact (head, relation, tail) for a step: the head's vector plus
the relation's is to be near the tail's, by the sum of absolute differences.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from core.base.types import FloatArray, IntArray
from core.graphs.scoring import GraphVectors, Model

Doubles = NDArray[np.float64]
MARGIN = 1.0
BATCH = 128


@dataclass(frozen=True, slots=True)
class Taught:
    """A model with the mean loss of each epoch."""

    vectors: GraphVectors
    losses: tuple[float, ...]


def distance(head: Doubles, relation: Doubles, tail: Doubles) -> Doubles:
    """``|h + r - t|_1`` of vectors ``(…, dim)``, as ``(…)``."""
    result: Doubles = np.abs(head + relation - tail).sum(axis=-1)
    return result


def pair_loss(true: float, false: float, margin: float = MARGIN) -> float:
    """``max(0, margin + d(true) - d(false))``: 0 once the false fact is farther by the margin."""
    return max(0.0, margin + true - false)


def pair_step(
    true: tuple[Doubles, Doubles, Doubles], false_tail: Doubles, rate: float
) -> tuple[Doubles, Doubles, Doubles, Doubles]:
    """Head, relation, tail and false tail, ``(dim,)`` each, after one step down the loss's slope.

    The slope of ``|x|`` is its sign. Where the loss is 0 nothing moves.
    """
    head, relation, tail = true
    near, far = head + relation - tail, head + relation - false_tail
    if pair_loss(float(np.abs(near).sum()), float(np.abs(far).sum())) == 0:
        return head, relation, tail, false_tail
    towards, away = np.sign(near), np.sign(far)
    both = towards - away
    return (
        head - rate * both,
        relation - rate * both,
        tail + rate * towards,
        false_tail - rate * away,
    )


def teach(  # noqa: PLR0913
    triples: IntArray,
    entities: int,
    relations: int,
    dim: int,
    *,
    epochs: int = 150,
    rate: float = 0.02,
    seed: int = 0,
) -> Taught:
    """TransE of ``triples`` ``(n, 3)`` by batches: each fact against one with another head or tail.

    Entities are drawn back into the ball of radius 1 after each batch, so that the loss cannot be
    lowered by size alone.
    """
    draw = np.random.default_rng(seed)
    places = draw.normal(scale=0.3, size=(entities, dim))
    steps = draw.normal(scale=0.3, size=(relations, dim))
    losses = []
    for epoch in range(epochs):
        pace = rate * (1 - epoch / epochs)
        total = 0.0
        for rows in np.array_split(draw.permutation(len(triples)), max(1, len(triples) // BATCH)):
            head, relation, tail = triples[rows].T
            side = draw.random(len(rows)) < 0.5
            other = draw.integers(0, entities, len(rows))
            false_head, false_tail = np.where(side, other, head), np.where(side, tail, other)
            near = places[head] + steps[relation] - places[tail]
            far = places[false_head] + steps[relation] - places[false_tail]
            loss = np.maximum(0, MARGIN + np.abs(near).sum(axis=1) - np.abs(far).sum(axis=1))
            total += float(loss.sum())
            learns = (loss > 0)[:, None]
            towards, away = pace * np.sign(near) * learns, pace * np.sign(far) * learns
            np.add.at(places, head, -towards)
            np.add.at(places, tail, towards)
            np.add.at(places, false_head, away)
            np.add.at(places, false_tail, -away)
            np.add.at(steps, relation, away - towards)
            places /= np.maximum(1, np.linalg.norm(places, axis=1))[:, None]
        losses.append(total / len(triples))
    vectors = GraphVectors(Model.TRANSE, places.astype(np.float32), steps.astype(np.float32))
    return Taught(vectors, tuple(losses))


def ranks(scores: FloatArray, target: int, known: IntArray) -> tuple[int, int]:
    """The rank of an entity by ``scores`` ``(n,)``, and with the ``known`` others left out.

    Equal scores count as better, which is the worst rank it can have.
    """
    better = scores >= scores[target]
    better[target] = False
    raw = int(better.sum()) + 1
    better[known] = False
    return raw, int(better.sum()) + 1


def reversed_share(triples: IntArray, relation: int) -> float:
    """The share of a relation's triples, of ``(n, 3)``, that hold from tail to head as well."""
    own = triples[triples[:, 1] == relation]
    pairs = {(int(head), int(tail)) for head, _, tail in own}
    return sum((tail, head) in pairs for head, tail in pairs) / max(1, len(pairs))


def complex_scores(head: complex, relation: complex, tail: complex) -> tuple[float, float]:
    """ComplEx's score ``Re(h w conj(t))`` of a fact and of its reverse, in one dimension.

    Trouillon et al. 2016: a real ``w`` gives both the same, an imaginary one the opposite.
    """
    return (head * relation * tail.conjugate()).real, (tail * relation * head.conjugate()).real
