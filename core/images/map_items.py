"""Pictures as items of a map."""

from __future__ import annotations

from typing import TYPE_CHECKING

from core.base.types import Modality
from core.images.vectors import EncodedGallery
from core.maps.items import MapData, with_digest

if TYPE_CHECKING:
    pass


def from_gallery(encoded: EncodedGallery, space: str, blend: float) -> MapData:
    """The pictures of a gallery, with their captions; ``blend`` as in ``EncodedGallery``."""
    gallery = encoded.gallery
    left = len(encoded.damaged) + len(gallery.skipped)
    notes = [f"Pictures that could not be used: {left:,}."] if left else []
    if gallery.attribution:
        notes.append(gallery.attribution)
    return with_digest(
        MapData(
            gallery.name,
            gallery.ids,
            gallery.captions or gallery.ids,
            gallery.frame,
            encoded.blend(blend),
            "",
            space,
            Modality.IMAGE,
            gallery,
            tuple(notes),
        )
    )
