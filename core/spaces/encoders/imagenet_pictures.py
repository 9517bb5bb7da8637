"""Pictures into MiniLM's space by two experts: our own encoder, and a head on EfficientNet-lite0.

The network was trained on ImageNet and stays as it is; the head (``imagenet_head``) turns what it
sees into a vector, which is added to our own encoder's. It knows photos of a thousand things and
more; our own encoder knows emoji, drawings and small pictures.
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
    import torch
    from PIL import Image

    from core.spaces.encoders.efficientnet_trunk import Trunk
    from core.spaces.encoders.imagenet_head import Head

WEIGHTS, ABOUT = "imagenet-head.safetensors", "imagenet-head.json"
SHIPPED = Shipped("head on EfficientNet-lite0", "core.training.picture_head.train")
SIDE = 160  # pixels; by 192 neighbours are hardly better, and time grows by the square
BATCH = 8  # larger ones leave the processor's caches


def head_digest(folder: Path = FOLDER) -> str:
    """SHA-256 of the head's weights, as the file beside them says.

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
    return f"{minilm_pictures.recipe()} | {LITE0.sha256} {head_digest()} side={SIDE} v2"


class ImageNetPictureEncoder:
    """Pictures of any size and mode to unit vectors of MiniLM's space.

    Args:
        space: the space of the vectors.
        folder: where the head's weights lie, other than in the project.
    """

    chunk = 128

    def __init__(self, space: Space, folder: Path = FOLDER) -> None:
        self.space, self.folder = space, folder
        self.own = PictureEncoder(space)
        self._lock = threading.Lock()

    @cached_property
    def head(self) -> Head:
        """The head, ready to evaluate.

        Raises:
            StorageError: its weights are missing or damaged.
        """
        from core.spaces.encoders.imagenet_head import Head

        tensors = SHIPPED.read_tensors(self.folder / WEIGHTS, head_digest(self.folder))
        made = Head()
        try:
            made.load_state_dict({name: one.float() for name, one in tensors.items()})
        except RuntimeError as error:
            raise SHIPPED.damaged(self.folder / WEIGHTS, "its tensors are others") from error
        return made.eval()

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
        return vec.normalize(own + self.seen(squares))

    def seen(self, squares: Pixels) -> FloatArray:
        """The head's vectors ``(n, dim)`` of squares ``(n, s, s, 3)`` of bytes."""
        import torch

        pixels = torch.from_numpy(squares).permute(0, 3, 1, 2).float()
        with self._lock, torch.inference_mode():
            return self.of_features(
                self._trunk(pixels.contiguous(memory_format=torch.channels_last))
            )

    def of_features(self, features: torch.Tensor) -> FloatArray:
        """The same of the network's features ``(n, 1280)``."""
        import torch

        with torch.inference_mode():
            chances = self._trunk.classifier(features).softmax(1)
            found: FloatArray = self.head(features, chances).numpy()
        return found
