"""The highest scores, with one rule for ties: what stands first comes first."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from core.base.types import IntArray


def top_k(scores: npt.NDArray[np.floating], k: int) -> IntArray:
    """Where the ``min(k, n)`` highest scores of ``(..., n)`` stand, ``(..., min(k, n))``.

    The highest is first, equal ones go by position, and NaN comes after every number. Each row of
    the last axis is for itself; ``k`` below 1 gives none.
    """
    k = max(0, min(k, scores.shape[-1]))
    best = np.empty((*scores.shape[:-1], k), dtype=np.int64)
    for row in np.ndindex(scores.shape[:-1]):
        best[row] = _lowest(-scores[row], k)
    return best


def _lowest(values: npt.NDArray[np.floating], k: int) -> IntArray:
    """Where the ``k`` lowest of ``(n,)`` stand, NaN last, as numpy sorts."""
    candidates = np.arange(len(values))
    if 0 < k < len(values):
        # All that tie with the k-th are candidates, so that the order is defined; with NaN as the
        # k-th, for which no comparison is true, all are.
        candidates = np.flatnonzero(~(values > np.partition(values, k - 1)[k - 1]))
    best: IntArray = candidates[np.argsort(values[candidates], kind="stable")[:k]]
    return best
