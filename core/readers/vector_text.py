"""Vectors as text, a word and its numbers a line: word2vec, fastText and GloVe."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np

from core.base.errors import VectorFileError, shorten
from core.base.types import FloatArray, Progress

Header = tuple[int | None, int, int]  # words if stated, numbers a word, bytes before the rows
BLOCK = 10_000
_BLOCK_NUMBERS = 4_000_000  # of longer vectors a block has fewer rows
_HEADER = re.compile(rb"(\d{1,12})[ \t](\d{1,6})[ \t]*\r?\n")


def parse_header(start: bytes) -> tuple[int, int, int] | None:
    """Count, dimension and length of a ``"count dim"`` first line; ``None`` if it has none."""
    match = _HEADER.match(start)
    if match is None or int(match[1]) == 0 or int(match[2]) == 0:
        return None
    return int(match[1]), int(match[2]), match.end()


def looks_like_rows(rows: bytes, dim: int) -> bool:
    """Whether the bytes after a header are text: a word and numbers, not raw floats."""
    line = rows.split(b"\n", 1)[0]
    parts = line.rstrip(b"\r ").replace(b"\t", b" ").split(b" ")
    numbers = parts[1 : dim + 1]
    if not numbers or not all(_is_number(part) for part in numbers[:3]):
        return False
    return b"\x00" not in line


def guess_dim(start: bytes, name: str) -> int:
    """Numbers a word, counted on the first line of a file without a header.

    Raises:
        VectorFileError: the first line is not a word and numbers.
    """
    first, newline, _ = start.partition(b"\n")
    parts = first.rstrip(b"\r ").replace(b"\t", b" ").split(b" ")
    numbers = 0
    while numbers < len(parts) - 1 and _is_number(parts[-1 - numbers]):
        numbers += 1
    if not newline and len(start) >= 4096 and numbers == 0 and len(parts) > 2:
        numbers = len(parts) - 2  # the line goes on past what was looked at
    if numbers == 0 or b"\x00" in first or not (newline or len(start) < 4096 or len(parts) > 2):
        # What it holds instead is not quoted: on a page any path of this computer can be named.
        raise VectorFileError(
            f"“{shorten(name)}” is not a file of vectors: its first line is no word with numbers.",
            "Expected a word and its numbers on each line, or a header “count dim”, "
            "or .npy, .npz, safetensors or a TSV pair.",
            "Choose another file, or export it in one of these formats.",
        )
    return numbers


def guess_count(path: Path, start: bytes) -> int:
    """About how many lines a file has, from its size and its first line."""
    first = start.split(b"\n", 1)[0]
    return max(1, path.stat().st_size // max(1, len(first)))


def read_text(
    path: Path, name: str, header: Header, limit: int | None, progress: Progress
) -> tuple[list[str], FloatArray]:
    """Words and vectors ``(n, dim)``.

    Raises:
        VectorFileError: a line with too few or too many numbers, or fewer lines than stated.
    """
    stated, dim, offset = header
    if stated is None:
        dim = _full_dim(path, name)
    wanted = min(limit or 1 << 62, stated or 1 << 62)
    words: list[str] = []
    blocks: list[FloatArray] = []
    rows = max(1, min(BLOCK, _BLOCK_NUMBERS // dim))
    block = np.empty((rows, dim), dtype=np.float32)
    size = max(1, path.stat().st_size)
    extra = False
    with path.open("rb") as stream:
        stream.seek(offset)
        for number, line in enumerate(stream, start=2 if offset else 1):
            if not line.strip():
                continue
            if len(words) >= wanted:
                extra = limit is None or wanted < limit
                break
            word, block[len(words) % rows] = _parse_line(line, number, len(words), dim, name)
            words.append(word)
            if len(words) % rows == 0:
                blocks.append(block.copy())
                progress(stream.tell(), size, f"{len(words):,} words read")
    blocks.append(block[: len(words) % rows].copy())
    _check_count(len(words), stated, limit, name, extra)
    return words, np.concatenate(blocks)


def _full_dim(path: Path, name: str) -> int:
    """The dimension by the whole first line, which may be longer than what was sniffed."""
    with path.open("rb") as stream:
        line = stream.readline(1 << 24)
    return guess_dim(line if line.endswith(b"\n") else line + b"\n", name)


def _parse_line(line: bytes, number: int, good: int, dim: int, name: str) -> tuple[str, FloatArray]:
    # Words may hold spaces (GloVe 840B has some), so numbers are counted from the right.
    parts = line.rstrip(b"\r\n ").replace(b"\t", b" ").rsplit(b" ", dim)
    try:
        values = np.array(parts[1:], dtype=np.float32)
    except ValueError:
        values = np.empty(0, dtype=np.float32)
    trailing = parts[0].rsplit(b" ", 1)[-1]
    if len(values) != dim or (b" " in parts[0] and _is_number(trailing) and dim > 1):
        raise VectorFileError(
            f"Line {number:,} of “{shorten(name)}” does not have {dim} numbers after its word.",
            f"Every line holds a word and {dim} numbers.",
            f"Mend the line, or open only the first {good:,} words (limit)."
            if good
            else "Check the file's format.",
        )
    return parts[0].decode("utf-8", "replace"), values


def _check_count(read: int, stated: int | None, limit: int | None, name: str, extra: bool) -> None:
    if stated is None or (limit is not None and read >= min(limit, stated)):
        return
    if read < stated or extra:
        found = f"has only {read:,}" if read < stated else "has more"
        raise VectorFileError(
            f"The header of “{shorten(name)}” says {stated:,} words, the file {found}.",
            "The two must agree; a file cut short in download is the usual cause.",
            f"Download it again, or open only the first {min(read, stated):,} words (limit).",
        )


def _is_number(text: bytes) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True
