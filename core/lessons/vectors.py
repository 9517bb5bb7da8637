"""Lesson 1: the dot product, the cosine and scale, by hand."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

import numpy as np

from core.base.types import FloatArray, IntArray


@dataclass(frozen=True, slots=True)
class CosineParts:
    """The cosine of two vectors with the numbers it is made of.

    Attributes:
        dot: the sum of the products.
        length_a, length_b: Euclidean lengths.
        cosine: ``dot / (length_a * length_b)``; 0 where a length is 0.
    """

    dot: float
    length_a: float
    length_b: float
    cosine: float

    @property
    def distance(self) -> float:
        """Euclidean distance of the two, by the law of cosines."""
        square = self.length_a**2 + self.length_b**2 - 2 * self.dot
        return float(np.sqrt(max(0.0, square)))


def cosine_parts(a: FloatArray, b: FloatArray) -> CosineParts:
    """The cosine of ``a`` and ``b``, both ``(dim,)``, in double precision."""
    wide_a, wide_b = np.asarray(a, dtype=np.float64), np.asarray(b, dtype=np.float64)
    dot = float((wide_a * wide_b).sum())
    lengths = float(np.sqrt((wide_a**2).sum())), float(np.sqrt((wide_b**2).sum()))
    product = lengths[0] * lengths[1]
    return CosineParts(dot, *lengths, dot / product if product else 0.0)


def largest_products(a: FloatArray, b: FloatArray, count: int) -> IntArray:
    """The dimensions ``(count,)`` whose products are largest in size, from the largest on."""
    return np.argsort(-np.abs(a * b), kind="stable")[:count].astype(np.int64)


def in_their_plane(a: FloatArray, b: FloatArray) -> FloatArray:
    """Both vectors ``(dim,)`` as points ``(2, 2)`` of the plane they span, ``a`` to the right.

    Two vectors always lie in one plane, so lengths and angle are exact: nothing is lost.
    """
    parts = cosine_parts(a, b)
    sine = np.sqrt(max(0.0, 1 - parts.cosine**2))
    points = [(parts.length_a, 0.0), (parts.length_b * parts.cosine, parts.length_b * sine)]
    return np.asarray(points, dtype=np.float32)


def random_cosines(vectors: FloatArray, pairs: int, seed: int = 0) -> FloatArray:
    """Cosines ``(pairs,)`` of pairs of unit rows ``(n, dim)`` drawn at random, none with itself.

    What "near" means in a space shows only beside them. ``n`` is at least 2.
    """
    chosen = np.random.default_rng(seed)
    first = chosen.integers(0, len(vectors), pairs)
    second = (first + chosen.integers(1, len(vectors), pairs)) % len(vectors)
    cosines: FloatArray = np.einsum("nd,nd->n", vectors[first], vectors[second])
    return cosines


def rank_of(scores: FloatArray, row: int, leave_out: int | None = None) -> int:
    """The rank from 1 of one of ``scores`` ``(n,)``, the row ``leave_out`` not counted."""
    higher = scores > scores[row]
    if leave_out is not None:
        higher[leave_out] = False
    return int(higher.sum()) + 1


def nearest_rows(scores: FloatArray, count: int, leave_out: Collection[int] = ()) -> IntArray:
    """The rows ``(count,)`` of the highest ``scores`` ``(n,)``, best first, but ``leave_out``."""
    order = np.argsort(-scores, kind="stable")[: count + len(leave_out)]
    return np.asarray([row for row in order.tolist() if row not in leave_out][:count], np.int64)
