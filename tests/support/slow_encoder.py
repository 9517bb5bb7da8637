"""An encoder for workers of other processes, which notes what it was asked and takes its time."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

import numpy as np
from PIL import Image

from core.base.ray_tasks import Rows
from core.base.types import Encoded, FloatArray
from core.images.vectors import encode_told
from core.spaces.ray_encoding import as_rows
from tests.conftest import SMALL, FakeEncoder

SECONDS = 0.05  # for each


class SlowEncoder:
    """Vectors of ``FakeEncoder``, after a while."""

    space, chunk = SMALL, 8

    def __init__(self, notes: Path) -> None:
        self.notes, self.fake = notes, FakeEncoder()

    def encode_texts(self, texts: Sequence[str]) -> Encoded:
        with (self.notes / f"{os.getpid()}.txt").open("a") as stream:
            for text in texts:
                time.sleep(SECONDS)
                stream.write(f"{text}\n")
                stream.flush()
        ones = np.ones(len(texts), dtype=np.float32)
        return Encoded(self.fake.encode(texts), ones, np.zeros(len(texts), dtype=np.bool_))

    def encode_query(self, text: str) -> Encoded:
        return self.encode_texts([text])


def make(notes: str) -> Callable[[list[str]], Rows]:
    encoder = SlowEncoder(Path(notes))
    return lambda texts: as_rows(encoder.encode_texts(texts))


class SlowPictures:
    """The same of pictures of one colour, which it notes."""

    space, chunk = SMALL, 8

    def __init__(self, notes: Path) -> None:
        self._texts = SlowEncoder(notes)

    def encode_pictures(self, pictures: Iterable[Image.Image]) -> FloatArray:
        colors = [str(one.convert("RGB").getpixel((0, 0))) for one in pictures]
        return self._texts.encode_texts(colors).vectors


def make_pictures(notes: str) -> Callable[[list[str]], Rows]:
    encoder = SlowPictures(Path(notes))
    return lambda told: as_rows(encode_told(told, encoder))
