"""How far a map can be trusted: what of the vectors' neighbourhoods it keeps.

Trustworthiness and continuity (Venna & Kaski 2001), for ``n`` points and ``k`` neighbours:

    T = 1 - 2 / (n k (2n - 3k - 1)) * sum over i, over j in U_i, of (r(i, j) - k)

where U_i are the k nearest of i on the map that are not among its k nearest by vectors, and
r(i, j) is the rank of j among the neighbours of i by vectors. Continuity is the same with map and
vectors changing places. 1 is best; a random map has about 0.5.
"""

from __future__ import annotations

import importlib
import sys
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from core.base import vectors as vec
from core.base.errors import InputError
from core.base.types import FloatArray, IntArray, Metric, Progress, no_progress
from core.knn.approximate import FROM
from core.knn.nearest import nearest_among, nearest_rows, other_rows

LEAST = 3  # points that have neighbours to keep or lose
ALL_UP_TO = 5_000  # points whose ranks are all taken; of more, those of anchors
ANCHORS = 2_000
NEIGHBORS_UP_TO = FROM  # points each of which is compared with all; of more, anchors alone are
_HELD = 1 << 23  # distances held at a time
Distances = Callable[[IntArray], FloatArray]  # of some rows to all: (m, n), in any monotone form


@dataclass(frozen=True, slots=True)
class Quality:
    """What a map keeps.

    Attributes:
        neighbors_kept: mean share of the ``k`` nearest on the map that are as near in truth as
            the ``k``-th true neighbour: the share of true neighbours that the map keeps, where it
            costs nothing which of equally near ones it keeps. Of all points, up to 50,000; of
            more, of the anchors.
        anchors: how many points trustworthiness and continuity were taken at; ``None`` for all.
        trustworthiness_error, continuity_error: standard errors of the sampling, 0 without it.
        lost: ``(n,)`` share of each point's ``k`` true neighbours that the map lost; NaN where
            they were not looked for.
    """

    trustworthiness: float
    continuity: float
    neighbors_kept: float
    k: int
    anchors: int | None
    trustworthiness_error: float
    continuity_error: float
    lost: FloatArray


def map_quality(  # noqa: PLR0913
    vectors: FloatArray,
    coordinates: FloatArray,
    k: int = 15,
    *,
    metric: Metric = Metric.COSINE,
    seed: int = 0,
    progress: Progress = no_progress,
    near: IntArray | None = None,
) -> Quality:
    """The quality of a map ``(n, dims)`` of vectors ``(n, dim)``.

    ``k`` is lowered where there are few points, as the formula needs 2k < n. Above 5,000 points
    ranks are taken at 2,000 anchors drawn by ``seed``, among all points; above 50,000 their true
    neighbours alone are looked for.

    Args:
        near: ``(n, >= k)`` the true neighbours, where they are known already. Above 50,000 points
            they may be approximate: they serve ``lost`` alone.

    Raises:
        InputError: fewer than three points, or not one place for each vector.
        Cancelled: by ``progress``.
    """
    count = len(vectors)
    if len(coordinates) != count or count < LEAST:
        raise InputError(
            f"There are {count:,} vectors and {len(coordinates):,} places on the map.",
            "The quality of a map needs coordinates for each of three vectors or more.",
            "Choose more points.",
        )
    progress(0, 0, "measuring what the map keeps")
    k = max(1, min(k, (count - 1) // 2))
    sampled = count > ALL_UP_TO
    compared = vec.normalize(vectors) if metric is Metric.COSINE else _scaled(vectors)
    anchors = np.arange(count)
    if sampled:
        anchors = np.sort(np.random.default_rng(seed).choice(count, ANCHORS, replace=False))
    near = None if near is None or near.shape[1] < k else near[:, :k]
    many = count > NEIGHBORS_UP_TO
    if near is None and not many:
        near, _ = nearest_rows(compared, k, progress)
    if near is None:
        shown = map_neighbors(coordinates, k, anchors)
        lost = np.full(count, np.nan, np.float32)
    else:
        mapped = map_neighbors(coordinates, k)
        lost, shown = 1 - _kept(compared, np.arange(count), near, mapped), mapped[anchors]
    if near is not None and not many:
        true, kept = near[anchors], 1 - lost
    else:
        true, _ = nearest_among(compared, anchors, k)
        kept = _kept(compared, anchors, true, shown)
        if near is None:
            lost[anchors] = 1 - kept
    # Exact ranks for few points; among many, single precision misplaces some by a rank or two.
    exact = np.float32 if sampled else np.float64
    by_vectors = _distances(compared.astype(exact, copy=False))
    on_map = _distances(coordinates.astype(exact, copy=False))
    steps = 2 * len(anchors)  # in one measure, so that the time left is that of both

    def on_from(before: int) -> Progress:
        return lambda done, _, note="": progress(before + done, steps, note)

    trust = _kept_ranks(by_vectors, anchors, shown, true, on_from(0))
    continuity = _kept_ranks(on_map, anchors, true, shown, on_from(len(anchors)))
    return Quality(
        float(trust.mean()),
        float(continuity.mean()),
        float(kept.mean(dtype=np.float64)),
        k,
        len(anchors) if sampled else None,
        _error(trust, count) if sampled else 0.0,
        _error(continuity, count) if sampled else 0.0,
        lost,
    )


def lossless(count: int) -> Quality:
    """The quality of a map that shows its ``count`` vectors as they are: nothing is lost."""
    k = max(1, min(15, (count - 1) // 2))
    return Quality(1.0, 1.0, 1.0, k, None, 0.0, 0.0, np.zeros(count, np.float32))


def map_neighbors(coordinates: FloatArray, k: int, rows: IntArray | None = None) -> IntArray:
    """The ``k`` nearest other points of points of a map ``(n, dims)``, nearest first: ``(m, k)``.

    Args:
        rows: the points ``(m,)`` whose neighbours are wanted; ``None`` for all.
    """
    _finish_importing_torch()
    from scipy.spatial import KDTree

    asked = np.arange(len(coordinates)) if rows is None else rows
    _, found = KDTree(coordinates).query(coordinates[asked], k + 1, workers=-1)
    others: IntArray
    (others,) = other_rows(found, asked)
    return others


def _kept(vectors: FloatArray, own: IntArray, near: IntArray, mapped: IntArray) -> FloatArray:
    """Share of the ``mapped`` as near as the farthest of ``near``, both ``(m, k)``: ``(m,)``.

    Of twenty copies of a row any fifteen are its nearest: which ones is an accident.

    Args:
        own: the rows ``(m,)`` whose neighbours they are.
    """
    from core.knn import kernels

    with kernels.TURN:
        true, shown = (kernels.squared_distances(vectors, own, rows) for rows in (near, mapped))
    limit = true.max(axis=1, keepdims=True) * (1 + 1e-6) + 1e-12  # single precision's doubt
    kept: FloatArray = (shown <= limit).mean(axis=1, dtype=np.float32)
    return kept


def _finish_importing_torch() -> None:
    """Waits where another thread is importing torch: SciPy looks for it among the modules, and at
    one that is half there it fails."""
    if "torch" in sys.modules:
        importlib.import_module("torch")


def align(fixed: FloatArray, moved: FloatArray) -> tuple[FloatArray, float]:
    """``moved`` ``(n, dims)`` turned, mirrored, scaled and shifted onto ``fixed``; the disparity.

    Orthogonal Procrustes analysis (Gower 1975): least squares. The disparity is the part of the
    squared distances that remains, 0 for the same shape, 1 for none in common.

    Raises:
        InputError: the two have not one place for the same points each.
    """
    if fixed.shape != moved.shape or not len(fixed):
        raise InputError(
            f"The maps have the shapes {fixed.shape} and {moved.shape}.",
            "Both need the same points and dimensions.",
            "Make both maps of the same data, with the same dimensions.",
        )
    _finish_importing_torch()
    from scipy.spatial import procrustes

    middle = fixed.mean(axis=0, dtype=np.float64)
    size = float(np.linalg.norm(fixed - middle))
    single = [not np.ptp(points, axis=0).any() for points in (fixed, moved)]
    if any(single):  # a single place has no shape
        return np.broadcast_to(middle, fixed.shape).astype(np.float32), float(not all(single))
    _, turned, disparity = procrustes(fixed, moved)  # both about 0, of size 1
    return (turned * size + middle).astype(np.float32), float(disparity)


def _scaled(vectors: FloatArray) -> FloatArray:
    """Vectors about their mean, within 1: the same neighbours, without overflow."""
    centred = vectors - vectors.mean(axis=0, dtype=np.float64)
    scaled: FloatArray = (centred / (np.abs(centred).max() or 1.0)).astype(np.float32)
    return scaled


def _distances(points: FloatArray) -> Distances:
    """Squared distances less each row's own constant, which does not change ranks."""
    halves = np.einsum("nd,nd->n", points, points) / 2

    def measure(rows: IntArray) -> FloatArray:
        found: FloatArray = halves - points[rows] @ points.T
        return found

    return measure


def _kept_ranks(
    distances: Distances,
    anchors: IntArray,
    found: IntArray,
    wanted: IntArray,
    progress: Progress,
) -> FloatArray:
    """1 less each anchor's penalty for those of ``found`` that are not ``wanted``, ``(m,)``.

    Args:
        found, wanted: neighbours of the ``anchors`` ``(m,)``, ``(m, k)``.
    """
    from core.knn import kernels

    k = found.shape[1]
    excess = np.empty(len(anchors))
    count = distances(anchors[:1]).shape[1]
    step = max(1, _HELD // count)
    for start in range(0, len(anchors), step):
        progress(start, len(anchors), "points ranked")
        some = slice(start, start + step)
        rows = anchors[some]
        values = distances(rows)
        limits = np.take_along_axis(values, found[some], axis=1)
        values[np.arange(len(rows)), rows] = np.inf  # a point is no neighbour of itself
        with kernels.TURN:
            ranks = kernels.count_below(values, limits) + 1
        strange = (found[some][:, :, None] != wanted[some][:, None, :]).all(axis=2)
        excess[some] = (np.maximum(ranks - k, 0) * strange).sum(axis=1)
    progress(len(anchors), len(anchors), "points ranked")
    share: FloatArray = 1 - excess * 2 / (k * (2 * count - 3 * k - 1))
    return share


def _error(values: FloatArray, count: int) -> float:
    """Standard error of the mean of a sample drawn without replacement from ``count``."""
    return float(values.std(ddof=1) * np.sqrt((1 - len(values) / count) / len(values)))
