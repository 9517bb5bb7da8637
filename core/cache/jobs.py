"""The long work of this server, one list for all sessions."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from typing import Protocol

import streamlit as st
from streamlit import runtime

from core.base.errors import Cancelled
from core.base.jobs import Jobs
from core.base.types import Progress


class Watched(Protocol):
    """What is seen of a training; ``stop`` set ends it, and what there is is kept."""

    @property
    def losses(self) -> Sequence[float]:
        """Of each epoch so far."""
        ...

    @property
    def stop(self) -> threading.Event:
        """Set by who wants what there is."""
        ...


@st.cache_resource
def jobs() -> Jobs:
    """The server's long work, which is stopped when the server is."""
    jobs = Jobs(is_open)
    jobs.stop_at_exit()
    return jobs


def is_open(session: str) -> bool:
    """Whether a session's window is open; in a test without a server it is."""
    return not runtime.exists() or runtime.get_instance().is_active_session(session)


def keeping(key: str, progress: Progress, seen: Watched) -> Progress:
    """Has a training that everybody left stop early and keep its last epoch, as the button does."""

    def report(done: int, total: int, note: str = "") -> None:
        try:
            progress(done, total, note)
        except Cancelled:
            job = jobs().get(key)
            if job is None or not job.abandoned or not seen.losses:
                raise
            seen.stop.set()

    return report
