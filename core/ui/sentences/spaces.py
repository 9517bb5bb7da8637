"""Sentences → Spaces: every space of texts with its state; adding models and services."""

from __future__ import annotations

import streamlit as st

from core.base.errors import InputError
from core.base.types import Modality
from core.spaces import added, registry
from core.spaces.sources.folder import FOLDER
from core.spaces.sources.hub import HUB
from core.spaces.sources.service import SERVICE
from core.storage import data_home
from core.ui.common import imports, jobs, page
from core.ui.common.markdown import plain
from core.ui.session import link_values

REQUESTS = "model"
WAYS = ("A model of the hub", "A folder", "A service")


def show() -> None:
    """The whole tool."""
    entries = [e for e in registry.list_spaces() if Modality.TEXT in e.space.modalities]
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
    ways = WAYS if page.is_local() else WAYS[:1]
    way = link_values.one_of(st, "Add", ways, default=ways[0], key="add-way")
    {WAYS[0]: _add_model, WAYS[1]: _add_folder, WAYS[2]: _add_service}[way]()
    made: str | None = jobs.run(REQUESTS)
    if made is not None:
        jobs.tell(REQUESTS, f"**{plain(made)}** is listed: choose it under “Space” above.")
        st.rerun()
    jobs.show_told(REQUESTS)
    imports.show_added_spaces(entries, REQUESTS)


def _add_model() -> None:
    with st.form("add-model"):
        name = st.text_input(
            "Name of a sentence-transformers model", placeholder="intfloat/multilingual-e5-small"
        )
        st.caption("Only safetensors weights are downloaded; a model's own code never runs.")
        if st.form_submit_button("Download and add", icon=":material/download:"):
            jobs.ask(
                REQUESTS,
                f"Downloading {name}",
                lambda done: added.add(HUB.probe(name.strip(), done)),
            )


def _add_folder() -> None:
    with st.form("add-folder"):
        path = st.text_input("Folder on this computer")
        if st.form_submit_button("Add", icon=":material/add:"):
            if not path.strip():
                page.show_error(InputError("No folder was given.", "", "Type its path."))
                return
            jobs.ask(
                REQUESTS,
                "Opening the model",
                lambda _: added.add(FOLDER.probe(data_home.given_path(path.strip()))),
            )


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
            service = (url.strip(), model.strip(), variable.strip(), key.strip())
            jobs.ask(
                REQUESTS,
                "Asking the service",
                lambda _: added.add(SERVICE.probe(*service)),
            )
