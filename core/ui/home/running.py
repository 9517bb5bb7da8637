"""Storage: what this server works on right now, for whom it goes on, and stopping it."""

from __future__ import annotations

import streamlit as st

from core.base import demo
from core.base.errors import counted
from core.base.jobs import Job
from core.cache import jobs as jobs_cache
from core.ui.common import jobs

EVERY = 2  # seconds between two looks
NOTHING = (
    "Nothing runs now. Maps, encodings, trainings, downloads and image generation are listed here."
)


@st.fragment(run_every=EVERY)
def show() -> None:
    """The list, renewed while the page is open."""
    st.subheader("Jobs", anchor=False)
    running = jobs_cache.jobs().running("")
    if not running:
        st.caption(NOTHING)
    for job in running:
        _show_one(job)


def _show_one(job: Job) -> None:
    with st.container(border=True, key=f"running-{abs(hash(job.key))}"):
        st.progress(job.share, text=jobs.progress_text(job))
        with st.container(horizontal=True, vertical_alignment="center"):
            if not demo.is_on():  # it may be a stranger's
                st.button("Cancel", key=f"stop-{job.key}", on_click=job.cancel)
            st.caption(_audience(job))


def _audience(job: Job) -> str:
    """For whom it goes on; what is not of a window is the server's own."""
    if job.goes_on:
        return "Goes on until it is done."
    if not job.watchers:
        return "The server's own: it prepares something for all."
    windows = sum(jobs_cache.is_open(watcher) for watcher in job.watchers)
    if not windows:
        return "No window that asked for it is open any more: it stops soon."
    return f"Asked for by {counted(windows, 'open window')}, and stops when none is left."
