"""The few rules of style that no setting of Streamlit has."""

from __future__ import annotations

import streamlit as st

from core.base.paths import ASSETS

_STYLE = ASSETS / "house.css"


def show() -> None:
    """Adds the rules to the page; what they are in takes no room.

    By ``st.html``, which nothing else uses: a constant file of ours, and there with the page's
    first elements. A component comes after them, so that the page would jump.
    """
    st.html(_STYLE)
