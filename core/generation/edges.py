"""The edges of a photo, as a ControlNet for edges is steered by: white on black (Canny 1986)."""

from __future__ import annotations

import numpy as np
from PIL import Image

BLUR = 2.0  # standard deviation of the blur before edges are looked for, in pixels
MOST_BLUR = 10.0


def edges(photo: Image.Image, blur: float = BLUR) -> Image.Image:
    """Thin edges, of the photo's size, mode ``L``: 255 on them, else 0.

    Args:
        blur: a larger one leaves only the main edges.
    """
    from skimage.feature import canny

    grey = np.asarray(photo.convert("L"), dtype=np.float32) / 255
    return Image.fromarray(canny(grey, sigma=blur).astype(np.uint8) * 255)
