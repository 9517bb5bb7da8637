"""A map as a small picture: for many side by side, where each needs no mouse."""

from __future__ import annotations

import io

import numpy as np
from numpy.typing import NDArray

from core.base.types import FloatArray
from core.charts.scatter import PALETTE, color_of, scale
from core.maps.colors import Coloring

SIDE = 560  # pixels; shown at half of that or less, so that points are round
_MARGIN = 14
_RADII = (
    (500, 7),
    (5_000, 4),
    (50_000, 2),
    (10**9, 1),
)  # points up to which the radius is so many pixels


def colors_of(coloring: Coloring, count: int, theme: str) -> NDArray[np.uint8]:
    """The colour ``(count, 3)`` of each point, as the chart draws it."""
    if coloring.codes is not None:
        table = _rgb([color_of(code, coloring.blank) for code in range(len(coloring.names))])
        return table[coloring.codes]
    if coloring.numbers is None:
        return np.repeat(_rgb([PALETTE[0]]), count, axis=0)
    numbers = coloring.numbers
    known = np.isfinite(numbers)
    steps = _rgb([*scale(theme), color_of(0, 0)])  # the last is of those without a value
    held = numbers[known]
    low, high = (float(held.min()), float(held.max())) if len(held) else (0.0, 1.0)
    share = np.where(known, (numbers - low) / ((high - low) or 1.0), 0.0)
    places = np.where(known, np.rint(share * (len(steps) - 2)), len(steps) - 1)
    return steps[places.astype(np.int64)]


def picture(points: FloatArray, colors: NDArray[np.uint8], side: int = SIDE) -> bytes:
    """Points ``(n, 2)`` in their colours ``(n, 3)`` on clear ground, as PNG.

    Both axes have one scale, and the second one points up, as on the chart.
    """
    from PIL import Image

    pixels = np.zeros((side, side, 4), dtype=np.uint8)
    low, high = points.min(axis=0), points.max(axis=0)
    span = float((high - low).max()) or 1.0
    places = (points - (low + high) / 2) / span * (side - 2 * _MARGIN) + side / 2
    columns = np.rint(places[:, 0]).astype(np.int64)
    lines = side - 1 - np.rint(places[:, 1]).astype(np.int64)
    order = np.random.default_rng(0).permutation(len(points))  # no kind lies above all others
    radius = next(pixels for most, pixels in _RADII if len(points) <= most)
    for down in range(1 - radius, radius):
        for right in range(1 - radius, radius):
            if down * down + right * right < radius * radius:
                at = np.clip(lines[order] + down, 0, side - 1)
                to = np.clip(columns[order] + right, 0, side - 1)
                pixels[at, to, :3] = colors[order]
                pixels[at, to, 3] = 255
    stream = io.BytesIO()
    Image.fromarray(pixels, "RGBA").save(stream, "PNG")
    return stream.getvalue()


def _rgb(colors: list[str]) -> NDArray[np.uint8]:
    return np.array(
        [[int(color[at : at + 2], 16) for at in (1, 3, 5)] for color in colors], dtype=np.uint8
    )
