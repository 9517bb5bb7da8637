"""The session's shelf and pictures, and the browser's: an id in a cookie leads to both.

The id is read from the request that opens a session. A browser that has none gets one; nothing is
written on the disk under it until something is kept and the browser has said that it holds it.
"""

from __future__ import annotations

from functools import cache
from typing import Any

import streamlit as st

from core.base.paths import ASSETS
from core.shelf.pictures import StoredPictures
from core.shelf.shelf import Shelf
from core.shelf.store import DAYS, StoredShelf, is_id, new_id

COOKIE = "embedding-explorer-shelf"
SHELF, BROWSER, OFF = "shelf", "shelf-browser", "shelf-no-cookie"
_MORE = "shelf-keeps-more"
PICTURES = "dropped"
TOLD = "shelf-told"  # what the shelf said in the last run
_SCRIPT = ASSETS / "shelf.js"
_KEY = "shelf-cookie"


@cache
def _script() -> str:
    return _SCRIPT.read_text(encoding="utf-8")


def open_shelf() -> StoredShelf:
    """This session's shelf, with what other tabs of this browser have changed."""
    held = st.session_state.get(SHELF)
    if not isinstance(held, StoredShelf):
        # Where a fresh server ran a page without app.py, something may have been kept already.
        early = held.items if isinstance(held, Shelf) else []
        held = StoredShelf()
        held.items = early
        st.session_state[SHELF] = held
        browser = st.context.cookies.get(COOKIE)
        if is_id(browser):
            held.attach(str(browser))
            pictures().attach(str(browser))
        st.session_state[BROWSER] = browser if is_id(browser) else new_id()
    held.refresh()
    return held


def pictures() -> StoredPictures:
    """The pictures that this session's browser holds: dropped, chosen or pasted."""
    held: StoredPictures = st.session_state.setdefault(PICTURES, StoredPictures())
    return held


def remember(held: StoredShelf) -> None:
    """Has the browser keep the id, and takes the one that it says it keeps."""
    component: Any = st.components.v2.component("shelf_cookie", js=_script())
    kept = held.items or pictures().items or st.session_state.get(_MORE)
    ask = bool(kept) and held.path is None and not is_off()
    component(
        key=_KEY,
        data={"id": st.session_state[BROWSER], "days": DAYS, "ask": ask},
        on_held_change=_take_held,
        height=1,
    )


def keep_more() -> None:
    """Says that something other than vectors and pictures is to be found again by the id."""
    st.session_state[_MORE] = True


def known_browser() -> str | None:
    """The id of a browser that is known to hold it; ``None`` until it has said so."""
    return None if open_shelf().path is None else str(st.session_state[BROWSER])


def is_off() -> bool:
    """Whether the browser has said that it keeps no cookies."""
    return bool(st.session_state.get(OFF))


def _take_held() -> None:
    """What the browser says comes from outside: it must have the form of an id."""
    st.session_state.update(st.session_state.get(TOLD, {}))  # this run replaces one that said it
    said = st.session_state[_KEY].get("held")
    st.session_state[OFF] = not is_id(said)
    shelf = st.session_state.get(SHELF)
    if is_id(said) and isinstance(shelf, StoredShelf):
        st.session_state[BROWSER] = said
        shelf.attach(str(said))
        pictures().attach(str(said))
