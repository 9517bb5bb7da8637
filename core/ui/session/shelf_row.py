"""One kept vector in the sidebar, and the mark of those that do not fit the page."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import streamlit as st

from core.base.errors import shorten
from core.base.types import Modality, Space
from core.images.thumbnails import as_address
from core.shelf.kept import Kept
from core.shelf.shelf import NEVER, Shelf, why_not
from core.ui.common import spaces
from core.ui.common.markdown import plain

TOLD = 90  # characters of how it was made; all of it is behind “Change”
_LAST = "shelf-page-spaces"  # the space each page used last, to mark items before it says so


@dataclass(frozen=True, slots=True)
class Row:
    """An item as it was drawn: ``place`` takes its text again when the page's space is known."""

    item: Kept
    place: Any
    known: bool

    def write(self, space: Space | None) -> None:
        """Name, space and origin; with why it can't be used where the page uses another."""
        item = self.item
        name, of_space = plain(item.name), plain(item.space_title)
        if not self.known:
            of_space += ", an embedding model that is not here"
        text = f"{of_space} · {plain(shorten(item.made, TOLD))}"
        if space is None or item.fits(space):
            self.place.markdown(f"**\\[{name}\\]**  \n:small[{text}]")
            return
        if item.formula and {Modality.WORD, Modality.TEXT} & {*space.modalities}:
            told = f":material/refresh: Evaluated again for {plain(space.title)}, from its words."
            self.place.markdown(f"**\\[{name}\\]**  \n:small[{text}  \n{told}]")
            return
        told = f":material/block: Not for this page: {plain(why_not(item, space))}."
        self.place.markdown(f":gray[\\[{name}\\]  \n:small[{text}  \n{told} {NEVER}]]")


def show(held: Shelf, at: int, here: set[str], attempt: Callable[..., None]) -> Row:
    """Draws the item at a place; ``here`` are the known spaces, ``attempt`` does things."""
    item = held.items[at]
    with st.container(border=True, gap="xsmall", key=f"kept-{item.key}"):
        if item.picture:
            left, right = st.columns([1, 3], gap="small")
            left.image(as_address(item.picture), width=44, alt=f"What [{item.name}] came from")
            place = right.empty()
        else:
            place = st.empty()
        with st.container(horizontal=True, gap="xsmall"):
            for label, steps, icon, end in (
                ("Up", -1, ":material/arrow_upward:", 0),
                ("Down", 1, ":material/arrow_downward:", len(held.items) - 1),
            ):
                st.button(
                    label,
                    key=f"kept-{label}-{item.key}",
                    type="tertiary",
                    icon=icon,
                    on_click=attempt,
                    args=(held.move, item.name, steps),
                    disabled=at == end,
                )
            with st.popover("Rename, delete", type="tertiary", icon=":material/edit:"):
                _show_changes(held, item, attempt)
    return Row(item, place, item.space in here)


def _show_changes(held: Shelf, item: Kept, attempt: Callable[..., None]) -> None:
    key = f"kept-name-{item.key}-{item.name}"  # after a renaming it shows the new name

    def rename() -> None:
        held.rename(item.name, str(st.session_state[key]))

    st.caption(f"{item.vector.size} numbers. {plain(item.made)}")
    st.text_input("Name", item.name, key=key)
    with st.container(horizontal=True):
        st.button("Rename", key=f"kept-rename-{item.key}", on_click=attempt, args=(rename,))
        st.button(
            "To the top",
            key=f"kept-top-{item.key}",
            on_click=attempt,
            args=(held.move, item.name, -len(held.items)),
        )
        st.button(
            "Remove",
            key=f"kept-remove-{item.key}",
            on_click=attempt,
            args=(held.remove, item.name),
        )


def mark_others(rows: Sequence[Row], page_name: str) -> None:
    """Writes the rows for the space that the page used last, and again when it names another."""
    last: dict[str, Space] = st.session_state.setdefault(_LAST, {})
    drawn = last.pop(page_name, None)
    for row in rows:
        row.write(drawn)

    def mark(space: Space) -> None:
        last[page_name] = space
        if space != drawn:
            for row in rows:
                row.write(space)

    st.session_state[spaces.PAGE_USES] = mark
