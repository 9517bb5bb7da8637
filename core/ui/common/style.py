"""The few rules of style that no setting of Streamlit has."""

from __future__ import annotations

import streamlit as st

from core.base.paths import ASSETS

_STYLE = ASSETS / "house.css"
# What a tool before this one showed and this one has not replaced yet: gone, not greyed.
_HIDES = """<style>
@keyframes ee-gone { to { opacity: 0; } }
[data-testid="stMain"] [data-testid="stElementContainer"][data-stale="true"] {
    animation: ee-gone 0s 0.2s forwards;
    pointer-events: none;
}
</style>"""


def show() -> None:
    """Adds the rules to the page; what they are in takes no room.

    By ``st.html``, which nothing else uses: constants of ours, and there with the page's
    first elements. A component comes after them, so that the page would jump.
    """
    st.html(_STYLE)


def take_left_over_away(*, now: bool) -> None:
    """Has what the last run left on the page vanish at once, where it is of another tool."""
    st.html(_HIDES if now else "<style></style>")
