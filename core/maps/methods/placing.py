"""Where new vectors land on a map by t-SNE or UMAP, from arrays alone: vectors and coordinates.

Both libraries can place new points only with the fitted object at hand, which would have to be
pickled to survive a restart; umap-learn refuses it for ready neighbours besides. Here, as there, a
new point is tied to its nearest neighbours among the vectors by the method's own weights, starts
among them, and moves until it rests, while the map stays.
"""

from __future__ import annotations

import numpy as np

from core.base.types import FloatArray, IntArray
from core.maps.methods.umap import FAR
from core.maps.methods.umap_graph import curve, memberships

PERPLEXITY = 8.0  # of a new point: it looks closer by than the map, as in openTSNE
_STEPS = 64
_SAME = 1e-9  # squared distances below it are those of equal vectors


def weigh_perplexity(squares: FloatArray, perplexity: float) -> FloatArray:
    """Weights ``(m, k)``, each row summing to 1, with the entropy of ``perplexity`` neighbours.

    exp(-d^2 / 2 s^2) with s found by bisection (van der Maaten & Hinton 2008).
    """
    gaps = squares.astype(np.float64) - squares.min(axis=1, keepdims=True)
    count, k = gaps.shape
    wanted = np.log(max(1.0, min(perplexity, k * 0.999)))
    low, high = np.zeros(count), np.full(count, np.inf)
    beta = 1 / np.maximum(gaps.mean(axis=1), 1e-12)
    for _ in range(_STEPS):
        weights = np.exp(-gaps * beta[:, None])
        total = weights.sum(axis=1)
        entropy = np.log(total) + beta * (weights * gaps).sum(axis=1) / total
        wide = entropy > wanted
        low, high = np.where(wide, beta, low), np.where(wide, high, beta)
        beta = np.where(np.isinf(high), 2 * beta, (low + high) / 2)
    weights /= weights.sum(axis=1, keepdims=True)
    found: FloatArray = weights.astype(np.float32)
    return found


def place_tsne(near: IntArray, squares: FloatArray, points: FloatArray) -> FloatArray:
    """Places ``(m, dims)`` by neighbours and squared distances ``(m, k)``, nearest first."""
    from core.knn import kernels
    from core.maps.methods import placing_loops

    weights = weigh_perplexity(squares, PERPLEXITY)
    places = _start(near, weights, points)
    with kernels.TURN:
        placing_loops.settle_tsne(places, points, near, weights)
    return _on_equal(places, near, squares, points)


def place_umap(
    near: IntArray, distances: FloatArray, points: FloatArray, shape: tuple[float, float]
) -> FloatArray:
    """Places ``(m, dims)`` by neighbours and distances ``(m, k)``, nearest first.

    ``shape`` is least distance and spread.
    """
    from core.knn import kernels
    from core.maps.methods import placing_loops, umap_layout

    weights = memberships(distances, connected=False)
    places = _start(near, weights, points)
    tables = umap_layout.coefficients(*curve(*shape))
    with kernels.TURN:
        placing_loops.settle_umap(places, points, near, weights, *tables, np.float32(FAR))
    return _on_equal(places, near, distances, points)


def _start(near: IntArray, weights: FloatArray, points: FloatArray) -> FloatArray:
    """The neighbour that the others lie nearest to, by weight: a mean may lie between clusters."""
    around = points[near]
    apart = np.linalg.norm(around[:, :, None] - around[:, None, :], axis=3)
    middle = (apart * weights[:, None, :]).sum(axis=2).argmin(axis=1)
    found: FloatArray = around[np.arange(len(near)), middle].astype(np.float32)
    return found


def _on_equal(
    places: FloatArray, near: IntArray, distances: FloatArray, points: FloatArray
) -> FloatArray:
    """Where a vector equals one of the map's, that one's place."""
    same = distances[:, 0] <= _SAME
    places[same] = points[near[same, 0]]
    return places
