"""Word vectors as files of word2vec's two formats, which other programs and this one read."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from core.base.types import FloatArray

TEXT, BINARY = (".vec", ".txt"), (".bin",)
ENDINGS = (*TEXT, *BINARY)


def word2vec(words: Sequence[str], vectors: FloatArray, *, binary: bool) -> bytes:
    """Words without spaces and their vectors ``(n, dim)`` as a file.

    A line says how many there are, then each word stands before its numbers: in text with all
    digits of single precision, in binary as float32, little-endian.
    """
    rows = np.ascontiguousarray(vectors, dtype="<f4")
    parts = [f"{len(words)} {rows.shape[1]}\n".encode()]
    for word, row in zip(words, rows, strict=True):
        if binary:
            parts.append(word.encode() + b" " + row.tobytes() + b"\n")
        else:
            numbers = " ".join(f"{value:.9g}" for value in row.tolist())
            parts.append(f"{word} {numbers}\n".encode())
    return b"".join(parts)
