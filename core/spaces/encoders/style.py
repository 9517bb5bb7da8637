"""Pictures by how they are made, whatever they show: Gram matrices of an early layer.

Which features of a network occur together, and how often, over the whole picture and wherever in
it: strokes, grain, flatness, line (Gatys, Ecker & Bethge 2016). With features ``f`` ``(c, h, w)``
the matrix is ``G[i, j] = mean(f[i] * f[j])`` over the picture, ``(c, c)``; its upper triangle, of
which the square root is taken with its sign, since some features are far larger than others.
"""

from __future__ import annotations

import threading
from collections.abc import Iterable
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from core.base import vectors as vec
from core.base.types import FloatArray, Space
from core.readers.pictures import Pixels, in_batches, to_rgb
from core.spaces.encoders.efficientnet import LITE0, open_network

if TYPE_CHECKING:
    import torch
    from PIL import Image
    from torch import nn

SIZE = 160  # pixels of a side; the picture is stretched to it, since margins would be a style too
STAGES = (
    2  # after the first convolution: 24 channels of 40 x 40; a third finds styles hardly better
)
CHANNELS = 24
DIM = CHANNELS * (CHANNELS + 1) // 2
BATCH = 16


def recipe() -> str:
    """What decides the vectors, as text: caches are keyed by it."""
    return f"gram {LITE0.sha256} stages={STAGES} size={SIZE} root v1"


class StyleEncoder:
    """Pictures of any size and mode to unit vectors ``(DIM,)``.

    Raises:
        NotReadyError: the package with the network's weights is not installed.
        StorageError: the weights are damaged.
    """

    chunk = 128

    def __init__(self, space: Space) -> None:
        self.space = space
        self._lock = threading.Lock()

    @cached_property
    def _stem(self) -> nn.Module:
        """The first stages alone: the others are not computed."""
        from torch import nn

        with self._lock:
            model = open_network(LITE0)
        parts = [getattr(model, name) for name in ("conv_stem", "bn1")]
        stem: nn.Module = nn.Sequential(*parts, *model.blocks[:STAGES]).eval()  # type: ignore[index]
        return stem

    def encode_pictures(self, pictures: Iterable[Image.Image]) -> FloatArray:
        """Unit vectors ``(n, DIM)``."""
        rows = [np.empty((0, DIM), dtype=np.float32)]
        rows += [self._encode(np.stack(part)) for part in in_batches(pictures, _stretched, BATCH)]
        return vec.normalize(np.concatenate(rows))

    def _encode(self, squares: Pixels) -> FloatArray:
        import torch

        pixels = torch.from_numpy(squares).permute(0, 3, 1, 2).float()
        with torch.inference_mode():
            features = self._stem(
                (pixels.contiguous(memory_format=torch.channels_last) - 127) / 128
            )
            return gram_vectors(features)


def gram_vectors(features: torch.Tensor) -> FloatArray:
    """The upper triangles ``(n, c * (c + 1) / 2)`` of features ``(n, c, h, w)``, not yet unit."""
    import torch

    rows = features.flatten(2)
    products = rows @ rows.transpose(1, 2) / rows.shape[2]
    first, second = torch.triu_indices(rows.shape[1], rows.shape[1])
    upper = products[:, first, second]
    found: FloatArray = (upper.sign() * upper.abs().sqrt()).numpy()
    return found


def _stretched(picture: Image.Image) -> Pixels:
    return np.asarray(to_rgb(picture).resize((SIZE, SIZE)))
