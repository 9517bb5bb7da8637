"""Our own picture encoder: pictures into the space of MiniLM, where words and sentences live.

A small network trained by ``python -m core.training.picture_encoder.train``; its weights and model
card are in ``assets/models``. What it has seen, and what it cannot, stands in the card.
"""

from __future__ import annotations

import threading
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from core.base.paths import ASSETS
from core.base.reasons import reason_of
from core.base.types import FloatArray, Space
from core.readers.pictures import Pixels, in_batches, to_square
from core.storage.bundled_weights import Shipped

if TYPE_CHECKING:
    from PIL import Image

    from core.spaces.encoders.minilm_picture_network import PictureNetwork

FOLDER = ASSETS / "models"
WEIGHTS, ABOUT = "pictures.safetensors", "pictures.json"
SHIPPED = Shipped("picture encoder", "core.training.picture_encoder.train")
BATCH = 32  # larger ones leave the processor's caches


@dataclass(frozen=True, slots=True)
class AboutWeights:
    """What ``pictures.json`` says: the side of the pictures it takes, and the weights' digest."""

    input: int
    sha256: str


def read_about(folder: Path = FOLDER) -> AboutWeights:
    """The description beside the weights.

    Raises:
        StorageError: it is missing or damaged.
    """
    path = folder / ABOUT
    found = SHIPPED.read_json(path)
    try:
        return AboutWeights(int(found["input"]), str(found["sha256"]))
    except (ValueError, KeyError, TypeError) as error:
        raise SHIPPED.damaged(path, f"it cannot be read ({reason_of(error)})") from error


def recipe() -> str:
    """What decides the vectors, as text: caches are keyed by it."""
    about = read_about()
    return f"pictures {about.sha256} input={about.input} letterbox-white unit v1"


def to_input(pixels: Pixels) -> FloatArray:
    """Squares ``(n, s, s, 3)`` of bytes as the network takes them: ``(n, 3, s, s)`` in [-1, 1]."""
    scaled = pixels.astype(np.float32) / np.float32(127.5) - np.float32(1)
    return np.ascontiguousarray(scaled.transpose(0, 3, 1, 2))


class PictureEncoder:
    """Pictures of any size and mode to unit vectors of MiniLM's space.

    Args:
        space: the space of the vectors; its dim is that of the network.
        folder: where the weights lie, other than in the project.
    """

    chunk = 256

    def __init__(self, space: Space, folder: Path = FOLDER) -> None:
        self.space = space
        self.folder = folder
        self._lock = threading.Lock()

    @cached_property
    def _about(self) -> AboutWeights:
        return read_about(self.folder)

    @cached_property
    def network(self) -> PictureNetwork:
        """The network with its weights, opened when first needed."""
        import torch

        from core.spaces.encoders.minilm_picture_network import PictureNetwork

        network = PictureNetwork(folded=True)
        SHIPPED.load(network, self.folder / WEIGHTS, self._about.sha256)
        return network.eval().to(memory_format=torch.channels_last)

    def encode_pictures(self, pictures: Iterable[Image.Image]) -> FloatArray:
        """Unit vectors ``(n, dim)`` of ``n`` pictures, which are taken one by one.

        Raises:
            StorageError: the weights are missing or damaged.
        """
        found = [np.empty((0, self.space.dim), dtype=np.float32)]
        for batch in in_batches(pictures, lambda one: to_square(one, self._about.input), BATCH):
            found.append(self._run(np.stack(batch)))
        return np.concatenate(found)

    def pixels(self, picture: Image.Image) -> FloatArray:
        """What the network takes of a picture of any size and mode: ``(3, s, s)`` in [-1, 1].

        Raises:
            StorageError: the description beside the weights is missing or damaged.
        """
        found: FloatArray = to_input(to_square(picture, self._about.input)[None])[0]
        return found

    def stages(self, picture: Image.Image) -> dict[str, FloatArray]:
        """What each stage makes of a picture, by the stage's name: maps ``(channels, h, w)``,
        and at last vectors ``(n,)``, of which the last is the encoder's.

        Raises:
            StorageError: the weights are missing or damaged.
        """
        import torch

        network = self.network
        made: dict[str, torch.Tensor] = {}
        with self._lock, torch.inference_mode():
            maps = made["stem"] = network.stem(torch.from_numpy(self.pixels(picture))[None])
            for number, block in enumerate(network.blocks, start=1):
                maps = made[f"block {number}"] = block(maps)
            made["mean over the picture"] = maps.mean((2, 3))
            made["head"] = network.head(made["mean over the picture"])
            made["unit length"] = torch.nn.functional.normalize(made["head"], dim=1)
        return {name: one[0].numpy() for name, one in made.items()}

    def _run(self, pixels: Pixels) -> FloatArray:
        import torch

        with self._lock, torch.inference_mode():
            given = torch.from_numpy(to_input(pixels))
            found = self.network(given.contiguous(memory_format=torch.channels_last))
            vectors: FloatArray = found.numpy()
        return vectors
