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
    size, whole = len(graph.entities), _by_relation(graph, graph.triples)
    turned = [np.unique(code % size * size + code // size) for code in whole]
    pairs = _Pairs(whole, turned, _by_relation(graph, graph.train))
    inverses = _inverses(whole, turned)
    return [
        _facts(graph, relation, pairs, inverses[relation])
        for relation in range(len(graph.relations))
    ]


@dataclass(frozen=True, slots=True)
class _Pairs:
    """The pairs (head, tail) of each relation, each as one number, sorted.

    Attributes:
        whole: those of all parts; ``turned``: the same as (tail, head); ``trained``: of training.
    """

    whole: list[IntArray]
    turned: list[IntArray]
    trained: list[IntArray]


def _by_relation(graph: Graph, triples: IntArray) -> list[IntArray]:
    """For each relation its pairs among ``triples``, each as one number, sorted."""
    codes = triples[:, 0] * len(graph.entities) + triples[:, 2]
    order = np.argsort(triples[:, 1], kind="stable")
    ends = np.cumsum(np.bincount(triples[:, 1], minlength=len(graph.relations)))
    return [np.unique(own) for own in np.split(codes[order], ends[:-1])]


def _inverses(pairs: list[IntArray], turned: list[IntArray]) -> list[tuple[int, float]]:
    """For each relation the other one that has most of its pairs turned round, and which share."""
    count = len(pairs)
    if not count:
        return []
    owners, askers = (np.repeat(np.arange(count), [*map(len, one)]) for one in (pairs, turned))
    codes, asked = np.concatenate(pairs), np.concatenate(turned)
    order = np.argsort(codes, kind="stable")
    codes, owners = codes[order], owners[order]
    # Who owns a pair stands together now: each turned pair meets all owners from start to end.
    starts, ends = (np.searchsorted(codes, asked, side) for side in ("left", "right"))
    met = ends - starts
    within = np.arange(met.sum()) - np.repeat(np.cumsum(met) - met, met)
    asker, owner = np.repeat(askers, met), owners[np.repeat(starts, met) + within]
    meetings = (asker * count + owner)[asker != owner]
    couples, shared = np.unique(meetings, return_counts=True)
    best = np.lexsort((couples % count, -shared, couples // count))  # the lower number wins ties
    found = [(-1, 0.0)] * count
    for at in best[::-1].tolist():  # the best of each comes last, and stays
        relation, other = divmod(int(couples[at]), count)
        found[relation] = (other, float(shared[at] / len(turned[relation])))
    return found


def _facts(graph: Graph, relation: int, pairs: _Pairs, inverse: tuple[int, float]) -> RelationFacts:
    size, codes = len(graph.entities), pairs.whole[relation]
    heads, tails = len(np.unique(codes // size)), len(np.unique(codes % size))
    per_head, per_tail = len(codes) / max(1, heads), len(codes) / max(1, tails)
    kind = f"{'N' if per_tail >= MANY else '1'}-{'N' if per_head >= MANY else '1'}"
    loops = codes // size == codes % size
    proper = codes[~loops]
    both = np.isin(proper, pairs.turned[relation])
    symmetric = float(both.mean()) if len(proper) else 0.0
    other, share = inverse
    if share < INVERSE or len(codes) < _LEAST:
        other = -1
    seen = [relation] * (symmetric >= SYMMETRIC) + [other] * (other >= 0)
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
        _leaked(graph, relation, [pairs.trained[one] for one in seen]),
    )


def _leaked(graph: Graph, relation: int, seen: list[IntArray]) -> float:
    """The share of test triples whose pair, turned round, is among the pairs ``seen``."""
    asked = graph.test[graph.test[:, 1] == relation]
    asked = asked[asked[:, 0] != asked[:, 2]]
    if not len(asked):
        return 0.0
    reverse = asked[:, 2] * len(graph.entities) + asked[:, 0]
    found = np.zeros(len(asked), dtype=np.bool_)
    for one in seen:
        found |= np.isin(reverse, one)
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
