"""The bar of long work: how far it is, how long still, and its cancelling."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import wait
from typing import Any

import streamlit as st

from core.base.jobs import Job
from core.ui.common.markdown import plain


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
