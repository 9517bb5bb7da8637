"""Pictures into MiniLM's space by two experts: our own encoder, and ImageNet's classes.

EfficientNet-lite says how likely each of ImageNet's 1,000 classes is; the vectors of their names,
weighed by that, are a second opinion (ConSE, Norouzi et al. 2014, arXiv:1312.5650). It is added to
our own encoder's vector, less the mean of all names, since that is in every opinion. Nothing of it
is trained.
"""

from __future__ import annotations

import threading
from collections.abc import Iterable
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from core.base import vectors as vec
from core.base.types import FloatArray, Space
from core.readers.pictures import Pixels, in_batches, to_square
from core.spaces.encoders import minilm_pictures
from core.spaces.encoders.efficientnet import LITE0
from core.spaces.encoders.minilm_pictures import FOLDER, PictureEncoder
from core.storage.bundled_weights import Shipped

if TYPE_CHECKING:
    from PIL import Image

    from core.spaces.encoders.efficientnet_trunk import Trunk

NAMES, ABOUT = "imagenet-names.safetensors", "imagenet-names.json"
SHIPPED = Shipped("file of ImageNet's names", "core.training.imagenet_names")
SIDE = 160  # pixels; by 192 neighbours are hardly better, and time grows by the square
SHARE = 0.6  # of ImageNet's opinion beside our own encoder's vector
BATCH = 8  # larger ones leave the processor's caches


def names_digest(folder: Path = FOLDER) -> str:
    """SHA-256 of the names' vectors, as the file beside them says.

    Raises:
        StorageError: that file is missing or damaged.
    """
    path = folder / ABOUT
    found = SHIPPED.read_json(path)
    if not isinstance(found.get("sha256"), str):
        raise SHIPPED.damaged(path, "it states no SHA-256")
    return str(found["sha256"])


def recipe() -> str:
    """What decides the vectors, as text: caches are keyed by it."""
    own = minilm_pictures.recipe()
    return f"{own} | {LITE0.sha256} {names_digest()} side={SIDE} share={SHARE} centered v1"


class ImageNetPictureEncoder:
    """Pictures of any size and mode to unit vectors of MiniLM's space.

    Args:
        space: the space of the vectors.
        folder: where the names' vectors lie, other than in the project.
    """

    chunk = 128

    def __init__(self, space: Space, folder: Path = FOLDER) -> None:
        self.space, self.folder = space, folder
        self.own = PictureEncoder(space)
        self._lock = threading.Lock()

    @cached_property
    def names(self) -> FloatArray:
        """Vectors of the classes' names less their mean, ``(1000, dim)``."""
        tensors = SHIPPED.read_tensors(self.folder / NAMES, names_digest(self.folder))
        found: FloatArray = tensors["names"].numpy()
        centered: FloatArray = found - found.mean(axis=0)
        return centered

    @cached_property
    def _trunk(self) -> Trunk:
        from core.spaces.encoders.efficientnet_trunk import Trunk

        return Trunk(LITE0)

    def encode_pictures(self, pictures: Iterable[Image.Image]) -> FloatArray:
        """Unit vectors ``(n, dim)`` of ``n`` pictures, which are taken one by one.

        Raises:
            NotReadyError: the package with EfficientNet's weights is not installed.
            StorageError: weights are missing or damaged.
        """
        found = [np.empty((0, self.space.dim), dtype=np.float32)]
        found += [self._run(part) for part in in_batches(pictures, lambda one: one, BATCH)]
        return np.concatenate(found)

    def _run(self, pictures: list[Image.Image]) -> FloatArray:
        own = self.own.encode_pictures(pictures)
        squares = np.stack([to_square(picture, SIDE) for picture in pictures])
        return mix(own, self.probabilities(squares), self.names)

    def probabilities(self, squares: Pixels) -> FloatArray:
        """Probabilities ``(n, 1000)`` of squares ``(n, s, s, 3)`` of bytes."""
        import torch

        pixels = torch.from_numpy(squares).permute(0, 3, 1, 2).float()
        with self._lock, torch.inference_mode():
            seen = self._trunk(pixels.contiguous(memory_format=torch.channels_last))
            scores = self._trunk.classifier(seen[:, -self._trunk.widths[-1] :])
            found: FloatArray = scores.softmax(1).numpy()
        return found


def mix(own: FloatArray, probabilities: FloatArray, names: FloatArray) -> FloatArray:
    """Unit vectors ``(n, dim)`` of both opinions: ``(n, dim)``, and ``(n, 1000)`` of the names."""
    return vec.normalize(own + np.float32(SHARE) * (probabilities @ names))
