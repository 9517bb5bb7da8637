"""Small versions of pictures, made when they are first shown and kept in the data home."""

from __future__ import annotations

import base64
import hashlib
import io
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

from core.base.errors import PictureError, StorageError
from core.readers.pictures import open_picture, to_rgb
from core.storage import data_home

if TYPE_CHECKING:
    from PIL import Image

    from core.base.types import Pictures

FOLDER = "thumbnails"
SIDE = 192  # the longer side at most, in pixels
_RECIPE = "v2"
_DIGEST = 32  # bytes of SHA-256 before the picture in its file
MARK_SIDE, MARK_BYTES = 96, 8_192  # of the mark of a kept vector


def thumbnail(gallery: Pictures, row: int) -> bytes | None:
    """A picture of a gallery, small, as the bytes of a WebP; ``None`` where it cannot be opened."""
    name = gallery.digests[row].hex()
    path = data_home.data_home() / FOLDER / f"{_RECIPE}-{SIDE}" / name[:2] / f"{name}.thumbnail"
    if (kept := _kept(path)) is not None:
        return kept
    try:
        picture = gallery.open(row)
    except (PictureError, StorageError):  # damaged, or the gallery was deleted meanwhile
        return None
    made = shrink(picture)
    with suppress(StorageError):  # it can be shown without being kept
        data_home.write_file(path, hashlib.sha256(made).digest() + made)
    return made


def _kept(path: Path) -> bytes | None:
    """A picture that was written, checked; ``None`` where it has to be made."""
    try:
        data = path.read_bytes()
    except OSError:
        return None
    small = data[_DIGEST:]
    return small if hashlib.sha256(small).digest() == data[:_DIGEST] else None


def as_address(small: bytes) -> str:
    """A thumbnail as a ``data:`` address.

    Given bytes, Streamlit opens, scales and writes each picture anew in every run, and the browser
    asks for each on its own: half the time of a page of results.
    """
    return f"data:image/webp;base64,{base64.b64encode(small).decode()}"


def shrink(picture: Image.Image, side: int = SIDE) -> bytes:
    """A picture as a WebP of at most ``side`` by ``side``; smaller ones keep their size."""
    rgb = to_rgb(picture)
    rgb.thumbnail((side, side), reducing_gap=3.0)
    stream = io.BytesIO()
    rgb.save(stream, "WEBP", quality=85)
    return stream.getvalue()


def mark(data: bytes) -> bytes:
    """A picture's file as the small mark of a kept vector; empty where it cannot be opened."""
    try:
        picture = open_picture(data)
    except PictureError:
        return b""
    made = shrink(picture, MARK_SIDE)
    return made if len(made) <= MARK_BYTES else shrink(picture, MARK_SIDE // 2)


def check_mark(data: bytes) -> None:
    """Checks a mark that may come from anybody, before any of its pixels are unpacked.

    Raises:
        PictureError: it is no WebP of the size of a mark.
    """
    from PIL import Image, UnidentifiedImageError

    try:
        with Image.open(io.BytesIO(data), formats=("WEBP",)) as picture:
            fits = len(data) <= MARK_BYTES and max(picture.size) <= MARK_SIDE
    except (UnidentifiedImageError, OSError, SyntaxError, ValueError, RuntimeError) as error:
        raise PictureError("A saved vector's picture is no WebP.", "", "") from error
    if not fits:
        raise PictureError(
            "A saved vector's picture is too large.",
            f"At most {MARK_SIDE} pixels a side and {MARK_BYTES:,} bytes are taken.",
            "",
        )
