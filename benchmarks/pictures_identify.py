"""How often Identify is "not sure", and of which answers, by the share that it asks for.

Pictures of a gallery are told by its others (leave-one-out), in the default model. Then each of the
commonest classes is left out in turn: its pictures are of none of the values that are left, so that
nothing told of them is right.
"""

from __future__ import annotations

import argparse
from dataclasses import replace
from pathlib import Path

import numpy as np

from benchmarks.common import Rows, machine, table
from core.base.types import BoolArray, FloatArray
from core.images import verdict
from core.images.gallery import Gallery
from core.images.sources import load_gallery
from core.images.verdict import KindCheck, KindVerdict
from core.spaces import registry

SETS = (
    ("flower_photos", "label", 700),
    ("caltech101", "label", 1_500),
    ("fashion_products", "articleType", 1_200),
    ("fashion_products", "baseColour", 1_200),
    ("cifar10_test_half", "label", 500),
)
SHARES = (0.3, 0.4, verdict.MAJORITY)
LEFT_OUT, OF_EACH = 25, 30  # classes that are left out, and pictures of each that ask
CHUNK = 64


def drawn(path: Path, column: str, count: int) -> tuple[Gallery, FloatArray]:
    """``count`` pictures of a gallery by chance, with one column alone, and their vectors."""
    gallery = load_gallery(str(path))
    size = min(count, len(gallery))
    gallery = gallery.take(np.sort(np.random.default_rng(0).choice(len(gallery), size, False)))
    encoder = registry.find_space("minilm-imagenet-v1").image_encoder()
    parts = [
        encoder.encode_pictures([gallery.open(row) for row in range(at, min(at + CHUNK, size))])
        for at in range(0, size, CHUNK)
    ]
    return replace(gallery, frame=gallery.frame[[column]]), np.concatenate(parts)


def votes(gallery: Gallery, vectors: FloatArray) -> tuple[FloatArray, BoolArray]:
    """Of each picture told by the others: the share of the likeliest value, and if it is right."""
    (check,) = verdict.leave_one_out(gallery, vectors).checks
    assert isinstance(check, KindCheck)
    return check.clear.astype(np.float32), check.right


def votes_of_others(gallery: Gallery, vectors: FloatArray, column: str) -> FloatArray:
    """The share of the likeliest value for pictures whose own value the gallery has not."""
    labels = gallery.frame[column].astype(str)
    shares = []
    for name in labels.value_counts().index[:LEFT_OUT]:
        kept = np.flatnonzero(labels != name)
        rest = gallery.take(kept)
        leave = verdict.leave_one_out(rest, vectors[kept])
        for row in np.flatnonzero(labels == name)[:OF_EACH]:
            (one,) = verdict.judge(rest, leave, vectors[row]).columns
            assert isinstance(one, KindVerdict)
            shares.append(one.votes[0].share)
    return np.array(shares)


def percent(part: BoolArray) -> str:
    """A share as it is printed; a dash of none."""
    return f"{part.mean():.1%}" if len(part) else "-"


def main() -> None:
    """Prints a table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, default=Path("../shared/data"))
    options = parser.parse_args()
    print(machine())
    head = ("gallery", "accuracy", "least share", "right withheld", "wrong withheld")
    rows: Rows = [(*head, "right of the withheld", "values not in the gallery withheld")]
    for name, column, count in SETS:
        gallery, vectors = drawn(options.data / "images" / f"{name}.parquet", column, count)
        clear, right = votes(gallery, vectors)
        others = votes_of_others(gallery, vectors, column)
        for share in SHARES:
            below = clear < share
            rows.append(
                (
                    f"{name}, {column}",
                    percent(right),
                    f"{share:.1f}",
                    percent(below[right]),
                    percent(below[~right]),
                    percent(right[below]),
                    percent(others < share),
                )
            )
    print(table(rows))


if __name__ == "__main__":
    main()
