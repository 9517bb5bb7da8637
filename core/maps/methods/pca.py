"""Principal component analysis (Pearson 1901): the directions in which the vectors differ most."""

from __future__ import annotations

import numpy as np

from core.base.types import FloatArray

_FLAT = 1e-6  # an axis this much thinner than the first is rounding noise


def fit_pca(vectors: FloatArray, dims: int) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Mean ``(dim,)``, components ``(dims, dim)`` and shares of the variance ``(dims,)``.

    By the eigenvectors of the covariance, or of the products of the rows where there are fewer
    rows than numbers in one, in double precision. Where the points span fewer directions than
    ``dims``, the rest is zero. The sign of an axis is fixed by its largest number.
    """
    mean = vectors.mean(axis=0, dtype=np.float64)
    centred = vectors - mean
    largest = float(np.abs(centred).max(initial=0)) or 1.0
    centred /= largest  # squares then neither overflow nor vanish
    count, dim = centred.shape
    if dim <= count:
        variances, axes = np.linalg.eigh(centred.T @ centred)
    else:
        variances, sides = np.linalg.eigh(centred @ centred.T)
        axes = centred.T @ sides
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


def apply_pca(vectors: FloatArray, mean: FloatArray, components: FloatArray) -> FloatArray:
    """Where vectors ``(m, dim)`` land: ``(m, dims)``."""
    return ((vectors - mean) @ components.T).astype(np.float32)
