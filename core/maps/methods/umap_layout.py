"""UMAP's layout by stochastic gradient descent (McInnes et al. 2018, algorithm 5), compiled.

As umap-learn's ``optimize_layout_euclidean``, made faster in three ways:
- The gradient's coefficients depend on the squared distance alone, so they are read from tables,
  by the first bits of the float, where umap-learn takes two powers for each pair.
- Edges are in rows, so that a point stays in registers while its edges are walked, and the far
  points that it is pushed from are all seen from where it stood before them.
- Threads go through some epochs before they wait for each other.

Both ends of an edge are moved, by as much. To move only the one whose row it is, twice as far,
would let threads write to their own points alone, but then a cluster's own edges push it about, as
each point is back among its neighbours before they follow it: small groups left the map.

numba is imported at the top: import this module where it is used.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Any

import numba
import numpy as np

from core.base.types import FloatArray

# A table has an entry for each of the first 7 bits of the fraction in each octave from 2**-40 to
# 2**40: coefficients are exact to half a percent, far below the noise of sampling.
_SHIFT = 16
_FIRST = (127 - 40) << (23 - _SHIFT)
_LAST = ((127 + 40) << (23 - _SHIFT)) - 1
_STEP = 4.0  # no coordinate moves further in a step than this times the learning rate


def coefficients(a: float, b: float) -> tuple[FloatArray, FloatArray]:
    """Attraction and repulsion by squared distance, ``(steps,)`` each, as ``epoch`` reads them.

    The gradients of log(1 / (1 + a d^2b)) and of log(1 - 1 / (1 + a d^2b)), over the difference
    of the points; the 0.001 that keeps the second finite is umap-learn's.
    """
    codes = np.arange(_FIRST, _LAST + 1, dtype=np.uint32)
    middles = ((codes << _SHIFT) + (1 << (_SHIFT - 1))).astype(np.uint32).view(np.float32)
    squares = middles.astype(np.float64)
    power = a * squares**b
    attraction = -2 * b * power / (squares * (1 + power))
    repulsion = 2 * b / ((0.001 + squares) * (1 + power))
    return attraction.astype(np.float32), repulsion.astype(np.float32)


@numba.njit(inline="always")
def table_entry(square):  # type: ignore[no-untyped-def]
    """Where the tables have a squared distance."""
    code = np.int32(np.float32(square).view(np.int32) >> _SHIFT)
    return min(max(code, np.int32(_FIRST)), np.int32(_LAST)) - np.int32(_FIRST)


@numba.njit(inline="always")
def _clip(value):  # type: ignore[no-untyped-def]
    return min(max(value, np.float32(-_STEP)), np.float32(_STEP))


@numba.njit(inline="always")
def _draw(state):  # type: ignore[no-untyped-def]
    """The next of 32 random bits (xorshift, Marsaglia 2003)."""
    state = np.uint32(state ^ np.uint32(state << np.uint32(13)))
    state = np.uint32(state ^ np.uint32(state >> np.uint32(17)))
    return np.uint32(state ^ np.uint32(state << np.uint32(5)))


@cache
def epochs(*, space: bool) -> Callable[..., Any]:
    """The compiled function for some epochs in the plane, or in ``space``.

    With one thread it gives the same each time; threads read points that others are moving, and a
    move of a point whose edges another thread is walking is lost, which is rare.
    """
    # The third coordinate is left out of the compiled code in the plane.

    def run(  # type: ignore[no-untyped-def]  # noqa: PLR0913, PLR0917
        points,
        starts,
        ends,
        every,
        due,
        due_far,
        attraction,
        repulsion,
        states,
        rates,
        first,
        far,
        threads,
    ):
        count = len(points)
        for thread in numba.prange(threads):
            for turn in range(len(rates)):
                rate, now = rates[turn], np.float32(first + turn)
                for row in range(count * thread // threads, count * (thread + 1) // threads):
                    x, y = points[row, 0], points[row, 1]
                    z = points[row, 2] if space else np.float32(0)
                    state = states[row]
                    for edge in range(starts[row], starts[row + 1]):
                        if due[edge] > now:
                            continue
                        other = ends[edge]
                        dx, dy = x - points[other, 0], y - points[other, 1]
                        dz = z - points[other, 2] if space else np.float32(0)
                        square = dx * dx + dy * dy + dz * dz
                        if square > 0:
                            pull = attraction[table_entry(square)]
                            mx, my = _clip(pull * dx) * rate, _clip(pull * dy) * rate
                            x += mx
                            y += my
                            points[other, 0] -= mx
                            points[other, 1] -= my
                            if space:
                                mz = _clip(pull * dz) * rate
                                z += mz
                                points[other, 2] -= mz
                        due[edge] += every[edge]
                        pushes = np.int32((now - due_far[edge]) * far / every[edge])
                        px = py = pz = np.float32(0)
                        for _ in range(pushes):
                            state = _draw(state)
                            other = np.int64((np.uint64(state) * np.uint64(count)) >> np.uint64(32))
                            dx, dy = x - points[other, 0], y - points[other, 1]
                            dz = z - points[other, 2] if space else np.float32(0)
                            square = dx * dx + dy * dy + dz * dz
                            if square > 0:
                                push = repulsion[table_entry(square)]
                                px += _clip(push * dx)
                                py += _clip(push * dy)
                                if space:
                                    pz += _clip(push * dz)
                        x += px * rate
                        y += py * rate
                        if space:
                            z += pz * rate
                        due_far[edge] += pushes * every[edge] / far
                    states[row] = state
                    points[row, 0], points[row, 1] = x, y
                    if space:
                        points[row, 2] = z

    return numba.njit(run, nogil=True, fastmath=True, parallel=True)  # type: ignore[no-any-return]
