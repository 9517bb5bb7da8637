"""The data home as a whole: clearing it once a server, and its size."""

from __future__ import annotations

from concurrent.futures import wait

import streamlit as st

from core.base.jobs import Job
from core.cache import jobs as jobs_cache
from core.inventory import data_home as inventory_data_home
from core.storage import cleanup, data_home as storage_data_home, demo_home

PATIENCE = 0.2  # seconds that a page waits for the size of the data home


@st.cache_resource(show_spinner=False)
def sweep_once() -> Job:
    """Clears away what killed servers left, once a server, in the background."""
    return jobs_cache.jobs().start("sweep", "Clearing the data folder", lambda _: cleanup.sweep())


@st.cache_resource(ttl=3600, show_spinner=False)
def expire_demo() -> None:
    """Deletes what visits to a demo left, once an hour; nothing where this is none."""
    demo_home.expire(storage_data_home.data_home())


@st.cache_resource(ttl=60, max_entries=2, show_spinner=False)
def _measured(home: str) -> Job:
    return jobs_cache.jobs().start(
        f"measure {home}", "Measuring the data folder", inventory_data_home.total
    )


def disk_used() -> tuple[int, int] | None:
    """Bytes and files of the data home, at most a minute old; ``None`` while it is measured."""
    job = _measured(str(storage_data_home.data_home()))
    if wait([job.future], PATIENCE).not_done or job.future.exception() is not None:
        return None
    used: tuple[int, int] = job.future.result()
    return used


def measure_again() -> None:
    """The next look measures anew."""
    _measured.clear()
