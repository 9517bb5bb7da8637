"""An encoder for workers of other processes, which notes what it was asked and takes its time."""

from __future__ import annotations

import os
import time
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from core.base.types import Encoded
from tests.conftest import SMALL, FakeEncoder


class SlowEncoder:
    """Vectors of ``FakeEncoder``, a twentieth of a second each."""

    space, chunk = SMALL, 8

    def __init__(self, notes: Path) -> None:
        self.notes, self.fake = notes, FakeEncoder()

    def encode_texts(self, texts: Sequence[str]) -> Encoded:
        with (self.notes / f"{os.getpid()}.txt").open("a") as stream:
            for text in texts:
                time.sleep(0.05)
                stream.write(f"{text}\n")
                stream.flush()
        ones = np.ones(len(texts), dtype=np.float32)
        return Encoded(self.fake.encode(texts), ones, np.zeros(len(texts), dtype=np.bool_))

    def encode_query(self, text: str) -> Encoded:
        return self.encode_texts([text])


def make(notes: str) -> SlowEncoder:
    return SlowEncoder(Path(notes))
