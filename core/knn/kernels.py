"""Compiled loops on rows of numbers, in parallel: what numpy cannot do without large copies.

numba is imported at the top: import this module, and others that do so, where they are used.
``TURN`` is held around every call of a loop that runs in parallel, since one of numba's thread
pools does not bear two callers at once.
"""

from __future__ import annotations

import threading

import numba
import numpy as np

TURN = threading.Lock()
_STRIPES = 16  # pieces of the columns that threads share; more than cores, to even them out
_LOOKED_AT = 64  # products together


def threads() -> int:
    """How many threads loops run in."""
    return int(numba.get_num_threads())


@numba.njit(nogil=True)
def _insert(scores, rows, score, row):  # type: ignore[no-untyped-def]
    """Puts a score into an ascending list in place of its lowest."""
    at = 1
    while at < len(scores) and scores[at] < score:
        scores[at - 1] = scores[at]
        rows[at - 1] = rows[at]
        at += 1
    scores[at - 1] = score
    rows[at - 1] = row


@numba.njit(nogil=True)
def _any_above(products, halves, limit):  # type: ignore[no-untyped-def]
    """Whether any product less its half is above the limit; without a branch."""
    above = np.int32(0)
    for at in range(len(products)):
        above += np.int32(products[at] - halves[at] > limit)
    return above > 0


@numba.njit(nogil=True)
def _any_above_each(products, half, limits):  # type: ignore[no-untyped-def]
    """Whether any product less the half is above its own limit; without a branch."""
    above = np.int32(0)
    for at in range(len(products)):
        above += np.int32(products[at] - half > limits[at])
    return above > 0


@numba.njit(nogil=True, parallel=True)
def keep_best(block, start, halves, scores, rows):  # type: ignore[no-untyped-def]
    """Takes a block of the products of all rows into the best ``k`` of its rows and its columns.

    ``block`` ``(m, c)`` has the products of rows ``start``... with rows ``start``...; only what
    lies right of the diagonal is read, and counts for both. A product less half of the other's
    squared length ranks as nearness does. ``scores`` and ``rows`` ``(n, k)`` are ascending.

    Few products are better than the worst that is held, so some are looked at together first:
    the processor compares eight or sixteen of them at once where nothing branches.
    """
    count, width = block.shape
    halves = halves[start:]
    for at in numba.prange(count):
        row = start + at
        for low in range(at + 1, width, _LOOKED_AT):
            high = min(low + _LOOKED_AT, width)
            if _any_above(block[at, low:high], halves[low:high], scores[row, 0]):
                for other in range(low, high):
                    score = block[at, other] - halves[other]
                    if score > scores[row, 0]:
                        _insert(scores[row], rows[row], score, start + other)
    least = scores[start:, 0].copy()
    for stripe in numba.prange(_STRIPES):
        first, last = width * stripe // _STRIPES, width * (stripe + 1) // _STRIPES
        for at in range(count):
            half = halves[at]
            for low in range(max(first, at + 1), last, _LOOKED_AT):
                high = min(low + _LOOKED_AT, last)
                if _any_above_each(block[at, low:high], half, least[low:high]):
                    for other in range(low, high):
                        score = block[at, other] - half
                        if score > least[other]:
                            row = start + other
                            _insert(scores[row], rows[row], score, start + at)
                            least[other] = scores[row, 0]


@numba.njit(nogil=True, parallel=True)
def squared_distances(points, others, rows):  # type: ignore[no-untyped-def]
    """Squared distances ``(m, k)`` of ``points`` ``(m, dim)`` to ``others[rows]``, exactly 0
    for equal ones; infinite where a row is below 0."""
    found = np.empty(rows.shape, dtype=np.float32)
    for at in numba.prange(len(rows)):
        for place in range(rows.shape[1]):
            row = rows[at, place]
            total = np.float32(0)
            for part in range(points.shape[1]):
                gap = points[at, part] - others[row, part]
                total += gap * gap
            found[at, place] = total if row >= 0 else np.inf
    return found


@numba.njit(nogil=True, parallel=True)
def count_below(values, limits):  # type: ignore[no-untyped-def]
    """How many of each row of ``values`` ``(m, n)`` are below each of its ``limits`` ``(m, k)``."""
    found = np.empty(limits.shape, dtype=np.int64)
    for at in numba.prange(len(values)):
        for place in range(limits.shape[1]):
            limit, total = limits[at, place], 0
            for other in range(values.shape[1]):
                total += values[at, other] < limit
            found[at, place] = total
    return found
