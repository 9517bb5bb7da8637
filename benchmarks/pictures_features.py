"""What EfficientNet-lite0 sees of the sets that ``pictures_networks`` measures, kept on the disk.

Computed a chunk at a time: started again, it goes on where it stopped. Photos that are held out
come first in their set. Every picture is seen as the space ``minilm-imagenet-v1`` sees it.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from safetensors.numpy import load, save

from core.base.types import BoolArray, FloatArray, IntArray
from core.images import holdout, openmoji, sources
from core.images.gallery import Gallery
from core.readers.pictures import to_square
from core.spaces.encoders.efficientnet import LITE0
from core.spaces.encoders.efficientnet_trunk import LAYERS, Trunk
from core.spaces.encoders.imagenet_pictures import BATCH, SIDE
from core.storage import data_home
from core.training.picture_encoder.data import cache_folder
from core.training.picture_encoder.train import DATA

CHUNK = 256
SEED = 17


@dataclass(frozen=True, slots=True)
class PhotoFile:
    """A file of photos; with ``most``, so many of them by chance."""

    name: str
    most: int | None = None

    def path(self, data: Path) -> Path:
        """Below the folder of the development data."""
        return data / "images" / f"{self.name}.parquet"


CALTECH, FLOWERS = PhotoFile("caltech101"), PhotoFile("flower_photos")
CIFAR = PhotoFile("cifar10_test_half", 1_000)
FILES = (CALTECH, FLOWERS, CIFAR)


@dataclass(frozen=True, slots=True)
class PictureSet:
    """Pictures of a gallery in the order they are seen: ``rows`` ``(n,)`` of it.

    Attributes:
        held_out: ``(n,)``, true for those our encoder was never trained on.
    """

    name: str
    digest: str
    gallery: Gallery
    rows: IntArray
    held_out: BoolArray


def photos(file: PhotoFile, data: Path) -> PictureSet:
    """A file's photos: those that are held out, then the others in an order by chance, so that any
    beginning of them holds all kinds."""
    gallery = sources.from_path(file.path(data))
    aside = holdout.set_aside(gallery.ids)
    random = np.random.default_rng(SEED)
    rest = random.permutation(np.flatnonzero(~aside))
    rows = np.concatenate([np.flatnonzero(aside), rest])
    if file.most is not None:
        rows = random.permutation(rows)[: file.most]
    digest = data_home.digest_file(file.path(data)) + ("" if file.most is None else f" {file.most}")
    kept = holdout.held_out([gallery.ids[row] for row in rows])
    return PictureSet(file.name, digest, gallery, rows, kept)


def emoji() -> PictureSet:
    """OpenMoji, which our encoder was trained on and the network was not."""
    gallery = sources.load_gallery(openmoji.NAME)
    rows = np.random.default_rng(SEED).permutation(len(gallery))
    digest = data_home.digest_bytes(*(name.encode() for name in gallery.ids))
    return PictureSet(openmoji.NAME, digest, gallery, rows, np.zeros(len(rows), np.bool_))


def _chunk_path(pictures: PictureSet, at: int) -> Path:
    recipe = f"{LITE0.sha256} {LAYERS} {SIDE} {pictures.digest} v2"
    name = f"{pictures.name}-0-{at:05d}-{data_home.sha256(recipe.encode())[:12]}.safetensors"
    return cache_folder() / "trunk" / name


def read(pictures: PictureSet) -> tuple[IntArray, FloatArray]:
    """Places ``(m,)`` in the set whose features are there, and these ``(m, dim)``."""
    places, features = [np.empty(0, np.int64)], [np.empty((0, 0), np.float32)]
    for at in range(0, len(pictures.rows), CHUNK):
        path = _chunk_path(pictures, at)
        if path.is_file():
            found = load(path.read_bytes())["features"].astype(np.float32)
            features = [one for one in features if len(one)] + [found]
            places.append(np.arange(at, at + len(found)))
    return np.concatenate(places), np.concatenate(features)


def _compute(pictures: PictureSet, trunk: Trunk, last: int) -> None:
    """Sees the first ``last`` pictures of a set, those that were not seen yet."""
    for at in range(0, min(len(pictures.rows), last), CHUNK):
        path = _chunk_path(pictures, at)
        if path.is_file():
            continue
        began = time.monotonic()
        asked = pictures.rows[at : at + CHUNK]
        squares = np.stack([to_square(pictures.gallery.open(int(row)), SIDE) for row in asked])
        found = []
        for first in range(0, len(squares), BATCH):
            pixels = torch.from_numpy(squares[first : first + BATCH]).permute(0, 3, 1, 2).float()
            with torch.inference_mode():
                found.append(trunk(pixels.contiguous(memory_format=torch.channels_last)).numpy())
        data_home.write_file(path, save({"features": np.concatenate(found).astype(np.float16)}))
        pace = len(asked) / (time.monotonic() - began)
        done = f"{pictures.name}: {at + len(asked):,} of {len(pictures.rows):,}"
        print(f"{done}, {pace:.0f}/s", flush=True)


def _steps(data: Path) -> Iterator[tuple[PictureSet, int]]:
    """The sets, and how many of each: photos to learn from are needed of the flowers alone."""
    caltech = photos(CALTECH, data)
    yield caltech, int(caltech.held_out.sum())
    for pictures in (photos(FLOWERS, data), photos(CIFAR, data), emoji()):
        yield pictures, len(pictures.rows)


def main() -> int:
    """Computes what is missing."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, default=DATA)
    parser.add_argument("--threads", type=int, default=2, help="of the processor")
    options = parser.parse_args()
    torch.set_num_threads(options.threads)
    trunk = Trunk(LITE0)
    for pictures, last in _steps(options.data):
        _compute(pictures, trunk, last)
    return 0


if __name__ == "__main__":
    main()
