"""Key points of pictures and their matches."""

from __future__ import annotations

import io
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

import streamlit as st

from core.cache.digests import DIGESTS
from core.charts.keypoints import Shown
from core.images.keypoint_matching import Matches, Matrix, match, turn_and_shrink
from core.images.keypoints import Detector, KeyPoints, find_key_points, working_picture

if TYPE_CHECKING:
    from PIL import Image

    from core.images.gallery import Gallery


@dataclass(frozen=True, slots=True)
class Source:
    """A picture by its digest; ``open`` gives it, and raises ``PictureError`` where it cannot."""

    digest: str
    open: Callable[[], Image.Image]


def gallery_source(gallery: Gallery, row: int) -> Source:
    """A picture of a gallery by its row."""
    return Source(gallery.digests[row].hex(), lambda: gallery.open(row))


@st.cache_resource(max_entries=500, hash_funcs=DIGESTS, show_spinner=False)
def key_points(source: Source, detector: Detector) -> KeyPoints:
    """The key points of a picture.

    Raises:
        PictureError: it cannot be opened.
    """
    return find_key_points(source.open(), detector)


@st.cache_resource(max_entries=50, hash_funcs=DIGESTS, show_spinner="Finding keypoints …")
def shown_picture(source: Source, detector: Detector) -> Shown:
    """A picture in the size of its key points, with these.

    Raises:
        PictureError: it cannot be opened.
    """
    return Shown(_webp(source.open()), key_points(source, detector))


@st.cache_resource(max_entries=50, hash_funcs=DIGESTS, show_spinner="Finding keypoints …")
def turned_picture(
    source: Source, detector: Detector, degrees: float, scale: float
) -> tuple[Shown, Matrix]:
    """A picture made smaller and turned, with its key points, and the transform ``(3, 3)`` done.

    Raises:
        PictureError: it cannot be opened.
    """
    turned, transform = turn_and_shrink(working_picture(source.open()), degrees, scale)
    return Shown(_webp(turned), find_key_points(turned, detector)), transform


@st.cache_resource(max_entries=50, hash_funcs=DIGESTS, show_spinner=False)
def matches(a: KeyPoints, b: KeyPoints, ratio: float) -> Matches:
    """The matches of the points of two pictures.

    Raises:
        InputError: as ``match_descriptors``.
    """
    return match(a, b, ratio)


def _webp(picture: Image.Image) -> bytes:
    stream = io.BytesIO()
    working_picture(picture).save(stream, "WEBP", quality=90)
    return stream.getvalue()
