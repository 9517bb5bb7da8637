"""Small pictures made large with clean edges.

Plain interpolation blurs the lines of a drawing, and repeating pixels makes stairs of them. Here a
picture is interpolated, and each pixel is then drawn towards the darkest or the brightest of its
surroundings, whichever is nearer: the edge narrows to about a pixel, and no colour is made that was
not there (shock filter, Osher & Rudin 1990, in its simplest form).
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from core.readers.pictures import Pixels

_STEEP = 3.0  # how much narrower an edge becomes


def enlarge(pixels: Pixels, times: int, *, drawing: bool = True) -> Image.Image:
    """Pixels ``(h, w, 3)`` as a picture ``times`` as wide and high; unchanged for 1.

    Args:
        drawing: whether edges are made clean; of a photo that would make a poster.
    """
    if times == 1:
        return Image.fromarray(pixels, "RGB")
    if not drawing:
        size = (pixels.shape[1] * times, pixels.shape[0] * times)
        return Image.fromarray(pixels, "RGB").resize(size, Image.Resampling.BICUBIC)
    height, width = pixels.shape[:2]
    size = (width * times, height * times)
    large = Image.fromarray(pixels, "RGB").resize(size, Image.Resampling.BICUBIC)
    # No brighter and no darker than the pixels around: interpolation overshoots.
    least = extremes(pixels, 1, np.minimum).repeat(times, 0).repeat(times, 1)
    most = extremes(pixels, 1, np.maximum).repeat(times, 0).repeat(times, 1)
    clipped = np.clip(np.asarray(large), least, most)  # still bytes, which are quickly compared
    reached = (extremes(clipped, times, pick) for pick in (np.minimum, np.maximum))
    found, low, high = (one.astype(np.float32) for one in (clipped, *reached))
    middle = (low + high) / 2
    half = np.maximum((high - low) / 2, 1e-3)
    # Flat surroundings stay as they are: there a small difference is shading, no edge.
    strength = 1 + (_STEEP - 1) * np.clip((half - 8) / 24, 0, 1)
    position = np.clip((found - middle) / half * strength, -1, 1)
    smooth = position * (1.5 - 0.5 * position**2)
    sharp = np.where(half > 8, middle + half * smooth, found)
    return Image.fromarray(np.clip(np.round(sharp), 0, 255).astype(np.uint8), "RGB")


def extremes(pixels: NDArray[Any], reach: int, pick: np.ufunc) -> NDArray[Any]:
    """The least or greatest of each place's surroundings, of the shape ``(h, w, c)`` of what is
    given.

    By doubling what each place has seen, row by row and column by column; beyond the edge there is
    nothing. scipy's filters give the same, and importing them takes longer than a picture.

    Args:
        reach: pixels to each side.
        pick: ``np.minimum`` or ``np.maximum``.
    """
    whole = 2 * reach + 1
    for _ in range(2):
        found = np.pad(pixels, ((reach, reach), (0, 0), (0, 0)), "edge")
        seen = 1
        while seen < whole:
            more = min(seen, whole - seen)
            found = pick(found[:-more], found[more:])
            seen += more
        pixels = found.swapaxes(0, 1)
    return pixels
