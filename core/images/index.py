"""A gallery's index: what is told of it in its file."""

from __future__ import annotations

from core.base.types import FloatArray
from core.images.gallery import Gallery
from core.knn import index_store
from core.knn.index_files import Origin


def origin_of(gallery: Gallery, vectors: FloatArray, space: str, blend: float) -> Origin:
    """What an index over the vectors ``(n, dim)`` of a gallery is of.

    Args:
        space: the name of their embedding model.
        blend: the share of the captions in them.
    """
    return Origin(
        index_store.key_of(vectors),
        gallery.ids,
        [one.hex() for one in gallery.digests],
        {"gallery": gallery.name, "space": space, "blend": blend},
    )
