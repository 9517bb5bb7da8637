"""Vectors that came with a link: read from the address, named, kept on the shelf, left out."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from core.base.errors import ExplorerError
from core.shelf import link_vectors
from core.shelf.link_vectors import SharedTerm
from core.ui.common import keep, page
from core.ui.common.markdown import plain

_HELD, _SEEN, _ERROR = "link-terms", "link-terms-seen", "link-terms-error"


def held() -> dict[str, SharedTerm]:
    """The session's terms that came with links, by the name in square brackets."""
    found: dict[str, SharedTerm] = st.session_state.setdefault(_HELD, {})
    return found


def space() -> str | None:
    """The space of the vectors in the address; ``None`` where it has none."""
    entries = st.query_params.get_all(link_vectors.PARAMETER)
    return next(iter({term.space for term in held().values()}), None) if entries else None


def take() -> None:
    """Reads the terms of the address, where it has any that were not read yet."""
    entries = st.query_params.get_all(link_vectors.PARAMETER)
    if not entries or st.session_state.get(_SEEN) == entries:
        return
    st.session_state[_SEEN] = entries
    st.session_state.pop(_ERROR, None)
    try:
        held().update({one.name: one for one in link_vectors.read(entries)})
    except ExplorerError as error:
        st.session_state[_ERROR] = error


def show() -> None:
    """Says what came with the link, in the sidebar; and what is wrong with it, on the page."""
    if error := st.session_state.get(_ERROR):
        page.show_error(error)
    if not held():
        return
    with st.sidebar:
        st.subheader("From the link")
        for place, term in enumerate([*held().values()]):
            _show_term(term, place)


def tell(asked: Sequence[str]) -> None:
    """Says which of the names that are used came with a link."""
    place = page.steady()
    linked = [f"**{plain(name)}** (a vector from the link)" for name in asked if name in held()]
    if linked:
        place.caption(f"{', '.join(linked)}: what it was made from is not in the link.")


def _show_term(term: SharedTerm, place: int) -> None:
    with st.container(border=True, key=f"linked-{place}"):
        st.markdown(f"**\\[{plain(term.name)}\\]**")
        st.caption(f"{plain(term.space)} · a vector from the link")
        with st.container(horizontal=True, gap="xsmall"):
            st.button(
                "Save",
                key=f"linked-keep-{place}",
                type="tertiary",
                on_click=keep.keep,
                args=(term.space, term.vector, "a vector from a link", None, term.name),
                icon=":material/bookmark_add:",
                help="Puts it among the saved vectors.",
            )
            st.button(
                "Leave out",
                key=f"linked-drop-{place}",
                type="tertiary",
                on_click=_leave_out,
                args=(term.name,),
                help="Its name then stands for a picture or a saved vector of yours, if any.",
            )


def _leave_out(name: str) -> None:
    held().pop(name, None)
