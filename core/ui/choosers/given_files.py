"""Choosing what is added: files to upload, a path of this computer, or pasted lines."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import streamlit as st

from core.base import demo
from core.base.errors import ExplorerError, InputError, counted, shorten
from core.base.memory import format_bytes
from core.readers import picture_folders, tables, vector_files
from core.sentences import datasets
from core.storage import data_home
from core.ui.common import access, page

MAX_MEGABYTES = 1_000  # of vectors; a table has at most ``datasets.MAX_BYTES``
MOST_FILES, MOST_BYTES = 100, 2_000_000_000  # of a path of this computer
_PICTURES = tuple(picture_folders.SUFFIXES - {".pdf"})  # a document is first of all text


@dataclass(frozen=True, slots=True)
class GivenFile:
    """A file that was uploaded, pasted, or named by its path.

    Attributes:
        content: its bytes; of one of this computer that is read by parts, or only in part, where
            it lies.
    """

    name: str
    content: bytes | Path

    @property
    def digest(self) -> str:
        """Stands for its content; of a path by its time of change and its size."""
        if isinstance(self.content, bytes):
            return data_home.sha256(self.content)
        with data_home.storage_errors("read", self.content):
            found = self.content.stat()
        told = [str(self.content.resolve()), str(found.st_mtime_ns), str(found.st_size)]
        return data_home.digest_bytes(*data_home.as_bytes(told))

    @property
    def size(self) -> int:
        """Its bytes."""
        whole = self.content
        return len(whole) if isinstance(whole, bytes) else whole.stat().st_size

    @property
    def is_vectors(self) -> bool:
        """Whether it holds vectors alone, with their words or without."""
        return vector_files.are_vectors(self.name, self.content)

    @property
    def is_picture(self) -> bool:
        """Whether it is called as pictures are."""
        return self.name.lower().endswith(_PICTURES)


def choose(key: str) -> list[GivenFile]:
    """What was given, if anything; what is wrong with it is shown."""
    uploads = st.file_uploader(
        "Any file: a table, texts, vectors (with their metadata as a second file), triples",
        type=None,  # any: what a file is goes by its content
        accept_multiple_files=True,
        max_upload_size=demo.megabytes(MAX_MEGABYTES),
        key=f"{key}-files",
        help="CSV, TSV, JSON, Parquet, Feather, Excel, AnnData, text, .npy, word2vec, GloVe, "
        "fastText .vec and more, also packed. What it is goes by its content; nothing is taken "
        "before you say so. Pickled files are never opened.",
    )
    files = [GivenFile(upload.name, upload.getvalue()) for upload in uploads]
    if files:
        return files if _fit(files) else []
    typed = ""
    if access.is_local():
        typed = st.text_input(
            "Or the path of a file or folder on this computer",
            key=f"{key}-path",
            help="For files too large to upload. Offered because this server answers only this "
            "computer.",
        ).strip()
    pasted = st.text_area(
        "Or lines that you paste",
        key=f"{key}-pasted",
        height=100,
        help="Sentences, one a line, or the rows of a table.",
    )
    try:
        if typed:
            return _at(access.given_path(typed))
    except ExplorerError as error:
        page.show_error(error)
        return []
    return [GivenFile("pasted.txt", pasted.encode("utf-8", "replace"))] if pasted.strip() else []


def _fit(files: list[GivenFile]) -> bool:
    """Whether no upload but vectors is larger than a table may be; shows which is."""
    for file in files:
        if file.size > datasets.MAX_BYTES and not file.is_vectors:
            page.show_error(
                InputError(
                    f"“{shorten(file.name)}” has {format_bytes(file.size)}.",
                    f"An uploaded table has at most {format_bytes(datasets.MAX_BYTES)}.",
                    "Take a part of it, or save it as Parquet.",
                )
            )
            return False
    return True


def _at(path: Path) -> list[GivenFile]:
    """The file at a path, or those in the folder there.

    Raises:
        InputError: there is none, they are too many or too large.
    """
    if not path.is_dir():
        return [_file(path)]
    paths = sorted(one for one in path.iterdir() if one.is_file() and one.name[0] not in "._")
    files = [_file(one) for one in paths] if 0 < len(paths) <= MOST_FILES else []
    size = sum(file.size for file in files if isinstance(file.content, bytes))
    if not files or size > MOST_BYTES:
        raise InputError(
            f"“{shorten(str(path))}” has {counted(len(paths), 'file')} with {format_bytes(size)}.",
            f"A folder of a dataset or graph has 1 to {MOST_FILES} files with at most "
            f"{format_bytes(MOST_BYTES)}; folders of pictures are opened on the page Images.",
            "Name one of its files.",
        )
    return files


def _file(path: Path) -> GivenFile:
    """A file by its path: its bytes, unless what reads it takes them from the disk."""
    with data_home.storage_errors("read", path):
        if vector_files.holds_vectors(path) or (path.is_file() and tables.kind_by_parts(path)):
            return GivenFile(path.name, path)
    return GivenFile(path.name, data_home.read_given(path, MOST_BYTES))
