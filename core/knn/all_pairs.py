"""Neighbours among the rows of a dataset: nearest rows of each row, groups of near-duplicates.

All of it is exact: every row is compared with every other, in blocks.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from core.base import vectors as vec
from core.base.errors import InputError
from core.base.types import BoolArray, Encoded, FloatArray, IntArray, Metric, Progress, no_progress

BLOCK = 512  # rows whose products with all are held at a time
ROWS = 4096  # rows that FAISS is asked for at a time; it holds no such products
SPARE = 6  # candidates beyond the k asked for
# Single precision: what scores of equal vectors may differ by, relative to the squared lengths.
_NOISE = 4e-6


@dataclass(frozen=True, slots=True)
class Neighbors:
    """For each of ``n`` rows its ``k`` nearest other rows, best first.

    Attributes:
        rows: ``(n, k)``.
        scores: ``(n, k)``; cosine similarity, or the Euclidean distance with a minus sign.
    """

    rows: IntArray
    scores: FloatArray
    metric: Metric


def find_neighbors(
    encoded: Encoded, k: int, metric: Metric = Metric.COSINE, progress: Progress = no_progress
) -> Neighbors:
    """The ``min(k, n - 1)`` nearest other rows of each row ``(n, dim)``; equal ones by lower row.

    Raises:
        Cancelled: by ``progress``.
        InputError: ``k`` is below 1, or there are fewer than two rows.
    """
    count = len(encoded)
    if count < 2:
        raise InputError(
            f"There {'is 1 text' if count else 'are no texts'}.",
            "Neighbours need two texts or more.",
            "Add texts.",
        )
    if k < 1:
        raise InputError(f"{k} neighbours were asked for.", "At least 1.", "Ask for more.")
    k = min(k, count - 1)
    compared = encoded.vectors if metric is Metric.COSINE else raw_vectors(encoded)
    rows = np.empty((count, k), dtype=np.int64)
    scores = np.empty((count, k), dtype=np.float32)
    for start in range(0, count, ROWS):
        progress(start, count, "rows compared")
        block = slice(start, min(count, start + ROWS))
        rows[block], scores[block] = _nearest(compared, block, k, metric)
    progress(count, count, "rows compared")
    return Neighbors(rows, scores, metric)


def raw_vectors(encoded: Encoded) -> FloatArray:
    """The vectors at the length their encoder gave them, ``(n, dim)``."""
    if has_unit_length(encoded):
        return encoded.vectors
    return encoded.vectors * encoded.lengths[:, None]


def nearness(asked: Encoded, encoded: Encoded, metric: Metric) -> FloatArray:
    """Scores ``(n,)`` of all rows for one question: cosine, or the distance with a minus sign."""
    if metric is Metric.COSINE:
        similar: FloatArray = vec.similarity(asked.vectors, encoded.vectors)[0]
        return similar
    return -vec.lengths(raw_vectors(encoded) - raw_vectors(asked))


def has_unit_length(encoded: Encoded) -> bool:
    """Whether the encoder itself gives unit vectors ``(n, dim)``: both metrics then rank alike.

    For unit vectors the squared distance is 2 - 2 cos.
    """
    return bool((encoded.lengths == 1).all())


def as_distances(cosine: Neighbors, vectors: FloatArray) -> Neighbors:
    """Neighbours among unit rows ``(n, dim)`` by cosine as by Euclidean distance: the same."""
    scores = np.empty_like(cosine.scores)
    for at in range(cosine.rows.shape[1]):
        scores[:, at] = -np.linalg.norm(vectors - vectors[cosine.rows[:, at]], axis=1)
    return Neighbors(cosine.rows, scores, Metric.EUCLIDEAN)


def shared_neighbors(first: Neighbors, second: Neighbors) -> FloatArray:
    """Part of the ``k`` neighbours that two answers share, for each row, ``(n,)``, 0 to 1."""
    return neighbor_overlap(first.rows, second.rows)


def neighbor_overlap(first: IntArray, second: IntArray) -> FloatArray:
    """Part of the neighbours ``first`` ``(n, k)`` that are in ``second`` too, for each row."""
    shared: FloatArray = (first[:, :, None] == second[:, None, :]).any(axis=2).mean(axis=1)
    return shared.astype(np.float32)


def differing(first: Neighbors, second: Neighbors) -> BoolArray:
    """Rows whose neighbours are not the same in the same order, ``(n,)``."""
    changed: BoolArray = (first.rows != second.rows).any(axis=1)
    return changed


def find_groups(
    vectors: FloatArray, threshold: float, progress: Progress = no_progress
) -> list[IntArray]:
    """Groups of unit rows ``(n, dim)`` linked by cosines of ``threshold`` or more, largest first.

    Single linkage: the two ends of a group may be less alike than the threshold, where a chain of
    likeness joins them.
    """
    from scipy.sparse import coo_array
    from scipy.sparse.csgraph import connected_components

    count = len(vectors)
    threshold = min(threshold, 1 - 1e-6)  # the product of equal vectors is 1 but for rounding
    labels = np.arange(count)
    for start, block in _products(vectors, progress):
        first, second = np.nonzero(block >= threshold)
        later = second > first
        ends = labels[first[later] + start], labels[second[later] + start]
        if len(ends[0]):
            graph = coo_array((np.ones(len(ends[0]), dtype=np.bool_), ends), shape=(count, count))
            labels = connected_components(graph, directed=False)[1][labels]
    order = np.argsort(labels, kind="stable")
    borders = np.flatnonzero(np.diff(labels[order])) + 1
    groups = [group for group in np.split(order, borders) if len(group) > 1]
    return sorted(groups, key=lambda group: (-len(group), int(group[0])))


def _products(vectors: FloatArray, progress: Progress) -> Iterator[tuple[int, FloatArray]]:
    """Products of each block of rows with itself and all later rows."""
    count = len(vectors)
    for start in range(0, count, BLOCK):
        progress(start, count, "rows compared")
        yield start, vectors[start : start + BLOCK] @ vectors[start:].T
    progress(count, count, "rows compared")


def _nearest(
    vectors: FloatArray, block: slice, k: int, metric: Metric
) -> tuple[IntArray, FloatArray]:
    """Rows and scores of the ``k`` nearest others of a block of rows.

    FAISS gives candidates, best first. In a large product scores differ in the last bits by where
    a vector stands, so where two are that close they are taken again pair by pair, that equal
    vectors tie; distances always, since their squares lose digits. Where the last candidate is as
    near as the k-th, FAISS may have left out more, and that row is compared with all again.
    """
    import faiss

    distances = metric is Metric.EUCLIDEAN
    measure = faiss.METRIC_L2 if distances else faiss.METRIC_INNER_PRODUCT
    wanted = min(len(vectors), k + 1 + SPARE)
    found, candidates = faiss.knn(vectors[block], vectors, wanted, metric=measure)
    if distances:
        np.negative(found, out=found)
    own = np.arange(block.start, block.stop)
    last = found[:, -1].copy()
    found[candidates == own[:, None]] = -np.inf
    order = np.argsort(-found, axis=1, kind="stable")
    rows = np.take_along_axis(candidates, order, 1)[:, :k]
    near = np.take_along_axis(found, order, 1)[:, : k + 1]
    scores = near[:, :k].copy()
    noise = _NOISE * max(1.0, float(np.square(vectors[block]).sum(axis=1).max(initial=0)))
    close = near[:, :-1] - near[:, 1:] < noise  # minus infinity, for none, is close to nothing
    again = np.arange(len(own)) if distances else np.flatnonzero(close.any(axis=1))
    rows[again], scores[again] = _rank(vectors, own[again], candidates[again], k, metric)
    if wanted < len(vectors):
        for at in np.flatnonzero(last >= scores[:, -1] - noise):
            everyone = _reaching(vectors, own[at], scores[at, -1] - noise, metric)
            rows[at], scores[at] = _rank(vectors, own[at : at + 1], everyone[None, :], k, metric)
    return rows, _told(scores, metric)


def _reaching(vectors: FloatArray, row: int, limit: float, metric: Metric) -> IntArray:
    """All rows whose score with ``row`` may reach ``limit``."""
    scores = vectors @ vectors[row]
    if metric is Metric.EUCLIDEAN:
        squares = np.einsum("nd,nd->n", vectors, vectors)
        scores = 2 * scores - squares - squares[row]
    return np.flatnonzero(scores >= limit)


def _rank(
    vectors: FloatArray, own: IntArray, candidates: IntArray, k: int, metric: Metric
) -> tuple[IntArray, FloatArray]:
    """The best ``k`` of each row's candidates ``(m, c)``, ties by row, and their scores.

    Scores are cosines, or squared distances with a minus sign; a row is no neighbour of itself.
    """
    scores = np.empty(candidates.shape, dtype=np.float32)
    for at, row in enumerate(own):
        others = vectors[candidates[at]]
        if metric is Metric.EUCLIDEAN:
            others -= vectors[row]
            scores[at] = -np.einsum("cd,cd->c", others, others)
        else:
            scores[at] = np.einsum("cd,d->c", others, vectors[row])
    scores[candidates == own[:, None]] = -np.inf
    order = np.lexsort((candidates, -scores), axis=1)[:, :k]
    return np.take_along_axis(candidates, order, 1), np.take_along_axis(scores, order, 1)


def _told(scores: FloatArray, metric: Metric) -> FloatArray:
    return -np.sqrt(-scores) if metric is Metric.EUCLIDEAN else np.clip(scores, -1, 1)
