"""Words → Upload embeddings: importing a file of vectors, removing it, exporting a vocabulary."""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path
from typing import Any

import streamlit as st

from core.base import demo
from core.base.errors import ExplorerError, InputError
from core.base.memory import format_bytes
from core.base.types import Modality
from core.cache import spaces as spaces_cache
from core.readers.vector_files import FORMATS, SUFFIXES
from core.spaces import registry, vocabularies
from core.spaces.entry import SpaceEntry
from core.storage import data_home
from core.ui.common import access, demo as demo_mode, imports, jobs, page, spaces
from core.ui.common.markdown import plain

MAX_MEGABYTES = 1_000
REQUESTS = "vectors"
LIST_NAMES = ("metadata", "words", "vocab", "labels")


def show(entry: SpaceEntry | None) -> None:
    """The whole tool. ``entry`` is what can be exported, where it is ready."""
    if not demo_mode.off("Uploading embeddings"):
        _show_import()
        st.divider()
        _show_own()
    if entry is not None:
        st.divider()
        _show_export(entry)


def _show_import() -> None:
    st.subheader("Upload embeddings", anchor=False)
    st.caption(f"{FORMATS}. Pickled files are never opened.")
    with st.form("import", clear_on_submit=False):
        uploads = st.file_uploader(
            "A file of vectors, and the word list beside it where the format needs one",
            type=[*SUFFIXES, "csv"],
            accept_multiple_files=True,
            max_upload_size=demo.megabytes(MAX_MEGABYTES),
        )
        path = ""
        if access.is_local():
            path = st.text_input(
                "Or the path of a file on this computer",
                help="For files too large to upload. Offered because this server answers only "
                "this computer.",
            )
        name = st.text_input("Name", placeholder="the file's own name")
        limit = st.number_input(
            "Words to read at most",
            1,
            10_000_000,
            500_000,
            help="Files are usually sorted by frequency, so the first words are the common ones.",
        )
        submitted = st.form_submit_button("Import", icon=":material/upload:")
    if submitted:
        with page.errors_shown():
            _ask(list(uploads), path.strip(), name.strip(), int(limit))
    made: SpaceEntry | None = jobs.run(REQUESTS)
    if made is not None:
        jobs.tell(
            REQUESTS,
            f"**{plain(made.space.name)}** is ready: {plain(made.about)} "
            "Choose it under “Embedding model”.",
        )
        st.rerun()  # so that the lists show it
    jobs.show_told(REQUESTS)


def _ask(uploads: list[Any], path: str, name: str, limit: int) -> None:
    vectors, words = _pick(uploads) if uploads else (None, None)
    if vectors is None and not path:
        raise InputError("No file was given.", "", "Choose a file, or type a path.")
    given = None if vectors is not None else access.given_path(path)
    title = name or (Path(vectors.name).stem if vectors is not None else Path(path).stem)

    def work(progress: Any) -> SpaceEntry:
        with tempfile.TemporaryDirectory(prefix="upload-") as folder:
            source = given or _write(vectors, Path(folder))
            beside = None if words is None else _write(words, Path(folder) / "words")
            return vocabularies.import_file(source, title, beside, limit=limit, progress=progress)

    jobs.ask(REQUESTS, f"Reading {title}", work)


def _pick(uploads: list[Any]) -> tuple[Any, Any]:
    """Which upload holds the vectors and which the words."""
    if len(uploads) == 1:
        return uploads[0], None
    if len(uploads) > 2:
        raise InputError(
            f"{len(uploads)} files were given.",
            "One file of vectors, or one with its word list.",
            "Remove the others.",
        )

    def is_list(upload: Any) -> bool:
        lower = upload.name.lower()
        return lower.endswith((".txt", ".csv", ".tsv")) and (
            any(part in lower for part in LIST_NAMES) or not lower.endswith(".tsv")
        )

    first, second = uploads
    if is_list(first) == is_list(second):
        # Both names could be either: metadata and vectors.tsv, or two lists; the smaller is words.
        return (first, second) if first.size >= second.size else (second, first)
    return (second, first) if is_list(first) else (first, second)


def _write(upload: Any, folder: Path) -> Path:
    target = folder / data_home.safe_name(upload.name, fallback="vectors")
    with data_home.storage_errors("write", target):
        folder.mkdir(exist_ok=True)
        target.write_bytes(upload.getbuffer())
    return target


def _show_own() -> None:
    own = [
        entry
        for entry in registry.list_spaces()
        if entry.removable and entry.may_take(Modality.WORD)
    ]
    imports.show(
        [
            imports.Item(
                entry.space.title,
                entry.space.name,
                entry.about,
                entry.remove,
            )
            for entry in own
        ],
        REQUESTS,
        lambda _: None,  # the box of spaces lets go of one that is gone
    )


def _show_export(entry: SpaceEntry) -> None:
    st.subheader("Export as spaCy package", anchor=False)
    st.caption(
        f"Writes the words of {plain(entry.space.title)} as an installable spaCy package. "
        "After installing it, it is listed here as an embedding model."
    )
    if not st.button("Export", key="export-spacy"):
        return
    loaded = spaces.open_vocabulary(entry)
    if loaded is None:
        return
    target = data_home.data_home() / "exports" / f"words-{entry.space.name}-{entry.digest[:12]}"
    try:
        with st.spinner("Importing spaCy and writing the package …"):
            spaces_cache.export_spacy(loaded[0], target)
    except ExplorerError as error:
        page.show_error(error)
        return
    size = format_bytes(sum(f.stat().st_size for f in target.rglob("*") if f.is_file()))
    st.success(f"Written ({size}). Install it with:")
    command = f'"{sys.executable}" -m pip install --no-deps "{target}"'
    st.code(command, language=None, wrap_lines=True)
