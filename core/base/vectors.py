"""Arithmetic on vectors: length, similarity, distance. numpy only."""

from __future__ import annotations

import numpy as np

from core.base.types import BoolArray, FloatArray

# Below this length a float32 sum of unit vectors is rounding noise, not a direction.
MIN_LENGTH = 1e-5
BLOCK = 10_000  # rows of which copies are made at a time


def finite_rows(vectors: FloatArray) -> BoolArray:
    """Which rows of ``(n, dim)`` have only finite numbers, ``(n,)``; a block at a time."""
    found = np.empty(len(vectors), dtype=np.bool_)
    for at in range(0, len(vectors), BLOCK):
        found[at : at + BLOCK] = np.isfinite(vectors[at : at + BLOCK]).all(axis=1)
    return found


def largest_number(vectors: FloatArray) -> float:
    """The largest absolute number of ``(n, dim)``, 0 of none; without a copy of them."""
    return max(float(vectors.max()), -float(vectors.min())) if vectors.size else 0.0


def lengths(vectors: FloatArray) -> FloatArray:
    """Euclidean length of each row of ``(n, dim)``, shape ``(n,)``."""
    squares: FloatArray = np.einsum("ij,ij->i", vectors, vectors)
    return np.sqrt(squares)


def told_lengths(found: FloatArray) -> FloatArray:
    """Lengths ``(n,)`` of a model's vectors, exactly 1 where they are 1 but for rounding."""
    return np.where(np.abs(found - 1) < 1e-4, np.float32(1), found)


def normalize(vectors: FloatArray) -> FloatArray:
    """Rows of ``(n, dim)`` divided by their length, as float32; zero rows stay zero.

    Rows are first divided by their largest absolute value, so that components like 1e30
    neither overflow nor vanish in the square.
    """
    result = np.empty(vectors.shape, dtype=np.float32)
    for at in range(0, len(vectors), BLOCK):  # in blocks, to hold no further copy of the whole
        rows = np.asarray(vectors[at : at + BLOCK], dtype=np.float32)
        largest = np.abs(rows).max(axis=1, keepdims=True, initial=0.0)
        largest[largest == 0] = 1
        rows = rows / largest
        norm = lengths(rows)[:, None]
        norm[norm == 0] = 1
        np.divide(rows, norm, out=result[at : at + BLOCK])
    return result


def unit(vector: FloatArray) -> FloatArray:
    """One vector ``(dim,)`` as unit length."""
    row: FloatArray = normalize(vector[None, :])[0]
    return row


def similarity(a: FloatArray, b: FloatArray) -> FloatArray:
    """Cosine similarity of unit rows ``(n, dim)`` and ``(m, dim)``: ``(n, m)``, in [-1, 1]."""
    if len(a) == 1:
        # One question: as fast without BLAS, whose threads would go on spinning for a while and
        # slow down the encoder of the next question.
        scores: FloatArray = np.einsum("nd,d->n", b, a[0])[None, :]
    else:
        scores = a @ b.T
    return np.clip(scores, -1.0, 1.0)


def principal_axes(vectors: FloatArray, dims: int) -> tuple[FloatArray, FloatArray, FloatArray]:
    """PCA of a few vectors by SVD.

    Returns the mean ``(dim,)``, the axes ``(dims, dim)`` and each axis's share of the variance
    ``(dims,)``. Where the points span fewer directions than ``dims``, the rest is zero. The sign
    of an axis is fixed by its largest component, so that a picture does not flip between runs.
    """
    mean = vectors.mean(axis=0)
    _, singular, axes = np.linalg.svd(vectors - mean, full_matrices=False)
    variance = singular**2
    total = variance.sum()
    share = variance / total if total > 0 else np.zeros_like(variance)
    flat = singular <= singular.max(initial=0.0) * 1e-6
    axes = np.where(flat[:, None], 0.0, axes)
    largest = np.argmax(np.abs(axes), axis=1)
    signs = np.sign(axes[np.arange(len(axes)), largest])
    axes = axes * np.where(signs == 0, 1.0, signs)[:, None]
    missing = max(0, dims - len(axes))
    axes = np.pad(axes[:dims], ((0, missing), (0, 0)))
    share = np.pad(share[:dims], (0, missing))
    return mean.astype(np.float32), axes.astype(np.float32), share.astype(np.float32)
