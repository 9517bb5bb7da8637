"""A slice through meaning: points placed by two axes that a person defines by words or groups."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from core.base import vectors as vec
from core.base.axes import lay_along_axis
from core.base.types import FloatArray


@dataclass(frozen=True, slots=True)
class Axis:
    """A direction from one group's mean to another's: unit rows ``(n, dim)`` of both."""

    low: FloatArray
    high: FloatArray


def axis(positive: FloatArray, negative: FloatArray) -> Axis:
    """The axis from ``negative`` to ``positive``, unit rows ``(m, dim)`` both.

    Raises:
        InputError: both have the same mean.
    """
    made = Axis(np.atleast_2d(negative), np.atleast_2d(positive))
    lay_along_axis(made.low, made.high, made.high)  # raises where it has no direction
    return made


def slice_coordinates(vectors: FloatArray, x: Axis, y: Axis) -> FloatArray:
    """Places ``(n, 2)`` of unit rows ``(n, dim)``: -1 at an axis's low mean, +1 at its high.

    The axes are drawn at right angles, whatever their own angle is: see ``angle``.

    Raises:
        InputError: as ``lay_along_axis``.
    """
    places = [lay_along_axis(each.low, each.high, vectors) for each in (x, y)]
    return np.stack(places, axis=1).astype(np.float32)


def angle(x: Axis, y: Axis) -> float:
    """The angle between two axes in degrees, 0 to 180; near 90 they say different things."""
    one, other = (vec.unit(each.high.mean(axis=0) - each.low.mean(axis=0)) for each in (x, y))
    return float(np.degrees(np.arccos(np.clip(one @ other, -1, 1))))
