"""Lesson 8: principal components by hand, toy sets, perplexity, and what a map does to sizes."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType

import numpy as np
from numpy.typing import ArrayLike, NDArray

from core.base.types import FloatArray, IntArray

Doubles = NDArray[np.float64]
DIM = 10  # of the toy sets
WIDE, FAR = 5.0, 4.0  # how many times as wide, and as far
_LEAST_ENTROPY_GAP = 1e-6


def principal(vectors: ArrayLike) -> tuple[Doubles, Doubles]:
    """Shares of the variance ``(dim,)``, largest first, and directions ``(dim, dim)`` as rows.

    The eigenvectors of the covariance of ``(n, dim)`` (Pearson 1901).
    """
    held = np.asarray(vectors, dtype=np.float64)
    centered = held - held.mean(axis=0)
    values, directions = np.linalg.eigh(centered.T @ centered / max(1, len(held) - 1))
    order = np.argsort(-values, kind="stable")
    values = np.maximum(values[order], 0)
    shares: Doubles = values / (values.sum() or 1.0)
    return shares, directions.T[order]


def two_sizes(seed: int = 0) -> tuple[FloatArray, IntArray]:
    """Two clusters, the second ``WIDE`` times as wide: points ``(n, 10)`` and labels ``(n,)``."""
    draw = np.random.default_rng(seed)
    labels = np.repeat([0, 1], 75)
    points = draw.normal(size=(150, DIM)) * np.where(labels == 1, WIDE, 1.0)[:, None]
    points[labels == 1, 0] += 12 * WIDE
    return points.astype(np.float32), labels


def two_distances(seed: int = 0) -> tuple[FloatArray, IntArray]:
    """Three clusters: from the second to the third it is ``FAR`` times as far as to the first.

    Points ``(n, 10)`` and labels ``(n,)``.
    """
    draw = np.random.default_rng(seed)
    labels = np.repeat([0, 1, 2], 50)
    points = draw.normal(size=(150, DIM))
    points[:, 0] += np.array([0.0, 10.0, 10.0 + 10.0 * FAR])[labels]
    return points.astype(np.float32), labels


def only_noise(seed: int = 0) -> tuple[FloatArray, IntArray]:
    """One cloud without any cluster in it: points ``(150, 50)`` and labels ``(150,)``, all 0."""
    points = np.random.default_rng(seed).normal(size=(150, 50))
    return points.astype(np.float32), np.zeros(150, dtype=np.int64)


TOYS: Mapping[str, Callable[[], tuple[FloatArray, IntArray]]] = MappingProxyType(
    {"two sizes": two_sizes, "two distances": two_distances, "only noise": only_noise}
)


def width_ratio(places: ArrayLike, labels: IntArray) -> float:
    """How many times as wide the second cluster is as the first.

    Width is the root mean square distance from the cluster's middle; ``places`` are ``(n, d)``.
    """
    widths = []
    for label in (0, 1):
        own = np.asarray(places, dtype=np.float64)[labels == label]
        widths.append(float(np.sqrt(np.square(own - own.mean(axis=0)).sum(axis=1).mean())))
    return widths[1] / (widths[0] or 1.0)


def gap_ratio(places: ArrayLike, labels: IntArray) -> float:
    """How many times as far the third cluster's middle is from the second's as the first's is.

    ``places`` are ``(n, d)``.
    """
    held = np.asarray(places, dtype=np.float64)
    first, second, third = (held[labels == label].mean(axis=0) for label in range(3))
    near = float(np.linalg.norm(second - first))
    return float(np.linalg.norm(third - second)) / (near or 1.0)


def clumping(places: ArrayLike) -> float:
    """Clark & Evans' index (1954) of points ``(n, 2)``: mean distance to the nearest other point.

    It is told as a share of what points strewn evenly by chance over the same area would have: 1 is
    chance, less is clumped. The area is that of the points' convex hull.
    """
    from scipy.spatial import ConvexHull, cKDTree

    held = np.asarray(places, dtype=np.float64)
    nearest = cKDTree(held).query(held, k=2)[0][:, 1].mean()
    area = float(ConvexHull(held).volume)  # in the plane the hull's volume is its area
    return float(nearest / (0.5 * np.sqrt(area / len(held))))


def affinities(distances: ArrayLike, perplexity: float) -> Doubles:
    """t-SNE's shares ``(n,)`` of a point's neighbours by their distances ``(n,)``.

    The Gaussian's width is searched for by halving, such that the shares' perplexity, two to the
    power of their entropy, is what is asked for (van der Maaten & Hinton 2008).
    """
    squares = np.square(np.asarray(distances, dtype=np.float64))
    squares = squares - squares.min()
    wanted = np.log2(min(perplexity, len(squares)))
    low, high, sharp = 0.0, np.inf, 1.0
    shares: Doubles = np.full(len(squares), 1 / len(squares))
    for _ in range(200):
        weights = np.exp(-squares * sharp)
        shares = weights / weights.sum()
        entropy = entropy_of(shares)
        if abs(entropy - wanted) < _LEAST_ENTROPY_GAP:
            break
        if entropy > wanted:
            low, sharp = sharp, sharp * 2 if np.isinf(high) else (sharp + high) / 2
        else:
            high, sharp = sharp, (low + sharp) / 2
    return shares


def entropy_of(shares: Doubles) -> float:
    """The entropy of shares ``(n,)`` in bits."""
    held = shares[shares > 0]
    return float(-(held * np.log2(held)).sum())
