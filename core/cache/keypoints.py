"""Key points that all sessions share, found once, in Streamlit's caches.

Keys are digests and options, never pictures. What is handed out is read-only.
"""

from __future__ import annotations

import io
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

import streamlit as st

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


@st.cache_resource(max_entries=500, show_spinner=False)
def _points(digest: str, detector: str, _open: Callable[[], Image.Image]) -> KeyPoints:
    return find_key_points(_open(), Detector(detector))


def key_points(source: Source, detector: Detector) -> KeyPoints:
    """The key points of a picture, found once.

    Raises:
        PictureError: it cannot be opened.
    """
    found: KeyPoints = _points(source.digest, detector.value, source.open)
    return found


@st.cache_resource(max_entries=50, show_spinner="Finding key points …")
def _shown(digest: str, detector: str, _source: Source) -> Shown:
    return Shown(_webp(_source.open()), key_points(_source, Detector(detector)))


def shown_picture(source: Source, detector: Detector) -> Shown:
    """A picture in the size of its key points, with these.

    Raises:
        PictureError: it cannot be opened.
    """
    found: Shown = _shown(source.digest, detector.value, source)
    return found


@st.cache_resource(max_entries=50, show_spinner="Finding key points …")
def _turned(
    digest: str, detector: str, degrees: float, scale: float, _source: Source
) -> tuple[Shown, Matrix]:
    turned, transform = turn_and_shrink(working_picture(_source.open()), degrees, scale)
    return Shown(_webp(turned), find_key_points(turned, Detector(detector))), transform


def turned_picture(
    source: Source, detector: Detector, degrees: float, scale: float
) -> tuple[Shown, Matrix]:
    """A picture made smaller and turned, with its key points, and the transform that was done.

    Raises:
        PictureError: it cannot be opened.
    """
    found: tuple[Shown, Matrix] = _turned(source.digest, detector.value, degrees, scale, source)
    return found


@st.cache_resource(max_entries=50, show_spinner=False)
def _matches(key: str, ratio: float, _a: KeyPoints, _b: KeyPoints) -> Matches:
    return match(_a, _b, ratio)


def matches(key: str, ratio: float, a: KeyPoints, b: KeyPoints) -> Matches:
    """The matches of two pictures, found once for a ``key`` that stands for both."""
    found: Matches = _matches(key, ratio, a, b)
    return found


def _webp(picture: Image.Image) -> bytes:
    stream = io.BytesIO()
    working_picture(picture).save(stream, "WEBP", quality=90)
    return stream.getvalue()
