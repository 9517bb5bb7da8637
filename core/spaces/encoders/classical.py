"""Pictures without a network: colours and outlines, the baseline that a network must beat.

Half of the vector is a histogram of colours (HSV), of which the square root is taken, so that
cosine compares them as Hellinger's distance does; the other half are histograms of oriented
gradients (Dalal & Triggs 2005), which see outlines. scikit-image computes both.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache
from typing import TYPE_CHECKING

import numpy as np

from core.base import vectors as vec
from core.base.types import FloatArray, Space
from core.readers.pictures import Pixels, to_square

if TYPE_CHECKING:
    from PIL import Image

SIZE = 64
BINS = (12, 4, 4)  # of hue, saturation and value
CELL, BLOCK, TURNS = 8, 2, 9
_BLOCKS = SIZE // CELL - BLOCK + 1
DIM = int(np.prod(BINS)) + _BLOCKS * _BLOCKS * BLOCK * BLOCK * TURNS


@cache  # reading a version means reading a whole README
def recipe() -> str:
    """What decides the vectors, as text: caches are keyed by it."""
    from importlib import metadata

    version = metadata.version("scikit-image")
    return f"classical {SIZE} {BINS} {CELL} {BLOCK} {TURNS} skimage={version} letterbox-white v1"


class ClassicalEncoder:
    """Pictures of any size and mode to unit vectors ``(DIM,)``: colours, then outlines."""

    chunk = 256

    def __init__(self, space: Space) -> None:
        self.space = space

    def encode_pictures(self, pictures: Iterable[Image.Image]) -> FloatArray:
        """Unit vectors ``(n, DIM)``."""
        rows = [self._encode(to_square(picture, SIZE)) for picture in pictures]
        if not rows:
            return np.empty((0, DIM), dtype=np.float32)
        return vec.normalize(np.stack(rows))

    @staticmethod
    def _encode(pixels: Pixels) -> FloatArray:
        from skimage.color import rgb2gray, rgb2hsv
        from skimage.feature import hog

        hsv = rgb2hsv(pixels).reshape(-1, 3)
        counts = np.histogramdd(hsv, BINS, [(0, 1)] * 3)[0].ravel()
        colors = np.sqrt(counts / counts.sum())  # of unit length
        outlines = hog(rgb2gray(pixels), TURNS, (CELL, CELL), (BLOCK, BLOCK), "L2-Hys")
        # A picture of one colour has no outlines: then the colours count alone.
        length = max(float(np.linalg.norm(outlines)), 1e-6)
        return np.concatenate([colors, outlines / length]).astype(np.float32)
