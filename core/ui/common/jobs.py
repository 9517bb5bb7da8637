"""Long work on a page: its bar with Cancel, and work that a form asks for.

A form's values are there in one run of the page only, but a job is watched over many.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable
from concurrent.futures import wait
from typing import Any

import streamlit as st

from core.base.errors import Cancelled, ExplorerError
from core.base.jobs import Job
from core.base.types import Progress
from core.cache import jobs as jobs_cache
from core.ui.common.markdown import plain
from core.ui.common.page import show_error


def run_job(
    key: str,
    title: str,
    work: Callable[[Progress], Any],
    *,
    watching: Callable[[], Any] | None = None,
    alt: str = "The map so far",
) -> Any | None:
    """Runs ``work`` in the background and shows its progress here until it ends.

    All sessions that ask for ``key`` watch the same job. Returns its result; ``None`` after it was
    cancelled or failed, until the person starts it again. ``watching`` gives a figure of what is
    there so far, which is drawn below the bar, or ``None``; ``alt`` says what it shows.
    """
    jobs = jobs_cache.jobs()
    job = jobs.get(key)
    if job is None:
        job = jobs.start(key, title, work)
    place = st.container(key=f"job-{abs(hash(key))}")
    # What is over at once, such as taking a result from a cache, shows no bar.
    if wait([job.future], 0.1).not_done:
        watch(job, place, watching, alt)
    error = job.future.exception()
    if error is None:
        result = job.future.result()
        jobs.forget(key)
        return result
    if not isinstance(error, ExplorerError):
        jobs.forget(key)
        raise error
    with place:
        if isinstance(error, Cancelled):
            st.info(f"{plain(title)}: cancelled. What was finished is kept.")
        else:
            show_error(error)
        if st.button("Go on" if isinstance(error, Cancelled) else "Try again", key=f"again-{key}"):
            jobs.start(key, title, work)
            st.rerun()
    return None


def watch(job: Job, place: Any, watching: Callable[[], Any] | None, alt: str) -> None:
    """Draws a bar with rate and time left until ``job`` ends."""
    with place.container():
        bar = st.empty()
        button = st.empty()
        below = st.empty()
        drawn = 0
        if button.button("Cancel", key=f"cancel-{job.key}"):
            job.cancel()
        while job.running:
            bar.progress(job.share, text=progress_text(job))
            figure = watching() if watching is not None else None
            if figure is not None:
                below.plotly_chart(figure, key=f"so-far-{job.key}-{drawn}", alt=alt)
                drawn += 1
            wait([job.future], 0.2 if figure is None else 1.0)
        for one in (bar, button, below):
            one.empty()


def progress_text(job: Job) -> str:
    """What a progress bar says: how far, how fast, how long still."""
    text = f"{plain(job.title)}: {job.done:,} of {job.total:,} {plain(job.note)}"
    if not job.total:
        return f"{plain(job.title)}: starting …"
    if job.rate and job.seconds_left is not None:
        text += f", {job.rate:,.0f} a second, about {max(1, round(job.seconds_left))} s left"
    return text


def ask(name: str, title: str, work: Callable[[Any], Any]) -> None:
    """Notes ``work(progress)`` under ``name``; later lines of the page run it by ``run``."""
    # The token tells this request from all others, of other sessions too.
    st.session_state[f"{name}-request"] = (secrets.token_hex(8), title, work)
    st.session_state.pop(f"{name}-done", None)


def run(name: str) -> Any | None:
    """The result of what was asked for, once; ``None`` where there is nothing or it goes on."""
    if f"{name}-request" not in st.session_state:
        return None
    token, title, work = st.session_state[f"{name}-request"]
    made = run_job(f"{name} {token}", title, work)
    if made is not None:
        del st.session_state[f"{name}-request"]
    return made


def tell(name: str, text: str | None) -> None:
    """Keeps what ``show_told`` says, Markdown, over the next runs; ``None`` for nothing."""
    st.session_state[f"{name}-done"] = text


def show_told(name: str) -> None:
    """Says what was done last."""
    if text := st.session_state.get(f"{name}-done"):
        st.success(text)
