"""Train: items that can be marked, pictures as cards and texts as lines."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import streamlit as st

from core.base.errors import shorten
from core.heads import marks
from core.heads.marks import Collection, Marks, Pairs
from core.images import thumbnails
from core.images.gallery import Gallery
from core.sentences.dataset import TextDataset
from core.ui.choosers.picture_grid import Actions, show_grid, show_picture
from core.ui.common.markdown import plain
from core.ui.train.data import Opened

if TYPE_CHECKING:
    import pandas as pd

ALIKE, NOT_ALIKE = "Alike", "Not alike"
_TEXT = 300  # characters of a text


@dataclass(frozen=True, slots=True)
class Marking:
    """What can be marked, with its vectors, and what is.

    ``pairs`` are those of ``marks`` whose items are there.
    """

    of: Collection
    opened: Opened
    marks: Marks
    pairs: Pairs

    def row(self, name: str) -> int | None:
        """Where the item of an id stands; of several the first."""
        return next((row for row, item in enumerate(self.of.items) if item.id == name), None)


Mark = Callable[[Marking, int, int, bool], None]


def collection(opened: Opened) -> Collection:
    """What was opened as items."""
    items = opened.items
    return marks.of_pictures(items) if isinstance(items, Gallery) else marks.of_texts(items)


def table(opened: Opened) -> pd.DataFrame:
    """What is known of each item, a row each."""
    items = opened.items
    return items.frame if isinstance(items, Gallery) else items.metadata


def title(opened: Opened, row: int) -> str:
    """An item on a line: a picture's caption or id, or the beginning of a text."""
    items = opened.items
    if isinstance(items, TextDataset):
        return shorten(items.texts[row], 100)
    return shorten(items.title(row), 100)


def show_item(opened: Opened, row: int) -> None:
    """One item."""
    items = opened.items
    with st.container(width=260, border=True):
        if isinstance(items, TextDataset):
            st.markdown(plain(shorten(items.texts[row], _TEXT)))
            return
        show_picture(items, row, alt=title(opened, row), width=160)
        st.caption(plain(title(opened, row)))


def show_small(opened: Opened, row: int) -> None:
    """A picture as a small one; a text stands in the line above its neighbours anyway."""
    if isinstance(opened.items, Gallery):
        small = thumbnails.thumbnail(opened.items, row)
        if small is not None:
            st.image(thumbnails.as_address(small), width=64, alt=title(opened, row))


def show_neighbors(  # noqa: PLR0913
    marking: Marking,
    query: int,
    rows: Sequence[int],
    scores: Sequence[float],
    *,
    key: str,
    mark: Mark,
    search: Callable[[int], None],
) -> None:
    """Neighbours of the row ``query``, each with buttons that mark it as alike to it or not."""
    opened = marking.opened

    def alike(row: int) -> None:
        mark(marking, query, row, True)

    def not_alike(row: int) -> None:
        mark(marking, query, row, False)

    if isinstance(opened.items, Gallery):
        actions = Actions(alike, not_alike, search, verbs=(ALIKE, NOT_ALIKE))
        show_grid(opened.items, rows, scores, actions, key=key)
        return
    for row, score in zip(rows, scores, strict=True):
        with st.container(horizontal=True, vertical_alignment="center"):
            text = plain(shorten(opened.items.texts[row], _TEXT))
            st.markdown(f"{score:.3f} {text}", width="stretch")
            for label, icon, action in (
                (ALIKE, ":material/add:", alike),
                (NOT_ALIKE, ":material/remove:", not_alike),
            ):
                st.button(
                    icon, key=f"{key}-{row}-{label}", help=label, on_click=action, args=(row,)
                )
