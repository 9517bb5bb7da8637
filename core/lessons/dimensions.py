"""Lesson 4: what is left of vectors when only some of their dimensions are kept."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from core.base.types import FloatArray, IntArray

SAMPLE = 200  # words whose neighbours are compared


@dataclass(frozen=True, slots=True)
class Components:
    """Principal components of vectors (Pearson 1901).

    Attributes:
        mean: ``(dim,)``, taken away first.
        axes: ``(dim, dim)``, orthonormal rows, that of the largest variance first.
        shares: of the variance, ``(dim,)``; they sum to 1.
    """

    mean: FloatArray
    axes: FloatArray
    shares: FloatArray

    def reduce(self, vectors: FloatArray, keep: int) -> FloatArray:
        """Coordinates ``(n, keep)`` of vectors ``(n, dim)`` on the first components."""
        centered: FloatArray = vectors - self.mean
        return centered @ self.axes[:keep].T

    def variance(self, keep: int) -> float:
        """The share of the variance that the first ``keep`` components hold."""
        return float(self.shares[:keep].sum())


def components(vectors: FloatArray) -> Components:
    """Principal components of ``(n, dim)``, by the eigenvectors of the covariance."""
    mean = vectors.mean(axis=0, dtype=np.float64)
    centered = vectors.astype(np.float64) - mean
    found, axes = np.linalg.eigh(centered.T @ centered)
    variances = np.maximum(found[::-1], 0)
    total = variances.sum() or 1.0
    return Components(
        mean.astype(np.float32),
        np.ascontiguousarray(axes.T[::-1], dtype=np.float32),
        (variances / total).astype(np.float32),
    )


def nearest(vectors: FloatArray, row: int, count: int) -> IntArray:
    """Rows ``(count,)`` nearest to one of ``(n, dim)`` by Euclidean distance, itself left out."""
    found: IntArray = nearest_of(vectors, np.array([row]), count)[0]
    return found


def nearest_of(vectors: FloatArray, rows: IntArray, count: int) -> IntArray:
    """The same for several ``rows`` ``(m,)``: ``(m, count)``, nearest first."""
    squares = np.einsum("nd,nd->n", vectors, vectors)
    far = squares[None, :] - 2 * (vectors[rows] @ vectors.T)
    far[np.arange(len(rows)), rows] = np.inf
    best = np.argpartition(far, count - 1, axis=1)[:, :count]
    order = np.argsort(np.take_along_axis(far, best, axis=1), axis=1)
    return np.take_along_axis(best, order, axis=1).astype(np.int64)


def shared(one: IntArray, other: IntArray) -> int:
    """How many rows two lists of neighbours, ``(n,)`` and ``(m,)``, have in common."""
    return len(np.intersect1d(one, other))


def sample(count: int, seed: int = 0) -> IntArray:
    """Rows ``(m,)`` of ``count``, at most ``SAMPLE``, drawn at random."""
    chosen = np.random.default_rng(seed).permutation(count)[:SAMPLE]
    return np.sort(chosen).astype(np.int64)


def kept_by_width(
    vectors: FloatArray, found: Components, widths: Sequence[int], count: int
) -> tuple[list[float], list[float]]:
    """The share of neighbours kept for each width: by principal components, and by first numbers.

    ``vectors`` is ``(n, dim)``. First numbers are what Matryoshka models are trained for
    (Kusupati et al. 2022).
    """
    rows = sample(len(vectors))
    turned = found.reduce(vectors, vectors.shape[1])
    before = nearest_of(vectors, rows, count)

    def share(reduced: FloatArray) -> float:
        after = nearest_of(reduced, rows, count)
        same = sum(shared(one, other) for one, other in zip(before, after, strict=True))
        return same / (count * len(rows))

    return (
        [share(np.ascontiguousarray(turned[:, :width])) for width in widths],
        [share(np.ascontiguousarray(vectors[:, :width])) for width in widths],
    )


def widths(dim: int) -> list[int]:
    """Powers of two up to ``dim``, and ``dim`` itself."""
    powers = [2**power for power in range(1, 20) if 2**power < dim]
    return [*powers, dim]
