"""What boxes keep from page to page, and from one thing to another."""

from __future__ import annotations

from typing import Any
from urllib.parse import parse_qsl

import streamlit as st
from streamlit.runtime.scriptrunner import get_script_run_ctx

from core.ui.common import spaces

SHARED = ("space", "data", "gallery", "graph")  # means the same on every page that has it
# Boxes of several pages that have nothing but their name in common.
EACH_PAGES_OWN = ("do", "dims", "tool")
_LEFT = "page-left"  # what each page had in these when it was left


def follow(page: str) -> None:
    """Has a link to another page decide what it names; app.py calls it before a page runs.

    What is each page's own is found again there.

    Streamlit does not read a value from the address that is a box's own first one, since it never
    writes such values there. What was chosen before in the box of that name would stay then: a
    link to "king - man + woman" would show another formula.
    """
    before, st.session_state["page-before"] = st.session_state.get("page-before", page), page
    if before != page:
        _take_all_of_link()
        left: dict[str, dict[str, Any]] = st.session_state.setdefault(_LEFT, {})
        left[before] = {
            name: st.session_state[name] for name in EACH_PAGES_OWN if name in st.session_state
        }
        own = {*EACH_PAGES_OWN, *st.query_params}
        if st.session_state.get("space") == st.session_state.get(f"space{spaces.FIRST}"):
            own.add("space")  # nobody chose it: each page begins with the model that suits it
        for name in own:
            if name in st.session_state:
                del st.session_state[name]
        if not {*st.query_params} - {*SHARED}:  # nothing but the page was asked for
            st.session_state.update(left.get(page, {}))


def _take_all_of_link() -> None:
    """Takes from the link also what Streamlit leaves out of it at a change of pages.

    It leaves out values of names that a box of the page before had. Of those that mean the same on
    every page the link decides; others may be left over from the page before.
    """
    context = get_script_run_ctx()
    if context is None:
        return
    asked = dict(parse_qsl(context.query_string.lstrip("?")))
    left_out = {
        name: asked[name] for name in SHARED if name in asked and name not in st.query_params
    }
    if not left_out:
        return
    with context.session_state.query_params() as parameters:
        for name, value in left_out.items():
            parameters.set_corrected_value(name, value, "string_value")
        parameters.set_initial_query_params_from_current()


def begin_anew(key: str, of: str, first: Any) -> None:
    """Sets a box to ``first`` where its value was chosen for something else than ``of``."""
    mark = f"{key}-of"
    if key in st.session_state and st.session_state.get(mark, of) != of:
        st.session_state[key] = first
    st.session_state[mark] = of
