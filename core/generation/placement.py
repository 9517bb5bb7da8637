"""Where a picture to begin from lies on the canvas that a generator draws on.

Boxes and masks are in the picture's own pixels, upright. Whatever a generator needs after that,
padding to a square, scaling, or cropping to a size that was asked for, is one ``Placement``, by
which the picture and its mask go alike.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

from PIL import Image

from core.base.errors import InputError
from core.readers.pictures import middle_of_square, to_rgb, turn_upright

STRETCH = 1.03  # by which a side may become longer beside the other: nobody sees that little


@dataclass(frozen=True, slots=True)
class Placement:
    """How a picture lies on a canvas; each is left, top, right, bottom.

    Attributes:
        canvas: width and height of what is drawn, in pixels.
        region: the part of the picture that is seen, in its own pixels.
        target: where that part lies on the canvas, in whole pixels.
    """

    canvas: tuple[int, int]
    region: tuple[float, float, float, float]
    target: tuple[int, int, int, int]

    def scaled(self, times: int) -> Placement:
        """The same on a canvas ``times`` as wide and high."""
        left, top, right, bottom = (side * times for side in self.target)
        canvas = (self.canvas[0] * times, self.canvas[1] * times)
        return replace(self, canvas=canvas, target=(left, top, right, bottom))

    def lay(self, picture: Image.Image, resample: Image.Resampling, ground: str) -> Image.Image:
        """The picture on its canvas, ``ground`` around it."""
        left, top, right, bottom = self.target
        size = (right - left, bottom - top)
        part = picture.resize(size, resample, self.region, reducing_gap=3.0)
        if size == self.canvas:
            return part
        laid = Image.new(picture.mode, self.canvas, ground)
        laid.paste(part, (left, top))
        return laid

    def cut(self, drawn: Image.Image) -> Image.Image:
        """Of a drawing on the canvas, at any scale, where the picture lies."""
        across, down = drawn.width / self.canvas[0], drawn.height / self.canvas[1]
        left, top, right, bottom = self.target
        box = (round(left * across), round(top * down), round(right * across), round(bottom * down))
        return drawn if box == (0, 0, *drawn.size) else drawn.crop(box)


@dataclass(frozen=True, slots=True)
class Laid:
    """A picture and its mask on a canvas, of its size: RGB, and ``L`` or none."""

    picture: Image.Image
    mask: Image.Image | None
    placement: Placement

    def finish(self, drawn: Image.Image) -> Image.Image:
        """What was drawn on the canvas, without padding; the mask's black is the picture's own."""
        whole = drawn.convert("RGB")
        if self.mask is not None:
            whole = Image.composite(whole, self.picture, self.mask)
        return self.placement.cut(whole)


def plain(picture: Image.Image) -> Image.Image:
    """Any picture upright, as RGB of 8 bits, transparency on white."""
    turned = picture.copy()
    turn_upright(turned)
    return to_rgb(turned)


def contained(size: tuple[int, int], side: int) -> Placement:
    """A whole picture of ``size`` in the middle of a square, padded."""
    return Placement((side, side), (0, 0, *size), middle_of_square(size, side))


def covering(
    size: tuple[int, int], canvas: tuple[int, int], mask: Image.Image | None = None
) -> Placement:
    """A picture of ``size`` over all of a canvas.

    It is stretched where that is not seen; else it is cropped, around the mask's white where there
    is one.
    """
    width, height = size
    target = (0, 0, *canvas)
    stretch = (canvas[0] / canvas[1]) / (width / height)
    if abs(math.log(stretch)) <= math.log(STRETCH):
        return Placement(canvas, (0, 0, width, height), target)
    scale = max(canvas[0] / width, canvas[1] / height)
    wide, high = min(width, canvas[0] / scale), min(height, canvas[1] / scale)
    across, down = _middle_of_white(mask, size)
    left = min(max(across - wide / 2, 0), width - wide)
    top = min(max(down - high / 2, 0), height - high)
    return Placement(canvas, (left, top, left + wide, top + high), target)


def _middle_of_white(mask: Image.Image | None, size: tuple[int, int]) -> tuple[float, float]:
    """The middle of a mask's white, in pixels of the picture it lies over; else the picture's."""
    box = None if mask is None else mask.getbbox()
    if mask is None or box is None:
        return size[0] / 2, size[1] / 2
    left, top, right, bottom = box
    return (
        (left + right) / 2 * size[0] / mask.width,
        (top + bottom) / 2 * size[1] / mask.height,
    )


def lay(
    picture: Image.Image,
    mask: Image.Image | None,
    placement: Placement,
    resample: Image.Resampling = Image.Resampling.LANCZOS,
) -> Laid:
    """A plain picture and its mask (``L``, laid over all of it) on a canvas.

    Raises:
        InputError: the mask is of another form than the picture, or black everywhere.
    """
    laid = placement.lay(picture, resample, "white")
    if mask is None:
        return Laid(laid, None, placement)
    check_form(mask, picture)
    across, down = mask.width / picture.width, mask.height / picture.height
    left, top, right, bottom = placement.region
    own = replace(placement, region=(left * across, top * down, right * across, bottom * down))
    white = own.lay(mask, Image.Resampling.BILINEAR, "black")
    if white.getextrema()[1] == 0:
        raise InputError(
            "The mask is black everywhere.",
            "It is white where the picture may change.",
            "Draw a box or a lasso, or invert the mask.",
        )
    return Laid(laid, white, placement)


def check_form(mask: Image.Image, picture: Image.Image) -> None:
    """Checks that a mask can lie over a picture: its sides are alike, up to rounding.

    Raises:
        InputError: they are not.
    """
    width, height = picture.size
    stretch = (mask.width / mask.height) / (width / height)
    # A mask of 5 x 3 may be meant for 16 x 10: a pixel of a side is rounding.
    if abs(math.log(stretch)) > math.log(STRETCH) + 1 / min(mask.size):
        raise InputError(
            f"The mask has {mask.width} x {mask.height} pixels, the picture, upright, "
            f"{width} x {height}.",
            "A mask lies over the whole picture, so its sides are in the same proportion.",
            "Make the mask on this picture, or turn it as the picture is shown.",
        )
