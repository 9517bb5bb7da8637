"""EfficientNet-lite0 frozen, our picture encoder, and both together, on pictures held out.

Photos are those whose ids are held out in ``assets/splits``. What the network sees is computed by
``python -m core.training.picture_head.features`` before, and kept. With ``--unseen FOLDER`` a head
that was trained without some classes (``python -m core.training.picture_head.train --unseen --out
FOLDER``) is asked for these, without our own encoder, which was trained on them.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property, partial
from pathlib import Path
from typing import Any

import numpy as np
import torch

from core.base import vectors as vec
from core.base.types import BoolArray, FloatArray, IntArray
from core.images import openmoji
from core.images.report import report
from core.images.sources import load_gallery
from core.images.zero_shot import classify
from core.readers.pictures import to_square
from core.spaces import registry
from core.spaces.encoders.imagenet_pictures import SIDE, ImageNetPictureEncoder
from core.spaces.encoders.minilm_pictures import FOLDER
from core.training.picture_encoder.report import (
    FASHION_COUNT,
    NOTO,
    TEMPLATE,
    draw_noto,
    emoji_hits,
    within,
)
from core.training.picture_encoder.train import DATA
from core.training.picture_head import features
from core.training.picture_head.features import PictureSet
from core.training.picture_head.train import read_unseen

OWN, NETWORK, BOTH = "minilm", "efficientnet-lite0", "minilm-imagenet-v1"
PHOTOS = ("caltech101", "flower_photos", "cifar10_test_half")
SHARES = (0.0, 0.3, 0.6, 1.0, 2.0)  # of ImageNet's names, by which a head is asked
REGULAR = 1.0  # of the linear classifier


@dataclass(frozen=True, slots=True)
class Seen:
    """Pictures, what is on each, and each encoder's unit vectors ``(n, dim)``."""

    labels: list[str]
    vectors: dict[str, FloatArray]

    def take(self, rows: BoolArray | IntArray) -> Seen:
        """Some of them."""
        labels = np.array(self.labels, dtype=object)[rows]
        return Seen([str(one) for one in labels], {n: one[rows] for n, one in self.vectors.items()})


class Networks:
    """The encoders, and what they make of a set."""

    def __init__(self, data: Path, folder: Path = FOLDER) -> None:
        self.sets = {one.name: one for one in features.picture_sets(data)}
        self.entry = registry.find_space(OWN)
        self.texts = self.entry.text_encoder()
        self.encoder = ImageNetPictureEncoder(self.entry.space, folder)
        self._seen: dict[tuple[str, bool], Seen] = {}

    def see(self, name: str, *, held_out: bool) -> Seen:
        """The pictures of a set that are held out, or the others."""
        if (name, held_out) not in self._seen:
            pictures = self.sets[name]
            rows = np.flatnonzero(pictures.held_out if held_out else ~pictures.aside)
            self._seen[name, held_out] = self._vectors(pictures, rows)
        return self._seen[name, held_out]

    def _vectors(self, pictures: PictureSet, rows: IntArray) -> Seen:
        seen = features.read(pictures)[rows]
        own = self.encoder.own.encode_pictures(pictures.open(int(row)) for row in rows)
        head = self.encoder.of_features(torch.from_numpy(seen))
        vectors = {OWN: own, NETWORK: vec.normalize(seen), BOTH: vec.normalize(own + head)}
        return Seen([pictures.names[row] for row in rows], vectors)

    @cached_property
    def emoji(self) -> Seen:
        """All of OpenMoji."""
        return self.see("openmoji", held_out=False)

    @cached_property
    def captions(self) -> FloatArray:
        """The emoji's captions and keywords, as the gallery has them, ``(n, dim)``."""
        items = openmoji.list_emoji()
        columns = [[one.caption for one in items], [one.described for one in items]]
        encoded = [self.texts.encode_texts(column).vectors for column in columns]
        return vec.normalize(np.mean(encoded, axis=0))


def of_photos(networks: Networks, name: str) -> dict[str, Any]:
    """Nearest other of its class, P@10, and zero-shot by words, of the held-out photos."""
    seen = networks.see(name, held_out=True)
    found: dict[str, Any] = {"photos": len(seen.labels), "classes": len(set(seen.labels))}
    for encoder, vectors in seen.vectors.items():
        first, ten = (report(vectors, seen.labels, k).mean_precision for k in (1, 10))
        found[encoder] = {"nearest": first, "P@10": ten}
        if encoder != NETWORK:
            told = classify(vectors, seen.labels, TEMPLATE, networks.texts)
            found[encoder]["zero-shot"] = told.accuracy
    return found


def linear(networks: Networks, name: str) -> dict[str, Any]:
    """A linear classifier on the vectors, from the photos that are trained on."""
    from sklearn.linear_model import LogisticRegression

    taught, asked = (networks.see(name, held_out=one) for one in (False, True))
    found: dict[str, Any] = {"taught": len(taught.labels), "asked": len(asked.labels)}
    for encoder in taught.vectors:
        model = LogisticRegression(C=REGULAR, max_iter=2_000)
        model.fit(taught.vectors[encoder] * 10, taught.labels)
        right = model.predict(asked.vectors[encoder] * 10) == np.array(asked.labels)
        found[encoder] = float(right.mean())
    return found


def to_emoji(networks: Networks) -> dict[str, Any]:
    """A held-out photo's emoji within 10, by the picture alone and blended with its caption."""
    found: dict[str, Any] = {}
    for encoder in (OWN, BOTH):
        for blended in (False, True):
            theirs = networks.emoji.vectors[encoder]
            if blended:
                theirs = vec.normalize(0.5 * theirs + 0.5 * networks.captions)
            photos = [networks.see(name, held_out=True) for name in PHOTOS]
            hits = emoji_hits(
                [(one.labels, one.vectors[encoder]) for one in photos],
                networks.emoji.labels,
                theirs,
            )
            shares = [float(np.mean(one)) for one in hits.values()]
            told = f"{encoder}, {'blend 0.5' if blended else 'picture alone'}"
            found[told] = {"mean of classes": float(np.mean(shares)), "classes": len(shares)}
    return found


def fashion(networks: Networks) -> dict[str, Any]:
    """A held-out product among 400 by the words of its title."""
    seen = networks.see("fashion_products", held_out=True)
    first = {title: row for row, title in reversed(list(enumerate(seen.labels)))}
    rows = np.random.default_rng(0).choice(sorted(first.values()), FASHION_COUNT, replace=False)
    taken = seen.take(rows)
    titles = networks.texts.encode_texts(taken.labels).vectors
    right = np.arange(FASHION_COUNT)
    return {name: within(titles @ taken.vectors[name].T, right) for name in (OWN, BOTH)}


def noto(networks: Networks) -> dict[str, Any] | None:
    """An emoji of a third artist, whom none was trained on, to its OpenMoji twin."""
    if not NOTO.exists():
        return None
    drawn = draw_noto(list(load_gallery(openmoji.NAME).frame["emoji"]))
    pictures, twins = list(drawn.values()), np.array(list(drawn), dtype=np.int64)
    own = networks.encoder.own.encode_pictures(pictures)
    parts = [
        networks.encoder.seen(np.stack([to_square(one, SIDE) for one in pictures[at : at + 8]]))
        for at in range(0, len(pictures), 8)
    ]
    vectors = {OWN: own, BOTH: vec.normalize(own + np.concatenate(parts))}
    theirs = networks.emoji.vectors
    return {name: within(one @ theirs[name].T, twins) for name, one in vectors.items()}


def unseen(networks: Networks) -> dict[str, Any]:
    """Zero-shot among all classes of Caltech101, of photos whose classes no picture showed, by
    the share of ImageNet's names."""
    left_out = read_unseen()
    pictures = networks.sets["caltech101"]
    rows = np.flatnonzero(pictures.held_out)
    labels = [pictures.names[row] for row in rows]
    seen = torch.from_numpy(features.read(pictures)[rows])
    found: dict[str, Any] = {}
    for share in SHARES:
        networks.encoder.head.share = share
        vectors = vec.normalize(networks.encoder.of_features(seen))
        told = classify(vectors, labels, TEMPLATE, networks.texts).per_class
        others = [right for name, right in told.items() if name not in left_out]
        found[f"share {share}"] = {
            "mean of classes left out": float(np.mean([told[name] for name in left_out])),
            "mean of the others": float(np.mean(others)),
        }
    return found


def main() -> int:
    """Prints the figures, each as JSON when it is there."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, default=DATA)
    parser.add_argument("--unseen", type=Path, help="the folder of a head trained without some")
    options = parser.parse_args()
    if options.unseen:
        networks = Networks(options.data, options.unseen)
        print(json.dumps(unseen(networks), indent=1))
        return 0
    networks = Networks(options.data)
    figures: dict[str, Callable[[], Any]] = {
        **{name: partial(of_photos, networks, name) for name in PHOTOS},
        "flowers, linear": partial(linear, networks, "flower_photos"),
        "photo to its emoji within 10": partial(to_emoji, networks),
        "fashion title to picture": partial(fashion, networks),
        "Noto to its OpenMoji twin": partial(noto, networks),
    }
    for name, figure in figures.items():
        print(json.dumps({name: figure()}, indent=1), flush=True)
    return 0


if __name__ == "__main__":
    main()
