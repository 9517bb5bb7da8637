"""Sentences → Models: every embedding model of texts with its state; adding models and services."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import streamlit as st

from core.base.errors import InputError
from core.base.types import Modality
from core.spaces import added, registry
from core.spaces.encoders import openai_api
from core.spaces.entry import NEEDS_DOWNLOAD, READY
from core.spaces.settings import Settings
from core.spaces.sources.folder import FOLDER
from core.spaces.sources.hub import HUB
from core.spaces.sources.service import SERVICE, Service
from core.spaces.suggestions import SUGGESTIONS
from core.storage import hub
from core.ui.common import access, demo as demo_mode, imports, jobs, page
from core.ui.common.markdown import plain
from core.ui.session import link_values

REQUESTS, CONFIRM = "model", "service-to-confirm"
MODELS, LISTED = "service-models", "service-models-listed"
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
    if demo_mode.off("Adding an embedding model"):
        return
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
    cached = hub.list_cached() if access.is_local() else {}
    with st.expander("Suggested models", expanded=True):
        st.dataframe(
            {
                "model": [one.name for one in SUGGESTIONS],
                "download": [one.size for one in SUGGESTIONS],
                "dimensions": [one.dim for one in SUGGESTIONS],
                "languages": [one.languages for one in SUGGESTIONS],
                "licence": [one.licence for one in SUGGESTIONS],
                "state": [
                    READY if hub.find_snapshot(one.name) else NEEDS_DOWNLOAD for one in SUGGESTIONS
                ],
                "about": [one.kind for one in SUGGESTIONS],
            },
            hide_index=True,
            height="content",
            alt="Models of texts on the Hugging Face hub, with size, dimensions and licence",
        )
        st.caption(
            "Sizes, languages and licences are those of the models' cards; “about” stands where "
            "that could not be checked."
        )
    with st.form("add-model", enter_to_submit=False):
        names = [one.name for one in SUGGESTIONS]
        given = st.selectbox(
            "Sentence-transformers model",
            [*names, *(name for name in cached if name not in names)],
            index=None,
            accept_new_options=True,
            placeholder="intfloat/multilingual-e5-small",
            help="One of the suggested, one that lies in this computer's Hugging Face cache, or "
            "any other by its name.",
        )
        name = str(given or "")
        st.caption("Only safetensors weights are downloaded; a model's own code never runs.")
        wanted = _settings("hub")
        if st.form_submit_button("Download and add", icon=":material/download:"):
            jobs.ask(
                REQUESTS,
                f"Downloading {name}",
                lambda done: added.add(HUB.probe(name.strip(), done, wanted())),
            )


def _add_folder() -> None:
    with st.form("add-folder", enter_to_submit=False):
        path = st.text_input("Folder on this computer")
        wanted = _settings("folder")
        if st.form_submit_button("Add", icon=":material/add:"):
            if not path.strip():
                page.show_error(InputError("No folder was given.", "", "Type its path."))
                return
            with page.errors_shown():
                folder = access.given_path(path.strip())
                jobs.ask(
                    REQUESTS,
                    "Opening the model",
                    lambda progress: added.add(FOLDER.probe(folder, progress, wanted())),
                )


def _settings(key: str) -> Callable[[], Settings]:
    """Boxes for prompts and dimensions; gives what they say once the form is sent."""
    with st.expander("Prompts and dimensions"):
        st.caption(
            "Left empty, prompts are those of the model's files, else those that the cards of "
            "E5, BGE, Nomic, mxbai, Qwen3 and others name; the list of models says which."
        )
        query = st.text_input("Before a query", key=f"{key}-query", placeholder="query: ")
        text = st.text_input("Before a text", key=f"{key}-text", placeholder="passage: ")
        none = st.checkbox("Put nothing before either", key=f"{key}-no-prompts")
        dimensions = st.number_input(
            "Dimensions (Matryoshka)",
            min_value=0,
            step=1,
            key=f"{key}-dimensions",
            help="The first so many numbers are kept, for models that were trained for that; 0 "
            "for all.",
        )

    def chosen() -> Settings:
        if none:
            return Settings(int(dimensions), "", "")
        return Settings(int(dimensions), query or None, text or None)

    return chosen


def _add_service() -> None:
    with st.form("add-service", enter_to_submit=False):
        url = st.text_input("Address", placeholder="http://localhost:11434/v1")
        listed: list[str] = st.session_state.get(LISTED, [])
        if listed:
            model = st.selectbox("Model", listed, index=None, accept_new_options=True)
        else:
            model = st.text_input("Model", placeholder="nomic-embed-text")
        dimensions = st.number_input(
            "Dimensions",
            min_value=0,
            step=1,
            help="How many numbers the service is asked for; 0 for as many as the model has.",
        )
        variable = st.text_input(
            "Environment variable with the API key", help="Optional; its name, not the key."
        )
        key = st.text_input(
            "Or the API key itself", type="password", help="For this session only, never stored."
        )
        asks_models = st.form_submit_button("List its models", icon=":material/list:")
        adds = st.form_submit_button("Ask it for one vector and add", icon=":material/add:")
        if asks_models or adds:
            st.session_state.pop(CONFIRM, None)
            service = Service(url.strip(), (model or "").strip(), variable.strip(), int(dimensions))
            with page.errors_shown():
                _ask_or_confirm(service, key.strip(), adds=adds)
    if (asked := st.session_state.get(CONFIRM)) is not None:
        _confirm(*asked)
    names = jobs.run(MODELS)
    if names is not None:
        st.session_state[LISTED] = names
        st.rerun()


def _ask_or_confirm(service: Service, key: str, *, adds: bool) -> None:
    """Asks the service, or first whether a variable's value or a readable key may go there."""
    openai_api.check_variable(service.key_variable)
    from_variable = bool(service.key_variable) and not key
    shown = openai_api.read_address(service.url).plain and bool(key or service.key_variable)
    if from_variable or shown:
        st.session_state[CONFIRM] = (replace(service, plain_key=shown), key, adds)
    else:
        _ask_service(service, key, adds=adds)


def _confirm(service: Service, key: str, adds: bool) -> None:
    """Names the address before what stands in a variable of this computer, or a key that others
    can read on the way, goes there."""
    variable, url = plain(service.key_variable), plain(service.url)
    what = "The key" if key else f"The value of {variable}"
    seen = " By http, others on the network can read it." if service.plain_key else ""
    st.info(f"{what} would be sent to {url}, now and whenever that is asked.{seen}")
    told = "Send it there, and add" if adds else "Send it there, and list its models"
    if st.button(told, key="service-confirmed", icon=":material/key:"):
        del st.session_state[CONFIRM]
        with page.errors_shown():
            _ask_service(service, key, adds=adds)


def _ask_service(service: Service, key: str, *, adds: bool) -> None:
    access.require()
    if adds:
        jobs.ask(REQUESTS, "Asking the service", lambda _: added.add(SERVICE.probe(service, key)))
    else:
        jobs.ask(MODELS, "Asking the service", lambda _: SERVICE.models(service, key))
