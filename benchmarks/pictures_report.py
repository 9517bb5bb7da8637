"""Which encoder tells the classes of real galleries apart, and by which layer.

Every picture asks for its nearest others (leave-one-out): accuracy of the nearest, and precision
at 10. Our encoder stands beside an ImageNet MobileNetV2 whose weights are a file, at several
layers, and beside colours and outlines. Our encoder was trained on other pictures of these sets,
the other two on none of them; so its held-out pictures are told apart by ``--split validation``.
"""

from __future__ import annotations

import argparse
import time
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from benchmarks.common import Rows, machine, table
from core.images.report import report
from core.images.sources import load_gallery
from core.readers.pictures import ImageEncoder

LAYERS = ("conv_stem", "blocks.1", "blocks.3", "blocks.5", "penultimate")
SETS = (
    ("flower_photos", "label", LAYERS),
    ("cifar10_test_half", "label", LAYERS[-1:]),
    ("fashion_products", "articleType", LAYERS[-1:]),
)
CHUNK = 128


@dataclass(frozen=True, slots=True)
class Measured:
    """Accuracy of the nearest picture, precision at 10, and pictures a second."""

    nearest: float
    precision: float
    rate: float


def encoders(weights: Path, layers: tuple[str, ...]) -> dict[str, ImageEncoder]:
    """Each encoder by the name in the table."""
    from core.base.types import Modality, Space
    from core.spaces import registry
    from core.spaces.encoders.cnn import HALF, CnnEncoder, CnnRecipe

    found: dict[str, ImageEncoder] = {
        "Embedding Explorer": registry.find_space("minilm").image_encoder(),
        "colours and outlines": registry.find_space("colour-outline").image_encoder(),
    }
    for layer in layers:
        recipe = CnnRecipe("mobilenetv2_100", layer, HALF, "same")
        space = Space("cnn", "cnn", 0, (Modality.IMAGE,))
        found[f"MobileNetV2, {layer}"] = CnnEncoder(space, recipe, weights)
    return found


def measure(
    encoder: ImageEncoder, path: Path, column: str, options: argparse.Namespace
) -> Measured:
    """One encoder on some pictures of one gallery."""
    gallery = load_gallery(str(path))
    if options.split == "validation":
        gallery = gallery.held_out()
    labels = gallery.frame[column].astype(str)
    # A class of a few pictures has no ten others to find.
    rows = np.flatnonzero(labels.map(labels.value_counts()).to_numpy() > 10)
    if len(rows) > options.count:
        rows = np.sort(np.random.default_rng(0).choice(rows, options.count, replace=False))
    gallery = gallery.take(rows)
    pictures = [gallery.open(row) for row in range(len(gallery))]
    began = time.perf_counter()
    parts = [
        encoder.encode_pictures(pictures[at : at + CHUNK]) for at in range(0, len(pictures), CHUNK)
    ]
    taken = time.perf_counter() - began
    vectors = np.concatenate(parts)
    names = gallery.labels(column)
    return Measured(
        report(vectors, names, 1).mean_precision,
        report(vectors, names, 10).mean_precision,
        len(pictures) / taken,
    )


def main() -> None:
    """Prints a table for each gallery."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, default=Path("../shared/data"))
    parser.add_argument("--count", type=int, default=3_200, help="pictures of a gallery at most")
    parser.add_argument("--split", choices=("all", "validation"), default="all")
    options = parser.parse_args()
    weights = options.data / "models" / "mobilenetv2_100_imagenet1001.safetensors"
    print(machine())
    for name, column, layers in SETS:
        rows: Rows = [
            ("encoder", "nearest is of its class", "precision at 10", "pictures a second")
        ]
        for title, encoder in encoders(weights, layers).items():
            path = options.data / "images" / f"{name}.parquet"
            found = measure(encoder, path, column, options)
            told = (found.nearest, found.precision)
            rows.append((title, *(f"{share:.3f}" for share in told), f"{found.rate:.0f}"))
        print(f"\n{name}, by {column}\n{table(rows)}", flush=True)


if __name__ == "__main__":
    main()
