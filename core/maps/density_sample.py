"""Samples of more rows than the memory holds: uniform, and by density.

A uniform sample of a large collection has its small groups in a few points, or not at all. By
density-biased sampling (Palmer & Faloutsos 2000) a region of ``n`` rows gives a share of the sample
that grows with ``n ** (1 - e)``, here with e = 1/2: dense ones are thinned, sparse ones are kept.
Regions are boxes of one size over the first principal components, as in geometric sketching (Hie,
Cho, DeMeo, Bryson & Berger 2019).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from core.base import vectors as vec
from core.base.types import FloatArray, IntArray, Progress, no_progress
from core.maps.methods import pca
from core.readers import parquet_parts
from core.readers.parquet_parts import Parts

POOL = 4  # times the sample: rows drawn uniformly, of which the sample is taken by density
_EXPONENT = 0.5
_AXES = 5  # principal components
_FINEST = 4_096  # parts of the span: five numbers of so many fit into one of 64 bits
_BOX = 4  # rows of the sample for each box, on average
_ROUNDS = 20


@dataclass(frozen=True, slots=True)
class Drawn:
    """Rows drawn by chance: their numbers among all rows ``(m,)``, and vectors ``(m, dim)``."""

    rows: IntArray
    vectors: FloatArray

    def take(self, chosen: IntArray) -> Drawn:
        """Some of them ``(k,)``."""
        return Drawn(self.rows[chosen], self.vectors[chosen])


def draw(parts: Parts, count: int, seed: int, progress: Progress = no_progress) -> Drawn:
    """Up to ``count`` different rows with whole vectors, each as likely, in one pass.

    Raises:
        Cancelled: by ``progress``.
    """
    random = np.random.default_rng(seed)
    wanted = (
        np.sort(random.permutation(parts.rows)[:count])
        if parts.rows <= 4 * count
        else (np.unique(random.integers(0, parts.rows, count + count // 2)))
    )
    if len(wanted) > count:
        wanted = np.sort(random.choice(wanted, count, replace=False))
    held: list[FloatArray] = []
    begin = 0
    for number, one in enumerate(parts.slices):
        progress(number, len(parts.slices), "parts sampled")
        low, high = np.searchsorted(wanted, (begin, begin + one.count))
        inside = wanted[low:high] - begin
        begin += one.count
        at = 0
        for batch in parquet_parts.vectors(parts.column, parts.dim, one) if len(inside) else ():
            low, high = np.searchsorted(inside, (at, at + len(batch)))
            held.append(batch[inside[low:high] - at])
            at += len(batch)
    vectors = np.concatenate(held) if held else np.empty((0, parts.dim), np.float32)
    whole = np.flatnonzero(vec.finite_rows(vectors))
    return Drawn(wanted[whole], vectors[whole])


def by_density(drawn: Drawn, count: int, seed: int, *, unit: bool) -> tuple[IntArray, IntArray]:
    """Numbers ``(count,)`` among the drawn, in order, and how many each box gave ``(boxes,)``.

    Args:
        unit: whether vectors are compared by their direction.
    """
    total = len(drawn.rows)
    if count >= total:
        return np.arange(total), np.array([total])
    cells = _boxes(vec.normalize(drawn.vectors) if unit else drawn.vectors, count // _BOX)
    sizes = np.bincount(cells)
    shares = _shares(sizes, count)
    random = np.random.default_rng(seed)
    chosen = [
        random.choice(np.flatnonzero(cells == cell), share, replace=False)
        for cell, share in enumerate(shares.tolist())
    ]
    return np.sort(np.concatenate(chosen)), shares


def _boxes(vectors: FloatArray, count: int) -> IntArray:
    """In which of about ``count`` boxes of one size each row lies ``(n,)``, numbered from 0."""
    dims = min(_AXES, *vectors.shape)
    mean, components, _ = pca.fit_pca(vectors, dims, unit=False)
    flat = pca.apply_pca(vectors, mean, components).astype(np.float64)
    flat -= flat.min(axis=0)
    span = float(flat.max()) or 1.0
    low, high = span / _FINEST, span
    for _ in range(_ROUNDS):  # of halving the range of widths, in logarithms
        width = np.sqrt(low * high)
        boxes = _numbered(flat, width)
        low, high = (width, high) if boxes.max() + 1 > count else (low, width)
    return boxes


def _numbered(flat: npt.NDArray[np.float64], width: float) -> IntArray:
    at = np.floor(flat / width).astype(np.int64)
    key = np.ravel_multi_index(tuple(at.T), tuple((at.max(axis=0) + 1).tolist()))
    found: IntArray = np.unique(key, return_inverse=True)[1]
    return found


def _shares(sizes: Sequence[int] | IntArray, count: int) -> IntArray:
    """How many of each box are taken: by ``size ** (1 - e)``, never more than it has."""
    held = np.asarray(sizes, dtype=np.float64)
    low, high = 0.0, float(count)
    for _ in range(60):  # the factor with which the shares sum up
        factor = (low + high) / 2
        if np.minimum(held, factor * held ** (1 - _EXPONENT)).sum() < count:
            low = factor
        else:
            high = factor
    exact = np.minimum(held, high * held ** (1 - _EXPONENT))
    shares = np.floor(exact).astype(np.int64)
    left = count - int(shares.sum())
    most = np.argsort(-(exact - shares))[: max(left, 0)]
    shares[most] += 1
    return np.minimum(shares, held.astype(np.int64))
