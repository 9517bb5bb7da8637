"""What a head on the default model's vectors gains, by the defaults, on real galleries.

Of held-out items: precision at 10 among the items that trained, before and after, and among the
held-out ones alone. ``drawn`` holds out three of ten at random; of those the app's own encoder has
seen most in its training, though not the head. ``validation`` holds out the ids in
``assets/splits``, which neither saw. Seconds are of training and measuring in one thread.
"""

from __future__ import annotations

import argparse
from pathlib import Path

from benchmarks.common import Rows, machine, table
from core.base.types import no_progress
from core.heads.data import Data, prepare
from core.heads.labels import read_labels
from core.heads.measures import compare, figures, nearest_classes
from core.heads.settings import Settings
from core.heads.training import Trained, train
from core.images import holdout
from core.images.sources import load_gallery
from core.images.vectors import EncodedGallery, encode_gallery
from core.spaces import registry

SETS = (
    ("fashion_products", "articleType"),
    ("fashion_products", "baseColour"),
    ("caltech101", "label"),
)
SPLITS = ("drawn", "validation")


def alone(data: Data, trained: Trained) -> tuple[float, float]:
    """P@10 among the held-out items alone, before and after."""
    rows = trained.parts.held_out
    numbers = data.labels[0].numbers[rows]
    spaces = (data.vectors[rows], trained.head.apply(data.vectors[rows]))
    before, after = (
        figures(nearest_classes(space, space, numbers, 11)[:, 1:], numbers).mean for space in spaces
    )
    return before, after


def measure(encoded: EncodedGallery, column: str, split: str) -> tuple[str, ...]:
    """A row of the table."""
    held = holdout.held_out(encoded.gallery.ids) if split == "validation" else None
    labels = read_labels(encoded.gallery.frame, column)
    data = prepare(encoded.pictures, [labels], held_out=held)
    trained = train(data, Settings())
    [found] = compare(data, trained.parts, trained.head)
    before, after = alone(data, trained)
    return (
        column,
        split,
        f"{len(data) - len(trained.parts.held_out):,} / {len(trained.parts.held_out):,}",
        f"{found.before.mean:.3f}",
        f"{found.after.mean:.3f}",
        f"{found.before.nearest:.3f}",
        f"{found.after.nearest:.3f}",
        f"{before:.3f}",
        f"{after:.3f}",
        f"{trained.seconds:.0f}",
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True, help="a folder of the Parquet files")
    options = parser.parse_args()
    base = registry.find_space("minilm")
    rows: Rows = [
        (
            *("column", "held out", "items", "P@10 before", "after"),
            *("nearest before", "after", "alone before", "after", "s"),
        )
    ]
    opened: dict[str, EncodedGallery] = {}
    for name, column in SETS:
        if name not in opened:
            gallery = load_gallery(str(options.data / f"{name}.parquet"))
            opened[name] = encode_gallery(gallery, base, base.image_encoder(), None, no_progress)
        for split in SPLITS:
            rows.append(measure(opened[name], column, split))
            print(rows[-1], flush=True)
    print(table(rows))
    print(machine())
    print(f"seed {Settings().seed}")


if __name__ == "__main__":
    main()
