"""Where names stand beside points, so that none lies on another."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from core.base.types import FloatArray

CHARACTER, LINE = 6.5, 14  # pixels: about the width of a letter and the height of a line of size 11
_GAP = 6  # pixels between a point and its name
# Of Plotly's names for the sides of a point: in which direction the middle of the text lies.
_SIDES = {
    "top center": (0, 1),
    "bottom center": (0, -1),
    "middle right": (1, 0),
    "middle left": (-1, 0),
    "top right": (1, 1),
    "top left": (-1, 1),
    "bottom right": (1, -1),
    "bottom left": (-1, -1),
}


def choose_sides(points: FloatArray, texts: Sequence[str], size: tuple[float, float]) -> list[str]:
    """For each point ``(n, 2)`` the side on which its text hides the least.

    One after the other takes the side whose box lies on the least of the boxes that stand already
    and of the other points (greedy point-feature labelling).

    Args:
        size: width and height in pixels of what shows all points, with one scale for both axes.

    Returns:
        Plotly's names of the sides, by point.
    """
    if not len(points):
        return []
    span = np.maximum(points.max(axis=0) - points.min(axis=0), 1e-9)
    places = points * float(np.min(np.array(size) / span))  # in pixels
    boxes: list[tuple[float, float, float, float]] = []
    chosen = []
    for at, text in enumerate(texts):
        width = CHARACTER * len(text)
        offered = {side: _box(places[at], width, way) for side, way in _SIDES.items()}
        side = min(offered, key=lambda one: _hidden(offered[one], boxes, places))
        boxes.append(offered[side])
        chosen.append(side)
    return chosen


def overlap(one: Sequence[float], other: Sequence[float]) -> float:
    """The area that two boxes (left, bottom, right, top) share."""
    across = min(one[2], other[2]) - max(one[0], other[0])
    up = min(one[3], other[3]) - max(one[1], other[1])
    return max(0.0, across) * max(0.0, up)


def _box(
    place: FloatArray, width: float, way: tuple[int, int]
) -> tuple[float, float, float, float]:
    x = float(place[0]) + way[0] * (_GAP + width / 2)
    y = float(place[1]) + way[1] * (_GAP + LINE / 2)
    return x - width / 2, y - LINE / 2, x + width / 2, y + LINE / 2


def _hidden(
    box: tuple[float, float, float, float],
    boxes: Sequence[tuple[float, float, float, float]],
    places: FloatArray,
) -> float:
    """How much of what is there a box lies on, in square pixels; a point counts as a small one."""
    inside = (
        (places[:, 0] > box[0])
        & (places[:, 0] < box[2])
        & (places[:, 1] > box[1])
        & (places[:, 1] < box[3])
    )
    return sum(overlap(box, other) for other in boxes) + 25.0 * int(inside.sum())
