"""A gallery put in order: what ``core/review`` needs to know of its pictures."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from core.base.types import FloatArray, Progress, no_progress
from core.images.filters import cells
from core.images.gallery import Gallery, require_column
from core.images.perceptual_hash import hash_vectors
from core.review.review import Items

if TYPE_CHECKING:
    from PIL import Image


def hash_gallery(gallery: Gallery, progress: Progress = no_progress) -> FloatArray:
    """Perceptual hashes of the pictures as unit vectors ``(n, 64)``.

    Raises:
        PictureError, StorageError: a picture cannot be opened.
        Cancelled: by ``progress``.
    """

    def opened() -> Iterator[Image.Image]:
        for row in range(len(gallery)):
            progress(row, len(gallery), "pictures hashed")
            yield gallery.open(row)

    return hash_vectors(opened())


def items_of(
    gallery: Gallery, vectors: FloatArray, copies: FloatArray, labels: str = "", splits: str = ""
) -> Items:
    """Pictures with unit vectors ``(n, dim)``, and ``copies`` ``(n, m)`` that tell duplicates.

    Args:
        labels: the column of these, and of the ``splits``; "" for none.

    Raises:
        InputError: there is no such column.
    """
    titles = [gallery.title(row) for row in range(len(gallery))]
    kinds = _values(gallery, labels), _values(gallery, splits)
    return Items(gallery.ids, vectors, copies, *kinds, titles)


def _values(gallery: Gallery, column: str) -> list[str] | None:
    """A column as text, "" where a picture has no value; ``None`` for no column."""
    if not column:
        return None
    require_column(gallery.name, gallery.frame, column)
    return list(map(str, cells(gallery.frame[column])))
