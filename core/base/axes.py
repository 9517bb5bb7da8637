"""Where vectors lie along an axis between two of them."""

from __future__ import annotations

from core.base import vectors as vec
from core.base.errors import InputError
from core.base.types import FloatArray


def lay_along_axis(low: FloatArray, high: FloatArray, vectors: FloatArray) -> FloatArray:
    """Where unit rows ``(n, dim)`` fall on the axis from group ``low`` to group ``high``.

    The axis is the difference of the groups' mean unit vectors (Bolukbasi et al. 2016; SemAxis,
    An et al. 2018). 0 is the middle between the two means, -1 the low one's place, +1 the high's.

    Raises:
        InputError: both groups have the same mean.
    """
    start, end = low.mean(axis=0), high.mean(axis=0)
    axis = end - start
    span = float(axis @ axis)
    if span < vec.MIN_LENGTH:
        raise InputError(
            "Both ends of the axis are the same.",
            "An axis runs between two different words or groups.",
            "Change one of the groups.",
        )
    places: FloatArray = ((vectors - (start + end) / 2) @ axis) * (2 / span)
    return places
