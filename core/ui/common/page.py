"""What every page begins with: starting through app.py, errors, places that stay."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import streamlit as st
from streamlit.runtime.pages_manager import PagesManager

from core.base.errors import ExplorerError, GoneError
from core.charts import basic as charts
from core.ui.common.markdown import plain

UNDER_APP = "under-app"


def under_app() -> None:
    """Starts over through app.py if this page runs without it; every page calls it first.

    When the first link that a fresh server is asked for leads to a page, Streamlit sees the folder
    ``pages`` and runs the page by itself, as in its older kind of app: it learns of
    ``st.navigation`` only by running app.py once. That is noted for the server, so a second session
    that began in the same moment is told from others by the mark that app.py leaves in each.
    """
    if UNDER_APP not in st.session_state:
        st.session_state[UNDER_APP] = "asked for"  # once: a page may be run alone, as by a test
        PagesManager.uses_pages_directory = False
        st.rerun()


_GONE = (
    "Dropped pictures are kept for a day, in the browser where they were dropped.",
    "Drop it again to go on.",
)


def show_error(error: ExplorerError) -> None:
    """An error as a person reads it: what is wrong, and below it what to do."""
    gone = isinstance(error, GoneError)
    parts = _GONE if gone else [part for part in (error.expected, error.remedy) if part]
    tell = st.info if gone else st.error
    tell(plain(error.given) + "".join(f"  \n{plain(part)}" for part in parts))


@contextmanager
def errors_shown() -> Iterator[None]:
    """Shows an error that a person can act on, and goes on after the block."""
    try:
        yield
    except ExplorerError as error:
        show_error(error)


def steady() -> Any:
    """A place for what comes and goes, to be used by ``with``: it takes no room while empty.

    Where widgets move to another place among their siblings, the page in the browser forgets that
    their values belong into the address.
    """
    return st.empty().container()


def show_space(figure: Any, key: str, alt: str) -> None:
    """A figure in space; it is drawn anew when the page has changed between light and dark."""
    st.plotly_chart(charts.grounded(figure), key=f"{key}-{st.context.theme.type}", alt=alt)
