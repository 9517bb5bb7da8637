"""Sentences → Spaces: every space of texts with its state; adding models and services."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from pathlib import Path
from typing import Any

import streamlit as st

from core import added_spaces, spaces, text_spaces, widgets
from core.errors import ExplorerError, InputError
from core.text_spaces import Service
from core.types import Modality

REQUEST, DONE = "model-request", "model-done"
WAYS = ("A model of the hub", "A folder", "A service")


def show() -> None:
    """The whole tool."""
    entries = [e for e in spaces.list_spaces() if Modality.TEXT in e.space.modalities]
    st.dataframe(
        {
            "space": [entry.space.name for entry in entries],
            "dimensions": [entry.space.dim for entry in entries],
            "state": [entry.state for entry in entries],
            "about": [entry.about for entry in entries],
        },
        hide_index=True,
        height="content",
        column_config={
            "dimensions": st.column_config.NumberColumn(width="small", format="%d"),
            "about": st.column_config.TextColumn(width="large"),
        },
        alt="Spaces that take texts, with their states",
    )
    st.caption("Choose one under “Space” above: the page then offers what it still needs.")
    st.subheader("Add a space", anchor=False)
    ways = WAYS if widgets.is_local() else WAYS[:1]
    way = st.segmented_control("Add", ways, default=ways[0], required=True, key="add-way")
    {WAYS[0]: _add_model, WAYS[1]: _add_folder, WAYS[2]: _add_service}[way]()
    if REQUEST in st.session_state:
        _run(*st.session_state[REQUEST])
    if DONE in st.session_state:
        st.success(st.session_state[DONE])
    for entry in entries:
        if added_spaces.is_added(entry) and st.button(
            f"Remove {widgets.plain(entry.space.name)}", key=f"remove-space-{entry.space.name}"
        ):
            with widgets.errors_shown():
                added_spaces.remove(entry)
                st.session_state.pop(DONE, None)
                st.rerun()


def _add_model() -> None:
    with st.form("add-model"):
        name = st.text_input(
            "Name of a sentence-transformers model", placeholder="intfloat/multilingual-e5-small"
        )
        st.caption("Only safetensors weights are downloaded; a model's own code never runs.")
        if st.form_submit_button("Download and add", icon=":material/download:"):
            _ask(f"Downloading {name}", lambda done: text_spaces.add_model(name.strip(), done))


def _add_folder() -> None:
    with st.form("add-folder"):
        path = st.text_input("Folder on this computer")
        if st.form_submit_button("Add", icon=":material/add:"):
            if not path.strip():
                widgets.show_error(InputError("No folder was given.", "", "Type its path."))
                return
            _ask("Opening the model", lambda _: text_spaces.add_folder(Path(path.strip())))


def _add_service() -> None:
    with st.form("add-service"):
        url = st.text_input("Address", placeholder="http://localhost:11434/v1")
        model = st.text_input("Model", placeholder="nomic-embed-text")
        variable = st.text_input(
            "Environment variable that holds its key", help="Optional; its name, not the key."
        )
        key = st.text_input(
            "Or the key itself", type="password", help="For this session only, never stored."
        )
        if st.form_submit_button("Ask it for one vector and add", icon=":material/add:"):
            service = Service(url.strip(), model.strip(), variable.strip())
            _ask("Asking the service", lambda _: text_spaces.add_service(service, key.strip()))


def _ask(title: str, work: Callable[[Any], str]) -> None:
    st.session_state[REQUEST] = (secrets.token_hex(8), title, work)
    st.session_state.pop(DONE, None)


def _run(token: str, title: str, work: Callable[[Any], str]) -> None:
    try:
        made: str | None = widgets.run_job(f"model {token}", title, work)
    except ExplorerError as error:
        widgets.show_error(error)
        return
    if made is None:
        return
    del st.session_state[REQUEST]
    st.session_state[DONE] = f"**{widgets.plain(made)}** is listed: choose it under “Space” above."
    st.rerun()
