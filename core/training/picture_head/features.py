"""What EfficientNet-lite0 sees of the pictures that the head learns from, kept on the disk.

Computed a chunk at a time: started again, it goes on where it stopped. Of what is trained on there
are two views, as it is and a random crop of it, of what is held out the first alone.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from PIL import Image
from safetensors.numpy import load, save

from core.base.errors import InputError
from core.base.types import BoolArray, FloatArray
from core.images import holdout, openmoji, sources
from core.readers.pictures import to_square
from core.spaces.encoders.efficientnet import LITE0
from core.spaces.encoders.efficientnet_trunk import Trunk
from core.spaces.encoders.imagenet_pictures import BATCH, SIDE
from core.storage import data_home
from core.training.picture_encoder.data import cache_folder, draw_twemoji, list_twemoji
from core.training.picture_encoder.train import DATA

CHUNK = 256
SMALL = "cifar10"  # pictures of 32 pixels, of which no crop is taken
SEED = 17
CROP = (0.55, 1.0)  # share of the picture's area that the second view shows


@dataclass(frozen=True, slots=True)
class PictureSet:
    """Pictures, each opened by its number; ``names`` say what is on them.

    Attributes:
        digest: of their file, or of the package that brings them.
        aside: ``(n,)``, true for those that are not trained on; ``held_out`` ``(n,)`` for those of
            them that are measured: no copy of one that is.
    """

    name: str
    digest: str
    names: list[str]
    aside: BoolArray
    held_out: BoolArray
    open: Callable[[int], Image.Image]

    def __len__(self) -> int:
        return len(self.names)


def photos(data: Path, name: str, column: str, most: int | None = None) -> PictureSet:
    """A file's photos, or so many of them by chance."""
    path = data / "images" / f"{name}.parquet"
    gallery = sources.from_path(path)
    rows = np.arange(len(gallery))
    if most is not None:
        rows = np.random.default_rng(SEED).permutation(rows)[:most]
    ids = [gallery.ids[row] for row in rows]
    return PictureSet(
        name,
        data_home.digest_file(path) + f" {most}",
        [str(one) for one in gallery.frame[column].iloc[rows]],
        holdout.set_aside(ids),
        holdout.held_out(ids),
        lambda at: gallery.open(int(rows[at])),
    )


def openmoji_pictures() -> PictureSet:
    """Every OpenMoji, large enough for the network."""
    items = openmoji.list_emoji()
    names = [item.caption for item in items]
    return PictureSet(
        "openmoji",
        openmoji.version(),
        names,
        np.zeros(len(names), dtype=bool),
        np.zeros(len(names), dtype=bool),
        lambda at: openmoji.draw(items[at].id, SIDE),
    )


def twemoji_pictures() -> PictureSet:
    """The same emoji by other artists, as far as they drew them."""
    items, files = openmoji.list_emoji(), list(list_twemoji().items())
    names = [items[number].caption for number, _ in files]
    return PictureSet(
        "twemoji",
        data_home.digest_bytes(*(path.name.encode() for _, path in files)),
        names,
        np.zeros(len(names), dtype=bool),
        np.zeros(len(names), dtype=bool),
        lambda at: draw_twemoji(files[at][1], SIDE).convert("RGBA"),
    )


def picture_sets(data: Path = DATA) -> list[PictureSet]:
    """All that is trained on, and what is held out of it."""
    return [
        openmoji_pictures(),
        twemoji_pictures(),
        photos(data, "caltech101", "label"),
        photos(data, "flower_photos", "label"),
        photos(data, "cifar10_test_half", "label", 2_000),
        photos(data, "fashion_products", "productDisplayName"),
        photos(data, "cifar10_train", "label", 12_000),
    ]


def compute(pictures: PictureSet, trunk: Trunk, view: int = 0) -> None:
    """Sees what was not seen yet of a view of a set: 0 as it is, 1 a random crop."""
    for at in range(0, len(pictures), CHUNK):
        path = _chunk_path(pictures, at, view)
        if not path.is_file():
            _compute(pictures, range(at, min(at + CHUNK, len(pictures))), view, trunk, path)


def has(pictures: PictureSet, view: int) -> bool:
    """Whether all of a view of a set was seen."""
    starts = range(0, len(pictures), CHUNK)
    return all(_chunk_path(pictures, at, view).is_file() for at in starts)


def read(pictures: PictureSet, view: int = 0) -> FloatArray:
    """The last layer's means ``(n, 1280)`` of a view of a set.

    Raises:
        InputError: they have not been computed.
    """
    if not has(pictures, view):
        raise InputError(
            f"What the network sees of {pictures.name} has not been computed.",
            "It is needed before, once.",
            "Run python -m core.training.picture_head.features.",
        )
    starts = range(0, len(pictures), CHUNK)
    parts = [load(_chunk_path(pictures, at, view).read_bytes())["features"] for at in starts]
    found: FloatArray = np.concatenate(parts).astype(np.float32)
    return found


def _chunk_path(pictures: PictureSet, at: int, view: int) -> Path:
    recipe = f"{LITE0.sha256} {SIDE} {CROP} {SEED} {pictures.digest} v1"
    name = f"{pictures.name}-{view}-{at:05d}-{data_home.sha256(recipe.encode())[:12]}.safetensors"
    return cache_folder() / "picture-head" / name


def _compute(pictures: PictureSet, rows: range, view: int, trunk: Trunk, path: Path) -> None:
    began = time.monotonic()
    random = np.random.default_rng([SEED, view, rows.start])
    found = []
    for first in range(rows.start, rows.stop, BATCH):
        opened = [pictures.open(row) for row in rows[first - rows.start :][:BATCH]]
        if view:
            opened = [_crop(picture, random) for picture in opened]
        squares = np.stack([to_square(picture, SIDE) for picture in opened])
        pixels = torch.from_numpy(squares).permute(0, 3, 1, 2).float()
        with torch.inference_mode():
            seen = trunk(pixels.contiguous(memory_format=torch.channels_last))
        found.append(seen.numpy().astype(np.float16))
    data_home.write_file(path, save({"features": np.concatenate(found)}))
    pace = len(rows) / (time.monotonic() - began)
    print(
        f"{pictures.name}, view {view}: {rows.stop:,} of {len(pictures):,}, {pace:.0f}/s",
        flush=True,
    )


def _crop(picture: Image.Image, random: np.random.Generator) -> Image.Image:
    """A part of a picture, mirrored half the time."""
    scale = float(np.sqrt(random.uniform(*CROP)))
    width, height = max(1, round(picture.width * scale)), max(1, round(picture.height * scale))
    left = int(random.integers(0, picture.width - width + 1))
    top = int(random.integers(0, picture.height - height + 1))
    part = picture.crop((left, top, left + width, top + height))
    mirrored = random.random() < 0.5
    return part.transpose(Image.Transpose.FLIP_LEFT_RIGHT) if mirrored else part


def main(arguments: Sequence[str] | None = None) -> int:
    """Computes what is missing; the crops last, which are no must."""
    parser = argparse.ArgumentParser(prog="python -m core.training.picture_head.features")
    parser.add_argument("--data", type=Path, default=DATA)
    sets = picture_sets(parser.parse_args(arguments).data)
    trunk = Trunk(LITE0)
    for pictures in sets:
        compute(pictures, trunk)
    for pictures in sets:
        if not pictures.name.startswith(SMALL):
            compute(pictures, trunk, 1)
    return 0


if __name__ == "__main__":
    sys.exit(main())
