"""Map: what a link holds beside the choices: the part that is mapped alone, and the selection."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import streamlit as st

from core.base.errors import ExplorerError
from core.maps import row_ranges
from core.maps.items import MapData
from core.spaces import registry
from core.ui.common import page
from core.ui.map import selection
from core.ui.map.source import ShelfOrigin
from core.ui.session import names as session_names

PART, SELECTED = "part", "selected"  # of the address
MAX_CHARACTERS = 8_000  # each; servers and browsers take addresses of 64,000 and more
_SEEN = "map-link-seen"


def take(source: MapData) -> None:
    """Maps alone, and selects, what the address names: once, with the first items that are there.

    Says what is wrong with it for as long as these items are those of the page.
    """
    place = page.steady()
    asked = {name: st.query_params[name] for name in (PART, SELECTED) if name in st.query_params}
    if not asked:
        return
    if st.session_state.get(_SEEN, {}).get("asked") != asked:
        st.session_state[_SEEN] = {"asked": asked, "digest": source.digest, "error": None}
        try:
            _apply(asked, source)
        except ExplorerError as error:
            st.session_state[_SEEN]["error"] = error
    seen = st.session_state[_SEEN]
    if seen["error"] is not None and seen["digest"] == source.digest:
        with place:
            st.warning("The link names a part of other items, or was cut; all are shown.")
            page.show_error(seen["error"])


def _apply(asked: dict[str, str], source: MapData) -> None:
    read = {
        name: row_ranges.unpack(entry, source.ids, source.texts) for name, entry in asked.items()
    }
    if PART in read:
        selection.map_only(source, read[PART])
    if SELECTED in read:
        data = selection.part_of(source)
        chosen = read[SELECTED]
        if PART in read:
            chosen = np.flatnonzero(np.isin(read[PART], chosen))
        selection.choose(data, chosen)


def show(source: MapData, asked: Sequence[str] = ()) -> None:
    """A button that shows a link to what is seen, with the part, the selection and the names.

    Args:
        source: all items, whatever part of them is mapped.
        asked: what stands in the boxes where names may be used.
    """
    entry = registry.find_space(source.space) if source.space else None
    if isinstance(
        source.origin, ShelfOrigin
    ):  # its vectors themselves travel: another session's shelf has others
        asked = [*asked, *(f"[{name}]" for name in selection.part_of(source).ids)]
    session_names.link(asked, entry, more=lambda: _parameters(source), own=(PART, SELECTED))


def _parameters(source: MapData) -> tuple[dict[str, str], list[str]]:
    """What the address has to name of the items of ``source``; and what it does not hold."""
    told: dict[str, str] = {}
    left: list[str] = []
    kept = selection.only_rows(source)
    chosen = selection.rows(selection.part_of(source))
    if isinstance(source.origin, ShelfOrigin):
        left += [] if source.space else ["the vectors of a space that is not here"]
        return {}, left + (["the selection"] if len(chosen) else [])
    wanted = {PART: kept, SELECTED: chosen if kept is None else kept[chosen]}
    for name, rows in wanted.items():
        if rows is None or not len(rows):
            continue
        entry = row_ranges.pack(rows, source.ids, source.texts)
        if len(entry) <= MAX_CHARACTERS:
            told[name] = entry
        else:
            what = "the part that is mapped alone" if name == PART else "the selection"
            left.append(f"{what} ({len(entry):,} characters are too long)")
    return told, left
