"""What the teacher sees in photos: features of an ImageNet MobileNetV2, which ours learns from.

The teacher is used in training only; its weights are no part of the project. Its 1280 features
are reduced to their ``DIM`` principal axes, each divided by the square root of its spread, so that
the few strongest do not drown the rest (half-way to whitening).
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import torch
from safetensors.numpy import load, save
from safetensors.torch import load_file
from torch.nn import functional as F

from core.base import vectors as vec
from core.base.types import FloatArray
from core.readers.pictures import Pixels
from core.storage import data_home
from core.training.picture_encoder.data import Photos, cache_folder

DIM = 256
SIZE = 224
BATCH = 64


def load_features(photos: Photos, weights: Path) -> FloatArray:
    """Features ``(n, 1280)`` of each photo's canvas, computed once and kept in the data home."""
    digest = data_home.digest_bytes(photos.digest.encode(), data_home.digest_file(weights).encode())
    path = cache_folder() / f"teacher-{photos.name}-{digest[:16]}.safetensors"
    if not path.is_file():
        data_home.write_file(path, save({"features": _compute(photos, weights)}))
    found: FloatArray = load(path.read_bytes())["features"].astype(np.float32)
    return found


def _compute(photos: Photos, weights: Path) -> FloatArray:
    model = _open(weights)
    found = []
    for at in range(0, len(photos), BATCH):
        found.append(_features(model, photos.pixels[at : at + BATCH]).astype(np.float16))
        done = min(at + BATCH, len(photos))
        print(f"teacher: {photos.name} {done:,} of {len(photos):,}", flush=True)
    return np.concatenate(found)


def describe(pixels: Pixels, weights: Path) -> FloatArray:
    """Unit features ``(n, 1280)`` of pictures ``(n, s, s, 3)``, as another judge sees them."""
    model = _open(weights)
    parts = [_features(model, pixels[at : at + BATCH]) for at in range(0, len(pixels), BATCH)]
    return vec.normalize(np.concatenate(parts))


def _open(weights: Path) -> Any:
    import timm

    model: Any = timm.create_model("mobilenetv2_100", num_classes=1001, pad_type="same")
    model.load_state_dict(
        {name: value.float() for name, value in load_file(weights).items()}, strict=True
    )
    return model.eval().to(memory_format=torch.channels_last)


@torch.inference_mode()
def _features(model: Any, pixels: Pixels) -> FloatArray:
    given = torch.from_numpy(pixels).permute(0, 3, 1, 2).float()
    large = F.interpolate(given, (SIZE, SIZE), mode="bicubic", antialias=True)
    scaled = (large.clamp(0, 255) / 127.5 - 1).contiguous(memory_format=torch.channels_last)
    found: FloatArray = model.forward_head(model.forward_features(scaled), pre_logits=True).numpy()
    return found


def reduce_features(features: FloatArray) -> FloatArray:
    """Unit rows ``(n, DIM)``: features less their mean, on principal axes, half whitened."""
    centered = features - features.mean(axis=0)
    covariance = centered.T @ centered / len(centered)
    values, axes = np.linalg.eigh(covariance.astype(np.float64))
    top = np.argsort(-values)[:DIM]
    scaled = centered @ (axes[:, top] / np.sqrt(np.sqrt(values[top]))).astype(np.float32)
    return vec.normalize(scaled)
