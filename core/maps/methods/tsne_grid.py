"""t-SNE's gradient with the forces of far points interpolated on a grid, in the plane.

As FIt-SNE (Linderman et al. 2019): the points are spread onto a regular grid, where the sums over
all pairs are convolutions, which the fast Fourier transform takes; each point reads its own from
the nodes around it. Time grows with the points and with the area of the map. Weights are those of
Lagrange's cubic. Other than there, the kernels are w and w^2 dx, w^2 dy themselves, with
w = 1 / (1 + d^2), so that one grid is transformed and three come back, where w^2 times the places
takes four and four, and single precision does, since nothing large is subtracted.

numba is imported at the top: import this module where it is used.
"""

from __future__ import annotations

from typing import Any

import numba
import numpy as np
from scipy import fft

from core.base.types import FloatArray
from core.knn import kernels
from core.maps.methods import tsne_forces

_SPACING = 0.4  # of the nodes, at most; w falls to a half at a distance of 1
_LEAST, _MOST = 150, 4_000  # spacings along a side, of a small map and of a huge one
_BESIDE = 2  # nodes around the map, for the weights of points at its edge
_ROUND = 32  # sides are multiples of so many nodes: kernels are made anew for each


class Grid:
    """The gradient in the plane. Keep one for a map: it holds the kernels of its grid."""

    def __init__(self) -> None:
        self._made: tuple[int, float] | None = None
        self._kernels: Any = None

    def gradient(self, places: FloatArray, affinities: Any) -> FloatArray:
        """As ``tsne_forces.gradient``, of places ``(n, 2)``."""
        return tsne_forces.gradient(places, affinities, self.push)

    def push(self, places: FloatArray) -> tuple[FloatArray, float]:
        """As ``tsne_forces.push``, of places ``(n, 2)``."""
        low = places.min(axis=0)
        span = float(np.max(places.max(axis=0) - low)) or 1.0
        spacing = max(min(_SPACING, span / _LEAST), span / _MOST)
        side = -(-(int(span / spacing) + 2 * _BESIDE + 1) // _ROUND) * _ROUND
        length = fft.next_fast_len(2 * side, real=True)
        at = ((places - low) / spacing + _BESIDE).astype(np.float32)
        of_kernels, threads = self._transformed(length, spacing), kernels.threads()
        # A direction after the other: half of the rows are zero, and half of what comes back is not
        # asked for.
        charges = fft.rfft(_spread(at, side), length, axis=1, workers=threads)
        charges = fft.fft(charges, length, axis=0, workers=threads)
        fields = np.empty((3, side, side), dtype=np.float32)
        for number, kernel in enumerate(of_kernels):
            field = fft.ifft(charges * kernel, axis=0, workers=threads)[:side]
            fields[number] = fft.irfft(field, length, axis=1, workers=threads)[:, :side]
        with kernels.TURN:
            read = _read(at, fields)
        return read[:, 1:], float(read[:, 0].sum(dtype=np.float64))

    def _transformed(self, length: int, spacing: float) -> Any:
        """The transforms of the kernels by distance, around a grid of ``length`` nodes a side."""
        if self._made != (length, spacing):
            apart = (fft.fftfreq(length, 1 / length) * spacing).astype(np.float32)
            near = 1 / (1 + apart[:, None] ** 2 + apart[None, :] ** 2)
            across = near**2 * apart[:, None]
            parts = (near, across, np.ascontiguousarray(across.T))
            self._kernels = [fft.rfft2(part, workers=kernels.threads()) for part in parts]
            self._made = length, spacing
        return self._kernels


@numba.njit(inline="always")
def _weights(part):  # type: ignore[no-untyped-def]
    """Lagrange's cubic at ``part`` of the way from the second of four nodes to the third."""
    before, after, beyond = part + np.float32(1), part - np.float32(1), part - np.float32(2)
    return (
        -part * after * beyond / np.float32(6),
        before * after * beyond / np.float32(2),
        -before * part * beyond / np.float32(2),
        before * part * after / np.float32(6),
    )


@numba.njit(nogil=True, fastmath=True)
def _spread(at, side):  # type: ignore[no-untyped-def]
    """How much of the points ``(n, 2)``, in spacings, each node has ``(side, side)``."""
    # By one thread: sums are taken in the same order each time, and it is the shortest part.
    charges = np.zeros((side, side), dtype=np.float32)
    for row in range(len(at)):
        x, y = int(at[row, 0]), int(at[row, 1])
        of_x, of_y = _weights(at[row, 0] - x), _weights(at[row, 1] - y)
        for i in range(4):
            for j in range(4):
                charges[x - 1 + i, y - 1 + j] += of_x[i] * of_y[j]
    return charges


@numba.njit(nogil=True, parallel=True, fastmath=True)
def _read(at, fields):  # type: ignore[no-untyped-def]
    """The fields ``(3, side, side)`` at the points ``(n, 2)``: ``(n, 3)``."""
    read = np.empty((len(at), 3), dtype=np.float32)
    for row in numba.prange(len(at)):
        x, y = int(at[row, 0]), int(at[row, 1])
        of_x, of_y = _weights(at[row, 0] - x), _weights(at[row, 1] - y)
        for number in range(3):
            total = np.float32(0)
            for i in range(4):
                for j in range(4):
                    total += of_x[i] * of_y[j] * fields[number, x - 1 + i, y - 1 + j]
            read[row, number] = total
    return read
