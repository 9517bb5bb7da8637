"""Models that are not on this computer yet: offering their download."""

from __future__ import annotations

import streamlit as st

from core import resources, text_spaces, widgets
from core.catalog import Source
from core.space_entry import SpaceEntry


def offer(entry: SpaceEntry) -> None:
    """Says what a space that is not ready needs; a model of a hub can be downloaded here."""
    if entry.source not in (Source.HUB, Source.CLIP) or not entry.state.startswith("needs"):
        st.info(f"This space is not here: {widgets.plain(entry.state)}.")
        st.caption(widgets.plain(entry.remedy))
        return
    started = f"download-{entry.space.name}"
    size = f" ({entry.size})" if entry.size else ""
    if not st.session_state.get(started):
        st.info(f"This model is not on this computer yet. It can be downloaded{size}.")
        if st.button(f"Download{size}", key=f"start-{started}", icon=":material/download:"):
            resources.jobs().forget(f"download {entry.model}")  # of an earlier try that failed
            st.session_state[started] = True
            st.rerun()
        return
    done = widgets.run_job(
        f"download {entry.model}",
        f"Downloading {entry.space.title}",
        lambda progress: text_spaces.download(entry, progress),
    )
    if done:
        st.session_state.pop(started)
        st.rerun()
