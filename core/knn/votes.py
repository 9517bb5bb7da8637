"""Votes of neighbours, weighted by how near they are (Dudani 1976).

A neighbour counts by ``exp(SCALE * (similarity - highest))``.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from core.base.types import FloatArray, IntArray

SCALE = 20.0  # a neighbour that is nearer by 0.035 counts twice


def weights_of(similarities: FloatArray) -> npt.NDArray[np.float64]:
    """Weights ``(n, k)`` of neighbours by their similarities; the nearest's is 1."""
    if not similarities.size:
        return np.empty(similarities.shape)
    scaled: npt.NDArray[np.float64] = np.exp(
        SCALE * (similarities.astype(np.float64) - similarities[:, :1])
    )
    return scaled


def shares_of(
    numbers: IntArray, rows: IntArray, weights: npt.NDArray[np.float64], count: int
) -> npt.NDArray[np.float64]:
    """Shares ``(n, count)`` of classes in the weights of neighbours ``(n, k)`` that have one."""
    theirs = numbers[rows]
    totals = np.zeros((len(rows), count))
    at, _ = np.nonzero(theirs >= 0)
    np.add.at(totals, (at, theirs[theirs >= 0]), weights[theirs >= 0])
    sums = totals.sum(axis=1, keepdims=True)
    np.divide(totals, sums, out=totals, where=sums > 0)
    return totals
