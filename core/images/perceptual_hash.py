"""The perceptual hash pHash: pictures that look alike have nearly the same 64 bits.

The lowest frequencies of a discrete cosine transform of the picture, grey and small, each above
their median or not (Zauner 2010, "Implementation and benchmarking of perceptual image hash
functions", section 3.2.1). Scaling, JPEG and small changes of brightness turn few bits; cropping
and mirroring turn many. Colours count for nothing, and a picture of one colour has no hash worth
the name.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

import numpy as np

from core.base.types import BoolArray, FloatArray
from core.readers.pictures import to_rgb

if TYPE_CHECKING:
    from PIL import Image

_SIDE = 32  # pixels of the small picture
_KEPT = 8  # frequencies in each direction
BITS = _KEPT * _KEPT


def hash_picture(picture: Image.Image) -> BoolArray:
    """The bits ``(64,)`` of a picture."""
    from PIL import Image
    from scipy.fft import dctn

    small = to_rgb(picture).convert("L").resize((_SIDE, _SIDE), Image.Resampling.LANCZOS)
    waves = dctn(np.asarray(small, dtype=np.float64), norm="ortho")[:_KEPT, :_KEPT].ravel()
    waves[np.abs(waves) < 1e-6] = 0  # what is flat has no frequencies but for rounding
    bits: BoolArray = waves > np.median(waves[1:])  # the first is the mean brightness
    return bits


def hash_vectors(pictures: Iterable[Image.Image]) -> FloatArray:
    """Hashes of pictures as unit vectors ``(n, 64)``.

    Their cosine is 1 - 2 d / 64, where d is the number of bits that differ (``as_cosine``): so
    what finds near vectors finds near hashes.
    """
    bits = [hash_picture(one) for one in pictures]
    signs = np.where(np.reshape(bits, (len(bits), BITS)), 1, -1)
    vectors: FloatArray = (signs / np.sqrt(BITS)).astype(np.float32)
    return vectors


def as_cosine(differing: int) -> float:
    """The cosine of hashes with so many bits that differ."""
    return 1 - 2 * differing / BITS
