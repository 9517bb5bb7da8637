"""Paths between two entities: the shortest ones, with the relations of each link."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from core.base.errors import InputError
from core.base.types import IntArray
from core.graphs.graph import PARTS, Graph
from core.graphs.neighborhood import Drawing, Fact

MOST = 20  # paths that can be asked for
_RELATIONS = 3  # of a link that are told


@dataclass(frozen=True, slots=True)
class Path:
    """Entities in a row that are linked, none of them twice.

    Attributes:
        links: the facts between each entity and the next one, in either direction.
    """

    entities: tuple[int, ...]
    links: tuple[tuple[Fact, ...], ...]

    @property
    def length(self) -> int:
        """How many links there are."""
        return len(self.links)


def shortest_paths(
    graph: Graph, start: int, end: int, k: int = 5, *, directed: bool = False
) -> list[Path]:
    """Up to ``k`` shortest paths without a loop, by Yen's algorithm (1971), each link counting 1.

    Paths of one length come in the order of their entities' numbers; where more than fit have the
    greatest length, which of them are taken is left to scipy, and is the same each time.

    Args:
        directed: whether facts are followed from head to tail alone.

    Raises:
        InputError: start and end are one entity, or ``k`` is below 1 or above ``MOST``.
    """
    if start == end:
        raise InputError(
            "The path begins and ends at one entity.", "Two entities.", "Choose another end."
        )
    if not 1 <= k <= MOST:
        raise InputError(f"{k} paths were asked for.", f"From 1 to {MOST}.", "Change the number.")
    from scipy.sparse import csr_array
    from scipy.sparse.csgraph import yen

    pairs = np.unique(graph.triples[:, [0, 2]], axis=0).astype(np.int32)  # as scipy takes them
    size = len(graph.entities)
    links = csr_array((np.ones(len(pairs)), pairs.T), shape=(size, size))
    lengths, before = yen(
        links, start, end, k, directed=directed, return_predecessors=True, unweighted=True
    )
    rows = [_way(before[at], start, end) for at in range(len(lengths))]
    facts = _facts_between(graph, rows)
    return [
        Path(row, tuple(_along(facts, one, other, directed) for one, other in pairwise(row)))
        for row in sorted(rows, key=lambda row: (len(row), row))
    ]


def tell(graph: Graph, path: Path) -> str:
    """A path in words: ``usa —embassy→ china ←treaties— cuba``."""
    words = [graph.label(path.entities[0])]
    for at, link in enumerate(path.links):
        here, there = path.entities[at], path.entities[at + 1]
        ways = []
        for head, tail, before, after in ((here, there, "—", "→"), (there, here, "←", "—")):
            names = [
                graph.relations[fact[1]] for fact in link if (fact[0], fact[2]) == (head, tail)
            ]
            if names:
                more = f" +{len(names) - _RELATIONS}" if len(names) > _RELATIONS else ""
                ways.append(f"{before}{', '.join(names[:_RELATIONS])}{more}{after}")
        words += [" / ".join(ways), graph.label(there)]
    return " ".join(words)


def draw(paths: Sequence[Path]) -> Drawing:
    """All of the paths in one drawing, from left to right; they begin and end alike."""
    columns: dict[int, float] = {}
    for path in paths:
        for at, entity in enumerate(path.entities):
            columns.setdefault(entity, at / path.length)
    wide = 2.0 * max(path.length for path in paths)
    places = np.zeros((len(columns), 2))
    across = np.array([*columns.values()])
    for column in np.unique(across):
        rows = np.flatnonzero(across == column)
        # None stands in the middle, where a link from end to end would hide it.
        lanes = np.arange(len(rows)) - len(rows) // 2 + (0.5 if 0 < column < 1 else 0)
        places[rows] = np.stack([np.full(len(rows), wide * column), 1.2 * lanes], axis=1)
    facts = tuple(dict.fromkeys(fact for path in paths for link in path.links for fact in link))
    return Drawing(tuple(columns), facts, places)


def _way(before: IntArray, start: int, end: int) -> tuple[int, ...]:
    way = [end]
    while way[-1] != start:
        way.append(int(before[way[-1]]))
    return tuple(reversed(way))


def _facts_between(graph: Graph, rows: list[tuple[int, ...]]) -> dict[tuple[int, int], list[Fact]]:
    """The facts among the entities of all paths, by head and tail."""
    wanted = np.unique([entity for row in rows for entity in row])
    found: dict[tuple[int, int], list[Fact]] = {}
    for part in PARTS:
        triples = graph.parts[part]
        own = triples[np.isin(triples[:, 0], wanted) & np.isin(triples[:, 2], wanted)]
        for head, relation, tail in own.tolist():
            found.setdefault((head, tail), []).append((head, relation, tail, part))
    return found


def _along(
    facts: dict[tuple[int, int], list[Fact]], one: int, other: int, directed: bool
) -> tuple[Fact, ...]:
    backward = [] if directed else facts.get((other, one), [])
    return (*facts.get((one, other), []), *backward)
