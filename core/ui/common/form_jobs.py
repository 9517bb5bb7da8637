"""Work that a form asks for: noted in the session, run as a job, and told when it is done.

A form's values are there in one run of the page only, but a job is watched over many.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable
from typing import Any

import streamlit as st

from core.ui.common import widgets


def ask(name: str, title: str, work: Callable[[Any], Any]) -> None:
    """Notes ``work(progress)`` under ``name``; later lines of the page run it by ``run``."""
    # The token tells this request from all others, of other sessions too.
    st.session_state[f"{name}-request"] = (secrets.token_hex(8), title, work)
    st.session_state.pop(f"{name}-done", None)


def run(name: str) -> Any | None:
    """The result of what was asked for, once; ``None`` where there is nothing or it goes on."""
    if f"{name}-request" not in st.session_state:
        return None
    token, title, work = st.session_state[f"{name}-request"]
    made = widgets.run_job(f"{name} {token}", title, work)
    if made is not None:
        del st.session_state[f"{name}-request"]
    return made


def tell(name: str, text: str | None) -> None:
    """Keeps what ``show_told`` says, Markdown, over the next runs; ``None`` for nothing."""
    st.session_state[f"{name}-done"] = text


def show_told(name: str) -> None:
    """Says what was done last."""
    if text := st.session_state.get(f"{name}-done"):
        st.success(text)
