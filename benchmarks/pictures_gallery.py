"""Encoding a gallery against the network alone on ready tensors: whether both cores are kept busy.

Whole is the way of the page: the files' bytes opened, scaled by the encoder's treatment, run in
batches, and given as unit vectors. Alone is the same network on the same batches, ready in memory.
Both take turns. CLIP and ResNet18 have random weights, which cost what trained ones cost.
"""

from __future__ import annotations

import argparse
import os
import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.common import ROOT, machine, table
from core.base.types import Modality, Space
from core.images.gallery import Gallery
from core.images.sources import load_gallery
from core.readers.pictures import ImageEncoder, in_batches, to_rgb, to_square
from core.spaces.encoders import clip, cnn, minilm_pictures
from core.spaces.encoders.clip import ClipEncoder, ClipRecipe
from core.spaces.encoders.cnn import CnnEncoder, CnnRecipe

DATA = Path(os.environ.get("EMBEDDING_EXPLORER_DATA", ROOT.parent / "shared" / "data"))
SPACE = Space("new", "new", 384, (Modality.IMAGE,))
Alone = Callable[[list[Any]], object]


def ours() -> tuple[ImageEncoder, Callable[[Any], Any], int, Alone]:
    """Our encoder, its treatment, its batch, and its network."""
    encoder = minilm_pictures.PictureEncoder(SPACE)
    side = minilm_pictures.read_about().input
    return (
        encoder,
        lambda one: to_square(one, side),
        minilm_pictures.BATCH,
        lambda part: encoder._run(np.stack(part)),
    )


def resnet(folder: Path) -> tuple[ImageEncoder, Callable[[Any], Any], int, Alone]:
    """timm's ResNet18."""
    import timm
    import torch
    from safetensors.torch import save_file

    path = folder / "resnet18.safetensors"
    save_file(timm.create_model("resnet18").state_dict(), path)
    encoder = CnnEncoder(SPACE, CnnRecipe("resnet18"), path)

    def alone(part: list[Any]) -> object:
        ready = torch.stack(part).contiguous(memory_format=torch.channels_last)
        with torch.inference_mode():
            return encoder._network(ready)

    return encoder, lambda one: encoder.transform(to_rgb(one)), cnn.BATCH, alone


def vit(folder: Path) -> tuple[ImageEncoder, Callable[[Any], Any], int, Alone]:
    """open_clip's ViT-B-32."""
    import open_clip
    import torch
    from safetensors.torch import save_file

    path = folder / "clip.safetensors"
    model = open_clip.create_model("ViT-B-32")
    save_file({k: v.contiguous() for k, v in model.state_dict().items()}, path)
    encoder = ClipEncoder(SPACE, ClipRecipe("ViT-B-32"), path)

    def alone(part: list[Any]) -> object:
        with torch.inference_mode():
            return encoder._model.encode_image(torch.stack(part))

    return encoder, lambda one: encoder.transform(to_rgb(one)), clip.BATCH, alone


def measure(
    made: tuple[ImageEncoder, Callable[[Any], Any], int, Alone], gallery: Gallery, rounds: int
) -> tuple[float, float]:
    """Pictures a second, whole and alone, medians."""
    encoder, treat, size, alone = made
    numbers = range(len(gallery))
    ready = [*in_batches((gallery.open(number) for number in numbers), treat, size)]
    times: dict[str, list[float]] = {"whole": [], "alone": []}
    for _ in range(rounds + 1):
        began = time.perf_counter()
        encoder.encode_pictures(gallery.open(number) for number in numbers)
        middle = time.perf_counter()
        for part in ready:
            alone(part)
        times["whole"].append(middle - began)
        times["alone"].append(time.perf_counter() - middle)
    return (
        len(gallery) / statistics.median(times["whole"][1:]),
        len(gallery) / statistics.median(times["alone"][1:]),
    )


def main() -> None:
    """Prints the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=3)
    options = parser.parse_args()
    print(machine())
    rows = [("encoder, gallery", "whole, pictures a second", "network alone", "ratio")]
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for title, make, source, count in (
            ("ours, openmoji", ours, "openmoji", 1_024),
            ("ours, CIFAR-10", ours, "cifar10_test_half.parquet", 2_048),
            ("ours, flower_photos", ours, "flower_photos.parquet", 1_024),
            ("ResNet18, flower_photos", lambda: resnet(folder), "flower_photos.parquet", 256),
            ("CLIP ViT-B-32, flower_photos", lambda: vit(folder), "flower_photos.parquet", 96),
        ):
            path = source if source == "openmoji" else str(DATA / "images" / source)
            whole, alone = measure(make(), load_gallery(path).take(range(count)), options.rounds)
            rows.append((title, f"{whole:.0f}", f"{alone:.0f}", f"{whole / alone:.2f}"))
    print(table(rows))


if __name__ == "__main__":
    main()
