"""What a graph is like: degrees, kinds of relations, leakage, and what is around an entity."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from core.base.types import IntArray
from core.graphs.graph import PARTS, Graph

MANY = 1.5  # mean answers from which a side counts as N (Bordes et al. 2013)
SYMMETRIC = 0.9  # share of a relation's pairs that hold the other way round as well
INVERSE = 0.8  # share of a relation's pairs that another relation has the other way round
_LEAST = 5  # pairs below which two relations are not called inverse


@dataclass(frozen=True, slots=True)
class RelationFacts:
    """What one relation is like, in all parts of the graph.

    Attributes:
        tails_per_head, heads_per_tail: means over the heads, or tails, that it has.
        kind: ``1-1``, ``1-N``, ``N-1`` or ``N-N``.
        symmetric: share of its triples (h, r, t) with h other than t for which (t, r, h) is there.
        inverse: the relation that has most of its pairs the other way round; "" where that is
            a smaller share than ``INVERSE``.
        leaked: share of its test triples of which the reverse, by itself or its inverse, is in
            training: they can be answered by looking it up.
    """

    relation: str
    count: int
    heads: int
    tails: int
    tails_per_head: float
    heads_per_tail: float
    kind: str
    symmetric: float
    inverse: str
    leaked: float


def degrees(graph: Graph) -> tuple[IntArray, IntArray]:
    """How many triples leave each entity and reach it, two ``(n,)`` arrays."""
    triples, count = graph.triples, len(graph.entities)
    out = np.bincount(triples[:, 0], minlength=count)
    return out, np.bincount(triples[:, 2], minlength=count)


def relation_facts(graph: Graph) -> list[RelationFacts]:
    """What each relation is like, in the order of their numbers."""
    size = len(graph.entities)
    pairs = [_codes(graph.triples, relation, size) for relation in range(len(graph.relations))]
    turned = [np.unique(code % size * size + code // size) for code in pairs]
    inverses = _inverses(pairs, turned)
    return [
        _facts(graph, relation, pairs, turned, inverses[relation])
        for relation in range(len(graph.relations))
    ]


def _codes(triples: IntArray, relation: int, size: int) -> IntArray:
    """The pairs of a relation, each as one number, sorted."""
    own = triples[triples[:, 1] == relation]
    return np.unique(own[:, 0] * size + own[:, 2])


def _inverses(pairs: list[IntArray], turned: list[IntArray]) -> list[tuple[int, float]]:
    """For each relation the other one that has most of its pairs turned round, and which share."""
    from collections import Counter

    owners: dict[int, list[int]] = {}
    for relation, codes in enumerate(pairs):
        for code in codes.tolist():
            owners.setdefault(code, []).append(relation)
    found = []
    for relation, codes in enumerate(turned):
        shared = Counter(
            other for code in codes.tolist() for other in owners.get(code, ()) if other != relation
        )
        other, count = max(shared.items(), key=lambda one: (one[1], -one[0]), default=(-1, 0))
        found.append((other, count / max(1, len(codes))))
    return found


def _facts(
    graph: Graph,
    relation: int,
    pairs: list[IntArray],
    turned: list[IntArray],
    inverse: tuple[int, float],
) -> RelationFacts:
    size, codes = len(graph.entities), pairs[relation]
    heads, tails = len(np.unique(codes // size)), len(np.unique(codes % size))
    per_head, per_tail = len(codes) / max(1, heads), len(codes) / max(1, tails)
    kind = f"{'N' if per_tail >= MANY else '1'}-{'N' if per_head >= MANY else '1'}"
    loops = codes // size == codes % size
    proper = codes[~loops]
    both = np.isin(proper, turned[relation])
    symmetric = float(both.mean()) if len(proper) else 0.0
    other, share = inverse
    if share < INVERSE or len(codes) < _LEAST:
        other = -1
    return RelationFacts(
        graph.relations[relation],
        len(codes),
        heads,
        tails,
        per_head,
        per_tail,
        kind,
        symmetric,
        graph.relations[other] if other >= 0 else "",
        _leaked(graph, relation, other, symmetric >= SYMMETRIC),
    )


def _leaked(graph: Graph, relation: int, other: int, symmetric: bool) -> float:
    size = len(graph.entities)
    asked = graph.test[graph.test[:, 1] == relation]
    asked = asked[asked[:, 0] != asked[:, 2]]
    if not len(asked):
        return 0.0
    reverse = asked[:, 2] * size + asked[:, 0]
    found = np.zeros(len(asked), dtype=np.bool_)
    for seen in [relation] * symmetric + [other] * (other >= 0):
        found |= np.isin(reverse, _codes(graph.train, seen, size))
    return float(found.mean())


@dataclass(frozen=True, slots=True)
class Around:
    """Triples around an entity.

    Attributes:
        triples: (head, relation, tail, part), those of the entity first.
        left_out: how many more there are at the entity.
    """

    entity: int
    triples: list[tuple[int, int, int, str]]
    left_out: int


def around(graph: Graph, entity: int, limit: int = 40) -> Around:
    """The triples at an entity, up to ``limit``; relations take turns, so that each is seen."""
    found = list(_at(graph, entity))
    by_relation: dict[tuple[int, bool], list[tuple[int, int, int, str]]] = {}
    for triple in found:
        by_relation.setdefault((triple[1], triple[0] == entity), []).append(triple)
    groups = sorted(by_relation.values(), key=len)
    chosen = [
        group[turn]
        for turn in range(max(map(len, groups), default=0))
        for group in groups
        if turn < len(group)
    ]
    return Around(entity, chosen[:limit], max(0, len(found) - limit))


def _at(graph: Graph, entity: int) -> Iterator[tuple[int, int, int, str]]:
    for part in PARTS:
        triples: IntArray = getattr(graph, part)
        own = triples[(triples[:, 0] == entity) | (triples[:, 2] == entity)]
        for head, relation, tail in own.tolist():
            yield head, relation, tail, part
