"""What surrounds every page: settings in the sidebar, saved vectors at its foot, the result.

app.py draws the frame once in a run; a page puts into it what is its own:

- ``with frame.settings():`` writes into the sidebar, above the saved vectors;
- ``with frame.group("Name"):`` is a folded part of the settings, for what is seldom changed;
- ``with frame.result():`` holds what the page is for; a test measures where it begins.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from functools import cache
from typing import Any

import streamlit as st

from core.base.paths import ASSETS
from core.ui.common import style

_HEAD, _SETTINGS, _SAVED = "frame-head", "frame-settings", "frame-saved"  # places of this run
_WAITING = "frame-waiting"
RESULT = "result"
TALL = 420  # pixels: a result that is being waited for


def begin(page: str) -> None:
    """Says the page's name and makes the places of the sidebar; app.py calls it first."""
    with st.container(key="page-name"):
        st.title(page, anchor=False)
    with st.sidebar:
        st.session_state[_HEAD] = st.container(key="head")
        st.session_state[_SETTINGS] = st.container(key="settings")
        st.session_state[_SAVED] = st.container(key="saved")
        _keep_steps()


@cache
def _script() -> str:
    return (ASSETS / "steps.js").read_text(encoding="utf-8")


def _keep_steps() -> None:
    """Has the browser's Back undo the last step on a page."""
    component: Any = st.components.v2.component("browser_steps", js=_script())
    component(key="browser-steps", height=1)


def head() -> Any:
    """The head of the sidebar, above the settings: what is there on every page."""
    return st.session_state.get(_HEAD, st.sidebar)


def settings() -> Any:
    """The upper part of the sidebar, to be used by ``with``: the settings of the tool at hand."""
    return st.session_state.get(_SETTINGS, st.sidebar)


def group(title: str, *, expanded: bool = False) -> Any:
    """A part of the settings that can be folded, to be used by ``with``."""
    return settings().expander(title, expanded=expanded)


def saved() -> Any:
    """The foot of the sidebar, to be used by ``with``: the saved vectors."""
    return st.session_state.get(_SAVED, st.sidebar)


@contextmanager
def until_shown() -> Iterator[None]:
    """Ends the skeleton of ``await_result`` after the block, at the latest."""
    with ExitStack() as waiting:
        st.session_state[_WAITING] = waiting
        yield


def await_result(*, changed: bool) -> None:
    """Shows a skeleton in place of a result that takes a while.

    Where the tool has ``changed``, or is the first one, what the one before showed is taken away
    meanwhile.
    """
    style.take_left_over_away(now=changed)
    place = st.empty()  # in every run, or the boxes below would be made anew, with what is typed
    if changed and isinstance(waiting := st.session_state.get(_WAITING), ExitStack):
        waiting.enter_context(place.skeleton(height=TALL))


def end_waiting() -> None:
    """Takes the skeleton of ``await_result`` away, where something else says what is awaited."""
    if isinstance(waiting := st.session_state.get(_WAITING), ExitStack):
        waiting.close()


def result(name: str = "") -> Any:
    """The place of what was found, to be used by ``with``, once on a page.

    ``name`` tells several results of one page apart; the first on the page has none.
    """
    end_waiting()
    return st.container(key=f"{RESULT}-{name}" if name else RESULT)
