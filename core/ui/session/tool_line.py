"""The slim line under the navigation: the tools of a page, side by side."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from core.ui.common import frame
from core.ui.session import link_values, old_links

_BEFORE = "tool-before"


def choose_tool(tools: Sequence[str], *, page: str) -> str:
    """The tool of ``page``, chosen from its names ``tools``, the first where nobody chose.

    It is kept in the address. On a narrow screen the line can be moved sideways.
    """
    key = old_links.TOOL_BOXES[page]
    with st.container(horizontal=True, key="tools", width="stretch"):
        chosen: str = link_values.one_of(
            st,
            "Tool",
            tools,
            default=tools[0],
            key=key,
            bind="query-params",
            label_visibility="collapsed",
        )
    before = st.session_state.get(_BEFORE)
    st.session_state[_BEFORE] = (key, chosen)
    frame.await_result(changed=before != (key, chosen))
    return chosen
