"""Files of word vectors: which format it is, reading it, and leaving out what cannot be used.

Formats: word2vec binary and text, GloVe text, fastText ``.vec``, each also gzipped; ``.npy``,
``.npz`` and safetensors with a word list; a TSV pair of vectors and metadata. Pickled files are
never opened. What is packed, and what is large, is read in a child process.
"""

from __future__ import annotations

import shutil
from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np

from core.base.errors import VectorFileError, counted, shorten
from core.base.memory import format_bytes, require_memory
from core.base.types import FloatArray, Progress, no_progress
from core.readers import isolated, vector_arrays, vector_text, word2vec_binary
from core.readers.archives import PackedError, TooLargeError, gunzip

FORMATS = (
    "word2vec binary or text, GloVe text, fastText .vec, .npy, .npz or safetensors with a word "
    "list, or a TSV pair of vectors and metadata"
)
_LEAST_DIM = 10  # numbers at the end of a line, from which it is a vector and no sentence
SMALL = 1_000_000  # bytes of a file that is read in this process
GZIP = b"\x1f\x8b"
_OUTPUT = "vectors.npy"
SUFFIXES = ("bin", "txt", "vec", "gz", "npy", "npz", "safetensors", "tsv")


@dataclass(frozen=True, slots=True)
class WordVectors:
    """Words with their vectors ``(n, dim)`` as read from a file, and notes on what was left out."""

    words: list[str]
    vectors: FloatArray
    format: str
    notes: tuple[str, ...] = ()


def read_vectors(
    path: Path,
    words_path: Path | None = None,
    *,
    limit: int | None = None,
    progress: Progress = no_progress,
) -> WordVectors:
    """Reads a file of vectors; ``words_path`` is the word list or metadata beside an array.

    Args:
        path: the file with the vectors.
        words_path: one word a line, or a TSV whose column ``word``, ``label`` or first is taken.
        limit: read only the first so many words (files are usually sorted by frequency).

    Raises:
        VectorFileError: empty, damaged, of another format, or without usable rows.
        InputError: larger than memory allows.
    """
    given = [each for each in (path, words_path) if each is not None]
    for each in given:
        if not each.is_file():
            raise VectorFileError(
                f"There is no file “{each}”.", f"Expected a file: {FORMATS}.", "Check the path."
            )
        if each.stat().st_size == 0:
            raise VectorFileError(
                f"“{each.name}” is empty (0 bytes).",
                f"Expected {FORMATS}.",
                "Download or export it again.",
            )
    size = sum(each.stat().st_size for each in given)
    with TemporaryDirectory(prefix="vectors-") as folder:
        if size <= SMALL and not _is_packed(path):
            return read_here(path, words_path, Path(folder), limit, progress)
        answer = isolated.run(
            f"{__name__}:read_in_child",
            {
                "path": str(path.absolute()),
                "words_path": None if words_path is None else str(words_path.absolute()),
                "folder": folder,
                "limit": limit,
            },
            name=path.name,
            limits=isolated.limits_for(size),
            progress=progress,
            error=VectorFileError,
        )
        vectors = np.load(Path(folder) / _OUTPUT, allow_pickle=False)
        return WordVectors(answer["words"], vectors, answer["format"], tuple(answer["notes"]))


def read_in_child(
    path: str, words_path: str | None, folder: str, limit: int | None, progress: Progress
) -> dict[str, Any]:
    """What ``read_vectors`` has a child do: the array goes to a file, the rest is returned."""
    beside = None if words_path is None else Path(words_path)
    found = read_here(Path(path), beside, Path(folder), limit, progress)
    np.save(Path(folder) / _OUTPUT, found.vectors, allow_pickle=False)
    return {"words": found.words, "format": found.format, "notes": found.notes}


def read_here(
    path: Path,
    words_path: Path | None,
    folder: Path,
    limit: int | None = None,
    progress: Progress = no_progress,
) -> WordVectors:
    """As ``read_vectors``, in this process; what is gzipped is unpacked in ``folder``."""
    plain = _unzipped(path, folder)
    return _usable(_read(plain, path.name, words_path, limit, progress), path.name)


def _is_packed(path: Path) -> bool:
    """Whether a library or an unpacker sees the file's bytes, not our own code and NumPy alone."""
    with path.open("rb") as stream:
        start = stream.read(16)
    return start.startswith((b"PK", GZIP)) or vector_arrays.is_safetensors(start)


def _read(
    path: Path, name: str, words_path: Path | None, limit: int | None, progress: Progress
) -> WordVectors:
    with path.open("rb") as stream:
        start = stream.read(4096)
    refuse_pickle(start, name)
    if start.startswith((b"\x93NUMPY", b"PK\x03\x04")) or vector_arrays.is_safetensors(start):
        words, vectors, kind = vector_arrays.read_array(path, name, words_path, limit)
    elif vector_arrays.is_vector_tsv(start):
        words, vectors, kind = vector_arrays.read_tsv(path, name, words_path, limit, progress)
    elif (header := vector_text.parse_header(start)) is not None:
        count, dim, offset = header
        _check_size(path, name, count, dim, limit)
        if vector_text.looks_like_rows(start[offset:], dim):
            words, vectors = vector_text.read_text(path, name, header, limit, progress)
            kind = "word2vec or fastText text"
        else:
            words, vectors = word2vec_binary.read_binary(path, name, header, limit, progress)
            kind = "word2vec binary"
    else:
        dim = vector_text.guess_dim(start, name)
        _check_size(path, name, vector_text.guess_count(path, start), dim, limit)
        words, vectors = vector_text.read_text(path, name, (None, dim, 0), limit, progress)
        kind = "GloVe text"
    return WordVectors(words, vectors, kind)


def holds_vectors(path: Path) -> bool:
    """Whether a file is one of vectors, by its name, or for .txt and .tsv by its first line."""
    suffix = path.suffix.lower().removeprefix(".")
    if suffix not in SUFFIXES or not path.is_file():
        return False
    if suffix not in ("txt", "tsv"):
        return True
    with path.open("rb") as stream:
        start = stream.read(4096)
    if vector_text.parse_header(start) is not None or vector_arrays.is_vector_tsv(start):
        return True
    try:
        return vector_text.guess_dim(start, path.name) >= _LEAST_DIM
    except VectorFileError:
        return False


def refuse_pickle(start: bytes, name: str) -> None:
    """Raises ``VectorFileError`` if ``start``, a file's first bytes, begins a pickle."""
    if len(start) > 1 and start[0] == 0x80 and 2 <= start[1] <= 5:
        raise VectorFileError(
            f"“{shorten(name)}” is a Python pickle.",
            "Pickles can run code when opened, so none is ever read.",
            "Export the vectors as word2vec text, .npy or safetensors instead.",
        )


def _check_size(path: Path, name: str, count: int, dim: int, limit: int | None) -> None:
    """Refuses what memory cannot hold: the rows once as read and once at unit length."""
    vector_arrays.require_dim(name, dim)
    rows = min(count, limit or count)
    require_memory(
        2 * rows * dim * 4,
        f"“{shorten(name)}” ({rows:,} words of {dim} numbers, "
        f"{format_bytes(path.stat().st_size)} on disk)",
        "Open only its first words: set a smaller limit.",
    )


def _unzipped(path: Path, folder: Path) -> Path:
    """``path`` itself, or a file with its content where it is gzipped."""
    with path.open("rb") as stream:
        if stream.read(2) != GZIP:
            return path
    plain = folder / "unzipped"
    allowed = shutil.disk_usage(folder).free // 2
    try:
        with plain.open("wb") as target:
            for piece in gunzip(path, allowed):
                target.write(piece)
    except TooLargeError as error:
        raise VectorFileError(
            f"“{path.name}” unpacks to more than {format_bytes(allowed)}.",
            "That is half of the free disk space.",
            "Free some space, or unpack it yourself and open the result.",
        ) from error
    except PackedError as error:
        raise VectorFileError(
            f"“{path.name}” is a damaged gzip file ({error}).",
            "The whole file is needed.",
            "Download it again.",
        ) from error
    return plain


def _usable(found: WordVectors, name: str) -> WordVectors:
    """``found`` less repeated words and rows that have no direction, with a note on each kind."""
    left_out: list[tuple[str, str, str]] = []  # how many rows, of what kind, one of their words
    finite = np.logical_and.reduce(np.isfinite(found.vectors), axis=1)
    zero = finite & ~np.logical_or.reduce(found.vectors != 0, axis=1)
    first = np.zeros(len(found.words), dtype=bool)
    first[list({word: row for row, word in reversed(list(enumerate(found.words)))}.values())] = True
    named = np.array([bool(word.strip()) for word in found.words], dtype=bool)
    for mask, what in (
        (~finite, "with NaN or infinite numbers"),
        (zero, "of zeros only, which have no direction"),
        (~first & named, "whose word had come before (the first is kept)"),
        (~named, "with no word"),
    ):
        if mask.any():
            example = shorten(found.words[int(np.argmax(mask))], 20)
            left_out.append((counted(int(mask.sum()), "row"), what, example))
    keep = finite & ~zero & first & named
    if not keep.any():
        raise VectorFileError(
            f"“{shorten(name)}” has no usable row: "
            f"{', '.join(f'{count} {what}' for count, what, _ in left_out)}.",
            "At least one word with a finite vector that is not zero is needed.",
            "Check how the file was exported.",
        )
    if keep.all():
        return found
    words = [word for word, kept in zip(found.words, keep, strict=True) if kept]
    notes = tuple(
        f"Left out {count} (such as “{example}”) {what}." for count, what, example in left_out
    )
    return replace(found, words=words, vectors=found.vectors[keep], notes=notes)
