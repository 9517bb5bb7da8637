"""Lesson 6: two encoders into one space, and what a softmax makes of their similarities."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from core.base.types import FloatArray

Shape = tuple[int, ...]


def softmax(scores: FloatArray, scale: float) -> FloatArray:
    """``exp(scale * s) / sum exp(scale * s)`` over the last axis of ``(..., n)``.

    ``scale`` is one over the temperature.
    """
    from scipy import special

    result: FloatArray = special.softmax(scale * scores, axis=-1)
    return result


def matched(similarity: FloatArray) -> int:
    """In how many rows of ``(n, n)`` the diagonal holds the largest number."""
    return int((similarity.argmax(axis=1) == np.arange(len(similarity))).sum())


@dataclass(frozen=True, slots=True)
class ClipShapes:
    """Shapes of a CLIP with a vision transformer, for one picture and one text.

    Attributes:
        picture, text: by the stage's name, in their order.
    """

    picture: dict[str, Shape]
    text: dict[str, Shape]


def clip_shapes(architecture: str = "ViT-B-32") -> ClipShapes:
    """The shapes by open_clip's description of the architecture; no weights are needed.

    Radford et al. 2021, arXiv:2103.00020.
    """
    from open_clip import get_model_config

    found = get_model_config(architecture)
    vision, text, dim = found["vision_cfg"], found["text_cfg"], int(found["embed_dim"])
    side, patch, width = (int(vision[name]) for name in ("image_size", "patch_size", "width"))
    length, text_width = int(text["context_length"]), int(text["width"])
    count = (side // patch) ** 2
    return ClipShapes(
        {
            "pixel_values": (1, 3, side, side),
            f"patches of {patch} × {patch}": (1, count, 3 * patch * patch),
            "with the class token": (1, count + 1, width),
            f"after {vision['layers']} layers": (1, count + 1, width),
            "class token, projected": (1, dim),
        },
        {
            "input_ids": (1, length),
            "embeddings": (1, length, text_width),
            f"after {text['layers']} layers": (1, length, text_width),
            "last token, projected": (1, dim),
        },
    )
