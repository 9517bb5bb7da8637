"""Demo mode on the pages: what is off is told in its place, and once that nothing is kept."""

from __future__ import annotations

import streamlit as st

from core.base import demo as base_demo
from core.base.errors import InputError
from core.ui.common.markdown import plain


def tell() -> None:
    """Says at the foot of the sidebar that this is a demo."""
    if base_demo.is_on():
        with st.sidebar, st.container(key="demo"):
            st.caption(
                f"Demo: nothing is kept. What you save or drop here is deleted after "
                f"{base_demo.HOURS} hours; uploads of up to {base_demo.MEGABYTES} MB."
            )


def off(what: str) -> bool:
    """Whether this is a demo, where ``what`` is off; says so then."""
    try:
        base_demo.require_off(what)
    except InputError as error:  # no fault of who is here
        st.info(plain(f"{error.given} {error.expected}") + f"  \n{plain(error.remedy)}")
        return True
    return False
