"""Images: pictures of a gallery as a grid of cards, a page at a time, and one in full."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal

import streamlit as st

from core.base.errors import ExplorerError, shorten
from core.images import thumbnails
from core.images.gallery import Gallery
from core.readers.pictures import to_rgb
from core.ui.common import page as common_page
from core.ui.common.markdown import plain

PAGE = 48
FULL = 1_200  # the longer side of a picture in full, in pixels


@dataclass(frozen=True, slots=True)
class Actions:
    """What the buttons below a picture do, each given its row."""

    more: Callable[[int], None] | None = None
    less: Callable[[int], None] | None = None
    search: Callable[[int], None] | None = None
    keep: Callable[[int], None] | None = None
    why: Callable[[int], None] | None = None
    verbs: tuple[str, str] = ("More like this", "Less like this")  # the first two buttons


def show_grid(
    gallery: Gallery,
    rows: Sequence[int],
    scores: Sequence[float] | None = None,
    actions: Actions = Actions(),
    *,
    key: str = "grid",
) -> None:
    """Cards of some pictures; more than a page of them are paged, from the first for new ones.

    Each is as large as its card (``assets/house.css``). What can be done with one stands on it
    under the mouse or with the keyboard's focus, and always where there is no mouse.
    """
    place = st.container()  # above the number of its page
    shown = _page(rows, key)
    with place, st.container(key=f"picture-grid-{key}"):
        for at in shown:
            score = None if scores is None else scores[at]
            _show_card(gallery, rows[at], score, actions, key=f"{key}-{at}")


def _page(rows: Sequence[int], key: str) -> range:
    count = len(rows)
    pages = -(-count // PAGE)
    if pages <= 1:
        return range(count)
    name, seen = f"{key}-page", f"{key}-seen"
    shown = hash(tuple(rows))
    before, left = st.session_state.get(seen, (shown, 1))
    asked = st.session_state.get(name, 1)
    # Other pictures start at their first page, unless a link or the way back leads to another.
    if not 1 <= asked <= pages or (before != shown and asked == left):
        st.session_state[name] = 1
    page = int(
        st.number_input(
            f"Page (of {pages:,}, {PAGE} pictures each)",
            1,
            pages,
            key=name,
            bind="query-params",
            width=240,
        )
    )
    st.session_state[seen] = (shown, page)
    return range((page - 1) * PAGE, min(count, page * PAGE))


def show_picture(
    gallery: Gallery, row: int, *, alt: str, width: int | Literal["stretch"] = "stretch"
) -> None:
    """A picture as a small one, or that it cannot be opened."""
    small = thumbnails.thumbnail(gallery, row)
    if small is None:
        st.caption("It cannot be opened now.")
    else:
        st.image(thumbnails.as_address(small), width=width, alt=alt)


def _show_card(
    gallery: Gallery, row: int, score: float | None, actions: Actions, *, key: str
) -> None:
    title = gallery.title(row)
    with st.container(key=f"{key}-card", gap=None):
        show_picture(gallery, row, alt=title)
        told = f"**{score:.3f}** " if score is not None else ""
        st.caption(f"{told}{plain(shorten(title, 48))}")
        with st.container(horizontal=True, gap=None, key=f"{key}-actions"):
            for verb, label, icon, action in (
                ("more", actions.verbs[0], ":material/add:", actions.more),
                ("less", actions.verbs[1], ":material/remove:", actions.less),
                ("why", "Why this result?", ":material/troubleshoot:", actions.why),
            ):
                # Without tooltips, which took a third of the time to draw the page.
                if action is not None:
                    st.button(label, key=f"{key}-{verb}", icon=icon, on_click=action, args=(row,))
            if st.button("Open", key=f"{key}-open", icon=":material/open_in_full:"):
                _show_full(gallery, row, actions)


@st.dialog("Picture", width="large")
def _show_full(gallery: Gallery, row: int, actions: Actions) -> None:
    try:
        picture = to_rgb(gallery.open(row))
    except ExplorerError as error:
        common_page.show_error(error)
        return
    size = f"{picture.width:,} × {picture.height:,}"
    picture.thumbnail((FULL, FULL))
    st.image(picture, alt=gallery.title(row))
    facts = {"id": gallery.ids[row], "pixels": size}
    if gallery.captions is not None:
        facts["caption"] = gallery.captions[row]
    facts |= {str(column): str(value) for column, value in gallery.frame.iloc[row].items()}
    st.dataframe(
        {"": list(facts), "value": list(facts.values())},
        hide_index=True,
        height="content",
        alt="What is known of this picture",
    )
    with st.container(horizontal=True):
        for label, action, key in (
            ("Search with this picture", actions.search, "full-search"),
            ("Save vector", actions.keep, "full-keep"),
            ("Why this result?", actions.why, "full-why"),
        ):
            if action is not None and st.button(label, key=key):
                action(row)
                st.rerun()
