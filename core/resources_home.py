"""What all sessions share of the data home as a whole; with the other ``resources`` the caches."""

from __future__ import annotations

import streamlit as st

from core import resources, sweeping
from core.jobs import Job


@st.cache_resource(show_spinner=False)
def sweep_once() -> Job:
    """Clears away what killed servers left, once a server, in the background."""
    return resources.jobs().start("sweep", "Clearing the data home", lambda _: sweeping.sweep())
