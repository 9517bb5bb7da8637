"""Any picture as the square of pixels that the picture encoder sees; the same when it is trained.

The treatment: the first frame, or the first page of a PDF; turned as its EXIF data says; 16-bit
values scaled, palettes, CMYK and grey made RGB; transparency laid on white; scaled to fit (bicubic,
with the smaller side at least one pixel) and set in the middle of a white square.
"""

from __future__ import annotations

import io
import struct
import warnings
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import suppress
from functools import cache
from itertools import islice
from pathlib import Path, PurePath
from typing import TYPE_CHECKING, Any, Protocol, TypeVar

import numpy as np
import numpy.typing as npt

from core.base.errors import PictureError, shorten
from core.base.prefetch import ahead
from core.base.reasons import reason_of
from core.base.types import FloatArray, Progress, Space
from core.readers import file_kinds, isolated

if TYPE_CHECKING:
    from PIL import Image

MAX_PIXELS = 100_000_000
# Those that people's pictures are in; not all that Pillow knows, which would run PostScript too.
FORMATS = (
    *("JPEG", "PNG", "WEBP", "GIF", "TIFF", "BMP", "AVIF", "ICO", "PPM", "JPEG2000", "HEIF"),
    *("PDF", "JXL"),
)
_PDF, _PDF_WITHIN = b"%PDF-", 1_024  # how a PDF begins, and in which bytes, as readers take it
_PDF_SIDE = 1_024  # pixels of the longer side of a page
_BY_NAME = {".tga": "TGA"}  # whose bytes do not tell what they are
_RANGES = (255, 1_023, 4_095, 16_383, 65_535)  # of 8, 10, 12, 14 and 16 bits
# What this process decodes: what most pictures are in, by libraries that browsers use as well.
_USUAL = ("JPEG", "PNG", "WEBP")
_PLAIN = ("1", "L", "RGB", "RGBA", "CMYK", "YCbCr", "LAB", "HSV")  # modes that are passed as bytes
_LIMITS = isolated.Limits(memory=3_000_000_000, seconds=20, output=500_000_000)
_STRIP = 256  # rows
_FULL = 64  # upper byte from which on 16 bits are used, and not 14
# What Pillow raises for damaged files; it has no list of it. Besides its own OSError, SyntaxError
# and ValueError: AVIF's decoder raises RuntimeError, and a TIFF whose tags are of another type than
# expected TypeError (a text or fraction as offset) or OverflowError (a number too large for C, a
# colour above 255). KeyError, IndexError and struct.error it expects of its own readers, but
# catches only while they read the head (ImageFile), not the pixels.
_DAMAGED = (
    *(OSError, SyntaxError, ValueError, RuntimeError, EOFError),
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

    The usual formats are decoded here; the others in a child process, from which the picture comes
    upright, and without a palette.

    Args:
        formats: those of ``FORMATS`` that it may be in.

    Raises:
        PictureError: it is no picture, damaged, or larger than ``MAX_PIXELS``.
    """
    by_name = _BY_NAME.get(PurePath(name).suffix.lower())
    if by_name is not None:
        formats = (*formats, by_name)
    elif not (_is_pdf(data, formats) or _is_rare(data, formats)):
        return open_here(data, name, formats)
    from PIL import Image

    with isolated.folder_with({"file": data}) as folder:
        given, pixels = folder / "file", folder / "pixels"
        answer = isolated.run(
            f"{__name__}:open_in_child",
            {"path": str(given), "target": str(pixels), "name": name, "formats": list(formats)},
            name=name,
            limits=_LIMITS,
            error=PictureError,
            keep=True,  # a gallery may have thousands
        )
        mode, (width, height) = str(answer["mode"]), answer["size"]
        if mode not in _PLAIN or width * height > MAX_PIXELS:
            raise _too_large(name, f"{width:,} x {height:,} pixels")
        return Image.frombytes(mode, (width, height), pixels.read_bytes())


def _is_pdf(data: bytes, formats: Sequence[str]) -> bool:
    return "PDF" in formats and _PDF in data[:_PDF_WITHIN]


def _is_rare(data: bytes, formats: Sequence[str]) -> bool:
    """Whether a file is one that a child decodes, by its first bytes, as Pillow takes it."""
    from PIL import Image

    _prepare()
    known = (Image.OPEN[one][1] for one in formats if one in Image.OPEN and one not in _USUAL)
    return any(accepts is not None and accepts(data[:16]) is True for accepts in known)


@cache
def _prepare() -> None:
    """Has Pillow know all formats, HEIF by libheif, and JPEG XL where its decoder is installed."""
    from PIL import Image
    from pillow_heif import register_heif_opener

    Image.init()
    register_heif_opener()
    with suppress(ImportError):
        from pylibjxl import register_pillow

        register_pillow()


def open_in_child(
    path: str, target: str, name: str, formats: list[str], progress: Progress
) -> dict[str, Any]:
    """What ``open_picture`` has a child do: the pixels go to a file."""
    data = Path(path).read_bytes()
    picture = _in_plain_mode(open_here(data, name, formats))
    Path(target).write_bytes(picture.tobytes())
    return {"mode": picture.mode, "size": picture.size}


def _first_page(data: bytes, name: str) -> Image.Image:
    """The first page of a PDF, its longer side ``_PDF_SIDE`` pixels."""
    import pypdfium2

    try:
        document = pypdfium2.PdfDocument(data)
        page = document[0]
        scale = _PDF_SIDE / max(1.0, *page.get_size())
        picture: Image.Image = page.render(scale=scale).to_pil().convert("RGB")
    except (pypdfium2.PdfiumError, IndexError, ValueError, OSError) as error:
        raise PictureError(
            f"“{shorten(name)}” is no PDF that can be read: {shorten(reason_of(error), 80)}.",
            "A whole PDF without a password, of one page or more, is needed.",
            "Save its page as a picture.",
        ) from error
    return picture


def open_here(data: bytes, name: str = "picture", formats: Sequence[str] = FORMATS) -> Image.Image:
    """As ``open_picture``, in this process, and in the picture's own mode whatever its format.

    Raises:
        PictureError: as ``open_picture``.
    """
    from PIL import Image, UnidentifiedImageError

    if _is_pdf(data, formats):
        return _first_page(data, name)
    if not data:
        raise PictureError(
            f"“{shorten(name)}” is empty.",
            "A whole picture is needed.",
            "Save or download it again.",
        )
    _prepare()
    known = [one for one in formats if one in Image.OPEN]  # Pillow may be built without some
    shown = {*known, "PDF"}
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", Image.DecompressionBombWarning)  # checked below
            picture = Image.open(io.BytesIO(data), formats=known)
            width, height = picture.size
            if width * height > MAX_PIXELS:
                raise _too_large(name, f"{width:,} x {height:,} pixels")
            deep = _deep_colours(picture)
            picture.load()
            if deep and int(np.asarray(picture)[:, :, :3].max(initial=0)) < _FULL:
                return _scaled_colours(picture, data, known)
            turn_upright(picture)
    except Image.DecompressionBombError as error:  # its size is known to Pillow alone
        raise _too_large(name, f"more than {2 * (Image.MAX_IMAGE_PIXELS or 0):,} pixels") from error
    except UnidentifiedImageError as error:
        kind = file_kinds.kind_of(data)
        what = "" if kind is None else f": it is {kind.told}"
        remedy = "" if kind is None or kind.text or kind.endings else kind.remedy
        raise PictureError(
            f"“{shorten(name)}” is no picture that can be read{what}.",
            f"Formats that are read: {', '.join(one for one in formats if one in shown)}.",
            remedy or "Save it in one of them.",
        ) from error
    except _DAMAGED as error:
        raise PictureError(
            f"“{shorten(name)}” is damaged: {shorten(reason_of(error))}.",
            "A whole picture is needed.",
            "Save or download it again.",
        ) from error
    return picture


def _deep_colours(picture: Image.Image) -> str:
    """How the pixels of a PNG of colours with 16 bits a value are unpacked; empty for another."""
    tiles = getattr(picture, "tile", None)
    raw = tiles[0].args if tiles and picture.format == "PNG" else ""
    return raw if raw in ("RGB;16B", "RGBA;16B") else ""


def _scaled_colours(picture: Image.Image, data: bytes, formats: list[str]) -> Image.Image:
    """Colours of 16 bits of which fewer are used, such as 12, as 8 bits scaled by those.

    Pillow gives the upper byte of each value; read as if the lower came first, it gives the lower.
    """
    from PIL import Image

    lower = Image.open(io.BytesIO(data), formats=formats)
    swapped = _deep_colours(lower).replace("16B", "16L")
    lower.tile = [tile._replace(args=swapped) for tile in lower.tile]
    values = np.asarray(picture).astype(np.uint16) * 256 + np.asarray(lower)
    colours = values[:, :, :3]
    top = next(top for top in _RANGES[1:] if colours.max(initial=0) <= top)
    scaled = np.asarray(picture).copy()  # whose transparency is of all 16 bits
    for at in range(0, len(values), _STRIP):
        part = colours[at : at + _STRIP].astype(np.float64) * (255 / top)
        scaled[at : at + _STRIP, :, :3] = np.clip(part, 0, 255).astype(np.uint8)
    made = Image.fromarray(scaled, picture.mode)
    made.info = picture.info
    turn_upright(made)
    return made


def turn_upright(picture: Image.Image) -> None:
    """Turns a picture, in place, as its EXIF data says."""
    from PIL import ImageOps

    with suppress(*_DAMAGED, AttributeError):
        # It turns the picture before it writes the rest of EXIF anew: damage there is no matter,
        # and where the turn cannot be read, the picture is taken as it is.
        ImageOps.exif_transpose(picture, in_place=True)


def _too_large(name: str, pixels: str) -> PictureError:
    return PictureError(
        f"“{shorten(name)}” has {pixels}.",
        f"At most {MAX_PIXELS:,} are read.",
        "Scale it down first.",
    )


def to_rgb(picture: Image.Image) -> Image.Image:
    """A picture of any mode as RGB, transparency laid on white."""
    from PIL import Image

    picture = _in_plain_mode(picture)
    if picture.mode == "RGBA":
        ground = Image.new("RGBA", picture.size, "white")
        picture = Image.alpha_composite(ground, picture)
    return picture.convert("RGB")


def _in_plain_mode(picture: Image.Image) -> Image.Image:
    """The picture with 8 bits a value, without a palette, its transparency, if any, in RGBA."""
    if picture.mode.startswith("I") or picture.mode == "F":
        picture = _scaled_grey(picture)
    if picture.mode in ("P", "PA", "LA", "La", "RGBa") or "transparency" in picture.info:
        picture = picture.convert("RGBA")
    return picture if picture.mode in _PLAIN else picture.convert("RGB")


def to_square(picture: Image.Image, size: int) -> Pixels:
    """The picture as ``(size, size, 3)`` RGB bytes."""
    from PIL import Image

    rgb = to_rgb(picture)
    left, top, right, bottom = middle_of_square(rgb.size, size)
    square = Image.new("RGB", (size, size), "white")
    small = rgb.resize((right - left, bottom - top), Image.Resampling.BICUBIC, reducing_gap=3.0)
    square.paste(small, (left, top))
    return np.asarray(square)


def middle_of_square(size: tuple[int, int], side: int) -> tuple[int, int, int, int]:
    """Left, top, right and bottom of a picture of ``size``, scaled to fit, in a square."""
    scale = side / max(size)
    width, height = (max(1, round(one * scale)) for one in size)
    left, top = (side - width) // 2, (side - height) // 2
    return left, top, left + width, top + height


def _scaled_grey(picture: Image.Image) -> Image.Image:
    """Grey of more than 8 bits as 8 bits; of 16 bits those count that are used, as 12 of a scan.

    Values of other types are scaled by their own range.
    """
    from PIL import Image

    values = np.asarray(picture)
    largest = float(values.max(initial=0)) if picture.mode != "F" else 0.0
    low, high = 0.0, float(next((top for top in _RANGES[1:] if largest <= top), _RANGES[-1]))
    if picture.mode == "F":
        finite = np.nan_to_num(values)
        low, high = float(finite.min(initial=0)), float(finite.max(initial=0))
    scaled = np.empty(values.shape, np.uint8)
    for at in range(0, len(values), _STRIP):  # in double precision a large picture takes gigabytes
        part = np.nan_to_num(values[at : at + _STRIP].astype(np.float64))
        part = (part - low) / (high - low or 1) * 255
        scaled[at : at + _STRIP] = np.clip(part, 0, 255).astype(np.uint8)
    return Image.fromarray(scaled)
