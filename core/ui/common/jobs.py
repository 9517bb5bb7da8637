"""Long work on a page: its bar with Cancel, and work that a form asks for.

A form's values are there in one run of the page only, but a job is watched over many. Work that a
visit or a link asks for begins by itself only where it is short.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable
from concurrent.futures import wait
from typing import Any

import streamlit as st
from streamlit.runtime.scriptrunner import get_script_run_ctx

from core.base import durations, jobs as base_jobs
from core.base.errors import Cancelled, ExplorerError
from core.base.jobs import Job
from core.base.types import Progress
from core.cache import jobs as jobs_cache
from core.ui.common import frame
from core.ui.common.markdown import plain
from core.ui.common.page import show_error

GOES_ON = (
    "It goes on while a window of this app that asked for it is open, on whatever page, and stops "
    f"{base_jobs.GONE_AFTER:.0f} seconds after the last one is closed; what was finished is kept. "
    "With this it goes on until it is done. The page Storage lists all that runs."
)


def run_job(  # noqa: PLR0913  # all but three are named
    key: str,
    title: str,
    work: Callable[[Progress], Any],
    *,
    watching: Callable[[], Any] | None = None,
    alt: str = "The map so far",
    so_far: Callable[[Any], None] | None = None,
    seconds: Callable[[], float] | None = None,
    begin: str = "Start",
    slot: str = "",
    height: int = 0,
) -> Any | None:
    """Runs ``work`` in the background and shows its progress here until it ends.

    All sessions that ask for ``key`` watch the same job, which goes on while the window of one of
    them is open.

    Args:
        watching: gives a figure of what is there so far, which is drawn below the bar, or ``None``.
        alt: what that figure shows.
        so_far: draws what is there so far into the empty place that it is given below the bar,
            where it is more than it drew before. It is called over and over; nothing in it takes a
            click.
        seconds: about how long it will take, asked where it does not run yet; where that is too
            long to begin unasked, a button ``begin`` is shown instead, once a session.
        slot: what this session asks for in the same slot replaces what it asked for before.
        height: pixels of what will stand here, which a skeleton holds free meanwhile.

    Returns:
        Its result; ``None`` after it was cancelled or failed, until the person starts it again.
    """
    jobs = jobs_cache.jobs()
    question = st.empty()  # what was asked is gone while the work that came of it is watched
    _leave_what_was_before(slot, key)
    job = jobs.get(key)
    if job is not None and _is_others(job):
        jobs.forget(key)
        job = None
    if job is None:
        if seconds is not None and not _has_begun(key, seconds):
            frame.end_waiting()
            with question.container():
                _ask_to_begin(key, title, seconds(), begin)
            return None
        job = jobs.start(key, title, work)
    job.watch(session())
    place = st.container(key=f"job-{abs(hash(key))}")
    # What is over at once, such as taking a result from a cache, shows no bar.
    if wait([job.future], 0.1).not_done:
        frame.end_waiting()
        watch(job, place, watching, alt, so_far=so_far, height=height)
    error = job.future.exception()
    if error is None:
        result = job.future.result()
        jobs.forget(key)
        st.session_state[f"begun-{key}"] = True  # it is kept somewhere, or was short
        return result
    if not isinstance(error, ExplorerError):
        jobs.forget(key)
        raise error
    with place:
        if isinstance(error, Cancelled):
            st.session_state.pop(f"begun-{key}", None)
            st.info(f"{plain(title)}: cancelled. What was finished is kept.")
        else:
            show_error(error)
        if st.button("Go on" if isinstance(error, Cancelled) else "Try again", key=f"again-{key}"):
            jobs.start(key, title, work)
            st.rerun()
    return None


def session() -> str:
    """The id of this session, by which its jobs know whether its window is open."""
    context = get_script_run_ctx()
    return "" if context is None else context.session_id


def _is_others(job: Job) -> bool:
    """Whether it was stopped, and this session had no part in it: here it can begin anew."""
    stopped = not job.running and isinstance(job.future.exception(), Cancelled)
    return stopped and (job.abandoned or session() not in job.watchers)


def _leave_what_was_before(slot: str, key: str) -> None:
    if not slot:
        return
    before = st.session_state.get(f"slot-{slot}")
    st.session_state[f"slot-{slot}"] = key
    if before not in (None, key) and (job := jobs_cache.jobs().get(before)) is not None:
        job.leave(session())


def _has_begun(key: str, seconds: Callable[[], float]) -> bool:
    """Whether this session has begun it, or it is so short that a visit may."""
    if st.session_state.get(f"begun-{key}"):
        return True
    try:
        return seconds() <= durations.UNASKED
    except ExplorerError:
        return True  # the work meets it at once, and says so


def _ask_to_begin(key: str, title: str, seconds: float, begin: str) -> None:
    st.info(f"{plain(title)} takes {durations.phrase(seconds)} on this computer, at a guess.")
    if st.button(begin, key=f"begin-{key}", icon=":material/play_arrow:"):
        st.session_state[f"begun-{key}"] = True
        st.rerun()


def watch(  # noqa: PLR0913
    job: Job,
    place: Any,
    watching: Callable[[], Any] | None,
    alt: str,
    *,
    so_far: Callable[[Any], None] | None = None,
    height: int = 0,
) -> None:
    """Draws a bar with rate and time left until ``job`` ends."""
    goes_on = f"goes-on-{job.key}"

    def keep() -> None:
        job.goes_on = bool(st.session_state[goes_on])

    with place.container():
        bar = st.empty()
        button = st.empty()
        below = st.empty()
        drawn = 0
        with button.container(horizontal=True, vertical_alignment="center"):
            if st.button("Cancel", key=f"cancel-{job.key}"):
                job.cancel()
            st.toggle("Keep running in the background", key=goes_on, on_change=keep, help=GOES_ON)
        if height:
            below.skeleton(height=height)
        while job.running:
            bar.progress(job.share, text=progress_text(job))
            figure = watching() if watching is not None else None
            if figure is not None:
                below.plotly_chart(figure, key=f"so-far-{job.key}-{drawn}", alt=alt)
                drawn += 1
            if so_far is not None:
                so_far(below)
            wait([job.future], 0.2 if figure is None else 1.0)
        for one in (bar, button, below):
            one.empty()


def progress_text(job: Job) -> str:
    """What a progress bar says: how far, how fast, how long still; that it stops once asked to."""
    if job.stopping:  # that may take a while, such as while a model is loaded
        return f"{plain(job.title)}: stopping …"
    text = f"{plain(job.title)}: {job.done:,} of {job.total:,} {plain(job.note)}"
    if not job.total:
        return f"{plain(job.title)}: {plain(job.note) or 'starting'} …"
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
