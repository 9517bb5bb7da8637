"""The judge of drawn photos: EfficientNet-lite2, which never saw one, and a classifier on it.

The network was trained on ImageNet (Tan & Le 2019, arXiv:1905.11946). The classifier is fitted on
its features of real photos alone, by ridge regression to classes.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from typing import Any

import numpy as np
import torch
from safetensors.numpy import load, save
from torch.nn import functional as F

from core.base.types import BoolArray, FloatArray
from core.readers.pictures import Pixels
from core.spaces.encoders.cnn import MEANS, PENULTIMATE
from core.spaces.encoders.efficientnet import LITE2, open_network
from core.storage import data_home
from core.training.picture_encoder.data import cache_folder

SIDE = 128  # pixels that photos of 64 are enlarged to, for the network
BATCH = 16
RIDGE = 0.03  # of the mean square of a feature


class Judge:
    """Features of photos."""

    @cached_property
    def _network(self) -> Any:
        return open_network(LITE2).eval().to(memory_format=torch.channels_last)

    def features(self, pixels: Pixels) -> FloatArray:
        """``(n, 1280)`` of photos ``(n, s, s, 3)``; kept in the data home."""
        digest = data_home.digest_bytes(pixels.tobytes(), f"{SIDE} {LITE2.sha256}".encode())[:16]
        path = cache_folder() / f"generator-judged-{digest}.safetensors"
        if not path.is_file():
            data_home.write_file(path, save({"features": self._run(pixels)}))
        found: FloatArray = load(path.read_bytes())["features"]
        return found

    def _run(self, pixels: Pixels) -> FloatArray:
        mean, deviation = (
            torch.tensor(one)[:, None, None] for one in MEANS[LITE2.recipe(PENULTIMATE).mean]
        )
        found = []
        for at in range(0, len(pixels), BATCH):
            small = torch.from_numpy(pixels[at : at + BATCH]).permute(0, 3, 1, 2) / 255
            large = F.interpolate(small, (SIDE, SIDE), mode="bicubic").clamp(0, 1)
            given = (large - mean) / deviation
            with torch.inference_mode():
                given = given.contiguous(memory_format=torch.channels_last)
                seen = self._network.forward_features(given)
                found.append(self._network.forward_head(seen, pre_logits=True).numpy())
        return np.concatenate(found)


class Classifier:
    """Which class features are of.

    Args:
        features: ``(n, dim)`` of real photos.
        labels: of each.
    """

    def __init__(self, features: FloatArray, labels: Sequence[str]) -> None:
        self.classes = sorted(set(labels))
        of = np.array([self.classes.index(label) for label in labels])
        self.mean = features.mean(0)
        centered = (features - self.mean).astype(np.float64)
        wanted = np.eye(len(self.classes))[of]
        # Each class counts alike, however many photos it has.
        weight = 1 / np.bincount(of)[of][:, None]
        square = centered.T @ (centered * weight)
        ridge = RIDGE * np.trace(square) / len(square) * np.eye(len(square))
        self.bias = (wanted * weight).sum(0) / weight.sum()
        self.weights = np.linalg.solve(square + ridge, centered.T @ ((wanted - self.bias) * weight))

    def within(self, features: FloatArray, labels: Sequence[str], count: int) -> BoolArray:
        """Whether each one's own class is among its ``count`` best, ``(n,)``."""
        scores = (features - self.mean) @ self.weights + self.bias
        own = scores[np.arange(len(labels)), [self.classes.index(label) for label in labels]]
        found: BoolArray = (scores > own[:, None]).sum(1) < count
        return found


def frechet(first: FloatArray, second: FloatArray) -> float:
    """The squared Fréchet distance of features ``(n, dim)`` and ``(m, dim)``, taken as normal.

    As FID has it (Heusel et al. 2017, arXiv:1706.08500), but of another network; the trace of the
    root of a product of covariances is the sum of the singular values of the product of their
    data, centred and scaled, so no root is taken.
    """
    parts = [one - one.mean(0) for one in (first.astype(np.float64), second.astype(np.float64))]
    scaled = [one / np.sqrt(len(one) - 1) for one in parts]
    means = first.mean(0, dtype=np.float64) - second.mean(0, dtype=np.float64)
    spread = sum(float((one**2).sum()) for one in scaled)
    shared = np.linalg.svd(scaled[0] @ scaled[1].T, compute_uv=False).sum()
    return float(means @ means + spread - 2 * shared)
