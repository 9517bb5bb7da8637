"""What is not on this computer yet: offering its download."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import streamlit as st

from core.base.types import Progress
from core.cache import jobs as jobs_cache
from core.spaces.entry import SpaceEntry
from core.ui.common import demo, jobs
from core.ui.common.markdown import plain


def offer(entry: SpaceEntry) -> None:
    """A card of a space that is not ready: what it is, and one button or the exact command."""
    size = f" ({entry.spec.size})" if entry.spec.size else ""
    with st.container(border=True, key="not-installed", width=640):
        st.markdown(
            f":material/download: **{plain(entry.space.title)}** is not installed on this computer."
        )
        st.caption(plain(entry.about))
        if entry.downloadable:
            if offer_job(
                f"download {entry.spec.model}",
                f"Download{size}",
                f"Downloading {entry.space.title}",
                entry.download,
            ):
                st.rerun()
        elif entry.command:
            st.markdown(f"To install it{size}, run this, then reload the page:")
            st.code(entry.command, language=None, wrap_lines=True)
        else:
            st.markdown(plain(entry.remedy))


def offer_job(
    key: str, label: str, title: str, work: Callable[[Progress], Any], *, told: str = ""
) -> Any | None:
    """A button that starts the job ``key``, which all sessions share; its result, once."""
    if demo.off("Downloading"):
        return None
    started = f"started-{key}"
    if not st.session_state.get(started):
        if told:
            st.info(told)
        if st.button(label, key=f"start-{key}", icon=":material/download:"):
            jobs_cache.jobs().forget(key)  # of an earlier try that failed
            st.session_state[started] = True
            st.rerun()
        return None
    done = jobs.run_job(key, title, work)
    if done is not None:
        st.session_state.pop(started)
    return done
