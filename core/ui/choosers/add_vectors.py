"""Add data: files of vectors alone. Which file they are in, and how many of them are read."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import streamlit as st

from core.base.errors import InputError, counted, listed, shorten
from core.cache import sentences as sentences_cache
from core.readers import vector_files
from core.readers.tables import Table
from core.readers.word_rows import WordRows
from core.storage import data_home
from core.ui.choosers.given_files import GivenFile
from core.ui.common import jobs
from core.ui.common.markdown import plain

WORDS = 500_000  # that are read of a file unless another number is given
_MOST = 10_000_000
_TEXTS = (".txt", ".gz", ".zip")  # what may be vectors also where it does not begin so


@dataclass(frozen=True, slots=True)
class VectorReading:
    """A file of vectors as a table, from which files, and which of its rows can be words."""

    files: tuple[GivenFile, ...]
    table: Table
    words: WordRows | None


def find(files: Sequence[GivenFile], *, words: bool) -> GivenFile | None:
    """The file that holds vectors alone; of several the largest, the others may be lists.

    Args:
        words: whether they are asked for, as on the page Words: then any text may be vectors.
    """
    found = [file for file in files if file.is_vectors]
    if not found and words:
        found = [file for file in files if file.name.lower().endswith(_TEXTS)]
    return max(found, key=lambda file: file.size, default=None)


def read(vectors: GivenFile, files: Sequence[GivenFile], key: str) -> VectorReading | None:
    """Reads as many as the person says; ``None`` while a job does.

    Raises:
        InputError: there are several tables beside them.
        VectorFileError: as ``vector_files.read_rows``.
    """
    beside = _beside(vectors, files)
    digest = data_home.digest_bytes(
        vectors.digest.encode(), b"" if beside is None else beside.digest.encode()
    )
    limit = _choose_limit(vectors, f"{key}-limit-{digest[:12]}")
    found: tuple[Table, WordRows | None] | None = jobs.run_job(
        f"preview {digest} {limit}",
        f"Reading {vectors.name}",
        lambda progress: sentences_cache.preview_vectors(
            digest,
            limit,
            (vectors.name, vectors.content),
            None if beside is None else (beside.name, beside.content),
            progress,
        ),
    )
    if found is None:
        return None
    return VectorReading((vectors,) if beside is None else (vectors, beside), *found)


def _choose_limit(vectors: GivenFile, key: str) -> int | None:
    words = vector_files.has_words(vectors.content)
    chosen = st.number_input(
        "Words to read at most" if words else "Rows to read at most",
        1,
        _MOST,
        WORDS if words else None,
        placeholder="all",
        key=key,
        help="Files of word embeddings are usually sorted by frequency, so the first words are "
        "the common ones. Empty reads all.",
    )
    return None if chosen is None else int(chosen)


def show_counts(reading: VectorReading) -> None:
    """Numbers a vector, rows in the file, taken and left out; and how many can be words."""
    table, words = reading.table, reading.words
    [rows] = table.vectors.values()
    behind = sum(one.count for one in table.left_out)
    told = f"{rows.shape[1]:,} numbers each · {counted(len(rows) + behind, 'row')} in the file"
    if words is not None:
        notes = " ".join(words.notes)
        told += f" · as word embeddings {counted(words.count, 'word')}. {plain(notes)}"
    st.caption(told)


def _beside(vectors: GivenFile, files: Sequence[GivenFile]) -> GivenFile | None:
    """The table of what is known of each vector; the projector's own files are no such table.

    Raises:
        InputError: there are several.
    """
    others = [
        file
        for file in files
        if file is not vectors and not file.is_picture and not file.name.lower().endswith(".pbtxt")
    ]
    if len(others) > 1:
        raise InputError(
            f"Beside the vectors of “{shorten(vectors.name)}” there are "
            f"{listed([one.name for one in others])}.",
            "Vectors have one table of what is known of each, or none.",
            "Remove the others.",
        )
    return others[0] if others else None
