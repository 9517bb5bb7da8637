"""Words → Upload embeddings: importing a file of vectors, removing it, exporting a vocabulary."""

from __future__ import annotations

import sys

import streamlit as st

from core.base.errors import ExplorerError
from core.base.memory import format_bytes
from core.base.types import Modality
from core.cache import spaces as spaces_cache
from core.readers.vector_files import FORMATS
from core.spaces import registry
from core.spaces.entry import SpaceEntry
from core.storage import data_home
from core.ui.choosers import add_data
from core.ui.common import demo as demo_mode, imports, jobs, page, spaces
from core.ui.common.markdown import plain

REQUESTS = "vectors"


def show(entry: SpaceEntry | None) -> None:
    """The whole tool. ``entry`` is what can be exported, where it is ready."""
    if not demo_mode.off("Uploading embeddings"):
        st.subheader("Upload embeddings", anchor=False)
        st.caption(f"{FORMATS}. Pickled files are never opened.")
        add_data.show(key="words", words=True)
        jobs.show_told(REQUESTS)
        st.divider()
        _show_own()
    if entry is not None:
        st.divider()
        _show_export(entry)


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
        heading="Your word embeddings",
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
