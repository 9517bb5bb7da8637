"""The few rules of style that no setting of Streamlit has."""

from __future__ import annotations

from functools import cache
from typing import Any

import streamlit as st

from core.base.paths import ASSETS

_STYLE = ASSETS / "house.css"


@cache
def _rules() -> str:
    return _STYLE.read_text(encoding="utf-8")


def show() -> None:
    """Adds the rules to the page; what they are in takes no room."""
    component: Any = st.components.v2.component("house_style", css=_rules(), isolate_styles=False)
    with st.sidebar:
        component(key="house-style", height=1)
