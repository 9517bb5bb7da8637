"""Grains of clusters: the tree that HDBSCAN finds, named at each of its nodes.

The condensed hierarchy (Campello, Moulavi & Sander 2013; McInnes, Healy & Astels 2017): from all
points down, a cluster splits where both parts have the least number of points; what is fewer falls
out of it and stays with it here. Far away the few large nodes have names, nearer by their parts.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from core.base.types import FloatArray, IntArray, Modality
from core.maps import keywords
from core.maps.items import MapData

MOST = 400  # nodes that have names, the largest
WORDS = 3  # of a name
_MORE = 8  # that are looked at so that no two names are the same


@dataclass(frozen=True, slots=True)
class Tree:
    """The condensed hierarchy of ``n`` points.

    Attributes:
        deepest: ``(n,)`` the last node that each point is in.
        parents: ``(m,)`` of each node, the root's (node 0) -1; a parent comes before its parts.
    """

    deepest: IntArray
    parents: IntArray

    def sizes(self) -> IntArray:
        """How many points each node has ``(m,)``, those of its parts counted."""
        sizes = np.bincount(self.deepest, minlength=len(self.parents))
        for node in range(len(self.parents) - 1, 0, -1):
            sizes[self.parents[node]] += sizes[node]
        return sizes

    def depths(self) -> IntArray:
        """How many splits each node is away from the root, ``(m,)``."""
        depths = np.zeros(len(self.parents), dtype=np.int64)
        for node in range(1, len(self.parents)):
            depths[node] = depths[self.parents[node]] + 1
        return depths


@dataclass(frozen=True, slots=True)
class Grain:
    """A node of the tree, as the chart draws it.

    Attributes:
        parent: its place among the grains; -1 for those below the root.
        place: the middle of its points on the map, ``(dims,)``.
        radius: how far they lie from it, the root of the mean square.
    """

    name: str
    parent: int
    size: int
    place: FloatArray
    radius: float


def condense(linkage: FloatArray, least: int) -> Tree:
    """The condensed tree of a single linkage tree.

    Args:
        linkage: ``(n - 1, 4)`` as of SciPy: the two that merge, their distance, their size.
        least: points of the smallest node.
    """
    count = len(linkage) + 1
    left, right = linkage[:, 0].astype(np.int64).tolist(), linkage[:, 1].astype(np.int64).tolist()
    sizes = [1] * count + linkage[:, 3].astype(np.int64).tolist()
    deepest, parents = np.zeros(count, dtype=np.int64), [-1]
    waiting = [(len(sizes) - 1, 0)]
    while waiting:
        at, node = waiting.pop()
        if at < count:
            deepest[at] = node
            continue
        parts = (left[at - count], right[at - count])
        splits = min(sizes[parts[0]], sizes[parts[1]]) >= least
        for part in parts:
            below = node
            if splits:
                below = len(parents)
                parents.append(node)
            waiting.append((part, below))
    return Tree(deepest, np.array(parents, dtype=np.int64))


def name_grains(
    tree: Tree, data: MapData, rows: IntArray, coordinates: FloatArray
) -> tuple[Grain, ...]:
    """The largest nodes below the root with names that differ, each parent before its parts.

    Words are named by those in the middle (medoids), texts by what tells them from the other nodes
    as far down (c-TF-IDF); of texts without words the middle ones too.

    Args:
        rows: ``(n,)`` which items of ``data`` the points are.
        coordinates: ``(n, dims)`` where they lie on the map.
    """
    sizes, depths = tree.sizes(), tree.depths()
    kept = [node for node in np.argsort(-sizes, kind="stable").tolist() if node][:MOST]
    kept.sort()
    place = {node: at for at, node in enumerate(kept)}
    texts = [data.texts[row] for row in rows]
    counted = keywords.Counted(texts) if data.modality is not Modality.WORD else None
    taken: set[str] = set()
    found: dict[int, Grain] = {}
    for depth in range(1, int(depths.max(initial=0)) + 1):
        nodes = [node for node in kept if depths[node] == depth]
        if not nodes:
            break
        at_depth = _cut(tree, depths, depth)
        told = counted.words(at_depth, _MORE) if counted is not None else {}
        for node in nodes:
            points = np.flatnonzero(at_depth == node)
            candidates = told.get(node) or _middle(texts, data.vectors[rows[points]], points)
            middle = np.median(coordinates[points], axis=0)
            spread = np.square(coordinates[points] - middle).sum(axis=1).mean()
            found[node] = Grain(
                _distinct(candidates, taken),
                place.get(int(tree.parents[node]), -1),
                int(sizes[node]),
                middle,
                float(np.sqrt(spread)),
            )
    return tuple(found[node] for node in kept)


def _cut(tree: Tree, depths: IntArray, depth: int) -> IntArray:
    """For each point the node at most ``depth`` splits down that it is in; -1 for the root."""
    up = np.arange(len(tree.parents))
    for node in range(len(up)):  # a parent's own is known by then
        if depths[node] > depth:
            up[node] = up[tree.parents[node]]
    found: IntArray = up[tree.deepest]
    return np.where(found == 0, -1, found)


def _middle(texts: Sequence[str], vectors: FloatArray, points: IntArray) -> list[str]:
    """The texts of some points, the nearest to their mean first."""
    mean = vectors.mean(axis=0, dtype=np.float64)
    away = np.square(vectors - mean).sum(axis=1)
    near = points[np.argsort(away, kind="stable")[: 2 * _MORE]]
    return list(dict.fromkeys(" ".join(texts[point].split())[:40] for point in near))[:_MORE]


def _distinct(candidates: Sequence[str], taken: set[str]) -> str:
    """The first words as a name, others where it is taken, a number where all are."""
    words = list(candidates[:WORDS])
    for other in (None, *candidates[WORDS:]):
        name = ", ".join(words if other is None else [*words[: WORDS - 1], other])
        if name and name not in taken:
            taken.add(name)
            return name
    number = 2
    name = ", ".join(words) or "cluster"
    while f"{name} ({number})" in taken:
        number += 1
    taken.add(f"{name} ({number})")
    return f"{name} ({number})"
