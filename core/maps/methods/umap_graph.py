"""UMAP's weights: how strongly each point is tied to its neighbours (McInnes et al. 2018).

Section 3.1 of the paper and algorithms 2 and 3, as umap-learn computes them (smooth_knn_dist,
compute_membership_strengths, fuzzy_simplicial_set, find_ab_params), in numpy.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from core.base.types import FloatArray, IntArray

if TYPE_CHECKING:
    from scipy.sparse import csr_matrix

_STEPS = 64
_LEAST = 1e-3  # a point's width is at least this part of its mean distance


def memberships(distances: FloatArray, *, connected: bool = True) -> FloatArray:
    """Weights in [0, 1] of each point's neighbours, from their distances ``(n, k)``, nearest first.

    exp(-(d - rho) / sigma), where rho is the distance to the nearest neighbour that is not at the
    same place, so that each point is tied fully to one other, and sigma makes the weights sum to
    the logarithm of the neighbours and the point itself to base 2. New points on a map are not
    tied so: ``connected`` false leaves rho 0, as umap-learn does.
    """
    count, k = distances.shape
    apart = np.where(distances > 0, distances, np.inf).min(axis=1, initial=np.inf)
    nearest = np.where(np.isfinite(apart), apart, 0) if connected else np.zeros(count)
    beyond = np.maximum(distances - nearest[:, None], 0).astype(np.float64)
    target = np.log2(k + 1)
    low, high, sigma = np.zeros(count), np.full(count, np.inf), np.ones(count)
    for _ in range(_STEPS):
        total = np.exp(-beyond / sigma[:, None]).sum(axis=1)
        far = np.abs(total - target) > 1e-5  # a row that is done stays as it is
        if not far.any():
            break
        much = total > target
        high, low = np.where(far & much, sigma, high), np.where(far & ~much, sigma, low)
        moved = np.where(np.isinf(high), 2 * sigma, (low + high) / 2)
        sigma = np.where(far, moved, sigma)
    # Among points of a map, one whose neighbours are all at its place looks at the others' mean;
    # a new point is by itself.
    alone = (nearest > 0) | (not connected)
    mean = np.where(alone, distances.mean(axis=1), distances.mean()) if k else 0.0
    sigma = np.maximum(sigma, _LEAST * mean)
    scaled = np.divide(beyond, sigma[:, None], out=np.zeros_like(beyond), where=sigma[:, None] > 0)
    return np.exp(-scaled).astype(np.float32)


def fuzzy_union(near: IntArray, weights: FloatArray) -> csr_matrix:
    """The symmetric weights ``(n, n)``: a + b - ab of the two directions of each pair."""
    from scipy.sparse import csr_matrix

    count, k = near.shape
    one = csr_matrix(
        (weights.ravel(), near.ravel(), np.arange(0, count * k + 1, k)), shape=(count, count)
    )
    other = one.T.tocsr()
    joined = (one + other - one.multiply(other)).tocsr()
    joined.sort_indices()
    joined.eliminate_zeros()
    return joined


def curve(min_dist: float, spread: float) -> tuple[float, float]:
    """a and b of 1 / (1 + a d^2b), fitted to 1 up to ``min_dist`` and an exponential beyond."""
    from scipy.optimize import curve_fit

    at = np.linspace(0, spread * 3, 300)
    wanted = np.where(at < min_dist, 1.0, np.exp(-(at - min_dist) / spread))
    (a, b), _ = curve_fit(lambda d, a, b: 1 / (1 + a * d ** (2 * b)), at, wanted)
    return float(a), float(b)
