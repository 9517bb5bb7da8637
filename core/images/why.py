"""Why a picture was found: which regions of it, and of a picture that was asked with, carry it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from core.attribution.occlusion import Occlusion, Score
from core.base.types import FloatArray
from core.images.vectors import EncodedGallery
from core.readers.pictures import to_rgb

if TYPE_CHECKING:
    from PIL import Image

SIDE = 384  # pixels of a picture with its heat
# Orange carries similarity, blue costs some (Okabe & Ito 2008); the picture below is grey.
CARRIES, COSTS = (213, 94, 0), (0, 114, 178)
STRONGEST = 0.8  # how much of the picture the strongest colour hides
LEAST = 0.005  # a drop in cosine that is not drawn stronger than it is


def score_result(encoded: EncodedGallery, row: int, share: float, query: FloatArray) -> Score:
    """The cosine with ``query`` ``(dim,)`` of a gallery's picture, whatever of it is covered.

    Its caption keeps its ``share`` meanwhile. What is given takes unit vectors ``(m, dim)``.
    """

    def score(pictures: FloatArray) -> FloatArray:
        scores: FloatArray = encoded.blend_other(row, pictures, share) @ query
        return scores

    return score


def draw_heat(picture: Image.Image, found: Occlusion) -> Image.Image:
    """A picture in grey under its heat: orange where it carries similarity, blue where it costs."""
    from PIL import Image

    small = to_rgb(picture)
    small.thumbnail((SIDE, SIDE), reducing_gap=3.0)
    heat = found.heat()
    strength = heat / max(LEAST, float(np.abs(heat).max()))
    fine = np.asarray(
        Image.fromarray(strength.astype(np.float32)).resize(small.size, Image.Resampling.BILINEAR)
    )
    grey = np.asarray(small.convert("L"), dtype=np.float32)[:, :, None].repeat(3, axis=2)
    carries, costs = (np.array(one, dtype=np.float32) for one in (CARRIES, COSTS))
    colour = np.where(fine[:, :, None] >= 0, carries, costs)
    share = STRONGEST * np.abs(fine)[:, :, None]
    mixed = (1 - share) * grey + share * colour
    return Image.fromarray(mixed.clip(0, 255).round().astype(np.uint8))
