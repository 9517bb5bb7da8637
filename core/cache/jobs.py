"""The long work of this server, one list for all sessions."""

from __future__ import annotations

import streamlit as st

from core.base.jobs import Jobs


@st.cache_resource
def jobs() -> Jobs:
    """The server's long work, which is stopped when the server is."""
    jobs = Jobs()
    jobs.stop_at_exit()
    return jobs
