"""Encoding pictures: ours against MobileNetV2 and CLIP's ViT-B-32, each with its own treatment.

All take the same 256 pictures of a gallery, opened, and give vectors: scaling to the model's size
is part of it. The peers have random weights, which cost what trained ones cost. Each takes its
turn in every round. Loading is measured in a process of its own, after PyTorch is imported.
"""

from __future__ import annotations

import argparse
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from typing import Any

import numpy as np
from PIL import Image

from benchmarks.common import machine, table

COUNT, PEER_BATCH = 256, 32
Encode = Callable[[list[Image.Image]], object]


def emoji(count: int) -> list[Image.Image]:
    """Pictures of the default gallery, as it opens them."""
    from core.images.sources import load_gallery

    gallery = load_gallery("openmoji")
    return [gallery.open(number) for number in range(count)]


def space(name: str) -> Encode:
    """The picture encoder of a space of ours."""
    from core.spaces import registry

    return registry.find_space(name).image_encoder().encode_pictures


def peer(model: Any, treat: Callable[[Image.Image], Any]) -> Encode:
    """A network with its own treatment of pictures."""
    import torch

    model.eval().to(memory_format=torch.channels_last)  # as ours: faster on processors

    def encode(pictures: list[Image.Image]) -> object:
        found = []
        with torch.inference_mode():
            for at in range(0, len(pictures), PEER_BATCH):
                batch = [treat(one.convert("RGB")) for one in pictures[at : at + PEER_BATCH]]
                found.append(model(torch.stack(batch).to(memory_format=torch.channels_last)))
        return torch.cat(found)

    return encode


def mobilenet() -> Encode:
    """timm's MobileNetV2 before its classifier, 224 x 224."""
    import timm
    from timm.data.config import resolve_data_config
    from timm.data.transforms_factory import create_transform

    model = timm.create_model("mobilenetv2_100", num_classes=0)
    return peer(model, create_transform(**resolve_data_config({}, model=model)))


def clip() -> Encode:
    """The picture side of open_clip's ViT-B-32, 224 x 224."""
    import open_clip

    model, _, treat = open_clip.create_model_and_transforms("ViT-B-32")
    return peer(model.visual, treat)


def median(call: Callable[[], object], times: int) -> float:
    """Median seconds of a call."""
    taken = []
    for _ in range(times):
        start = time.perf_counter()
        call()
        taken.append(time.perf_counter() - start)
    return statistics.median(taken)


def measure_loading() -> float:
    """Seconds from nothing but PyTorch to a network that is ready, once in a new process."""
    code = (
        "import time, torch\n"
        "from core.spaces import registry\n"
        "entry = registry.find_space('minilm')\n"
        "start = time.perf_counter()\n"
        "entry.image_encoder().network\n"
        "print(time.perf_counter() - start)\n"
    )
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    return float(found.stdout)


def main() -> None:
    """Prints the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=5)
    options = parser.parse_args()
    methods = {
        "Embedding Explorer": space("minilm"),
        "minilm-imagenet-v1, 160 px": space("minilm-imagenet-v1"),
        "efficientnet-lite0, 224 px": space("efficientnet-lite0"),
        "timm mobilenetv2_100, 224 px": mobilenet(),
        "open_clip ViT-B-32, 224 px": clip(),
    }
    pictures = emoji(COUNT)
    many: dict[str, list[float]] = {name: [] for name in methods}
    one: dict[str, list[float]] = {name: [] for name in methods}
    for encode in methods.values():  # warm
        encode(pictures[:PEER_BATCH])
    for _ in range(options.rounds):
        for name, encode in methods.items():
            many[name].append(median(lambda encode=encode: encode(pictures), 1))
            one[name].append(median(lambda encode=encode: encode(pictures[:1]), 10))
    base = statistics.median(many["Embedding Explorer"])
    rows = [("what", f"pictures a second, {COUNT} at once", "ours is faster by", "one picture, ms")]
    for name in methods:
        taken = statistics.median(many[name])
        rows.append(
            (
                name,
                f"{COUNT / taken:.0f}",
                f"{taken / base:.1f}",
                f"{1000 * statistics.median(one[name]):.1f}",
            )
        )
    print(machine())
    print(table(rows))
    loading = [measure_loading() for _ in range(options.rounds)]
    print(f"\nLoading, median of {len(loading)}: {np.median(loading):.3f} s")


if __name__ == "__main__":
    main()
