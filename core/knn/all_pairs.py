"""Neighbours among the rows of a dataset: nearest rows of each row, by either measure.

All of it is exact: every row is compared with every other (``core/knn/nearest.py``).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from core.base import vectors as vec
from core.base.errors import InputError
from core.base.types import BoolArray, Encoded, FloatArray, IntArray, Metric, Progress, no_progress
from core.knn.nearest import nearest_rows


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
    if metric is Metric.EUCLIDEAN:
        rows, squares = nearest_rows(raw_vectors(encoded), k, progress)
        return Neighbors(rows, -np.sqrt(squares), metric)
    rows, squares = _nearest_by_cosine(encoded.vectors, k, progress)
    return Neighbors(rows, np.clip(1 - squares / 2, -1, 1), metric)


def _nearest_by_cosine(unit: FloatArray, k: int, progress: Progress) -> tuple[IntArray, FloatArray]:
    """The ``k`` nearest others of unit rows, and squared distances: 2 - 2 cos.

    A row of length 0 (a text without a known word) is no nearer to one row than to another: its
    cosine with all is 0.
    """
    zero: BoolArray = ~np.any(unit, axis=1)
    if not zero.any():
        return nearest_rows(unit, k, progress)
    # A direction of its own puts zero rows at a right angle to all others.
    rows, squares = nearest_rows(np.column_stack([unit, zero.astype(np.float32)]), k, progress)
    first = np.arange(k + 1)
    for row in np.flatnonzero(zero):
        rows[row] = first[first != row][:k]
    squares[zero[rows] | zero[:, None]] = 2
    return rows, squares


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
