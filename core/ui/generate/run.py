"""Generate: starting a drawing, watching it step by step, stopping it."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import wait

import streamlit as st

from core.base.errors import Cancelled, ExplorerError
from core.base.jobs import Job
from core.cache import (
    generation as generation_cache,
    jobs as jobs_cache,
)
from core.generation.request import Request
from core.generation.runs import Drawing
from core.ui.common import jobs, page

_STATE = "drawing"
LOOK_EVERY = 0.15  # seconds
WIDTH, _SMALL = 512, 96  # pixels of a picture at length, and of one among many
_FOUR = 119  # of one of up to four, which beside each other are as wide as the large one


def start(name: str, title: str, requests: Sequence[Request]) -> None:
    """Begins to draw; ``watch`` of the same name shows it. One before it is given up."""
    before: tuple[Drawing, Job] | None = st.session_state.get(f"{name}-{_STATE}")
    if before is not None:
        before[1].cancel()
    drawing, job = generation_cache.draw(title, requests)
    job.watch(jobs.session())
    st.session_state[f"{name}-{_STATE}"] = (drawing, job)


def requests(name: str) -> Sequence[Request]:
    """What is being drawn, or was last."""
    state: tuple[Drawing, Job] | None = st.session_state.get(f"{name}-{_STATE}")
    return () if state is None else state[0].requests


def watch(name: str) -> Drawing | None:
    """Shows how the drawing goes until it ends; then gives it back, with what is finished.

    ``None`` where nothing was asked for, or nothing came of it.
    """
    found: tuple[Drawing, Job] | None = st.session_state.get(f"{name}-{_STATE}")
    if found is None:
        return None
    drawing, job = found
    if wait([job.future], 0.05).not_done:
        _watch(drawing, job, name)
    jobs_cache.jobs().forget(job.key)  # this session holds it itself, and nobody else asks for it
    error = job.future.exception()
    if isinstance(error, Cancelled):
        st.info("Generation was cancelled. What was finished is in the history.")
    elif isinstance(error, ExplorerError):
        page.show_error(error)
    elif error is not None:
        del st.session_state[f"{name}-{_STATE}"]
        raise error
    return drawing if drawing.done else None


def _watch(drawing: Drawing, job: Job, name: str) -> None:
    with st.container(key=f"{name}-watch"):
        places = bar, button, picture, strip = [st.empty() for _ in range(4)]
    button.button(
        "Stop and keep",
        key=f"{name}-stop",
        icon=":material/stop_circle:",
        on_click=drawing.stop,
    )
    shown, finished = None, 0
    while job.running:
        bar.progress(job.share, text=_told(drawing, job))
        # The first that is finished stays; those after it come below.
        first = drawing.done[0][0].image if drawing.done else drawing.preview
        if first is not shown and first is not None:
            shown, step = first, drawing.step
            told = "" if drawing.done or step is None else f"Step {step.done} of {step.total}"
            picture.image(shown, caption=told, width=WIDTH, alt="The image so far")
        if len(drawing.done) != finished:
            finished = len(drawing.done)
            with strip.container():
                show_strip(drawing, f"{name}-{finished}")
        wait([job.future], LOOK_EVERY)
    for one in places:
        one.empty()


def show_strip(drawing: Drawing, key: str) -> None:
    """All pictures of a drawing, small, where there are several; ``key`` is the place's own."""
    if len(drawing.requests) == 1:
        return
    few = len(drawing.requests) <= 4
    width = _FOUR if few else _SMALL
    with st.container(horizontal=True, gap="xsmall", key=f"{key}-few-images" if few else None):
        for number, (one, _) in enumerate(drawing.done, 1):
            alt = f"Generated with seed {one.request.seed}"
            st.image(one.image, width=width, caption=str(number), alt=alt)


def _told(drawing: Drawing, job: Job) -> str:
    if drawing.place:
        return f"{drawing.place} before yours in the queue; it is next in turn."
    if not job.total:
        return "Loading the generator: some ten seconds, the first time …"
    text = f"Image {len(drawing.done) + 1} of {len(drawing.requests)}: "
    text += f"step {job.done} of {job.total}"
    if job.seconds_left is not None:
        text += f", about {max(1, round(job.seconds_left))} s left"
    return text
