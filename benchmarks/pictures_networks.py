"""EfficientNet-lite0 frozen, our picture encoder, and both together, on photos none was trained on.

Photos are those whose ids are held out in ``assets/splits``. What the network sees is computed by
``python -m benchmarks.pictures_features`` before, and kept.
"""

from __future__ import annotations

import argparse
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.pictures_features import FILES, FLOWERS, PhotoFile, emoji, photos, read
from core.base import vectors as vec
from core.base.types import FloatArray, IntArray
from core.images.gallery import Gallery
from core.images.report import report
from core.images.vectors import encode_gallery
from core.images.zero_shot import classify
from core.spaces import registry
from core.spaces.encoders.efficientnet import LITE0
from core.spaces.encoders.efficientnet_trunk import Trunk
from core.spaces.encoders.imagenet_pictures import ImageNetPictureEncoder, mix
from core.training.picture_encoder.report import TEMPLATE, read_class_emoji
from core.training.picture_encoder.train import DATA

LAST = 1_280  # numbers of the layer that the classifier reads
OWN, NETWORK, BOTH, NAMES = "minilm", "efficientnet-lite0", "minilm-imagenet-v1", "ConSE alone"
REGULAR = 1.0  # of the linear classifier


@dataclass(frozen=True, slots=True)
class Seen:
    """Pictures with each encoder's unit vectors ``(n, dim)``."""

    gallery: Gallery
    vectors: dict[str, FloatArray]


class Networks:
    """The encoders, and what they make of a set."""

    def __init__(self, data: Path) -> None:
        self.data = data
        self._seen: dict[tuple[PhotoFile, bool], Seen] = {}
        self.entry = registry.find_space(OWN)
        self.own = self.entry.image_encoder()
        self.texts = self.entry.text_encoder()
        self.classifier = Trunk(LITE0).classifier
        self.names = ImageNetPictureEncoder(self.entry.space).names

    def see(self, gallery: Gallery, features: FloatArray) -> Seen:
        """A gallery whose pictures the network gave ``features`` ``(n, dim)``."""
        import torch

        own = encode_gallery(gallery, self.entry, self.own, None).pictures
        last = features[:, -LAST:]
        with torch.inference_mode():
            chances = self.classifier(torch.from_numpy(last)).softmax(1).numpy()
        return Seen(
            gallery,
            {
                OWN: own,
                NETWORK: vec.normalize(last),
                NAMES: vec.normalize(chances @ self.names),
                BOTH: mix(own, chances, self.names),
            },
        )

    def photos(self, file: PhotoFile, *, held_out: bool) -> Seen:
        """Those of a file that the network has seen."""
        if (file, held_out) not in self._seen:
            pictures = photos(file, self.data)
            places, features = read(pictures)
            kept = pictures.held_out[places] == held_out
            taken = pictures.gallery.take(pictures.rows[places[kept]])
            self._seen[file, held_out] = self.see(taken, features[kept])
        return self._seen[file, held_out]


def of_photos(networks: Networks, file: PhotoFile) -> dict[str, Any]:
    """Nearest other of its class, P@10, and zero-shot by words, of the held-out photos."""
    seen = networks.photos(file, held_out=True)
    labels = seen.gallery.labels("label")
    found: dict[str, Any] = {"photos": len(labels), "classes": len(set(labels))}
    for name, vectors in seen.vectors.items():
        first, ten = (report(vectors, labels, k).mean_precision for k in (1, 10))
        found[name] = {"nearest": first, "P@10": ten}
        if name != NETWORK:
            found[name]["zero-shot"] = classify(vectors, labels, TEMPLATE, networks.texts).accuracy
    return found


def linear(networks: Networks, file: PhotoFile) -> dict[str, Any]:
    """A linear classifier on the network's features, from the photos that are trained on."""
    from sklearn.linear_model import LogisticRegression

    taught = networks.photos(file, held_out=False)
    asked = networks.photos(file, held_out=True)
    found: dict[str, Any] = {"taught": len(taught.gallery), "asked": len(asked.gallery)}
    for name in (NETWORK, OWN):
        model = LogisticRegression(C=REGULAR, max_iter=2_000)
        model.fit(taught.vectors[name] * 10, taught.gallery.labels("label"))
        right = model.predict(asked.vectors[name] * 10) == np.array(asked.gallery.labels("label"))
        found[name] = float(right.mean())
    return found


def to_emoji(networks: Networks) -> dict[str, Any]:
    """A held-out photo's emoji within 10, by the picture alone and blended with its caption."""
    pictures = emoji()
    gallery = pictures.gallery
    _, features = read(pictures)
    if len(features) < len(gallery):
        return {"seen": len(features), "of": len(gallery)}
    drawn = networks.see(gallery, features[np.argsort(pictures.rows)])
    columns = [networks.texts.encode_texts(column).vectors for column in gallery.texts]
    captions = vec.normalize(np.mean(columns, axis=0))
    place = {caption: row for row, caption in enumerate(gallery.captions or [])}
    wanted = read_class_emoji()
    found: dict[str, Any] = {}
    for name in (OWN, NETWORK, BOTH):
        for blended in (False, True):
            if blended and name == NETWORK:
                continue
            theirs = drawn.vectors[name]
            if blended:
                theirs = vec.normalize(0.5 * theirs + 0.5 * captions)
            hits: dict[str, list[bool]] = {}
            for file in FILES:
                seen = networks.photos(file, held_out=True)
                top = _ten(seen.vectors[name], theirs)
                for label, near in zip(seen.gallery.labels("label"), top, strict=True):
                    if label in wanted:
                        right = {place[one] for one in wanted[label]}
                        hits.setdefault(label, []).append(bool(right & set(near.tolist())))
            shares = [float(np.mean(one)) for one in hits.values()]
            told = f"{name}, {'blend 0.5' if blended else 'picture alone'}"
            found[told] = {"mean of classes": float(np.mean(shares)), "classes": len(shares)}
    return found


def _ten(asked: FloatArray, among: FloatArray) -> IntArray:
    rows: IntArray = np.argsort(-(asked @ among.T), axis=1)[:, :10]
    return rows


def main() -> int:
    """Prints the figures as JSON."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, default=DATA)
    networks = Networks(parser.parse_args().data)
    found: dict[str, Any] = {file.name: of_photos(networks, file) for file in FILES}
    found["flowers, linear"] = linear(networks, FLOWERS)
    found["photo to its emoji within 10"] = to_emoji(networks)
    print(json.dumps(found, indent=1))
    return 0


if __name__ == "__main__":
    main()
