"""Images: the one picture that a tool is asked about, by a name in square brackets."""

from __future__ import annotations

from dataclasses import dataclass

from core.base.types import FloatArray
from core.cache import images as images_cache
from core.cache.images import OpenGallery
from core.images import thumbnails
from core.spaces.entry import SpaceEntry
from core.ui.choosers import query_bar
from core.ui.common import keep
from core.ui.session import own_pictures


@dataclass(frozen=True, slots=True)
class AskedPicture:
    """A picture, or a saved vector, that was asked about.

    Attributes:
        vector: ``(dim,)``, unit.
        small: a thumbnail; ``None`` for a saved vector, or where it cannot be opened.
        row: of the gallery, where it is one of its pictures.
        data: the file, where it was dropped or generated.
    """

    name: str
    vector: FloatArray
    small: bytes | None
    row: int | None = None
    data: bytes | None = None


def ask(key: str, button: str, icon: str, opened: OpenGallery, space: SpaceEntry) -> str:
    """Its name, from the query bar; at first the picture dropped last, or the gallery's first."""
    own_pictures.follow(key)
    bar = query_bar.Bar(
        key,
        "Picture",
        button=button,
        icon=icon,
        first=f"[{opened.names.names[0]}]",
        help="A dropped picture, a picture of the gallery by its id or a saved vector, in square "
        "brackets.",
        examples=[f"[{one}]" for one in opened.names.names[:3]],
    )
    name, _ = query_bar.ask(bar, space)
    return name.strip().removeprefix("[").removesuffix("]")


def find(name: str, opened: OpenGallery, space: SpaceEntry) -> AskedPicture:
    """The picture or the saved vector of this name.

    Raises:
        InputError: there is none.
        PictureError: it cannot be opened.
    """
    data = own_pictures.find(name)
    if data is not None:
        vector = images_cache.picture_vector(space, data)
        return AskedPicture(name, vector, images_cache.small_picture(data), data=data)
    row = opened.names.find(name)
    if row is not None:
        small = thumbnails.thumbnail(opened.gallery, row)
        return AskedPicture(name, opened.vectors[row], small, row)
    saved = keep.shelf().of_space(space.space.name, space.space.dim)
    if name in saved:
        return AskedPicture(name, saved[name], None)
    raise own_pictures.missing(name, opened.names.names[0])
