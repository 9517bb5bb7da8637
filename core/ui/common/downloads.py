"""What is not on this computer yet: offering its download."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import streamlit as st

from core.base.types import Progress
from core.cache import jobs as jobs_cache
from core.spaces.entry import SpaceEntry
from core.ui.common import jobs
from core.ui.common.markdown import plain


def offer(entry: SpaceEntry) -> None:
    """Says what a space that is not ready needs; a model of a hub can be downloaded here."""
    if not entry.downloadable:
        st.info(f"This embedding model is not here: {plain(entry.state)}.")
        st.caption(plain(entry.remedy))
        return
    size = f" ({entry.spec.size})" if entry.spec.size else ""
    told = f"This model is not on this computer yet. It can be downloaded{size}."
    if offer_job(
        f"download {entry.spec.model}",
        f"Download{size}",
        f"Downloading {entry.space.title}",
        entry.download,
        told=told,
    ):
        st.rerun()


def offer_job(
    key: str, label: str, title: str, work: Callable[[Progress], Any], *, told: str = ""
) -> Any | None:
    """A button that starts the job ``key``, which all sessions share; its result, once."""
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
