"""Sentences → Models: every embedding model of texts with its state; adding models and services."""

from __future__ import annotations

import streamlit as st

from core.base.errors import InputError
from core.base.types import Modality
from core.spaces import added, registry
from core.spaces.encoders import openai_api
from core.spaces.sources.folder import FOLDER
from core.spaces.sources.hub import HUB
from core.spaces.sources.service import SERVICE, Service
from core.ui.common import access, imports, jobs, page
from core.ui.common.markdown import plain
from core.ui.session import link_values

REQUESTS, CONFIRM = "model", "service-to-confirm"
WAYS = ("Hugging Face", "A folder", "A service")


def show() -> None:
    """The whole tool."""
    entries = [e for e in registry.list_spaces() if Modality.TEXT in e.space.modalities]
    st.dataframe(
        {
            "model": [entry.space.name for entry in entries],
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
        alt="Embedding models that take texts, with their states",
    )
    st.caption(
        "Choose one under “Embedding model” above: the page then offers what it still needs."
    )
    st.subheader("Add an embedding model", anchor=False)
    ways = WAYS if access.is_local() else WAYS[:1]
    way = link_values.one_of(st, "Add", ways, default=ways[0], key="add-way")
    {WAYS[0]: _add_model, WAYS[1]: _add_folder, WAYS[2]: _add_service}[way]()
    made: str | None = jobs.run(REQUESTS)
    if made is not None:
        jobs.tell(
            REQUESTS, f"**{plain(made)}** is listed: choose it under “Embedding model” above."
        )
        st.rerun()
    jobs.show_told(REQUESTS)
    imports.show_added_spaces(entries, REQUESTS)


def _add_model() -> None:
    with st.form("add-model"):
        name = st.text_input(
            "Sentence-transformers model", placeholder="intfloat/multilingual-e5-small"
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
            with page.errors_shown():
                folder = access.given_path(path.strip())
                jobs.ask(
                    REQUESTS,
                    "Opening the model",
                    lambda progress: added.add(FOLDER.probe(folder, progress)),
                )


def _add_service() -> None:
    with st.form("add-service"):
        url = st.text_input("Address", placeholder="http://localhost:11434/v1")
        model = st.text_input("Model", placeholder="nomic-embed-text")
        variable = st.text_input(
            "Environment variable with the API key", help="Optional; its name, not the key."
        )
        key = st.text_input(
            "Or the API key itself", type="password", help="For this session only, never stored."
        )
        if st.form_submit_button("Ask it for one vector and add", icon=":material/add:"):
            st.session_state.pop(CONFIRM, None)
            service = Service(url.strip(), model.strip(), variable.strip())
            with page.errors_shown():
                openai_api.check_variable(service.key_variable)
                if service.key_variable and not key.strip():
                    st.session_state[CONFIRM] = service
                else:
                    _ask_service(service, key.strip())
    if (asked := st.session_state.get(CONFIRM)) is not None:
        _confirm(asked)


def _confirm(service: Service) -> None:
    """Names the address before what stands in a variable of this computer goes there."""
    variable, url = plain(service.key_variable), plain(service.url)
    st.info(f"The value of {variable} would be sent to {url}, now and whenever that is asked.")
    if st.button("Send it there, and add", key="service-confirmed", icon=":material/key:"):
        del st.session_state[CONFIRM]
        with page.errors_shown():
            _ask_service(service, "")


def _ask_service(service: Service, key: str) -> None:
    access.require()
    jobs.ask(REQUESTS, "Asking the service", lambda _: added.add(SERVICE.probe(service, key)))
