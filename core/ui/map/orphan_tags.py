"""Map: tags whose items are called otherwise now: taken over by their rows, or deleted."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from core.base.errors import ExplorerError, counted, listed
from core.cache import map_items as items_cache
from core.maps import orphan_tags, tags
from core.maps.items import MapData
from core.maps.orphan_tags import Orphans
from core.ui.common.markdown import plain
from core.ui.session import shelf_cookie

ERROR = "map-tags-error"  # of what was done last with tags


def find(source: MapData, browser: str) -> list[Orphans]:
    """Those of a browser; none where they cannot be read, which is told where tags are."""
    try:
        return items_cache.orphans(source, tags.stamps(), browser)
    except ExplorerError:
        return []


def show(source: MapData, orphans: Sequence[Orphans], browser: str) -> None:
    """What there is of them, each with what can be done."""
    for one in orphans:
        st.markdown(
            f"Given while these {counted(len(source), 'item')} had other names (another column "
            "named them, or captions were in another language): "
            f"**{plain(listed([*one.tags]))}**."
        )
        with st.container(horizontal=True):
            st.button(
                "Take over by row",
                key=f"tag-adopt-{one.digest}",
                on_click=_take_over,
                args=(source, one, browser),
                help="The first row gets the tags of the first row, and so on: right where the "
                "rows are still the same. The tags stay with the other names too.",
            )
            st.button(
                "Delete them",
                key=f"tag-drop-{one.digest}",
                on_click=_delete,
                args=(source, one, browser),
            )


def _take_over(source: MapData, one: Orphans, browser: str) -> None:
    try:
        orphan_tags.take_over(source, one, items_cache.items_digest(source), browser)
    except ExplorerError as error:
        st.session_state[ERROR] = error
    else:
        shelf_cookie.keep_more()


def _delete(source: MapData, one: Orphans, browser: str) -> None:
    try:
        orphan_tags.delete(one, source.name, browser)
    except ExplorerError as error:
        st.session_state[ERROR] = error
