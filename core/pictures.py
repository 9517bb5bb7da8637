"""Any picture as the square of pixels that the picture encoder sees; the same when it is trained.

The treatment: the first frame; turned as its EXIF data says; 16-bit values scaled, palettes, CMYK
and grey made RGB; transparency laid on white; scaled to fit (bicubic, with the smaller side at
least one pixel) and set in the middle of a white square.
"""

from __future__ import annotations

import io
import warnings
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from core.errors import PictureError, shorten

if TYPE_CHECKING:
    from PIL import Image

MAX_PIXELS = 100_000_000
Pixels = npt.NDArray[np.uint8]


def open_picture(data: bytes, name: str = "picture") -> Image.Image:
    """The picture in a file's bytes, loaded, in its own mode.

    Raises:
        PictureError: it is no picture, damaged, or larger than ``MAX_PIXELS``.
    """
    from PIL import Image, UnidentifiedImageError

    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", Image.DecompressionBombWarning)  # checked below
            picture = Image.open(io.BytesIO(data))
            width, height = picture.size
            if width * height > MAX_PIXELS:
                raise PictureError(
                    f"“{shorten(name)}” has {width:,} x {height:,} pixels.",
                    f"At most {MAX_PIXELS:,} are read.",
                    "Scale it down first.",
                )
            picture.load()
    except UnidentifiedImageError as error:
        raise PictureError(
            f"“{shorten(name)}” is no picture that can be read.",
            "JPEG, PNG, WebP, GIF, TIFF and BMP are read, among others.",
            "Save it in one of these formats.",
        ) from error
    except (OSError, SyntaxError, ValueError, Image.DecompressionBombError) as error:
        raise PictureError(
            f"“{shorten(name)}” is damaged: {shorten(str(error))}.",
            "A whole picture is needed.",
            "Save or download it again.",
        ) from error
    return picture


def to_rgb(picture: Image.Image) -> Image.Image:
    """A picture of any mode as upright RGB, transparency laid on white."""
    from PIL import Image, ImageOps

    turned = ImageOps.exif_transpose(picture)
    if turned.mode.startswith("I") or turned.mode == "F":
        turned = _scaled_grey(turned)
    if turned.mode in ("P", "PA", "LA", "La", "RGBa") or "transparency" in turned.info:
        turned = turned.convert("RGBA")
    if turned.mode == "RGBA":
        ground = Image.new("RGBA", turned.size, "white")
        turned = Image.alpha_composite(ground, turned)
    return turned.convert("RGB")


def to_square(picture: Image.Image, size: int) -> Pixels:
    """The picture as ``(size, size, 3)`` RGB bytes."""
    from PIL import Image

    rgb = to_rgb(picture)
    scale = size / max(rgb.size)
    fitted = (max(1, round(rgb.width * scale)), max(1, round(rgb.height * scale)))
    square = Image.new("RGB", (size, size), "white")
    small = rgb.resize(fitted, Image.Resampling.BICUBIC, reducing_gap=3.0)
    square.paste(small, ((size - fitted[0]) // 2, (size - fitted[1]) // 2))
    return np.asarray(square)


def _scaled_grey(picture: Image.Image) -> Image.Image:
    """Grey of more than 8 bits as 8 bits: 16-bit values by their range, others by their own."""
    from PIL import Image

    values = np.asarray(picture).astype(np.float64)
    values = np.nan_to_num(values)
    if picture.mode == "F":
        low, high = float(values.min(initial=0)), float(values.max(initial=0))
    else:
        low, high = 0.0, 65_535.0
    scaled = (values - low) / (high - low or 1) * 255
    return Image.fromarray(np.clip(scaled, 0, 255).astype(np.uint8))
