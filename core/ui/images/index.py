"""Images → Index: indexes over a gallery, and which one its search is served by."""

from __future__ import annotations

import streamlit as st

from core.cache import images as images_cache
from core.cache.images import OpenGallery
from core.images import index as gallery_index
from core.images.vectors import EncodedGallery
from core.ui.choosers import gallery as gallery_chooser, index_tool
from core.ui.choosers.served_index import Searched
from core.ui.common import frame


def searched(choice: gallery_chooser.Choice, opened: OpenGallery) -> Searched:
    """A gallery as what an index is over."""
    return Searched(
        opened.key,
        opened.gallery.name,
        "gallery",
        "picture",
        opened.vectors,
        ("see", "Search"),
        lambda settings, progress: images_cache.served_index(opened, settings, progress),
        lambda: gallery_index.origin_of(
            opened.gallery, opened.vectors, choice.space.space.name, opened.blend
        ),
    )


def show(choice: gallery_chooser.Choice, encoded: EncodedGallery) -> None:
    """The whole tool."""
    with frame.settings():
        share = gallery_chooser.choose_blend(encoded, st)
    opened = choice.blended(encoded, share)
    index_tool.show(searched(choice, opened), ", as Search has them with this caption weight")
