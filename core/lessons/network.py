"""Lesson 5: a picture on its way through a network, stage by stage, down to its vector."""

from __future__ import annotations

import io
import threading
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np

from core.base.types import FloatArray, IntArray
from core.base.vectors import normalize
from core.knn.top_k import top_k
from core.readers.pictures import in_batches, to_rgb
from core.spaces.encoders.cnn import MEANS, PENULTIMATE, transform_of
from core.spaces.encoders.efficientnet import LITE0, Network, open_network

if TYPE_CHECKING:
    from PIL import Image

BATCH = 8
TILE, GAP = 88, 4  # pixels of a channel on a sheet, and between two
# What is looked at, by timm's names of the modules: the stem, each stage, the head, the vector.
STAGES = (
    *("bn1", "blocks.0", "blocks.1", "blocks.2", "blocks.3", "blocks.4", "blocks.5", "blocks.6"),
    *("bn2", "global_pool"),
)


@dataclass(frozen=True, slots=True)
class Stage:
    """What one stage made of a picture.

    Attributes:
        name: of the module.
        maps: ``(channels, height, width)``; of the vector ``(channels, 1, 1)``.
    """

    name: str
    maps: FloatArray

    @property
    def shape(self) -> tuple[int, ...]:
        """Channels, height and width; of a vector its length alone."""
        channels, height, width = self.maps.shape
        return (channels,) if height == width == 1 else (channels, height, width)

    @property
    def size(self) -> int:
        """How many numbers it has."""
        return int(self.maps.size)

    def liveliest(self, count: int) -> IntArray:
        """The channels ``(count,)`` that vary most over the picture, most first."""
        spread = self.maps.reshape(len(self.maps), -1).std(axis=1)
        return np.argsort(-spread, kind="stable")[:count].astype(np.int64)


class StagedNetwork:
    """EfficientNet-lite0, of which every stage can be seen; opened when first run."""

    def __init__(self, network: Network = LITE0) -> None:
        self.network = network
        self._lock = threading.Lock()
        self._seen: dict[str, Any] = {}

    @cached_property
    def _model(self) -> Any:
        from core.spaces.encoders.efficientnet_trunk import fold

        model = open_network(self.network)
        fold(model)
        modules = dict(model.named_modules())
        for name in STAGES:
            modules[name].register_forward_hook(self._keeper(name))
        return model

    def _keeper(self, name: str) -> Callable[..., None]:
        def keep(module: object, given: object, made: Any) -> None:
            del module, given
            self._seen[name] = made

        return keep

    @property
    def normalization(self) -> tuple[float, float]:
        """Mean and deviation that pixels in [0, 1] are shifted and divided by, of each channel."""
        mean, deviation = MEANS[self.network.recipe(PENULTIMATE).mean]
        return float(mean[0]), float(deviation[0])

    def pixels(self, picture: Image.Image) -> FloatArray:
        """What the network takes of a picture of any size and mode: ``(3, s, s)``."""
        found: FloatArray = transform_of(self.network.recipe(PENULTIMATE))(to_rgb(picture)).numpy()
        return found

    def warm(self) -> None:
        """Runs it once over a blank picture, so that what it needs is opened.

        Raises:
            NotReadyError: the package with the weights is not installed.
            StorageError: the weights are damaged.
        """
        from PIL import Image

        self.stages(Image.new("RGB", (8, 8)))

    def filters(self) -> FloatArray:
        """The first layer's filters ``(n, 3, k, k)``."""
        found: FloatArray = self._model.conv_stem.weight.detach().numpy()
        return found

    def stages(self, picture: Image.Image) -> list[Stage]:
        """All stages of a picture of any size and mode, in their order.

        Raises:
            NotReadyError: the package with the weights is not installed.
            StorageError: the weights are damaged.
        """
        import torch

        with self._lock, torch.inference_mode():
            self._model(torch.from_numpy(self.pixels(picture))[None])
            made = {name: self._seen[name][0].float().numpy() for name in STAGES}
        return [
            Stage(name, maps if maps.ndim == 3 else maps[:, None, None])
            for name, maps in made.items()
        ]

    def means(self, pictures: Iterable[Image.Image], names: Sequence[str]) -> list[FloatArray]:
        """For each of the stages ``names`` the unit vectors ``(n, channels)`` of ``n`` pictures.

        A channel counts by its mean over the picture.

        Raises:
            NotReadyError: the package with the weights is not installed.
            StorageError: the weights are damaged.
        """
        import torch

        rows: list[list[FloatArray]] = [[] for _ in names]
        transform = transform_of(self.network.recipe(PENULTIMATE))
        for part in in_batches(pictures, lambda one: transform(to_rgb(one)), BATCH):
            with self._lock, torch.inference_mode():
                self._model(torch.stack(part).contiguous(memory_format=torch.channels_last))
                for column, name in zip(rows, names, strict=True):
                    made = self._seen[name]
                    column.append((made.mean((2, 3)) if made.ndim == 4 else made).numpy())
        return [normalize(np.concatenate(column)) for column in rows]


def sheet(maps: FloatArray, channels: Iterable[int]) -> bytes:
    """Channels of ``(n, height, width)`` side by side, each from black to white, as a PNG."""
    from PIL import Image

    tiles = []
    for channel in channels:
        values = maps[channel]
        low, high = float(values.min()), float(values.max())
        grey = np.zeros(values.shape) if high == low else (values - low) / (high - low)
        tile = Image.fromarray((255 * grey).astype(np.uint8))
        tiles.append(tile.resize((TILE, TILE), Image.Resampling.NEAREST))
    whole = Image.new("LA", (max(1, len(tiles) * (TILE + GAP) - GAP), TILE), (0, 0))
    for at, tile in enumerate(tiles):
        opaque = Image.merge("LA", (tile, Image.new("L", tile.size, 255)))
        whole.paste(opaque, (at * (TILE + GAP), 0))
    stream = io.BytesIO()
    whole.save(stream, "PNG")
    return stream.getvalue()


def mean_colors(pictures: Iterable[Image.Image]) -> FloatArray:
    """The mean colour ``(n, 3)`` of each picture, red, green and blue from 0 to 1."""
    small = [np.asarray(to_rgb(one).resize((16, 16)), dtype=np.float32) for one in pictures]
    found: FloatArray = np.stack(small).mean(axis=(1, 2)) / 255
    return found


@dataclass(frozen=True, slots=True)
class LayerKind:
    """What the neighbours of one layer have in common, over all pictures.

    Attributes:
        color: the mean distance of a picture's mean colour to those of its neighbours.
        same: the share of neighbours that are of the picture's kind.
    """

    color: float
    same: float


def what_neighbors_share(
    vectors: FloatArray, colors: FloatArray, kinds: Sequence[str], count: int
) -> LayerKind:
    """For unit rows ``(n, dim)``, their mean colours ``(n, 3)`` and the kind of each."""
    scores = vectors @ vectors.T
    np.fill_diagonal(scores, -np.inf)
    rows = top_k(scores, count)
    far = np.linalg.norm(colors[rows] - colors[:, None], axis=2).mean()
    named = np.array(kinds)
    return LayerKind(float(far), float((named[rows] == named[:, None]).mean()))
