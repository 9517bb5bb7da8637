"""The nearest rows of vectors, compared with all: the one exact search, for texts, maps and graphs.

Products in single precision (BLAS) propose some rows more than ``k``; distances and order come
from differences, so that equal vectors are exactly 0 apart and tie, and ties go by row. Where the
last row proposed may be as near as the k-th, rounding may hide others, so that all rows that may be
as near are measured.

Rounding: a product of ``dim`` numbers is off by less than 8 sqrt(dim) 2^-24 times both lengths, but
for a chance below 1e-11 (Higham & Mary 2019, with λ = 8).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from core.base.types import BoolArray, FloatArray, IntArray, Progress, no_progress
from core.knn.top_k import top_k

ROWS = 1_024  # rows whose products with all are held at a time
SPARE = 6  # proposals beyond k
_HELD = 1 << 25  # products held at a time, at most: 128 MB
_STRIP = 512  # columns that are turned into rows at a time; few, to stay in the processor's cache
_ROUNDING = 8 * 2.0**-24


def nearest_rows(
    vectors: FloatArray, k: int, progress: Progress = no_progress
) -> tuple[IntArray, FloatArray]:
    """The ``min(k, n - 1)`` nearest other rows of each of ``(n, dim)``, by Euclidean distance.

    Returns rows ``(n, k)`` and squared distances ``(n, k)``, nearest first, ties by row. Numbers
    are finite, ``n`` is 2 or more and ``k`` 1 or more. For unit rows half of the squared distance
    is 1 - cosine.

    Each pair is multiplied once, and offered to both of its rows.

    Raises:
        Cancelled: by ``progress``.
    """
    vectors = np.ascontiguousarray(vectors, dtype=np.float32)
    count = len(vectors)
    k = min(k, count - 1)
    points = _points(vectors, vectors.mean(axis=0))
    pairs = _Pairs(vectors, _asking(points), vectors, points, np.arange(count))
    heaps = _Heaps(count, min(k + SPARE, count - 1))
    for start, block in product_blocks(pairs.asking, points, progress):
        height, width = block.shape
        np.fill_diagonal(block, -np.inf)  # a row is no neighbour of itself
        heaps.offer(block, start, start)
        for left in range(height, width, _STRIP):
            strip = np.ascontiguousarray(block[:, left : left + _STRIP].T)
            heaps.offer(strip, start + left, start)
    found = pairs.settle(heaps, k, progress)
    progress(count, count, "rows compared")
    return found


def nearest_to(queries: FloatArray, vectors: FloatArray, k: int) -> tuple[IntArray, FloatArray]:
    """The ``min(k, n)`` rows of ``(n, dim)`` nearest to each query ``(m, dim)``.

    Returns rows and squared distances ``(m, k)``, nearest first, as ``nearest_rows``.
    """
    queries = np.ascontiguousarray(queries, dtype=np.float32)
    vectors = np.ascontiguousarray(vectors, dtype=np.float32)
    count = len(vectors)
    middle = vectors.mean(axis=0)
    nobody = np.full(len(queries), -1)
    pairs = _Pairs(
        queries, _asking(_points(queries, middle)), vectors, _points(vectors, middle), nobody
    )
    heaps = _Heaps(len(queries), min(k + SPARE, count))
    for start, block in pairs.blocks(np.arange(len(queries))):
        heaps.offer(block, start, 0)
    return pairs.settle(heaps, min(k, count), no_progress)


def nearest_among(vectors: FloatArray, own: IntArray, k: int) -> tuple[IntArray, FloatArray]:
    """The ``k`` nearest other rows of the rows ``own`` ``(m,)`` of ``(n, dim)``, ``n > k``.

    Returns rows and squared distances ``(m, k)``, nearest first.
    """
    rows, squares = nearest_to(vectors[own], vectors, k + 1)
    others: tuple[IntArray, FloatArray] = other_rows(rows, own, squares)
    return others


def other_rows(found: IntArray, own: IntArray, *beside: FloatArray) -> tuple[Any, ...]:
    """What was found ``(m, k + 1)`` without the row itself, ``(m, k)``: it, or else the last.

    Args:
        own: the rows ``(m,)`` whose neighbours they are.
        beside: of the same shape as ``found``; the same places of them follow.
    """
    is_own: BoolArray = found == own[:, None]
    is_own[~is_own.any(axis=1), -1] = True  # more than k lie at its place
    parts: tuple[Any, ...] = (found, *beside)
    return tuple(part[~is_own].reshape(len(own), -1) for part in parts)


def product_blocks(
    left: FloatArray, right: FloatArray, progress: Progress
) -> Iterator[tuple[int, FloatArray]]:
    """Products of each block of rows of ``left`` with these and all later rows of ``right``.

    Both are ``(n, dim)``. Yields the first row and the products ``(m, n - first)``, in a buffer
    that the next block overwrites.

    Raises:
        Cancelled: by ``progress``.
    """
    count = len(left)
    height = _height(count)
    buffer = np.empty(height * count, dtype=np.float32)
    for start in range(0, count, height):
        progress(start, count, "rows compared")
        rows = min(height, count - start)
        block = buffer[: rows * (count - start)].reshape(rows, count - start)
        np.matmul(left[start : start + rows], right[start:].T, out=block)
        yield start, block


def _height(count: int) -> int:
    """How many rows' products with ``count`` others are held together."""
    return max(1, min(ROWS, _HELD // max(1, count)))


def _points(vectors: FloatArray, middle: FloatArray) -> FloatArray:
    """``y - middle``, ``-|y - middle|² / 2`` and -1: ``(n, dim + 2)``.

    Their products with ``_asking`` points are ``-|x - y|² / 2``. About the middle of all, numbers
    are smaller and round less.
    """
    dim = vectors.shape[1]
    points = np.empty((len(vectors), dim + 2), dtype=np.float32)
    np.subtract(vectors, middle, out=points[:, :dim])
    points[:, dim] = np.einsum("nd,nd->n", points[:, :dim], points[:, :dim]) / -2
    points[:, dim + 1] = -1
    return points


def _asking(points: FloatArray) -> FloatArray:
    """Points as the other side of a product: with 1 and ``|x - middle|² / 2`` at their end."""
    asking = points.copy()
    asking[:, -2:] = -points[:, :-3:-1]
    return asking


class _Heaps:
    """The highest scores of each of ``m`` queries and the rows that have them, by FAISS's heaps."""

    def __init__(self, queries: int, kept: int) -> None:
        import faiss

        self.scores = np.empty((queries, kept), dtype=np.float32)
        self.rows = np.empty((queries, kept), dtype=np.int64)
        self._heaps: Any = faiss.float_minheap_array_t()  # its types are not those it takes
        self._heaps.k, self._heaps.nh = kept, queries
        self._heaps.val, self._heaps.ids = faiss.swig_ptr(self.scores), faiss.swig_ptr(self.rows)
        self._heaps.heapify()

    def offer(self, scores: FloatArray, query: int, row: int) -> None:
        """Takes in scores ``(a, b)`` of queries from ``query`` on with rows from ``row`` on."""
        import faiss

        count, others = scores.shape
        self._heaps.addn(others, faiss.swig_ptr(scores), row, query, count)


@dataclass(frozen=True, slots=True)
class _Pairs:
    """Queries ``(m, dim)`` and the vectors ``(n, dim)`` that they are compared with.

    Attributes:
        asking, points: both as they are multiplied, ``(m, dim + 2)`` and ``(n, dim + 2)``.
        own: the row that each query is among the vectors, ``(m,)``, or -1.
    """

    queries: FloatArray
    asking: FloatArray
    vectors: FloatArray
    points: FloatArray
    own: IntArray

    def blocks(
        self, queries: IntArray, progress: Progress = no_progress
    ) -> Iterator[tuple[int, FloatArray]]:
        """Products of some queries with all vectors, and where their block starts."""
        height = _height(len(self.vectors))
        for start in range(0, len(queries), height):
            progress(start, len(queries), "rows compared again")
            yield start, self.asking[queries[start : start + height]] @ self.points.T

    def settle(self, heaps: _Heaps, k: int, progress: Progress) -> tuple[IntArray, FloatArray]:
        """The ``k`` nearest rows of each query and their squared distances, ``(m, k)``, in order.

        They are among the rows proposed, but where others may be as near as the last of these.
        """
        proposed = np.sort(heaps.rows, axis=1)
        squares = self._measure(slice(None), proposed)
        order = np.argsort(squares, axis=1, kind="stable")[:, :k]
        rows = np.take_along_axis(proposed, order, axis=1)
        squares = np.take_along_axis(squares, order, axis=1)
        least = self._least(squares[:, -1])
        more = len(self.vectors) - (self.own >= 0) > proposed.shape[1]
        doubtful = np.flatnonzero(more & (heaps.scores.min(axis=1) >= least))
        for start, block in self.blocks(doubtful, progress):
            part = doubtful[start : start + len(block)]
            reaching = block >= least[part, None]
            np.put_along_axis(reaching, rows[part], True, axis=1)
            for query, candidates in zip(part.tolist(), reaching, strict=True):
                rows[query], squares[query] = self._nearest(query, candidates, k)
        return rows, squares

    def _least(self, squares: FloatArray) -> npt.NDArray[np.float64]:
        """The lowest product that a row as near as these squared distances may have, ``(m,)``.

        What is at a distance from a query is not longer than the query and the distance.
        """
        lengths = np.sqrt(2 * self.asking[:, -1], dtype=np.float64)
        longest = 2 * lengths + np.sqrt(squares)
        noise = _ROUNDING * np.sqrt(self.asking.shape[1]) * np.square(longest)
        least: npt.NDArray[np.float64] = -(squares + noise) / 2
        return least

    def _nearest(self, query: int, reaching: BoolArray, k: int) -> tuple[IntArray, FloatArray]:
        """The ``k`` nearest of the rows ``(n,)`` that may be as near, and their squares."""
        candidates = np.flatnonzero(reaching)
        candidates = candidates[candidates != self.own[query]]
        one = slice(query, query + 1)
        squares = self._measure(one, candidates[None, : 4 * k])[0]
        if np.count_nonzero(squares == 0) < k:  # else no later row can be among the k
            squares = self._measure(one, candidates[None])[0]
        best = top_k(-squares, k)
        return candidates[best], squares[best]

    def _measure(self, queries: slice, rows: IntArray) -> FloatArray:
        """Squared distances of some queries to ``rows`` ``(a, c)``, from differences."""
        import faiss

        asked, rows = self.queries[queries], np.ascontiguousarray(rows)
        squares = np.empty(rows.shape, dtype=np.float32)
        faiss.fvec_L2sqr_by_idx(  # type: ignore[attr-defined]
            *(faiss.swig_ptr(array) for array in (squares, asked, self.vectors, rows)),
            asked.shape[1],
            *rows.shape,
        )
        return squares
