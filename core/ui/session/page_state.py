"""What boxes keep from page to page, and from one thing to another."""

from __future__ import annotations

from typing import Any

import streamlit as st

from core.ui.common import spaces

# Boxes of several pages that have nothing but their name in common.
EACH_PAGES_OWN = ("do", "dims", "tool")


def follow(page: str) -> None:
    """Has a link to another page decide what it names; app.py calls it before a page runs.

    What is each page's own begins anew there.

    Streamlit does not read a value from the address that is a box's own first one, since it never
    writes such values there. What was chosen before in the box of that name would stay then: a
    link to "king - man + woman" would show another formula.
    """
    before, st.session_state["page-before"] = st.session_state.get("page-before", page), page
    if before != page:
        own = {*EACH_PAGES_OWN, *st.query_params}
        if st.session_state.get("space") == st.session_state.get(f"space{spaces.FIRST}"):
            own.add("space")  # nobody chose it: each page begins with the model that suits it
        for name in own:
            if name in st.session_state:
                del st.session_state[name]


def begin_anew(key: str, of: str, first: Any) -> None:
    """Sets a box to ``first`` where its value was chosen for something else than ``of``."""
    mark = f"{key}-of"
    if key in st.session_state and st.session_state.get(mark, of) != of:
        st.session_state[key] = first
    st.session_state[mark] = of
