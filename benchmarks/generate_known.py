"""The small generators: from which similarity on a prompt is one that each can draw.

The cosine of a prompt and the nearest caption trained on, for prompts of things that it can draw
(captions trained on in words never trained on, colours of objects) and for 80 scenes that it
cannot (``generate_scenes.txt``). Every other prompt decides the threshold, by the greatest of
Youden's J (true less false positive rate); the rates are those of the rest. The same for photos of
Caltech101, of classes that have an emoji and of such that have none; and for the words that the
generator of photos knows.
"""

from __future__ import annotations

import argparse
import csv
import io
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
from PIL import Image

from benchmarks.common import ROOT, Rows, table
from core.base.types import FloatArray, TextEncoder
from core.generation import known
from core.generation.known import Captions
from core.images import openmoji
from core.spaces import registry
from core.spaces.catalog import DEFAULT_SPACE
from core.training.generator.report import HUES, PAINTED

SCENES = ROOT / "benchmarks" / "generate_scenes.txt"
CLASSES = ROOT / "assets" / "splits" / "class-emoji.tsv"
CAPTIONS, PHOTOS = 200, 5  # sampled captions; photos of a class


def drawable() -> dict[str, list[str]]:
    """Prompts of things that it can draw, by kind; none is a caption as trained on."""
    random = np.random.default_rng(0)
    every = known.captions()
    sampled = [every[row] for row in np.sort(random.choice(len(every), CAPTIONS, replace=False))]
    return {
        "“an icon of a …”": [f"an icon of a {name}" for name in sampled],
        "“draw me a …, please”": [f"draw me a {name}, please" for name in sampled],
        "“one green …”": [
            f"one {HUES[at % len(HUES)]} {openmoji.plain_name(name)}"
            for at, name in enumerate(sampled)
        ],
        "8 colours of 10 objects": [f"a {hue} {name}" for hue in HUES for name in PAINTED],
    }


def drawable_photos() -> dict[str, list[str]]:
    """The same of the generator of photos."""
    every = known.photo_captions()
    random = np.random.default_rng(0)
    sampled = [every[row] for row in np.sort(random.choice(len(every), CAPTIONS, replace=False))]
    return {
        "“a snapshot of a …”": [f"a snapshot of a {name}" for name in sampled],
        "“show me a …, please”": [f"show me a {name}, please" for name in sampled],
        "“one … in the middle”": [f"one {name} in the middle" for name in sampled],
    }


def scenes() -> list[str]:
    """Prompts of what it cannot draw."""
    return SCENES.read_text(encoding="utf-8").split("\n")[:-1]


def unseen(texts: TextEncoder, captions: Captions) -> dict[str, FloatArray]:
    """What lies between: the emoji held out, and keywords alone; they decide nothing."""
    trained = set(known.captions())
    items = openmoji.list_emoji()
    words = {item.keywords[0] for item in items if item.keywords} - trained
    prompts = {
        "emoji held out": [item.caption for item in items if item.caption not in trained],
        "keywords of emoji, alone": sorted(words)[::5],
    }
    return {name: nearest(texts.encode_texts(of).vectors, captions) for name, of in prompts.items()}


def nearest(vectors: FloatArray, captions: Captions) -> FloatArray:
    """``(n,)``: the greatest cosine of each of ``vectors`` ``(n, dim)`` and a caption."""
    return np.array([known.look_up(vector, captions).similarity for vector in vectors])


Cosines = Mapping[str, FloatArray]  # by kind of prompt, each kind counting alike


def share(of: Cosines, threshold: float) -> float:
    """The share at or above a threshold, the mean of the kinds."""
    return float(np.mean([(one >= threshold).mean() for one in of.values()]))


def youden(can: Cosines, cannot: Cosines) -> float:
    """The threshold with the greatest J; of equals the lowest."""
    tried = np.unique(np.concatenate([*can.values(), *cannot.values()]))
    gains = [share(can, one) - share(cannot, one) for one in tried]
    return float(tried[int(np.argmax(gains))])


def area(can: Cosines, cannot: Cosines) -> float:
    """The area under the ROC curve, the mean of the pairs of kinds."""
    pairs = [(one[:, None], other) for one in can.values() for other in cannot.values()]
    return float(
        np.mean([(one > other).mean() + (one == other).mean() / 2 for one, other in pairs])
    )


def report(can: Cosines, cannot: Cosines, threshold: float, others: Cosines | None = None) -> str:
    """The threshold that one half gives, and how the other half does at ``threshold``."""
    can_first, cannot_first = ({name: one[::2] for name, one in of.items()} for of in (can, cannot))
    can, cannot = ({name: one[1::2] for name, one in of.items()} for of in (can, cannot))
    rows: Rows = [("what", "number", "median", "below the threshold")]
    for kind, of in (("can", can), ("cannot", cannot), ("undecided", others or {})):
        for name, cosines in of.items():
            below = f"{(cosines < threshold).mean():.3f}"
            row = (f"{kind}: {name}", str(len(cosines)), f"{np.median(cosines):.3f}", below)
            rows.append(row)
    missed = share(cannot, threshold)
    told = (
        f"Threshold by the first half: {youden(can_first, cannot_first):.3f}; in use: "
        f"{threshold:g}. On the second half: area under the ROC curve {area(can, cannot):.3f}; "
        f"warned rightly {1 - missed:.3f} of what it cannot draw, missed {missed:.3f}; warned "
        f"wrongly {1 - share(can, threshold):.3f} of what it can."
    )
    return f"{table(rows)}\n\n{told}"


def photos(path: Path, captions: Captions) -> tuple[dict[str, FloatArray], dict[str, FloatArray]]:
    """Cosines of Caltech101's photos, of classes with an emoji and without."""
    import pyarrow.parquet as pq

    with CLASSES.open(encoding="utf-8", newline="") as stream:
        has_emoji = {row["label"] for row in csv.DictReader(stream, delimiter="\t")}
    content = pq.read_table(path)
    labels = content.column("label").to_pylist()
    order = np.random.default_rng(0).permutation(len(labels))
    of_class: dict[str, list[int]] = {}
    for row in order:
        of_class.setdefault(str(labels[row]), []).append(int(row))
    encoder = registry.find_space(DEFAULT_SPACE).image_encoder()

    def cosines(names: Sequence[str]) -> FloatArray:
        rows = [row for name in names for row in of_class[name][:PHOTOS]]
        found = content.column("image").take(rows).to_pylist()
        opened = (Image.open(io.BytesIO(one["bytes"])).convert("RGB") for one in found)
        return nearest(encoder.encode_pictures(opened), captions)

    names = sorted(of_class)
    return (
        {"classes with an emoji": cosines([name for name in names if name in has_emoji])},
        {"classes without": cosines([name for name in names if name not in has_emoji])},
    )


def main() -> None:
    """Measures and prints."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, default=Path("../shared/data"))
    path = parser.parse_args().data / "images" / "caltech101.parquet"
    texts = registry.find_space(DEFAULT_SPACE).text_encoder()
    captions = known.encode_captions("small", texts)
    prompts = {name: texts.encode_texts(of).vectors for name, of in drawable().items()}
    can = {name: nearest(vectors, captions) for name, vectors in prompts.items()}
    cannot = {"scenes": nearest(texts.encode_texts(scenes()).vectors, captions)}
    print("### Words\n")
    print(report(can, cannot, known.WORDS_THRESHOLD, unseen(texts, captions)))
    if path.is_file():
        print("\n### Photos\n")
        print(report(*photos(path, captions), known.PICTURES_THRESHOLD))
    captions = known.encode_captions("photos", texts)
    prompts = {name: texts.encode_texts(of).vectors for name, of in drawable_photos().items()}
    can = {name: nearest(vectors, captions) for name, vectors in prompts.items()}
    cannot = {"scenes": nearest(texts.encode_texts(scenes()).vectors, captions)}
    print("\n### Words, the generator of photos\n")
    print(report(can, cannot, known.PHOTOS_WORDS_THRESHOLD))


if __name__ == "__main__":
    main()
