"""Disk: what the data home holds, and deleting what is chosen after it has been named."""

from __future__ import annotations

from datetime import UTC, datetime

import streamlit as st

from core import disk, resources_home, store, widgets
from core.disk import Again, Held
from core.errors import counted
from core.memory import format_bytes

ALL, TOLD, LISTED = "Everything", "disk-told", 1_000
NAMED = 30  # things that the question names one by one


def show() -> None:
    """The whole tool."""
    _show_told()
    home = store.data_home()
    found: list[Held] | None = widgets.run_job(
        f"list {home}", "Looking through the data home", disk.list_held
    )
    if found is None:
        return
    st.caption(
        f"The data home is {widgets.plain(str(home))}: {format_bytes(sum(h.size for h in found))}. "
        "Nothing outside it is touched, and a linked folder of pictures stays where it is."
    )
    if not found:
        st.info("It is empty: what the app builds, fetches and keeps will be listed here.")
        return
    kinds = [ALL, *dict.fromkeys(sorted(held.kind for held in found))]
    if st.session_state.get("disk-kind") not in (None, *kinds):
        del st.session_state["disk-kind"]  # the last of its kind was deleted
    kind = st.selectbox("Kind", kinds, key="disk-kind", width=320)
    shown = [held for held in found if kind in (ALL, held.kind)]
    _table(shown)
    _choose(shown)


def _table(shown: list[Held]) -> None:
    rows = shown[:LISTED]
    st.dataframe(
        {
            "kind": [held.kind for held in rows],
            "name": [held.name for held in rows],
            "size": [held.size for held in rows],
            "files": [held.files for held in rows],
            "last written": [
                datetime.fromtimestamp(held.written, UTC) if held.written else None for held in rows
            ],
            "once deleted": [held.cost for held in rows],
        },
        hide_index=True,
        column_config={
            "size": st.column_config.NumberColumn(format="bytes", width="small"),
            "files": st.column_config.NumberColumn(format="localized", width="small"),
            "last written": st.column_config.DatetimeColumn(format="YYYY-MM-DD HH:mm"),
            "once deleted": st.column_config.TextColumn(
                width="large", help="What it costs to have it again."
            ),
        },
        alt="What the data home holds, with size, time, and what deleting costs",
    )
    if len(shown) > LISTED:
        st.caption(f"The largest {LISTED:,} of {len(shown):,}.")


def _choose(shown: list[Held]) -> None:
    named = {held.id: held for held in shown}
    kept = [one for one in st.session_state.get("disk-chosen", []) if one in named]
    if kept != st.session_state.get("disk-chosen", kept):
        st.session_state["disk-chosen"] = kept
    chosen = st.multiselect(
        "Delete",
        list(named),
        format_func=lambda id_: _label(named[id_]) if id_ in named else str(id_),
        key="disk-chosen",
        placeholder="Choose what to delete",
        help="Several can be chosen. Before anything is deleted, you are asked.",
    )
    if chosen:
        _ask([named[id_] for id_ in chosen])


def _label(held: Held) -> str:
    named = held.name if held.name.startswith(held.kind) else f"{held.kind}: {held.name}"
    return f"{named} ({format_bytes(held.size)})"


def _ask(chosen: list[Held]) -> None:
    """Names what will be deleted and what that costs; deletes after a click."""
    size = format_bytes(sum(held.size for held in chosen))
    with st.container(border=True, key="disk-question"):
        st.markdown(f"**Delete {counted(len(chosen), 'thing')}, {size}?**")
        for held in chosen[:NAMED]:
            lost = ":material/warning: " if held.again is Again.NEVER else ""
            st.markdown(
                f"- {lost}{widgets.plain(_label(held))}: once deleted, it "
                f"{widgets.plain(held.cost)}."
            )
        if len(chosen) > NAMED:
            st.markdown(f"- and {len(chosen) - NAMED:,} more")
        never = any(held.again is Again.NEVER for held in chosen)
        sure = not never or st.checkbox(
            "I know that what is marked cannot be had again", key="disk-sure"
        )
        st.button(
            "Delete them now", icon=":material/delete:", key="disk-delete",
            disabled=not sure, on_click=_delete, args=(chosen,),
        )  # fmt: skip


def _delete(chosen: list[Held]) -> None:
    stayed = disk.delete_all(chosen)
    kept = {held.id for held, _ in stayed}
    gone = [held for held in chosen if held.id not in kept]
    st.session_state[TOLD] = (gone, stayed)
    for key in ("disk-chosen", "disk-sure"):
        st.session_state.pop(key, None)
    resources_home.measure_again()


def _show_told() -> None:
    told = st.session_state.pop(TOLD, None)
    if told is None:
        return
    gone, stayed = told
    if gone:
        names = ", ".join(widgets.plain(held.name) for held in gone[:NAMED])
        size = format_bytes(sum(held.size for held in gone))
        st.success(f"Deleted ({size}): {names}")
    for _, error in stayed:
        widgets.show_error(error)
