"""Keeping a vector on the session's shelf."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

import streamlit as st

from core.base.errors import ExplorerError
from core.base.types import Term, TermKind
from core.formula.formula import format_formula
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


def keep(  # noqa: PLR0913
    space: str,
    vector: Any,
    made: str,
    picture: Picture = None,
    name: str = "",
    *,
    formula: str = "",
) -> None:
    """Keeps a vector on the shelf and says so.

    ``picture`` gives the file it came from; ``formula``, of words alone, what makes it again in
    another model.
    """
    titles = {entry.space.name: entry.space.title for entry in registry.list_spaces()}
    try:
        small = thumbnails.mark((picture and picture()) or b"")
        title = titles.get(space, "")
        before = {item.key for item in shelf().items}
        kept = shelf().keep(space, vector, made, name, title=title, picture=small, formula=formula)
    except ExplorerError as error:
        st.toast(plain(str(error)))
        return
    st.session_state[SHELF_PAGE] = len(shelf().items)  # the last page, where it stands
    again = "Saved already as" if kept.key in before else "Saved as"
    st.toast(f"{again} [{plain(kept.name)}]")


def words_alone(terms: Iterable[Term]) -> str:
    """``terms`` as a formula for ``keep``; empty where one stands for a picture or a vector."""
    found = list(terms)
    names = any(term.kind is TermKind.ITEM for term in found)
    return "" if names else format_formula(found)


def keep_button(  # noqa: PLR0913
    space: str,
    vector: Any,
    made: str,
    *,
    key: str,
    picture: Picture = None,
    formula: str = "",
) -> None:
    """A button that keeps a vector on the shelf, as ``keep``."""
    st.button(
        "Save vector",
        key=key,
        on_click=keep,
        args=(space, vector, made, picture),
        kwargs={"formula": formula},
        icon=":material/bookmark_add:",
        help="Puts it among the saved vectors in the sidebar. Its name in square brackets "
        "stands for it in formulas: [name] + cat",
    )
