"""Pictures by their colours alone: a histogram in CIELAB, where distances are as people see them.

The counts are blurred a little, so that colours of neighbouring bins are alike, and the square root
is taken, so that cosine compares the histograms as Hellinger's distance does.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache
from typing import TYPE_CHECKING

import numpy as np

from core.base import vectors as vec
from core.base.types import FloatArray, Space
from core.readers.pictures import to_rgb

if TYPE_CHECKING:
    from PIL import Image

SIZE = 64  # pixels of a side; the picture is stretched to it, since margins would be a colour too
BINS = (8, 9, 9)  # of lightness, green to red, and blue to yellow
_RANGES = ((0.0, 100.0), (-90.0, 90.0), (-90.0, 90.0))  # beyond it no colour of a screen is common
_BLUR = 0.7  # bins
DIM = int(np.prod(BINS))


@cache  # reading a version means reading a whole README
def recipe() -> str:
    """What decides the vectors, as text: caches are keyed by it."""
    from importlib import metadata

    return f"lab {SIZE} {BINS} {_RANGES} {_BLUR} skimage={metadata.version('scikit-image')} v1"


class ColorEncoder:
    """Pictures of any size and mode to unit vectors ``(DIM,)``."""

    chunk = 256

    def __init__(self, space: Space) -> None:
        self.space = space

    def encode_pictures(self, pictures: Iterable[Image.Image]) -> FloatArray:
        """Unit vectors ``(n, DIM)``; none of their numbers is below 0."""
        rows = [_histogram(picture) for picture in pictures]
        if not rows:
            return np.empty((0, DIM), dtype=np.float32)
        return vec.normalize(np.stack(rows))


def _histogram(picture: Image.Image) -> FloatArray:
    from scipy.ndimage import gaussian_filter
    from skimage.color import rgb2lab

    pixels = np.asarray(to_rgb(picture).resize((SIZE, SIZE)))
    lab = rgb2lab(pixels).reshape(-1, 3)
    low, high = np.array(_RANGES).T
    counts = np.histogramdd(np.clip(lab, low, high), BINS, _RANGES)[0]
    blurred = gaussian_filter(counts / counts.sum(), _BLUR, mode="constant")
    roots: FloatArray = np.sqrt(blurred).astype(np.float32).ravel()
    return roots
