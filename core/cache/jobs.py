"""The long work of this server, one list for all sessions."""

from __future__ import annotations

import streamlit as st
from streamlit import runtime

from core.base.jobs import Jobs


@st.cache_resource
def jobs() -> Jobs:
    """The server's long work, which is stopped when the server is."""
    jobs = Jobs(is_open)
    jobs.stop_at_exit()
    return jobs


def is_open(session: str) -> bool:
    """Whether a session's window is open; in a test without a server it is."""
    return not runtime.exists() or runtime.get_instance().is_active_session(session)
