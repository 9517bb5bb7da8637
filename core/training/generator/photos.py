"""The photos that the second generator learns from: objects, flowers and products on 64 pixels.

Photos that the picture encoder's split sets aside are left out here as well: they are to judge.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from safetensors.numpy import load, save

from core.images import holdout, sources
from core.images.gallery import Gallery
from core.images.zero_shot import spoken
from core.readers.pictures import Pixels, to_square
from core.storage import data_home
from core.training.generator.dataset import Dataset
from core.training.generator.pictures import SIDE
from core.training.picture_encoder.captions import names_of
from core.training.picture_encoder.data import SETS, PhotoSet, cache_folder

if TYPE_CHECKING:
    from PIL import Image

# How often photos of each set are shown: about as many as there are of it.
SHARES = {"caltech101": 0.33, "flower_photos": 0.13, "cifar10": 0.17, "fashion_products": 0.37}
# Of CIFAR-10's 50,000, so that training has time to see each photo some thirty times. They are 32
# pixels wide, and the more of them there are the softer is what is drawn.
CIFAR_OF_CLASS = 350
LONGEST = 1.5  # sides of a photo that is cut to a square; a longer one lies on white instead
TEMPLATES = ("{}", "a {}", "a photo of a {}", "a picture of a {}")


def load_photos(data: Path) -> Dataset:
    """All that is trained on; unpacked once and kept in the data home.

    Args:
        data: the folder with ``images/caltech101.parquet`` and the other files of ``SETS``.

    Raises:
        as ``sources.from_path``.
    """
    pixels, captions, kinds = [], [], []
    for one in SETS:
        gallery = sources.from_path(data / one.file)
        rows = rows_of(gallery, one, held_out=False)
        pixels.append(read_pixels(gallery, one, rows, data))
        captions += [captions_of(gallery.frame.iloc[row].to_dict(), one) for row in rows]
        kinds += [one.name] * len(rows)
    known = known_captions(captions, kinds)
    return Dataset("photos", np.concatenate(pixels), captions, kinds, SHARES, False, known)


def known_captions(captions: Sequence[Sequence[str]], kinds: Sequence[str]) -> list[str]:
    """What the generator may be asked for: names of classes, products with and without colour."""
    found: set[str] = set()
    for own, kind in zip(captions, kinds, strict=True):
        found |= {own[0], own[2]} if kind == "fashion_products" else set(own[:: len(TEMPLATES)])
    return sorted({one.strip() for one in found})  # of some products no colour is known


def rows_of(gallery: Gallery, one: PhotoSet, *, held_out: bool) -> Sequence[int]:
    """Rows of a gallery: those set aside for validation, or those trained on, in its order."""
    if held_out:
        return [int(row) for row in np.flatnonzero(holdout.held_out(gallery.ids))]
    rows = np.flatnonzero(~holdout.set_aside(gallery.ids))
    if one.name != "cifar10":
        return [int(row) for row in rows]
    labels = gallery.frame[one.column].astype(str).to_numpy()[rows]
    first = [rows[labels == label][:CIFAR_OF_CLASS] for label in np.unique(labels)]
    return [int(row) for row in np.sort(np.concatenate(first))]


def read_pixels(gallery: Gallery, one: PhotoSet, rows: Sequence[int], data: Path) -> Pixels:
    """Pixels ``(n, SIDE, SIDE, 3)`` of rows; unpacked once and kept in the data home."""
    told = [data_home.digest_file(data / one.file), *(str(row) for row in rows)]
    digest = data_home.digest_bytes(*(text.encode() for text in told), Path(__file__))[:16]
    path = cache_folder() / f"generator-photos-{one.name}-{digest}.safetensors"
    if not path.is_file():
        whole = one.name == "fashion_products"  # they stand on white, head to foot
        found = np.stack([square(gallery.open(row), whole=whole) for row in rows])
        data_home.write_file(path, save({"pixels": found}))
    pixels: Pixels = load(path.read_bytes())["pixels"]
    return pixels


def square(photo: Image.Image, *, whole: bool) -> Pixels:
    """A photo as ``(SIDE, SIDE, 3)``: its middle; of a long one, or if ``whole``, all on white."""
    width, height = photo.size
    short = min(width, height)
    if not whole and max(width, height) <= LONGEST * short:
        left, top = (width - short) // 2, (height - short) // 2
        photo = photo.crop((left, top, left + short, top + short))
    return to_square(photo, SIDE)


def captions_of(row: dict[str, object], one: PhotoSet) -> list[str]:
    """What a photo may be called, the plainest first."""
    if one.name == "fashion_products":
        color, kind = (str(row[column]).lower() for column in ("baseColour", "articleType"))
        return [f"{color} {kind}", str(row[one.column]), kind, f"a photo of {color} {kind}"]
    names = dict.fromkeys(reversed(names_of(str(row[one.column]))))
    return [text.format(spoken(name)) for name in names for text in TEMPLATES]
