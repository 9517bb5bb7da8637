"""Photos of noise with a box to change, and where what was made of one differs from it."""

from __future__ import annotations

import io

import numpy as np
from PIL import Image

from core.base.types import FloatArray

Box = tuple[int, int, int, int]
FORMS = ("3:2", "2:3", "turned by EXIF")
_LONG, _SHORT = 150, 100


def photo(form: str) -> tuple[Image.Image, Image.Image]:
    """A photo as its file is opened, and as it is seen, upright."""
    size = (_LONG, _SHORT) if form == "3:2" else (_SHORT, _LONG)
    noise = np.random.default_rng(1).integers(0, 255, (*size[::-1], 3), dtype=np.uint8)
    upright = Image.fromarray(noise)
    if form != "turned by EXIF":
        return upright, upright
    stored = upright.transpose(Image.Transpose.ROTATE_90)
    exif = Image.Exif()
    exif[274] = 6  # the camera was held upright: turn by 90 degrees clockwise
    stream = io.BytesIO()
    stored.save(stream, "PNG", exif=exif)
    return Image.open(stream), upright


def box_in(upright: Image.Image) -> Box:
    """A box near the right edge, far from the middle."""
    width, height = upright.size
    return round(width * 0.7), round(height * 0.15), width - 2, round(height * 0.4)


def mask_of(upright: Image.Image, box: Box) -> Image.Image:
    """White in the box."""
    mask = Image.new("L", upright.size)
    mask.paste(255, box)
    return mask


def changed(made: Image.Image, upright: Image.Image, resample: Image.Resampling) -> FloatArray:
    """Left, top, right, bottom of all that differs from the photo, in the photo's pixels.

    ``resample`` is how the generator scales a photo: noise differs much by it.
    """
    before = upright.resize(made.size, resample)
    wrong = np.abs(np.asarray(made, int) - np.asarray(before, int)).mean(-1)
    rows, columns = np.nonzero(wrong > 25)
    across, down = upright.width / made.width, upright.height / made.height
    sides = [columns.min() * across, rows.min() * down]
    return np.array([*sides, (columns.max() + 1) * across, (rows.max() + 1) * down], np.float32)
