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


def threads() -> int:
    """How many threads loops run in."""
    return int(numba.get_num_threads())


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


# Terms may be added in any order, so that several are at once: NaN and infinity stay what they are.
@numba.njit(nogil=True, parallel=True, fastmath={"reassoc", "contract"})
def squared_distances(vectors, own, others):  # type: ignore[no-untyped-def]
    """From rows ``own`` ``(m,)`` of ``(n, dim)`` to ``others`` ``(m, k)`` of each; -1 is none."""
    found = np.empty(others.shape, dtype=np.float64)
    for at in numba.prange(len(own)):
        for place in range(others.shape[1]):
            other, total = others[at, place], 0.0
            for part in range(vectors.shape[1]):
                apart = np.float64(vectors[own[at], part]) - np.float64(vectors[other, part])
                total += apart * apart
            found[at, place] = total if other >= 0 else np.inf
    return found
