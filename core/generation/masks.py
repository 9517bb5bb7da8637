"""Masks as people bring them, read as what they mean: white where a picture may change.

Painted in white on a transparent ground, a hole left in a picture, black and white, grey with soft
edges, or the labels of a segmentation, 0 for what is kept. What a file is taken for is told with
it, since it may be meant the other way round.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from PIL import Image, ImageDraw, ImageOps

from core.base.types import FloatArray
from core.generation.placement import check_form
from core.readers.pictures import to_rgb

Outline = tuple[Sequence[float], Sequence[float]]
Values = npt.NDArray[np.uint8]
_LABELS = 32  # values below this alone are numbers of things, which nobody would see as greys
_DARK, _LIGHT = 16, 239  # JPEG leaves black and white within these
_COLOURED = 24  # between a pixel's channels: more is no grey
_FEW = 24  # colours that a segmentation is drawn in
_RARE = 0.01  # part of the pixels
_TINT = (255, 80, 0)


@dataclass(frozen=True, slots=True)
class Mask:
    """A mask that was read.

    Attributes:
        image: ``L``, 255 where the picture may change, 0 where it stays, between them mixed.
        reading: what the file was taken for, a sentence.
    """

    image: Image.Image
    reading: str

    @property
    def share(self) -> float:
        """Part of the picture that may change, 0 to 1."""
        return float(np.asarray(self.image, dtype=np.float32).mean() / 255)

    def inverted(self) -> Mask:
        """Changed and kept the other way round."""
        return Mask(ImageOps.invert(self.image), f"{self.reading} Inverted.")


def read_mask(picture: Image.Image) -> Mask:
    """What a mask's picture, upright, means."""
    if picture.mode.startswith("I") or picture.mode == "F":
        return _numbers(np.asarray(picture, dtype=np.float32))
    if "A" in picture.mode or "transparency" in picture.info:
        values = np.asarray(picture.convert("RGBA"))
        if values[..., 3].min() < 255:
            return _transparent(values)
    return _opaque(np.asarray(to_rgb(picture)))


def _numbers(values: FloatArray) -> Mask:
    """Numbers of more than 8 bits, or broken ones: labels, or shares of their range."""
    values = np.nan_to_num(values)
    top = float(values.max(initial=0))
    if 1 < top < _LABELS and (values == values.round()).all():
        return _labels(values > 0)
    whole = next((most for most in (1, 255, 65_535) if top <= most), top)
    return _greys((np.clip(values, 0, whole) / whole * 255).round().astype(np.uint8))


def _opaque(pixels: Values) -> Mask:
    """RGB ``(h, w, 3)``."""
    grey = np.asarray(Image.fromarray(pixels).convert("L"))
    spread = pixels.max(-1).astype(int) - pixels.min(-1)
    if (spread > _COLOURED).mean() > _RARE and _few_colours(pixels):
        return _labels(pixels.max(-1) > 0)
    if 1 < grey.max(initial=0) < _LABELS:
        return _labels(grey > 0)
    if grey.max(initial=0) == 1:
        return _greys(grey * np.uint8(255))
    return _greys(grey)


def _few_colours(pixels: Values) -> bool:
    """Whether all is in a few flat colours, as a segmentation is drawn, black among them."""
    colours = Image.fromarray(pixels).getcolors(_FEW)  # None where there are more
    return colours is not None and (0, 0, 0) in [colour for _, colour in colours]


def _labels(named: npt.NDArray[np.bool_]) -> Mask:
    values = named.astype(np.uint8) * np.uint8(255)
    return Mask(Image.fromarray(values), "Read as labels: whatever is not 0 (black) may change.")


def _greys(grey: Values) -> Mask:
    """Black stays, white changes; what JPEG left beside them is cleaned away."""
    values = np.where(grey < _DARK, 0, np.where(grey > _LIGHT, 255, grey)).astype(np.uint8)
    soft = ((values > 0) & (values < 255)).mean() > _RARE
    told = "Read by brightness: white may change, black stays"
    return Mask(Image.fromarray(values), f"{told}, grey is mixed." if soft else f"{told}.")


def _transparent(values: npt.NDArray[np.uint8]) -> Mask:
    """RGBA ``(h, w, 4)`` of which something is transparent."""
    alpha = values[..., 3]
    seen = values[alpha > 127][:, :3].astype(int)
    if not len(seen):
        return Mask(Image.fromarray(alpha), "It is transparent everywhere: nothing may change.")
    grey = seen.max(1) - seen.min(1) <= _COLOURED
    extreme = grey & ((seen.max(1) < _DARK) | (seen.min(1) > _LIGHT))
    light = seen.min(1) > _LIGHT
    one_colour = (seen.std(0) < 8).all()
    if (one_colour and not (grey & (seen.max(1) < _DARK)).all()) or light.mean() > 1 - _RARE:
        return Mask(Image.fromarray(alpha), "Read as painted: what is not transparent may change.")
    if extreme.mean() > 1 - _RARE and light.mean() > _RARE:
        brightness = np.asarray(Image.fromarray(values[..., :3].copy()).convert("L"))
        shown = (brightness.astype(np.float32) * alpha / 255).round().astype(np.uint8)
        return _greys(shown)
    hole = Image.fromarray(255 - alpha)
    return Mask(hole, "Read as a picture with a hole: what is transparent may change.")


def drawn_mask(
    size: tuple[int, int], boxes: Sequence[Outline], lassos: Sequence[Outline]
) -> Image.Image:
    """A mask ``L`` of ``size``, white in boxes and lassos: rows ``x`` and ``y`` of their corners.

    They are in pixels, and may reach over the edges.
    """
    mask = Image.new("L", size)
    pen = ImageDraw.Draw(mask)
    for across, down in boxes:
        left, right = _within(across, size[0])
        top, bottom = _within(down, size[1])
        if right > left and bottom > top:
            pen.rectangle((left, top, right - 1, bottom - 1), fill=255)
    for across, down in lassos:
        corners = [(x - 0.5, y - 0.5) for x, y in zip(across, down, strict=True)]
        if len(corners) > 2:
            pen.polygon(corners, fill=255)
    return mask


def _within(ends: Sequence[float], side: int) -> tuple[int, int]:
    """The first pixel between two ends in any order, and the one after the last."""
    low, high = (min(max(round(one), 0), side) for one in (min(ends), max(ends)))
    return low, high


def over_picture(mask: Image.Image, picture: Image.Image, side: int) -> Image.Image:
    """A plain picture, its longer side at most ``side`` pixels, tinted where it may change.

    Raises:
        InputError: the mask is of another form than the picture.
    """
    check_form(mask, picture)
    shown = picture.copy()
    shown.thumbnail((side, side), reducing_gap=3.0)
    strength = mask.resize(shown.size, Image.Resampling.BILINEAR).point(lambda white: white * 0.6)
    return Image.composite(Image.new("RGB", shown.size, _TINT), shown, strength)
