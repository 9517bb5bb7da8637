"""Many small pictures in one: what a map draws in place of points."""

from __future__ import annotations

import io
from collections.abc import Sequence
from typing import TYPE_CHECKING

from core.base.errors import PictureError, StorageError
from core.images.thumbnails import thumbnail
from core.readers.pictures import open_picture

if TYPE_CHECKING:
    from PIL import Image

    from core.base.types import Pictures

CELL = 64  # pixels of a side
ACROSS = 16
COUNT = ACROSS * ACROSS


def sheet(gallery: Pictures, rows: Sequence[int]) -> bytes:
    """Up to 256 pictures of a gallery as one WebP, row by row of 16, each within 64 x 64 pixels.

    Transparent ones stay so, each keeps its aspect, and what cannot be opened leaves its cell
    empty.
    """
    from PIL import Image

    made = Image.new("RGBA", (ACROSS * CELL, ACROSS * CELL), (0, 0, 0, 0))
    clear = bool(rows) and _is_clear(gallery, rows[0])
    for at, row in enumerate(rows[:COUNT]):
        small = _small(gallery, row, clear=clear)
        if small is not None:
            left, top = at % ACROSS * CELL, at // ACROSS * CELL
            place = (left + (CELL - small.width) // 2, top + (CELL - small.height) // 2)
            made.paste(small, place)
    stream = io.BytesIO()
    made.save(stream, "WEBP", quality=80, method=2)
    return stream.getvalue()


def _is_clear(gallery: Pictures, row: int) -> bool:
    """Whether pictures are seen through, as emoji are; one stands for all of its gallery."""
    picture = _opened(gallery, row)
    return picture is not None and (picture.mode in ("RGBA", "LA", "PA"))


def _opened(gallery: Pictures, row: int) -> Image.Image | None:
    try:
        return gallery.open(row)
    except (PictureError, StorageError):
        return None


def _small(gallery: Pictures, row: int, *, clear: bool) -> Image.Image | None:
    """From the kept thumbnails, which have no transparency, or from the picture itself."""
    if clear:
        picture = _opened(gallery, row)
    else:
        data = thumbnail(gallery, row)
        picture = None if data is None else open_picture(data)
    if picture is None:
        return None
    small = picture.convert("RGBA")
    small.thumbnail((CELL, CELL))
    return small
