"""Vectors as text, a word and its numbers a line: word2vec, fastText and GloVe.

Any run of blanks parts the numbers, since some programs align them. The dimension says where the
word ends, so phrases may hold blanks and digits (*windows 95*).
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path, PurePath
from typing import IO

import numpy as np

from core.base.errors import VectorFileError, counted, shorten
from core.base.types import FloatArray, Progress
from core.readers import encodings, file_kinds

BLOCK = 10_000
BOM = b"\xef\xbb\xbf"
_BLOCK_NUMBERS = 4_000_000  # of longer vectors a block has fewer rows
_HEADER = re.compile(rb"(?:\xef\xbb\xbf)?[ \t]*(\d{1,12})[ \t]+(\d{1,6})[ \t]*\r?\n")
_COMMA = re.compile(rb"[-+]?\d+,\d+(?:[eE][-+]?\d+)?")
_SAMPLE = 50  # lines
_LINE = 1 << 24  # bytes of a line that is looked at
_LONG = 10  # numbers, from which one more is hardly a mistake of the export
_ARRAYS = (".npy", ".npz", ".safetensors", ".faiss")  # which hold no text
_NONE = "is not a file of vectors: its first line is no word with numbers"
_SIGNS = 3  # numbers in a row that tell text from raw floats


@dataclass(frozen=True, slots=True)
class Layout:
    """How the lines of a file of vectors are laid out.

    Attributes:
        stated: words by the header; ``None`` without one.
        dim: numbers a word.
        offset: bytes before the first word.
        commas: whether the numbers have decimal commas.
        digits: whether a word may end in a number behind a blank.
    """

    stated: int | None
    dim: int
    offset: int = 0
    commas: bool = False
    digits: bool = False


def parse_header(start: bytes) -> tuple[int, int, int] | None:
    """Count, dimension and length of a ``"count dim"`` first line; ``None`` if it has none."""
    match = _HEADER.match(start)
    if match is None or int(match[1]) == 0 or int(match[2]) == 0:
        return None
    return int(match[1]), int(match[2]), match.end()


def looks_like_rows(rows: bytes, dim: int) -> bool:
    """Whether the bytes after a header are text: a word and numbers, not raw floats."""
    line, newline, _ = rows.partition(b"\n")
    parts = line.split()
    if b"\x00" in line or len(parts) < 2:
        return False
    numbers = parts[1:] if newline or len(parts) == 2 else parts[1:-1]
    needed = min(_SIGNS, dim)
    return any(
        all(map(_is_number, numbers[at : at + needed]))
        for at in range(max(1, len(numbers) - needed + 1))
    )


def guess_dim(start: bytes, name: str) -> int:
    """Numbers a word, counted on the first lines of a file without a header.

    Raises:
        VectorFileError: the first line is not a word and numbers.
    """
    first, newline, _ = start.removeprefix(BOM).partition(b"\n")
    parts = first.split()
    numbers = _numbers_at_end(parts)
    if not newline and len(start) >= 4096 and numbers == 0 and len(parts) > 2:
        numbers = len(parts) - 2  # the line goes on past what was looked at
    if numbers == 0 or b"\x00" in first or not (newline or len(start) < 4096 or len(parts) > 2):
        # What it holds instead is not quoted: on a page any path of this computer can be named.
        expected = (
            "Expected a word and its numbers on each line, or a header “count dim”, "
            "or .npy, .npz, safetensors or a TSV pair."
        )
        remedy = "Choose another file, or export it in one of these formats."
        if PurePath(name).suffix.lower() in _ARRAYS:
            raise file_kinds.refusal(VectorFileError, name, start, expected, (_NONE, remedy))
        raise VectorFileError(f"“{shorten(name)}” {_NONE}.", expected, remedy)
    return numbers


def _numbers_at_end(parts: Sequence[bytes]) -> int:
    """How many of the words of a line are numbers, counted from its end; the first never is."""
    numbers = 0
    while numbers < len(parts) - 1 and _is_number(parts[-1 - numbers]):
        numbers += 1
    return numbers


def guess_count(path: Path, start: bytes) -> int:
    """About how many lines a file has, from its size and its first line."""
    first = start.split(b"\n", 1)[0]
    return max(1, path.stat().st_size // max(1, len(first)))


def find_layout(path: Path, name: str, header: tuple[int, int, int] | None) -> Layout:
    """How the lines are laid out, by the first of them, whole.

    Raises:
        VectorFileError: the first line is no word with numbers.
    """
    with path.open("rb") as stream:
        if header is None:
            mark = len(BOM) if stream.read(len(BOM)) == BOM else 0
            stream.seek(mark)
        else:
            stream.seek(header[2])
        lines = [line for line in islice(_lines(stream), _SAMPLE) if line.strip()]
    sample = [line.split() for line in lines]
    if header is None:
        whole = lines[0] if lines else b""
        usual = guess_dim(whole if whole.endswith(b"\n") else whole + b"\n", name)
        counts = Counter(map(_numbers_at_end, sample))
        # A phrase with digits in the first line: the others say how long vectors are.
        often, lines_of_it = counts.most_common(1)[0]
        if often >= _LONG and usual > often and 2 * lines_of_it > len(sample):
            usual = often
        stated, dim, offset = None, usual, mark
        digits = dim >= _LONG and 2 * counts[dim] > len(sample) > 2
    else:
        stated, dim, offset = header
        # Where most lines have more numbers than stated, it is the header that is wrong.
        more = sum(len(parts) > dim + 1 and _is_number(parts[-dim - 1]) for parts in sample)
        digits = 2 * more <= len(sample)
    commas = any(map(_COMMA.fullmatch, sample[0][-dim:])) if sample else False
    return Layout(stated, dim, offset, commas, digits)


def _lines(stream: IO[bytes]) -> Iterator[bytes]:
    while line := stream.readline(_LINE):
        yield line


def read_text(
    path: Path, name: str, layout: Layout, limit: int | None, progress: Progress
) -> tuple[list[str], FloatArray, int, list[str]]:
    """Words, vectors ``(n, dim)``, how many words the file has, and notes on how it was written.

    Raises:
        VectorFileError: a line with too few or too many numbers, or fewer lines than stated.
    """
    dim, stated = layout.dim, layout.stated
    wanted = min(limit or 1 << 62, stated or 1 << 62)
    words: list[bytes] = []
    blocks: list[FloatArray] = []
    rows = max(1, min(BLOCK, _BLOCK_NUMBERS // dim))
    block = np.empty((rows, dim), dtype=np.float32)
    size = max(1, path.stat().st_size)
    extra, rest = False, 0
    with path.open("rb") as stream:
        stream.seek(layout.offset)
        for number, line in enumerate(stream, start=1 if stated is None else 2):
            if not line.strip():
                continue
            if len(words) >= wanted:
                extra = limit is None or wanted < limit
                rest = 0 if extra else _count_rest(stream, stated, size, progress)
                break
            word, block[len(words) % rows] = _parse_line(line, number, len(words), layout, name)
            words.append(word)
            if len(words) % rows == 0:
                blocks.append(block.copy())
                progress(stream.tell(), size, f"{len(words):,} words read")
    blocks.append(block[: len(words) % rows].copy())
    _check_count(len(words), stated, limit, name, extra)
    texts, notes = decode_words(name, words)
    if layout.commas:
        notes.append("The numbers have decimal commas.")
    return texts, np.concatenate(blocks), stated or len(words) + rest, notes


def _count_rest(stream: IO[bytes], stated: int | None, size: int, progress: Progress) -> int:
    """How many words there are behind a limit, the one whose line was read among them."""
    if stated is not None:
        return 0  # the header says it
    rest = 1
    for line in stream:
        rest += bool(line.strip())
        if rest % 100_000 == 0:
            progress(stream.tell(), size, f"{rest:,} words counted")
    return rest


def decode_words(name: str, words: Sequence[bytes]) -> tuple[list[str], list[str]]:
    """Words as text, none of their characters replaced, and notes on their encoding."""
    whole = b"\n".join(words)
    try:
        return whole.decode().split("\n"), []
    except UnicodeDecodeError:
        text, _, notes = encodings.decode(name, whole)
    texts = text.split("\n")
    if len(texts) != len(words):  # the encoding has line ends of its own
        texts = [word.decode("utf-8", "replace") for word in words]
    lost = sum("\ufffd" in word for word in texts)
    if lost:
        notes.append(f"{counted(lost, 'word')} could not be decoded whole.")
    return texts, notes


def _parse_line(
    line: bytes, number: int, good: int, layout: Layout, name: str
) -> tuple[bytes, FloatArray]:
    # Words may hold spaces (GloVe 840B has some), so numbers are counted from the right.
    dim = layout.dim
    parts = line.rsplit(None, dim)
    if len(parts) == dim and line[:1] in b" \t":
        parts.insert(0, b"")
    numbers = [part.replace(b",", b".") for part in parts[1:]] if layout.commas else parts[1:]
    try:
        values = np.array(numbers, dtype=np.float32)
    except ValueError:
        values = np.empty(0, dtype=np.float32)
    word = parts[0].strip() if len(parts) > dim else b""
    surplus = not layout.digits and b" " in word.replace(b"\t", b" ")
    if len(values) != dim or (surplus and dim > 1 and _is_number(word.split()[-1])):
        raise VectorFileError(
            f"Line {number:,} of “{shorten(name)}” does not have {dim} numbers after its word.",
            f"Every line holds a word and {dim} numbers.",
            f"Mend the line, or open only the first {good:,} words (limit)."
            if good
            else "Check the file's format.",
        )
    return word, values


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
    if _COMMA.fullmatch(text):
        return True
    try:
        float(text)
    except ValueError:
        return False
    return True
