"""Map: what the address holds beside the choices: the part mapped alone, and the selection.

Each change of them is written into the address, so that the browser's Back undoes it as any other
step, and a copy of the address shows it elsewhere. What is too long for an address stays in the
data folder (``core/maps/long_selections.py``), and the address has its name; where nothing can be
written there, it stays with the session. A link that is asked for holds ten times as much.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field

import numpy as np
import streamlit as st
from streamlit.runtime.scriptrunner import get_script_run_ctx

from core.base.errors import ExplorerError, InputError, StorageError
from core.cache import map_items as items_cache
from core.maps import long_selections, row_ranges
from core.maps.items import MapData
from core.spaces import registry
from core.storage import data_home
from core.ui.common import page
from core.ui.common.markdown import plain
from core.ui.map import selection
from core.ui.map.source import ShelfOrigin
from core.ui.session import names as session_names

PART, SELECTED = "part", "selected"  # of the address
# Each, so that both and the choices stay below 2,000 together: mail, chats and proxies cut there.
MAX_CHARACTERS = 800
MAX_IN_LINK = 8_000  # each, of a link that is asked for; servers and browsers take 64,000 and more
_STATE, _LONG = "map-link-state", "map-link-long"
_MOST = 20  # entries that stay with the session


@dataclass(slots=True)
class _State:
    """What the address said when it was last looked at.

    Attributes:
        entries: those that were taken over or written last.
        known: digests of all that were, since a run may begin before the browser has what the last
            one wrote: an address that was left behind asks for nothing.
        held: what the session had selected and mapped alone by then, and of which items.
        error: what was wrong with them.
    """

    entries: dict[str, str] = field(default_factory=dict)
    known: set[str] = field(default_factory=lambda: {_digest({})})
    held: tuple[object, object, str] = (None, None, "")
    error: ExplorerError | None = None


def take(source: MapData) -> None:
    """Has the page show the part and the selection that the address names, and the reverse.

    A link and the browser's Back decide what is seen; else the address follows the page. Says what
    is wrong with a link for as long as these items are those of the page.
    """
    place = page.steady()
    state: _State = st.session_state.setdefault(_STATE, _State())
    asked = {name: st.query_params[name] for name in (PART, SELECTED) if name in st.query_params}
    same = state.held[2] == source.digest
    left_by_back = _has_stepped() and not (same and asked == state.entries)
    if left_by_back or _digest(asked) not in state.known:
        try:
            state.error = None
            _apply(asked, source)
        except ExplorerError as error:
            state.error = error
        _note(state, asked)
    elif not _is_same(state.held, _held(source)):
        state.error = state.error if same else None
        if state.held[2]:  # not at first: what the address says then was taken over
            _note(state, _write(source))
    state.held = _held(source)
    if state.error is not None:
        with place:
            st.warning("The link names a part of other items, or was cut; all are shown.")
            page.show_error(state.error)


def _has_stepped() -> bool:
    """Whether the browser's Back or Forward has brought this run about."""
    context = get_script_run_ctx()
    return context is not None and bool(context.is_history_navigation)


def _digest(entries: Mapping[str, str]) -> str:
    return data_home.digest_bytes(*data_home.as_bytes(sorted(map("=".join, entries.items()))))


def _note(state: _State, entries: dict[str, str]) -> None:
    state.entries = entries
    state.known.add(_digest(entries))


def _held(source: MapData) -> tuple[object, object, str]:
    held = st.session_state.get
    return held(selection.CHOSEN), held(selection.ONLY), source.digest


def _is_same(one: tuple[object, object, str], other: tuple[object, object, str]) -> bool:
    """Whether nothing was selected anew: each selection is a value of its own."""
    return one[0] is other[0] and one[1] is other[1] and one[2] == other[2]


def _apply(asked: Mapping[str, str], source: MapData) -> None:
    digest = items_cache.items_digest(source)
    read = {
        name: row_ranges.unpack(_whole(entry), source.ids, source.texts, digest)
        for name, entry in asked.items()
    }
    selection.map_only(source, read.get(PART))
    chosen = read.get(SELECTED, np.array([], dtype=np.int64))
    if PART in read:
        chosen = np.flatnonzero(np.isin(read[PART], chosen))
    selection.choose(selection.part_of(source), chosen)


def _whole(entry: str) -> str:
    """An entry, where the address has only its digest, from the session.

    Raises:
        InputError: it stayed with another session.
    """
    if not entry.startswith(long_selections.MARK):
        return entry
    known: dict[str, str] = st.session_state.get(_LONG, {})
    found = known.get(entry) or long_selections.find(entry)
    if found is None:
        raise InputError(
            "The address names a selection that was too large to stand in it, and is not here.",
            f"It is in the data folder of the app that it was made in, the last "
            f"{long_selections.MOST} are; up to {MAX_CHARACTERS:,} characters stand in an address.",
            f"Open it there, or have its Link sent (up to {MAX_IN_LINK:,} characters), or a table.",
        )
    return found


def _write(source: MapData) -> dict[str, str]:
    """Writes into the address what is mapped alone and selected, and gives it."""
    entries = {
        name: entry if len(entry) <= MAX_CHARACTERS else _keep(entry)
        for name, entry in _entries(source).items()
    }
    for name in (PART, SELECTED):
        if name in entries:
            st.query_params[name] = entries[name]
        elif name in st.query_params:
            del st.query_params[name]
    return entries


def _keep(entry: str) -> str:
    """What stands in the address for an entry that is too long for it."""
    known: dict[str, str] = st.session_state.setdefault(_LONG, {})
    name = long_selections.name_of(entry)
    known[name] = known.pop(name, entry)
    while len(known) > _MOST:
        del known[next(iter(known))]
    with suppress(StorageError):  # Link tells it
        long_selections.keep(entry)
    return name


def _entries(source: MapData) -> dict[str, str]:
    """What names the part that is mapped alone and the selection, whatever its length."""
    kept = selection.only_rows(source)
    chosen = selection.rows(selection.part_of(source))
    wanted = {PART: kept, SELECTED: chosen if kept is None else kept[chosen]}
    digest = items_cache.items_digest(source)
    return {
        name: row_ranges.pack(rows, source.ids, source.texts, digest)
        for name, rows in wanted.items()
        if rows is not None and len(rows)
    }


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
    if isinstance(source.origin, ShelfOrigin):
        left = [] if source.space else ["the vectors of a space that is not here"]
        chosen = selection.rows(selection.part_of(source))
        return {}, left + (["the selection"] if len(chosen) else [])
    told, left = {}, []
    for name, entry in _entries(source).items():
        what = "the part that is mapped alone" if name == PART else "the selection"
        if len(entry) <= MAX_IN_LINK:
            told[name] = entry
            continue
        size = f"{len(entry):,} characters are too long"
        try:
            told[name] = long_selections.keep(entry)
        except StorageError as error:
            left.append(f"{what} ({size}, and it cannot be kept here: {plain(error.given)})")
        else:
            left.append(
                f"the rows of {what} ({size}): the link has their name, and opens them in this app "
                f"alone, which keeps the last {long_selections.MOST}"
            )
    return told, left
