"""What is shown where something failed that nobody foresaw: no path, no data, details to copy.

The server's log has the whole traceback; a few letters there and here lead from one to the other.
"""

from __future__ import annotations

import logging
import platform
import secrets
import traceback
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path

import streamlit as st

ROOT = Path(__file__).resolve().parents[3]
FRAMES = 12  # of the traceback, the last ones
LOG = logging.getLogger("streamlit.embedding_explorer")


def show(error: Exception) -> bool:
    """Tells of ``error``, which Streamlit has logged; true, so that it shows nothing itself."""
    mark = secrets.token_hex(4)
    LOG.error("The fault above is told on the page as %s.", mark)
    st.error(
        "Something failed here that nobody foresaw.  \n"
        "Load the page again, or take another way. What you saved is still there. "
        "If it fails again, copy the details and report them."
    )
    st.caption("Details: names of the program's own places, and nothing of your data.")
    st.code(details(error, mark), language=None)
    return True


def details(error: BaseException, mark: str) -> str:
    """What a report needs: where in the program it happened, and in which versions.

    The error's own words are left out: they may quote data, or name folders of this computer.
    """
    frames = traceback.extract_tb(error.__traceback__)[-FRAMES:]
    return "\n".join(
        [
            f"{type(error).__name__}, {datetime.now(UTC):%Y-%m-%d %H:%M} UTC, in the log: {mark}",
            *(f"{_place(frame.filename)}:{frame.lineno} {frame.name}" for frame in frames),
            f"Python {platform.python_version()}, Streamlit {version('streamlit')}, "
            f"{platform.system()}",
        ]
    )


def _place(file: str) -> str:
    """A file of ours from our folder on, another one's from its package's on."""
    path = Path(file)
    if "site-packages" in path.parts:
        return "/".join(path.parts[path.parts.index("site-packages") + 1 :])
    return path.relative_to(ROOT).as_posix() if path.is_relative_to(ROOT) else path.name
