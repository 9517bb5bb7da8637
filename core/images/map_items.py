"""Pictures as items of a map."""

from __future__ import annotations

from dataclasses import dataclass

from core.base.errors import listed
from core.base.types import Modality
from core.images.galleries import GalleryEntry
from core.images.vectors import EncodedGallery
from core.maps.items import MapData, Origin, with_digest


@dataclass(frozen=True, slots=True)
class GalleryOrigin(Origin):
    """Pictures of a gallery.

    Attributes:
        language: of the captions.
        blend: the share of the captions in the vectors, as in ``EncodedGallery``.
    """

    entry: GalleryEntry
    language: str
    blend: float


def from_gallery(
    encoded: EncodedGallery, space: str, blend: float, origin: GalleryOrigin | None = None
) -> MapData:
    """The pictures of a gallery, with their captions; ``blend`` as in ``EncodedGallery``."""
    gallery = encoded.gallery
    left = [*encoded.damaged, *(one.id for one in gallery.skipped)]
    notes = [f"Pictures that could not be used: {len(left):,} ({listed(left)})."] if left else []
    if gallery.attribution:
        notes.append(gallery.attribution)
    return with_digest(
        MapData(
            gallery.name,
            gallery.ids,
            [gallery.title(row) for row in range(len(gallery))],
            gallery.frame,
            encoded.blend(blend),
            "",
            space,
            Modality.IMAGE,
            gallery,
            tuple(notes),
            origin=origin,
        )
    )
