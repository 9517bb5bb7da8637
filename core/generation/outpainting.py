"""Outpainting: a picture on a larger canvas, whose new edges are to be drawn."""

from __future__ import annotations

import numpy as np
from PIL import Image, ImageFilter, ImageOps

from core.base.errors import InputError
from core.generation.request import MAX_SIDE

MOST = 200  # percent of the picture's side, at one edge
_BLUR = 8  # part of the widest edge


def extended(
    picture: Image.Image, percents: tuple[float, float, float, float]
) -> tuple[Image.Image, Image.Image]:
    """A plain picture with edges drawn out, blurred, and its mask (``L``), white where it is new.

    Args:
        percents: how far it grows left, up, right and down, of its own width and height.

    Raises:
        InputError: it grows nowhere, or too far.
    """
    if not any(percents) or not all(0 <= one <= MOST for one in percents):  # so no NaN either
        raise InputError(
            f"The canvas is to grow by {', '.join(f'{one:g}' for one in percents)} percent (left, "
            "up, right, down).",
            f"Each is from 0 to {MOST}, and one of them more than 0.",
            "Change them.",
        )
    across, down = 1 + (percents[0] + percents[2]) / 100, 1 + (percents[1] + percents[3]) / 100
    longest = max(picture.width * across, picture.height * down)
    if longest > MAX_SIDE:  # nothing larger is drawn
        picture = ImageOps.scale(picture, MAX_SIDE / longest, Image.Resampling.LANCZOS)
    width, height = picture.size
    shares = (width, height, width, height)
    left, top, right, bottom = (
        round(side * one / 100) for side, one in zip(shares, percents, strict=True)
    )
    pixels = np.pad(np.asarray(picture), ((top, bottom), (left, right), (0, 0)), mode="edge")
    blurred = ImageFilter.GaussianBlur(max(left, top, right, bottom) / _BLUR)
    larger = Image.fromarray(pixels).filter(blurred)
    larger.paste(picture, (left, top))
    mask = Image.new("L", larger.size, "white")
    mask.paste(0, (left, top, left + width, top + height))
    return larger, mask
