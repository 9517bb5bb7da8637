"""Map: tags. Naming what is selected, and bringing it back alone or together with others."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import streamlit as st

from core.base import demo
from core.base.errors import ExplorerError, counted, shorten
from core.base.types import IntArray
from core.cache import map_items as items_cache
from core.maps import tags as map_tags
from core.maps.items import MapData
from core.maps.tags import Combine, Tags
from core.shelf.store import new_id
from core.storage.data_home import Stamp
from core.ui.common import page
from core.ui.common.markdown import plain
from core.ui.map import orphan_tags
from core.ui.session import shelf_cookie

NAME, CHOSEN = "tag-name", "tag-chosen"  # boxes
_UNDO, _BROWSER = "map-tags-undo", "map-tags-browser"
_ROUND = "map-tags-round"  # how many names were taken
_UNDOS = 20
_ACTIONS = (
    (Combine.REPLACE, "Select", "The items with this tag, and no others."),
    (Combine.UNION, "Add", "What is selected, and the items with this tag (union)."),
    (Combine.INTERSECTION, "Intersect", "Of what is selected, the items with this tag."),
    (Combine.DIFFERENCE, "Subtract", "Of what is selected, the items without this tag."),
)


def attach(source: MapData) -> MapData:
    """All items with a column of their tags, where anybody has tagged some."""
    try:
        return items_cache.tagged(source, _stamp(source), _browser())
    except ExplorerError as error:
        page.show_error(error)
        return source


def _stamp(source: MapData) -> Stamp:
    return map_tags.stamp(items_cache.items_digest(source), _browser())


def _browser() -> str:
    """The id whose tags these are: the browser's, or the session's until it has said its own.

    Raises:
        StorageError: what was tagged until then cannot be moved.
    """
    known = shelf_cookie.known_browser()
    before = st.session_state.setdefault(_BROWSER, known or new_id())
    if known is not None and known != before:
        map_tags.adopt(before, known)
        st.session_state[_BROWSER] = known
    return str(known or before)


def show(
    source: MapData,
    kept: IntArray | None,
    shown: IntArray,
    selected: IntArray,
    choose: Callable[[IntArray], None],
) -> None:
    """A button that opens what can be done with tags; nothing where there is nothing to do.

    Args:
        source: all items.
        kept: the rows of ``source`` that are mapped alone; ``None`` for all.
        shown: rows of what is mapped, ``(m,)``: what is selected, filtered or found.
        selected: rows of what is mapped that are selected.
        choose: selects rows of what is mapped.
    """
    if demo.is_on():
        return  # they would be everybody's
    try:
        tags: Tags = items_cache.tags_of(source, _stamp(source), _browser())
    except ExplorerError:
        return  # told where they are attached
    undos: list[_Undo] = [one for one in _undos() if one[0] == source.digest]
    orphans = orphan_tags.find(source, _browser())
    if not tags and not len(shown) and not undos and not orphans:
        return
    rows = shown if kept is None else kept[shown]
    with st.popover("Tags", icon=":material/label:", key="tags-button"):
        if (error := st.session_state.pop(orphan_tags.ERROR, None)) is not None:
            page.show_error(error)
        if len(rows):
            _ask_name(source, rows)
        if tags:
            _show_tags(source, tags, kept, rows, selected, choose)
        if undos:
            st.button(
                f"Undo: {plain(undos[-1][3])}",
                key="tag-undo",
                icon=":material/undo:",
                on_click=_undo,
                args=(source,),
            )
        orphan_tags.show(source, orphans, _browser())
        st.caption(
            "Tags are this browser’s. They stay with the items, in every embedding model, and are "
            "a column of each table and download."
            + (
                " It keeps no cookies, so they are gone when it is closed."
                if shelf_cookie.is_off()
                else ""
            )
        )


def _ask_name(source: MapData, rows: IntArray) -> None:
    at = st.session_state.setdefault(_ROUND, 0)
    key = f"{NAME}-{at}"

    def tag() -> None:
        name = str(st.session_state.get(key) or "")

        def add(tags: Tags) -> Tags:
            held = tags.get(map_tags.checked_name(name), rows[:0])
            return map_tags.with_tag(tags, name, np.union1d(held, rows))

        if _change(source, name, add, f"tag {counted(len(rows), 'item')} as {name}"):
            st.session_state[_ROUND] = at + 1  # an empty box; a name that is refused stays

    # A form, so that Enter tags as well, and what was typed is not sent off by a click elsewhere.
    with (
        st.form("tag-form", border=False),
        st.container(horizontal=True, vertical_alignment="bottom"),
    ):
        st.text_input("New tag, or one to add to", key=key, max_chars=map_tags.LONGEST)
        st.form_submit_button(f"Tag {counted(len(rows), 'item')}", key="tag-add", on_click=tag)


def _show_tags(  # noqa: PLR0913, PLR0917
    source: MapData,
    tags: Tags,
    kept: IntArray | None,
    rows: IntArray,
    selected: IntArray,
    choose: Callable[[IntArray], None],
) -> None:
    if st.session_state.get(CHOSEN) not in (None, *tags):
        del st.session_state[CHOSEN]
    name = str(
        st.selectbox(
            "Tag",
            list(tags),
            format_func=lambda one: f"{one} ({len(tags.get(one, ())):,})",
            key=CHOSEN,
        )
    )
    tagged = tags[name] if kept is None else np.flatnonzero(np.isin(kept, tags[name]))
    with st.container(horizontal=True):
        for how, label, told in _ACTIONS:
            st.button(
                label,
                key=f"tag-{how.value}",
                on_click=choose,
                args=(map_tags.combine(selected, tagged, how),),
                disabled=how is not Combine.REPLACE and not len(selected),
                help=told,
            )

    def take(known: Tags, taken: IntArray) -> Tags:
        return map_tags.with_tag(known, name, np.setdiff1d(known.get(name, rows[:0]), taken))

    def untag() -> None:
        _change(source, name, lambda known: take(known, rows), f"untag as {name}")

    def delete() -> None:
        _change(source, name, lambda known: take(known, known.get(name, rows)), f"delete {name}")

    with st.container(horizontal=True):
        left = np.setdiff1d(tags[name], rows)
        st.button(
            f"Untag {counted(len(rows), 'item')}",
            key="tag-take",
            disabled=len(left) == len(tags[name]),
            on_click=untag,
        )
        st.button(
            "Delete tag",
            key="tag-delete",
            on_click=delete,
        )


_Undo = tuple[str, str, IntArray | None, str]  # of which items, which tag, its rows before, what


def _undos() -> list[_Undo]:
    found: list[_Undo] = st.session_state.setdefault(_UNDO, [])
    return found


def _change(source: MapData, name: str, work: Callable[[Tags], Tags], told: str) -> bool:
    """Changes the tag called ``name``, so that it can be undone; false where that failed."""
    before: dict[str, Tags] = {}

    def noted(tags: Tags) -> Tags:
        before["tags"] = tags
        return work(tags)

    try:
        map_tags.change(source, noted, items_cache.items_digest(source), _browser())
        kept = map_tags.checked_name(name)
    except ExplorerError as error:
        st.session_state[orphan_tags.ERROR] = error
        return False
    shelf_cookie.keep_more()
    _undos().append((source.digest, kept, before["tags"].get(kept), shorten(told, 60)))
    del _undos()[:-_UNDOS]
    return True


def _undo(source: MapData) -> None:
    """Has the tag that was changed last stand for what it stood for before."""
    places = [at for at, one in enumerate(_undos()) if one[0] == source.digest]
    if not places:  # a second click came before the first one's page was shown
        return
    _, name, rows, _ = _undos().pop(places[-1])
    empty = np.array([], dtype=np.int64)
    try:
        map_tags.change(
            source,
            lambda tags: map_tags.with_tag(tags, name, empty if rows is None else rows),
            items_cache.items_digest(source),
            _browser(),
        )
    except ExplorerError as error:
        st.session_state[orphan_tags.ERROR] = error
