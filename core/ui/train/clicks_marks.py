"""Train: marks as they are made, listed, removed and undone."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import streamlit as st

from core.base.errors import ExplorerError, counted, listed
from core.heads import marks as heads_marks
from core.heads.marks import Collection, Mark, Marks
from core.ui.common import tables
from core.ui.common.markdown import plain
from core.ui.train import clicks_items
from core.ui.train.clicks_items import ALIKE, NOT_ALIKE, Marking

_UNDO = "clicks-undo"
_UNDOS = 50
_LIST = "clicks-list"


def mark(marking: Marking, first: int, second: int, alike: bool) -> None:
    """Marks two rows; of a pair that is marked already the new mark counts."""
    items = marking.of.items
    one = Mark(items[first], items[second], alike)
    before = next((old for old in marking.marks if old.pair == one.pair), None)
    if before is not None and before.alike != alike:
        st.toast(f"This pair was marked as {_said(before).lower()}: the new mark counts.")
    change(marking.of, lambda marks: heads_marks.with_mark(marks, one))


def change(of: Collection, work: Callable[[Marks], Marks]) -> None:
    """Changes the marks of a dataset, so that it can be undone; what fails is told."""
    try:
        before = heads_marks.load(of)
        heads_marks.change(of, work)
    except ExplorerError as error:
        st.toast(plain(str(error)))
        return
    st.session_state[_UNDO] = [*_undos(), (of.path.name, before)][-_UNDOS:]


def _undos() -> list[tuple[str, Marks]]:
    undos: list[tuple[str, Marks]] = st.session_state.get(_UNDO, [])
    return undos


def _undo(of: Collection) -> None:
    mine = [at for at, (name, _) in enumerate(_undos()) if name == of.path.name]
    undos = _undos()
    _, before = undos.pop(mine[-1])
    try:
        heads_marks.change(of, lambda _: before)
    except ExplorerError as error:
        st.toast(plain(str(error)))


def _said(one: Mark) -> str:
    return ALIKE if one.alike else NOT_ALIKE


def show(marking: Marking, gone: Marks) -> None:
    """The marks, what of them is of items that are not there, and what can be done with them."""
    of, marks = marking.of, marking.marks
    if gone:
        ids = [item.id for one in gone for item in (one.first, one.second)]
        missing = [name for name in dict.fromkeys(ids) if marking.row(name) is None]
        which = f"no longer here: {plain(listed(missing))}" if missing else "others now"
        st.warning(
            f"{counted(len(gone), 'mark')} of {len(marks):,} do not count, since their items are "
            f"{which}. They stay until you remove them."
        )
    with st.container(horizontal=True):
        if any(name == of.path.name for name, _ in _undos()):
            st.button("Undo", icon=":material/undo:", key=_UNDO + "-go", on_click=_undo, args=(of,))
        if marks:
            tables.download_csv(lambda: _columns(marks), file_name="marks.csv")
    if marks:
        with st.expander(counted(len(marks), "mark")):
            _show_list(marking, set(gone))


def _show_list(marking: Marking, gone: set[Mark]) -> None:
    marks = marking.marks
    told = [[_title(marking, item.id) for item in (one.first, one.second)] for one in marks]
    event: Any = st.dataframe(
        {
            "one": [one for one, _ in told],
            "other": [other for _, other in told],
            "mark": [_said(one) + ("; not here" if one in gone else "") for one in marks],
        },
        hide_index=True,
        key=_LIST,
        on_select="rerun",
        selection_mode="multi-row",
        alt="All marks, of which some can be chosen",
    )
    rows = [row for row in event["selection"]["rows"] if row < len(marks)]
    picked = [marks[row] for row in rows]
    with st.container(horizontal=True):
        for label, removed in (("Remove chosen", picked), ("Remove all", [*marks])):
            st.button(
                label,
                key=f"clicks-{label}",
                icon=":material/delete:",
                disabled=not removed,
                on_click=_remove,
                args=(marking.of, removed),
            )


def _remove(of: Collection, removed: list[Mark]) -> None:
    change(of, lambda marks: tuple(one for one in marks if one not in removed))


def _title(marking: Marking, name: str) -> str:
    row = marking.row(name)
    return name if row is None else f"{name} · {clicks_items.title(marking.opened, row)}"


def _columns(marks: Marks) -> dict[str, list[Any]]:
    return {
        "id": [one.first.id for one in marks],
        "other id": [one.second.id for one in marks],
        "alike": [int(one.alike) for one in marks],
    }
