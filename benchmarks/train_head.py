"""What a head on the default model's vectors gains, by the defaults, on real galleries.

Of held-out items: precision at 10 among the items that trained and zero-shot accuracy, before and
after, and P@10 among the held-out ones alone. ``committed`` holds out the three of ten that
``assets/splits/heads-held-out.tsv`` names; of those the app's own encoder has seen most in its
training, though no head has. ``validation`` holds out the ids of ``pictures-validation.tsv``, which
neither saw. Seconds are of training and measuring in one thread.

``--plain`` times the same training written in plain PyTorch instead, and ``--memory`` says what a
training holds beside its features; both take made-up vectors.
"""

from __future__ import annotations

import argparse
from dataclasses import replace
from pathlib import Path

from benchmarks.common import Rows, machine, table
from benchmarks.train_head_plain import memory, ratio
from core.base.types import no_progress
from core.heads.data import Data, prepare
from core.heads.label_texts import Encode, encode_in, label_texts
from core.heads.labels import read_labels
from core.heads.measures import compare, figures, nearest_classes
from core.heads.settings import Settings
from core.heads.training import train
from core.heads.watch import Trained
from core.images import holdout
from core.images.sources import load_gallery
from core.images.vectors import EncodedGallery, encode_gallery
from core.spaces import registry

SETS = (
    ("fashion_products", "articleType"),
    ("fashion_products", "baseColour"),
    ("caltech101", "label"),
)
SPLITS = {"committed": holdout.of_heads, "validation": holdout.held_out}


def alone(data: Data, trained: Trained) -> tuple[float, float]:
    """P@10 among the held-out items alone, before and after."""
    rows = trained.parts.held_out
    numbers = data.labels[0].numbers[rows]
    spaces = (data.vectors[rows], trained.head.apply(data.vectors[rows]))
    before, after = (
        figures(nearest_classes(space, space, numbers, 11)[:, 1:], numbers).mean for space in spaces
    )
    return before, after


def measure(encoded: EncodedGallery, column: str, split: str, encode: Encode) -> tuple[str, ...]:
    """A row of the table."""
    held = SPLITS[split](encoded.gallery.ids)
    labels = read_labels(encoded.gallery.frame, column)
    texts = label_texts([labels], encode, encoded.captions)
    data = prepare(encoded.pictures, [labels], held_out=held, texts=texts)
    trained = train(data, Settings())
    [found] = compare(data, trained.parts, trained.head, trained.text_head)
    before, after = alone(data, trained)
    told = (
        *(found.before.mean, found.after.mean, found.before.nearest, found.after.nearest),
        *(found.zero_shot or ()),
        *(before, after),
    )
    return (
        column,
        split,
        f"{len(data) - len(trained.parts.held_out):,} / {len(trained.parts.held_out):,}",
        *(f"{one:.3f}" for one in told),
        f"{trained.seconds:.0f}",
    )


def gains(folder: Path, splits: list[str]) -> None:
    """Prints the table of what is gained."""
    base = registry.find_space("minilm")
    texts = base.text_encoder()
    rows: Rows = [
        (
            *("column", "held out", "items", "P@10 before", "after", "nearest before", "after"),
            *("zero-shot before", "after", "alone before", "after", "s"),
        )
    ]
    opened: dict[str, EncodedGallery] = {}
    for name, column in SETS:
        if name not in opened:
            gallery = load_gallery(str(folder / f"{name}.parquet"))
            # Fashion's titles name the article: the names of the classes alone are trained along.
            gallery = replace(gallery, captions=None, texts=())
            opened[name] = encode_gallery(gallery, base, base.image_encoder(), None, no_progress)
        for split in splits:
            rows.append(measure(opened[name], column, split, encode_in(base, texts)))
            print(rows[-1], flush=True)
    print(table(rows))
    print(f"seed {Settings().seed}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, help="a folder of the Parquet files")
    parser.add_argument("--split", choices=list(SPLITS), help="one of the two alone")
    parser.add_argument("--plain", action="store_true", help="the ratio to plain PyTorch")
    parser.add_argument("--memory", action="store_true", help="what is held beside the features")
    parser.add_argument("--items", type=int, default=10_000, help="made-up vectors")
    parser.add_argument("--epochs", type=int, default=3, help="of each round, on made-up vectors")
    parser.add_argument("--rounds", type=int, default=5)
    options = parser.parse_args()
    if options.plain:
        print(table(ratio(options.items, options.epochs, options.rounds)))
    if options.memory:
        print(table(memory(options.items, options.epochs)))
    if options.data is not None:
        gains(options.data, [options.split] if options.split else list(SPLITS))
    print(machine())


if __name__ == "__main__":
    main()
