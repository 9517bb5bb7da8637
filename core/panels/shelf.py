"""The shelf in the sidebar of every page: what is kept, renaming it, taking it off."""

from __future__ import annotations

import streamlit as st

from core import widgets
from core.shelf import Shelf


def show() -> None:
    """The whole shelf, in the sidebar."""
    with st.sidebar:
        st.subheader("Shelf")
        kept = widgets.shelf()
        if not kept.items:
            st.caption("Nothing kept yet. “Keep this vector” puts a result here.")
        for place in range(len(kept.items)):
            _show_kept(kept, place)
        if kept.items:
            st.caption("In a formula of the same space, a name in square brackets stands for it.")


def _show_kept(kept: Shelf, place: int) -> None:
    item = kept.items[place]
    with st.container(border=True, key=f"kept-{place}"):
        st.markdown(f"**\\[{widgets.plain(item.name)}\\]**")
        st.caption(f"{widgets.plain(item.space)} · {widgets.plain(item.made)}")
        with st.popover("Change", icon=":material/edit:"):
            name = st.text_input("Name", item.name, key=f"kept-name-{place}-{item.name}")
            if st.button("Rename", key=f"kept-rename-{place}"):
                with widgets.errors_shown():
                    kept.rename(item.name, name)
                    st.rerun()
            if st.button("Remove", key=f"kept-remove-{place}"):
                kept.remove(item.name)
                st.rerun()
