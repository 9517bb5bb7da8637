"""Lesson 9: the search in FAISS's structures, step by step, so that each step can be drawn.

Nearer is a larger inner product, which for unit vectors is the cosine.
"""

from __future__ import annotations

import heapq
import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from core.base.types import FloatArray, IntArray
from core.knn.index_parts import HnswGraph


@dataclass(frozen=True, slots=True)
class Hop:
    """A row whose links were looked at.

    Attributes:
        level: the layer.
        row: whose links.
        score: its inner product with the query.
        looked: the linked rows that were compared with the query, not those met before.
        best: the best row so far, after this hop.
    """

    level: int
    row: int
    score: float
    looked: tuple[int, ...]
    best: int


@dataclass(frozen=True, slots=True)
class Walk:
    """A search through the graph.

    Attributes:
        hops: in their order, from the highest layer down.
        rows, scores: ``(k,)`` what was found, best first.
        compared: distinct rows that were compared with the query.
    """

    hops: tuple[Hop, ...]
    rows: IntArray
    scores: FloatArray
    compared: int


def walk(graph: HnswGraph, vectors: FloatArray, query: FloatArray, width: int, k: int) -> Walk:
    """FAISS's search of a vector ``(dim,)`` among unit rows ``(n, dim)``, hop by hop.

    Above layer 0 it goes to the nearest link while there is a nearer one. In layer 0 it keeps the
    ``max(width, k)`` best rows, and looks at the links of the best that was not looked at yet,
    until ``width`` rows are better than it (algorithms 2 and 5 of Malkov & Yashunin 2016, as in
    FAISS's ``HNSW::search``).
    """
    scores = vectors @ query
    met = {graph.entry}
    hops: list[Hop] = []
    nearest = graph.entry
    for level in range(graph.top, 0, -1):
        while True:
            here, looked = nearest, graph.links(nearest, level).tolist()
            for row in looked:
                if scores[row] > scores[nearest]:
                    nearest = row
            new = tuple(row for row in looked if row not in met)
            met.update(looked)
            hops.append(Hop(level, here, float(scores[here]), new, nearest))
            if nearest == here:
                break
    found = _search_bottom(graph, scores, nearest, width, k, hops.append)
    compared = met.union(*(hop.looked for hop in hops))
    order = sorted(found, key=lambda row: -scores[row])[:k]
    rows = np.array(order, dtype=np.int64)
    return Walk(tuple(hops), rows, scores[rows], len(compared))


def _search_bottom(  # noqa: PLR0913, PLR0917
    graph: HnswGraph,
    scores: FloatArray,
    start: int,
    width: int,
    k: int,
    note: Callable[[Hop], None],
) -> list[int]:
    """The ``k`` best rows of layer 0 that are met from ``start``."""
    met = {start}
    # The best so far, worst first, and which of them were not looked at; both as heaps.
    kept: list[tuple[float, int]] = [(float(scores[start]), start)]
    waiting = [(-float(scores[start]), start)]
    results: list[tuple[float, int]] = list(kept)
    while waiting:
        score, row = heapq.heappop(waiting)
        if (-score, row) not in kept:
            continue  # better ones took its place
        if sum(one > -score for one, _ in kept) >= width:
            break
        looked = []
        for link in graph.links(row, 0).tolist():
            if link in met:
                continue
            met.add(link)
            looked.append(link)
            item = (float(scores[link]), link)
            _push(results, item, k)
            if _push(kept, item, max(width, k)):
                heapq.heappush(waiting, (-item[0], link))
        best = max(results)[1]
        note(Hop(0, row, -score, tuple(looked), best))
    return [row for _, row in results]


def _push(heap: list[tuple[float, int]], item: tuple[float, int], size: int) -> bool:
    """Puts an item among the ``size`` best; whether it is one."""
    if len(heap) < size:
        heapq.heappush(heap, item)
        return True
    if item[0] <= heap[0][0]:
        return False
    heapq.heapreplace(heap, item)
    return True


def exact(vectors: FloatArray, query: FloatArray, k: int) -> IntArray:
    """The ``k`` rows of ``vectors`` ``(n, dim)`` with the largest inner product, best first."""
    return np.argsort(-(vectors @ query), kind="stable")[:k].astype(np.int64)


def recall(found: IntArray, true: IntArray) -> float:
    """The share of the ``true`` rows ``(k,)`` that are among those ``found`` ``(m,)``."""
    return len(set(found.tolist()) & set(true.tolist())) / len(true)


def bits_off(bits: NDArray[np.uint8], own: NDArray[np.uint8]) -> IntArray:
    """In how many bits each row of ``bits`` ``(n, planes)`` differs from ``own`` ``(planes,)``."""
    off: IntArray = (bits != own).sum(axis=1, dtype=np.int64)
    return off


def chance_of_same_bit(cosine: float) -> float:
    """How likely a random hyperplane has both of two vectors on one side (Charikar 2002)."""
    return 1 - math.acos(max(-1.0, min(1.0, cosine))) / math.pi
