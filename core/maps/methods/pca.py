"""Principal component analysis (Pearson 1901): the directions in which the vectors differ most."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from core.base.types import FloatArray
from core.base.vectors import BLOCK, normalize

_FLAT = 1e-6  # an axis this much thinner than the first is rounding noise


def fit_pca(
    vectors: FloatArray, dims: int, *, unit: bool = False
) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Mean ``(dim,)``, components ``(dims, dim)`` and shares of the variance ``(dims,)``.

    By the eigenvectors of the covariance, or of the products of the rows where there are fewer
    rows than numbers in one, in double precision. Where the points span fewer directions than
    ``dims``, the rest is zero. The sign of an axis is fixed by its largest number. Of many rows no
    copy is made: they are taken a block at a time.

    Args:
        unit: brings the rows to unit length first.
    """
    count, dim = vectors.shape
    mean = sum(rows.sum(axis=0, dtype=np.float64) for rows in _blocks(vectors, unit=unit)) / count
    farthest = [np.abs(rows - mean).max(initial=0) for rows in _blocks(vectors, unit=unit)]
    largest = float(max(farthest)) or 1.0  # squares then neither overflow nor vanish
    if dim <= count:
        products = np.zeros((dim, dim))
        for rows in _blocks(vectors, unit=unit):
            centred = (rows - mean) / largest
            products += centred.T @ centred
        variances, axes = np.linalg.eigh(products)
    else:
        few = np.concatenate([(rows - mean) / largest for rows in _blocks(vectors, unit=unit)])
        variances, sides = np.linalg.eigh(few @ few.T)
        axes = few.T @ sides
    order = np.argsort(-variances)[:dims]
    axes, kept = axes[:, order].T, np.maximum(variances[order], 0)
    lengths = np.linalg.norm(axes, axis=1, keepdims=True)
    axes = np.divide(axes, lengths, out=np.zeros_like(axes), where=lengths > 0)
    total = np.maximum(variances, 0).sum()
    axes[kept <= kept.max(initial=0) * _FLAT**2] = 0
    signs = np.sign(axes[np.arange(len(axes)), np.argmax(np.abs(axes), axis=1)])
    axes *= np.where(signs == 0, 1, signs)[:, None]
    missing = dims - len(axes)
    shares = kept / total if total > 0 else np.zeros_like(kept)
    return (
        mean.astype(np.float32),
        np.pad(axes, ((0, missing), (0, 0))).astype(np.float32),
        np.pad(shares, (0, missing)).astype(np.float32),
    )


def apply_pca(
    vectors: FloatArray, mean: FloatArray, components: FloatArray, *, unit: bool = False
) -> FloatArray:
    """Where vectors ``(m, dim)`` land: ``(m, dims)``; at unit length first where they are so."""
    parts = [(rows - mean) @ components.T for rows in _blocks(vectors, unit=unit)]
    return np.concatenate(parts).astype(np.float32)


def _blocks(vectors: FloatArray, *, unit: bool) -> Iterator[FloatArray]:
    """The rows as they are compared, some at a time; one empty block of none."""
    for at in range(0, max(1, len(vectors)), BLOCK):
        rows = vectors[at : at + BLOCK]
        yield normalize(rows) if unit else rows
