"""Measures the figures of the picture encoder's model card.

``python -m core.training.picture_encoder.report`` prints them as JSON.

Photos are those whose ids are held out in ``assets/splits``; OpenMoji itself was trained on. The
emoji of another artist are Google's Noto, drawn from Debian's font for this figure only.
"""

from __future__ import annotations

import csv
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from core.base import vectors as vec
from core.base.paths import ASSETS
from core.base.types import FloatArray, IntArray
from core.images.gallery import Gallery
from core.images.sources import load_gallery
from core.images.vectors import EncodedGallery
from core.images.zero_shot import classify
from core.spaces import registry
from core.spaces.encoders import minilm_pictures
from core.training import reports

TEMPLATE = "a photo of a {}"
NOTO = Path("/usr/share/fonts/truetype/noto/NotoColorEmoji.ttf")  # Debian's fonts-noto-color-emoji
_NOTO_SIZE, _NOTO_WIDTH = 109, 140  # the one size it is drawn at, and the room one emoji takes
_CLASS_EMOJI = ASSETS / "splits" / "class-emoji.tsv"
FASHION_COUNT = 400
PHOTOS = ("caltech101", "flower_photos", "cifar10_test_half")


class Report:
    """The figures, each by its own method."""

    def __init__(self, data: Path, weights: Path = minilm_pictures.FOLDER) -> None:
        self.data = data
        self.entry = registry.find_space("minilm")
        self.encoder = minilm_pictures.PictureEncoder(self.entry.space, weights)
        self.texts = self.entry.text_encoder()
        self.emoji = self._encode(load_gallery("openmoji"))
        self.photos = {name: self._photos(name) for name in PHOTOS}

    def _encode(self, gallery: Gallery) -> EncodedGallery:
        """As a page would, but keeping nothing: the weights may be of a training that goes on."""
        opened = (gallery.open(number) for number in range(len(gallery)))
        vectors = self.encoder.encode_pictures(opened)
        if not gallery.texts:
            return EncodedGallery(gallery, vectors, None)
        columns = [self.texts.encode_texts(column).vectors for column in gallery.texts]
        return EncodedGallery(gallery, vectors, vec.normalize(np.mean(columns, axis=0)))

    def _photos(self, name: str) -> EncodedGallery:
        path = str(self.data / "images" / f"{name}.parquet")
        return self._encode(load_gallery(path).held_out())

    def zero_shot(self) -> dict[str, float]:
        """Accuracy among the classes of each set of photos."""
        return {
            name: classify(
                photos.pictures, photos.gallery.labels("label"), TEMPLATE, self.texts
            ).accuracy
            for name, photos in self.photos.items()
        }

    def own_caption(self) -> dict[str, float]:
        """An OpenMoji picture's own caption among all captions."""
        captions = self.texts.encode_texts(self.emoji.gallery.captions or []).vectors
        return within(self.emoji.pictures @ captions.T, np.arange(len(captions)))

    def another_artist(self) -> dict[str, float]:
        """A Noto emoji's twin among OpenMoji's pictures, by picture alone."""
        drawn = draw_noto(list(self.emoji.gallery.frame["emoji"]))
        vectors = self.encoder.encode_pictures(list(drawn.values()))
        twins = np.array(list(drawn), dtype=np.int64)
        found = within(vectors @ self.emoji.pictures.T, twins)
        blended = within(vectors @ self.emoji.blend(0.5).T, twins)
        flags = np.array(self.emoji.gallery.frame["group"] == "flags")[twins]
        plain = within((vectors @ self.emoji.pictures.T)[~flags], twins[~flags])
        return found | {
            "blended": blended["within 10"],
            "without flags, rank 1": plain["rank 1"],
            "without flags, within 10": plain["within 10"],
            "emoji": float(len(twins)),
        }

    def photo_to_emoji(self) -> dict[str, float]:
        """A photo's emoji within 10 of the blended gallery, for classes that have one."""
        hits = emoji_hits(
            [(one.gallery.labels("label"), one.pictures) for one in self.photos.values()],
            self.emoji.gallery.captions or [],
            self.emoji.blend(0.5),
        )
        shares = {label: float(np.mean(found)) for label, found in hits.items()}
        return {
            "mean of classes": float(np.mean(list(shares.values()))),
            "mean of photos": float(np.mean([hit for found in hits.values() for hit in found])),
            "classes": float(len(shares)),
            "classes above 0.7": float(sum(share >= 0.7 for share in shares.values())),
        }

    def fashion(self) -> dict[str, float]:
        """A held-out product among 400 by the words of its title."""
        gallery = load_gallery(str(self.data / "images" / "fashion_products.parquet")).held_out()
        first = {title: row for row, title in reversed(list(enumerate(gallery.captions or [])))}
        random = np.random.default_rng(0)
        rows = random.choice(sorted(first.values()), FASHION_COUNT, replace=False)
        found = self._encode(gallery.take(rows))
        titles = self.texts.encode_texts(found.gallery.texts[0]).vectors
        return within(titles @ found.pictures.T, np.arange(FASHION_COUNT))


def within(scores: FloatArray, right: IntArray) -> dict[str, float]:
    """How often ``scores[i, right[i]]`` is the highest of its row, and among the ten highest.

    ``scores`` are ``(n, m)``, ``right`` ``(n,)``.
    """
    own = scores[np.arange(len(right)), right]
    better = (scores > own[:, None]).sum(axis=1)
    return {"rank 1": float((better == 0).mean()), "within 10": float((better < 10).mean())}


def emoji_hits(
    photos: Sequence[tuple[Sequence[str], FloatArray]],
    captions: Sequence[str],
    emoji: FloatArray,
) -> dict[str, list[bool]]:
    """Of each class that has an emoji, whether one of its emoji is within 10 of each photo.

    Args:
        photos: sets of them: the classes, and vectors ``(n, dim)``.
        captions: of the ``emoji`` ``(m, dim)``.
    """
    wanted = read_class_emoji()
    place = {caption: row for row, caption in enumerate(captions)}
    hits: dict[str, list[bool]] = {}
    for labels, vectors in photos:
        top = np.argsort(-(vectors @ emoji.T), axis=1)[:, :10]
        for label, rows in zip(labels, top, strict=True):
            if label in wanted:
                right = {place[name] for name in wanted[label]}
                hits.setdefault(label, []).append(bool(right & set(rows.tolist())))
    return hits


def draw_noto(emoji: Sequence[str]) -> dict[int, Image.Image]:
    """The emoji that Noto draws as one glyph, by their number in ``emoji``."""
    font = ImageFont.truetype(str(NOTO), _NOTO_SIZE, layout_engine=ImageFont.Layout.RAQM)

    def draw(text: str) -> Image.Image:
        picture = Image.new("RGBA", (136, 128))
        ImageDraw.Draw(picture).text((0, 0), text, font=font, embedded_color=True)
        return picture

    missing = draw("\U0010fffd").tobytes()
    drawn = {}
    for number, text in enumerate(emoji):
        if font.getlength(text) <= _NOTO_WIDTH:
            picture = draw(text)
            if picture.getbbox() is not None and picture.tobytes() != missing:
                drawn[number] = picture
    return drawn


def read_class_emoji() -> dict[str, list[str]]:
    """Captions of the emoji that show what each class of photos shows."""
    with _CLASS_EMOJI.open(encoding="utf-8", newline="") as stream:
        rows = csv.DictReader(stream, delimiter="\t")
        return {row["label"]: row["emoji"].split("|") for row in rows}


def measure(data: Path, weights: Path) -> dict[str, Any]:
    """Every figure."""
    report = Report(data, weights)
    return {
        "zero-shot": report.zero_shot(),
        "OpenMoji to its own caption": report.own_caption(),
        "Noto to its OpenMoji twin": report.another_artist() if NOTO.exists() else None,
        "photo to its emoji, blended": report.photo_to_emoji(),
        "fashion title to picture": report.fashion(),
    }


def main(arguments: Sequence[str] | None = None) -> int:
    """Prints every figure as JSON."""
    return reports.run("picture_report", minilm_pictures.FOLDER, measure, arguments)


if __name__ == "__main__":
    sys.exit(main())
