"""The thousand classes of ImageNet (Russakovsky et al. 2015, arXiv:1409.0575), with their names,
and which of them a picture shows by EfficientNet-lite."""

from __future__ import annotations

import threading
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import TYPE_CHECKING, Any

import numpy as np

from core.base.types import FloatArray
from core.readers.pictures import in_batches, to_rgb
from core.spaces.encoders.cnn import PENULTIMATE, transform_of
from core.spaces.encoders.efficientnet import CLASSES, LITE0, Network, open_network
from core.spaces.encoders.timm_import import timm

if TYPE_CHECKING:
    from PIL import Image

TOP = 5
_BATCH = 8


@dataclass(frozen=True, slots=True)
class ImageNetClass:
    """A class: WordNet's number of its synset, its name, and what that means.

    Attributes:
        name: the first of its synonyms.
        definition: in a few words; "" where there is none.
    """

    synset: str
    name: str
    definition: str


@dataclass(frozen=True, slots=True)
class ClassScore:
    """A class with its probability, the softmax of the network's scores."""

    kind: ImageNetClass
    probability: float


@lru_cache(maxsize=1)
def classes() -> tuple[ImageNetClass, ...]:
    """All of them, in the order of the classifier's scores."""
    known = timm().data.imagenet_info.ImageNetInfo("imagenet-1k")
    found = []
    for number in range(CLASSES):
        synset = known.index_to_label_name(number)
        names, _, definition = known.index_to_description(number, detailed=True).partition(": ")
        found.append(ImageNetClass(str(synset), names.split(", ")[0], definition))
    return tuple(found)


class ImageNetClassifier:
    """Pictures to probabilities of ImageNet's classes."""

    def __init__(self, network: Network = LITE0) -> None:
        self.network = network
        self._lock = threading.Lock()

    @cached_property
    def _model(self) -> Any:
        return open_network(self.network)

    def probabilities(self, pictures: Iterable[Image.Image]) -> FloatArray:
        """Probabilities ``(n, 1000)`` of pictures of any size and mode.

        Raises:
            NotReadyError: the package with the weights is not installed.
            StorageError: the weights are damaged.
        """
        import torch

        transform = transform_of(self.network.recipe(PENULTIMATE))
        rows: list[FloatArray] = [np.empty((0, CLASSES), dtype=np.float32)]
        for part in in_batches(pictures, lambda one: transform(to_rgb(one)), _BATCH):
            pixels = torch.stack(part).contiguous(memory_format=torch.channels_last)
            with self._lock, torch.inference_mode():
                rows.append(self._model(pixels).softmax(1).numpy())
        return np.concatenate(rows)

    def top(self, picture: Image.Image, count: int = TOP) -> list[ClassScore]:
        """The likeliest classes of a picture, best first.

        Raises:
            NotReadyError, StorageError: as ``probabilities``.
        """
        found = self.probabilities([picture])[0]
        best = np.argsort(-found, kind="stable")[:count]
        return [ClassScore(classes()[at], float(found[at])) for at in best]
