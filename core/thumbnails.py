"""Small versions of pictures, made when they are first shown and kept in the data home."""

from __future__ import annotations

import base64
import io
from typing import TYPE_CHECKING

from core import store
from core.errors import PictureError
from core.pictures import to_rgb

if TYPE_CHECKING:
    from PIL import Image

    from core.galleries import Gallery

FOLDER = "thumbnails"
SIDE = 192  # the longer side at most, in pixels
_RECIPE = "v1"


def thumbnail(gallery: Gallery, row: int) -> bytes | None:
    """A picture of a gallery, small, as the bytes of a WebP; ``None`` where it cannot be opened."""
    name = gallery.digests[row].hex()
    path = store.data_home() / FOLDER / f"{_RECIPE}-{SIDE}" / name[:2] / f"{name}.webp"
    if path.is_file():
        with store.storage_errors("read", path):
            return path.read_bytes()
    try:
        picture = gallery.open(row)
    except PictureError:
        return None
    made = shrink(picture)
    store.write_file(path, made)
    return made


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
