"""The last thing on every page: how its tool works, when it misleads, where to read more."""

from __future__ import annotations

import streamlit as st

from core.ui import help as help_panel
from core.ui.help.learn import LESSONS, lessons_of


def show(page: str, tool: str = "") -> None:
    """The help of ``tool``, where the page has tools, and of the page as a whole, folded away."""
    with st.expander("About and caveats"):
        if not tool:
            st.markdown(help_panel.page_help(page).markdown())
            return
        st.markdown(f"##### {tool}\n\n{help_panel.tool_help(page, tool).markdown()}")
        for name in lessons_of(page, tool):
            st.page_link(
                "pages/learn.py",
                label=f"Lesson: {LESSONS[name].title}",
                icon=":material/school:",
                query_params={"lesson": name, "step": "1"},
            )
        st.divider()
        st.markdown(f"##### All of this page\n\n{help_panel.page_help(page).markdown()}")
