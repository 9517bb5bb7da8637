"""Which items lie far from all others, and which are typical: mean similarity to the nearest."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from core.base.types import FloatArray, IntArray
from core.review.findings import Action, Finding

_FENCE = 1.5  # interquartile ranges below the lower quartile
_ROUNDING = 1e-6


def typicality(similarities: FloatArray) -> FloatArray:
    """Mean cosine ``(n,)`` of each item's ``k`` nearest others ``(n, k)``.

    The score of k-nearest-neighbour outlier detection (Angiulli & Pizzuti 2002, "Fast outlier
    detection in high dimensional spaces"), with similarities in place of distances.
    """
    means: FloatArray = similarities.mean(axis=1)
    return means


def lowest_usual(typical: FloatArray) -> float:
    """Tukey's lower fence of values ``(n,)``: Q1 - 1.5 (Q3 - Q1) (1977, "Exploratory data
    analysis"). What lies below it is an outlier.
    """
    low, high = np.quantile(typical, [0.25, 0.75])
    return float(low - _FENCE * (high - low))


def find_outliers(typical: FloatArray) -> list[Finding]:
    """The items below the fence of ``typical`` ``(n,)``, the farthest first; none is dropped."""
    fence = lowest_usual(typical)
    rows = np.flatnonzero(typical < fence - _ROUNDING)
    return [
        Finding(
            row,
            Action.LOOK,
            f"outlier: mean similarity {typical[row]:.3f} to its nearest, usual from {fence:.3f}",
            float(fence - typical[row]),
        )
        for row in rows[np.argsort(typical[rows], kind="stable")].tolist()
    ]


def most_typical(typical: FloatArray, count: int, but: Sequence[int] = ()) -> IntArray:
    """Rows ``(m,)`` of the ``count`` items with the nearest others, best first.

    ``but`` are left out: an item with copies is near to these, and typical of nothing.
    """
    order = np.argsort(-typical, kind="stable")
    chosen: IntArray = order[~np.isin(order, np.asarray(but, dtype=np.int64))][:count]
    return chosen
