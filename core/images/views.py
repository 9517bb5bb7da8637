"""Augmented views of pictures, as SimCLR makes them: what a picture may look like and stay itself.

(Chen, Kornblith, Norouzi & Hinton 2020, A simple framework for contrastive learning of visual
representations, arXiv:2002.05709, appendix A.) A view is always the same for the same picture and
number, so that its vector is kept like any other.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from core.base.types import FloatArray, Progress, no_progress
from core.images.gallery import Gallery
from core.images.vectors import encode_gallery
from core.readers.pictures import ImageEncoder
from core.spaces import vector_store
from core.spaces.entry import SpaceEntry
from core.spaces.vector_store import item_digest

if TYPE_CHECKING:
    from PIL import Image

_VERSION = b"view 1"  # of what is done below: another number makes other views
_SHARE = 0.2, 1.0  # of the picture's area that a view shows
_RATIO = 3 / 4, 4 / 3  # of its sides, beside the picture's own
_JITTER = 0.4  # how far brightness, contrast and saturation are changed at most
_HUE = 0.1  # the same of the hue, of a full turn
_JITTERED, _GREY, _BLURRED = 0.8, 0.2, 0.5  # how often
_BLUR = 0.1, 2.0  # pixels of a picture of 224
_NETWORK = 224


def view(picture: Image.Image, random: np.random.Generator) -> Image.Image:
    """A part of a picture, perhaps mirrored, in other colours, grey or blurred; RGB."""
    from PIL import ImageEnhance, ImageFilter, ImageOps

    made = picture.convert("RGB")
    made = made.crop(_box(*made.size, random))
    if random.random() < 0.5:
        made = ImageOps.mirror(made)
    if random.random() < _JITTERED:
        kinds = [ImageEnhance.Brightness, ImageEnhance.Contrast, ImageEnhance.Color]
        for at in random.permutation(4):
            made = (
                _turned(made, random.uniform(-_HUE, _HUE))
                if at == len(kinds)
                else kinds[at](made).enhance(random.uniform(1 - _JITTER, 1 + _JITTER))
            )
    if random.random() < _GREY:
        made = ImageOps.grayscale(made).convert("RGB")
    if random.random() < _BLURRED:
        radius = random.uniform(*_BLUR) * max(made.size) / _NETWORK
        made = made.filter(ImageFilter.GaussianBlur(radius))
    return made


def _box(width: int, height: int, random: np.random.Generator) -> tuple[int, int, int, int]:
    """Where a view's part begins and ends, in pixels."""
    share = random.uniform(*_SHARE)
    ratio = math.exp(random.uniform(*np.log(_RATIO)))
    wide = min(width, max(1, round(width * math.sqrt(share * ratio))))
    high = min(height, max(1, round(height * math.sqrt(share / ratio))))
    left, top = random.integers(width - wide + 1), random.integers(height - high + 1)
    return int(left), int(top), int(left) + wide, int(top) + high


def _turned(picture: Image.Image, turn: float) -> Image.Image:
    """With another hue; ``turn`` is a share of the whole circle."""
    from PIL import Image

    hue, *others = picture.convert("HSV").split()
    moved = (np.asarray(hue, dtype=np.int16) + round(turn * 256)) % 256
    bands = [Image.fromarray(moved.astype(np.uint8)), *others]
    return Image.merge("HSV", bands).convert("RGB")


def _of(gallery: Gallery, count: int) -> Gallery:
    """A gallery of ``count`` views of each picture, those of one after the other."""
    import pandas as pd

    def opened(number: int) -> Image.Image:
        row = number // count
        return view(gallery.open(row), _random(digests[number]))

    digests = [_digest(digest, at) for digest in gallery.digests for at in range(count)]
    ids = [f"{name} {at}" for name in gallery.ids for at in range(count)]
    return replace(
        gallery,
        ids=ids,
        digests=digests,
        open=opened,
        captions=None,
        texts=(),
        frame=pd.DataFrame(index=range(len(ids))),
        own=None,
        places=(),
    )


def _digest(picture: bytes, number: int) -> bytes:
    return item_digest(_VERSION + number.to_bytes(2, "little") + picture)


def _random(digest: bytes) -> np.random.Generator:
    return np.random.default_rng(int.from_bytes(digest, "little"))


def count_missing(digests: Sequence[bytes], base: SpaceEntry, count: int) -> int:
    """How many of ``count`` views of each picture have not been encoded yet.

    A picture that is known to be damaged has none.
    """
    damaged = vector_store.find_unusable(digests, base.image_folder)
    every = [_digest(one, at) for one in digests if one not in damaged for at in range(count)]
    return vector_store.count_missing(every, base.image_folder)


def encode_views(
    gallery: Gallery,
    base: SpaceEntry,
    encoder: ImageEncoder,
    count: int,
    progress: Progress = no_progress,
) -> FloatArray:
    """Unit vectors ``(n, count, dim)`` of views of pictures that can be opened.

    Each is encoded once in a space and kept.

    Raises:
        PictureError: a picture cannot be opened any more.
        Cancelled: by ``progress``; a later call goes on where this one stopped.
    """
    found = encode_gallery(_of(gallery, count), base, encoder, None, progress)
    return found.pictures.reshape(len(gallery), count, -1)
