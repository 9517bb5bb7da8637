"""Sentences → Datasets: pasting, uploading or downloading a table of texts; removing one."""

from __future__ import annotations

from functools import partial

import streamlit as st

from core.base.errors import ExplorerError, InputError, counted
from core.base.memory import format_bytes
from core.sentences import datasets
from core.sentences.datasets import DatasetEntry
from core.storage import hub
from core.ui.choosers import add_data
from core.ui.common import demo as demo_mode, imports, jobs, page
from core.ui.common.markdown import plain
from core.ui.session import link_values

REQUESTS, LISTED = "texts", "hub-listed"
CHOSEN = "chosen-texts"
WAYS = ("Upload", "Paste", "Hugging Face")


def show() -> None:
    """The whole tool."""
    if demo_mode.off("Adding datasets"):
        return
    way = link_values.one_of(st, "Import by", WAYS, default=WAYS[0], key="way")
    {"Upload": _upload, "Paste": _paste, "Hugging Face": _fetch}[way]()
    made: DatasetEntry | None = jobs.run(REQUESTS)
    if made is not None:
        _choose(made)
    jobs.show_told(REQUESTS)
    st.divider()
    _show_own()


def _upload() -> None:
    add_data.show(key="texts", imported=_choose)


def _paste() -> None:
    with st.form("texts-paste", enter_to_submit=False):
        pasted = st.text_area("Sentences, one a line", height=200)
        name = st.text_input("Name", placeholder="pasted")
        if not st.form_submit_button("Import dataset", icon=":material/content_paste:"):
            return
    if not pasted.strip():
        page.show_error(InputError("Nothing was pasted.", "", "Type or paste sentences."))
        return
    file_name = f"{name.strip() or 'pasted'}.txt"
    jobs.ask(
        REQUESTS,
        "Reading what was pasted",
        lambda progress: datasets.import_table(
            file_name, pasted.encode("utf-8", "replace"), progress=progress
        ),
    )


def _fetch() -> None:
    st.caption("A dataset of huggingface.co by its name, such as stanfordnlp/imdb.")
    with st.form("texts-hub"):
        name = st.text_input("Dataset")
        if st.form_submit_button("List its files", icon=":material/search:"):
            st.session_state.pop(LISTED, None)
            try:
                with st.spinner("Asking the hub …"):
                    st.session_state[LISTED] = (name.strip(), hub.dataset_files(name.strip()))
            except ExplorerError as error:
                page.show_error(error)
    if LISTED not in st.session_state:
        return
    dataset, files = st.session_state[LISTED]
    labels = {f"{file.path} ({format_bytes(file.size)})": file.path for file in files}
    chosen = st.selectbox("File", list(labels))
    if st.button("Download and import", icon=":material/download:"):
        path = labels[chosen]
        jobs.ask(
            REQUESTS,
            f"Downloading {dataset}",
            lambda progress: datasets.fetch_table(dataset, path, progress),
        )


def _choose(made: DatasetEntry) -> None:
    """Says what has come, and starts over with it chosen."""
    jobs.tell(
        REQUESTS,
        f"**{plain(made.name)}** is ready: {counted(made.rows, 'row')}. It is chosen "
        "above; go on with “Nearest neighbours” or “Semantic search”.",
    )
    st.session_state[CHOSEN] = made.name
    st.rerun()


def _show_own() -> None:
    own = [entry for entry in datasets.list_datasets() if entry.folder is not None]
    imports.show(
        [
            imports.Item(
                entry.name,
                entry.name,
                f"{counted(entry.rows, 'row')}. {entry.about}",
                partial(datasets.remove, entry),
            )
            for entry in own
        ],
        REQUESTS,
        _leave,
    )


def _leave(name: str) -> None:
    if st.session_state.get("data") == name:
        st.session_state[CHOSEN] = datasets.BUNDLED
