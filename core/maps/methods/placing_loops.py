"""Where a new point comes to rest among points that stay: compiled, each new point by itself.

Both methods move points by random samples of forces, or all points at once. A new point among
fixed ones has so few forces that their sum can be taken exactly, so the same vector always lands
at the same place.

numba is imported at the top: import this module where it is used.
"""

from __future__ import annotations

import numba
import numpy as np

from core.maps.methods.umap_layout import table_entry

_ROUNDS = 60


@numba.njit(nogil=True, parallel=True, fastmath=True)
def settle_umap(  # type: ignore[no-untyped-def]  # noqa: PLR0913, PLR0917
    places, points, near, weights, attraction, repulsion, far
):
    """Moves ``places`` ``(m, dims)`` down UMAP's expected cross-entropy.

    Attraction by neighbours ``near`` ``(m, k)`` by their ``weights``; repulsion by all ``points``
    ``(n, dims)``, ``far`` for each unit of weight in all, as in the sampling.
    """
    dims, count = points.shape[1], len(points)
    for row in numba.prange(len(places)):
        force = np.empty(dims, dtype=np.float32)
        push = far * weights[row].sum() / count
        for turn in range(_ROUNDS):
            force[:] = 0
            for at in range(near.shape[1]):
                other = near[row, at]
                square = np.float32(0)
                for axis in range(dims):
                    square += (places[row, axis] - points[other, axis]) ** 2
                pull = weights[row, at] * attraction[table_entry(square)]
                for axis in range(dims):
                    force[axis] += pull * (places[row, axis] - points[other, axis])
            for other in range(count):
                square = np.float32(0)
                for axis in range(dims):
                    square += (places[row, axis] - points[other, axis]) ** 2
                coefficient = push * repulsion[table_entry(square)]
                for axis in range(dims):
                    force[axis] += coefficient * (places[row, axis] - points[other, axis])
            rate = np.float32(0.25 * (1 - turn / _ROUNDS))
            for axis in range(dims):
                places[row, axis] += rate * min(max(force[axis], np.float32(-4)), np.float32(4))


@numba.njit(nogil=True, parallel=True, fastmath=True)
def settle_tsne(places, points, near, weights):  # type: ignore[no-untyped-def]
    """Moves ``places`` ``(m, dims)`` down the divergence of each new point by itself.

    ``weights`` ``(m, k)`` sum to 1; q = w / sum over all ``points``. A step is scaled by the pull,
    so that without repulsion it would lead to the weighted mean.
    """
    dims, count = points.shape[1], len(points)
    for row in numba.prange(len(places)):
        pull, push = np.empty(dims), np.empty(dims)
        for _ in range(_ROUNDS):
            pull[:], push[:] = 0, 0
            strength, total = 0.0, 0.0
            for at in range(near.shape[1]):
                other = near[row, at]
                square = 0.0
                for axis in range(dims):
                    square += (places[row, axis] - points[other, axis]) ** 2
                weight = weights[row, at] / (1 + square)
                strength += weight
                for axis in range(dims):
                    pull[axis] += weight * (places[row, axis] - points[other, axis])
            for other in range(count):
                square = 0.0
                for axis in range(dims):
                    square += (places[row, axis] - points[other, axis]) ** 2
                weight = 1 / (1 + square)
                total += weight
                for axis in range(dims):
                    push[axis] += weight * weight * (places[row, axis] - points[other, axis])
            for axis in range(dims):
                step = (pull[axis] - push[axis] / total) / max(strength, 1e-12)
                places[row, axis] -= 0.5 * step
