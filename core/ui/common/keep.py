"""Keeping a vector on the session's shelf."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import streamlit as st

from core.base.errors import ExplorerError
from core.images import thumbnails
from core.shelf.shelf import Shelf
from core.spaces import registry
from core.ui.common.markdown import plain

SHELF_PAGE = "shelf-shown"


Picture = Callable[[], bytes | None] | None


def shelf() -> Shelf:
    """This session's shelf."""
    kept: Shelf = st.session_state.setdefault("shelf", Shelf())
    return kept


def keep(space: str, vector: Any, made: str, picture: Picture = None, name: str = "") -> None:
    """Keeps a vector on the shelf and says so; ``picture`` gives the file it came from."""
    titles = {entry.space.name: entry.space.title for entry in registry.list_spaces()}
    try:
        small = thumbnails.mark((picture and picture()) or b"")
        kept = shelf().keep(space, vector, made, name, title=titles.get(space, ""), picture=small)
    except ExplorerError as error:
        st.toast(plain(str(error)))
        return
    st.session_state[SHELF_PAGE] = len(shelf().items)  # the last page, where it stands
    st.toast(f"Saved as [{plain(kept.name)}]")


def keep_button(space: str, vector: Any, made: str, *, key: str, picture: Picture = None) -> None:
    """A button that keeps a vector on the shelf; ``picture`` gives the file it came from."""
    st.button(
        "Save vector",
        key=key,
        on_click=keep,
        args=(space, vector, made, picture),
        icon=":material/bookmark_add:",
        help="Puts it among the saved vectors in the sidebar. Its name in square brackets "
        "stands for it in formulas: [name] + cat",
    )
