"""word2vec's binary format: a text header, then each word, a space and raw float32 numbers."""

from __future__ import annotations

import mmap
from pathlib import Path

import numpy as np

from core.base.errors import VectorFileError, shorten
from core.base.types import FloatArray, Progress
from core.readers.vector_text import decode_words

MAX_WORD_BYTES = 1_000


def read_binary(
    path: Path, name: str, header: tuple[int, int, int], limit: int | None, progress: Progress
) -> tuple[list[str], FloatArray, list[str]]:
    """Words, vectors ``(n, dim)``, and notes on the words' encoding.

    Raises:
        VectorFileError: the file ends early, goes on too long, or is not in this format.
    """
    count, dim, at = header
    wanted = min(count, limit or count)
    width = 4 * dim
    words: list[bytes] = []
    with path.open("rb") as stream, mmap.mmap(stream.fileno(), 0, access=mmap.ACCESS_READ) as data:
        room = min(wanted, len(data) // width + 1)  # however many the header states
        vectors = np.empty((room, dim), dtype=np.float32)
        for row in range(wanted):
            space = data.find(b" ", at, at + MAX_WORD_BYTES)
            end = space + 1 + width
            if space < 0 and at + MAX_WORD_BYTES < len(data):
                raise _not_binary(name, row)
            if space < 0 or end > len(data):
                raise _too_short(name, row, count)
            words.append(data[at:space].lstrip(b"\n"))
            vectors[row] = np.frombuffer(data[space + 1 : end], dtype="<f4")
            at = end
            if row % 20_000 == 0:
                progress(row, wanted, f"{row:,} words read")
        rest = data[at:].strip()
    if rest and wanted == count:
        raise VectorFileError(
            f"“{shorten(name)}” goes on after the {count:,} words its header states.",
            "Header and content must agree.",
            f"Check the file, or open only its first {count - 1:,} words (limit).",
        )
    texts, notes = decode_words(name, words)
    return texts, vectors, notes


def _too_short(name: str, row: int, count: int) -> VectorFileError:
    return VectorFileError(
        f"“{shorten(name)}” ends within word {row + 1:,} of the {count:,} its header states.",
        "The whole file is needed; a download cut short is the usual cause.",
        f"Download it again, or open only its first {row:,} words (limit)."
        if row
        else "Download it again.",
    )


def _not_binary(name: str, row: int) -> VectorFileError:
    return VectorFileError(
        f"“{shorten(name)}” has no word where word {row + 1:,} should begin.",
        "Its header looks like word2vec's, the rest does not: the dimension may be wrong.",
        "Check how the file was exported.",
    )
