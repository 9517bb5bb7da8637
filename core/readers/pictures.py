"""Any picture as the square of pixels that the picture encoder sees; the same when it is trained.

The treatment: the first frame; turned as its EXIF data says; 16-bit values scaled, palettes, CMYK
and grey made RGB; transparency laid on white; scaled to fit (bicubic, with the smaller side at
least one pixel) and set in the middle of a white square.
"""

from __future__ import annotations

import io
import struct
import warnings
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import suppress
from itertools import islice
from typing import TYPE_CHECKING, Protocol, TypeVar

import numpy as np
import numpy.typing as npt

from core.base.errors import PictureError, shorten
from core.base.prefetch import ahead
from core.base.types import FloatArray, Space

if TYPE_CHECKING:
    from PIL import Image

MAX_PIXELS = 100_000_000
# Those that people's pictures are in; not all that Pillow knows, which would run PostScript too.
FORMATS = ("JPEG", "PNG", "WEBP", "GIF", "TIFF", "BMP", "AVIF", "ICO", "PPM")
# What Pillow raises for damaged files; it has no list of it. Besides its own OSError, SyntaxError
# and ValueError: AVIF's decoder raises RuntimeError, and a TIFF whose tags are of another type than
# expected TypeError (a text or fraction as offset) or OverflowError (a number too large for C, a
# colour above 255). KeyError, IndexError and struct.error it expects of its own readers, but
# catches only while they read the head (ImageFile), not the pixels.
_DAMAGED = (
    *(OSError, SyntaxError, ValueError, RuntimeError),
    *(TypeError, OverflowError, KeyError, IndexError, struct.error),
)
Pixels = npt.NDArray[np.uint8]
T = TypeVar("T")


class ImageEncoder(Protocol):
    """Turns pictures into vectors of one space.

    ``chunk`` is how many pictures a call is given at most: what is lost when the process is killed
    in the middle.
    """

    space: Space
    chunk: int

    def encode_pictures(self, pictures: Iterable[Image.Image]) -> FloatArray:
        """Unit vectors of ``n`` pictures of any size and mode, ``(n, space.dim)``.

        They are taken one by one, so that large ones need not be in memory together.
        """
        ...


def in_batches(
    pictures: Iterable[Image.Image], treat: Callable[[Image.Image], T], size: int
) -> Iterator[list[T]]:
    """Lists of up to ``size`` treated pictures, the next made while the last one is used."""
    treated = ahead((treat(picture) for picture in pictures), 2 * size)
    while part := list(islice(treated, size)):
        yield part


def open_picture(
    data: bytes, name: str = "picture", formats: Sequence[str] = FORMATS
) -> Image.Image:
    """The picture in a file's bytes, loaded, upright as its EXIF data says, in its own mode.

    Args:
        formats: those of ``FORMATS`` that it may be in.

    Raises:
        PictureError: it is no picture, damaged, or larger than ``MAX_PIXELS``.
    """
    from PIL import Image, ImageOps, UnidentifiedImageError

    if not data:
        raise PictureError(
            f"“{shorten(name)}” is empty.",
            "A whole picture is needed.",
            "Save or download it again.",
        )
    Image.init()
    known = [one for one in formats if one in Image.OPEN]  # Pillow may be built without some
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", Image.DecompressionBombWarning)  # checked below
            picture = Image.open(io.BytesIO(data), formats=known)
            width, height = picture.size
            if width * height > MAX_PIXELS:
                raise _too_large(name, f"{width:,} x {height:,} pixels")
            picture.load()
            with suppress(*_DAMAGED, AttributeError):
                # It turns the picture before it writes the rest of EXIF anew: damage there is no
                # matter, and where the turn cannot be read, the picture is taken as it is.
                ImageOps.exif_transpose(picture, in_place=True)
    except Image.DecompressionBombError as error:  # its size is known to Pillow alone
        raise _too_large(name, f"more than {2 * (Image.MAX_IMAGE_PIXELS or 0):,} pixels") from error
    except UnidentifiedImageError as error:
        raise PictureError(
            f"“{shorten(name)}” is no picture that can be read.",
            f"Formats that are read: {', '.join(formats)}.",
            "Save it in one of them.",
        ) from error
    except _DAMAGED as error:
        raise PictureError(
            f"“{shorten(name)}” is damaged: {shorten(str(error))}.",
            "A whole picture is needed.",
            "Save or download it again.",
        ) from error
    return picture


def _too_large(name: str, pixels: str) -> PictureError:
    return PictureError(
        f"“{shorten(name)}” has {pixels}.",
        f"At most {MAX_PIXELS:,} are read.",
        "Scale it down first.",
    )


def to_rgb(picture: Image.Image) -> Image.Image:
    """A picture of any mode as RGB, transparency laid on white."""
    from PIL import Image

    if picture.mode.startswith("I") or picture.mode == "F":
        picture = _scaled_grey(picture)
    if picture.mode in ("P", "PA", "LA", "La", "RGBa") or "transparency" in picture.info:
        picture = picture.convert("RGBA")
    if picture.mode == "RGBA":
        ground = Image.new("RGBA", picture.size, "white")
        picture = Image.alpha_composite(ground, picture)
    return picture.convert("RGB")


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
