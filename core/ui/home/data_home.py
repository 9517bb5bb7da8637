"""Storage: what the data folder holds, and deleting what is chosen after it has been named."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import streamlit as st

from core.base.errors import counted
from core.base.memory import format_bytes
from core.cache import inventory as inventory_cache
from core.inventory import data_home as inventory_data_home
from core.inventory.data_home import Again, Held
from core.storage import data_home as storage_data_home
from core.ui.common import demo as demo_mode, jobs, page
from core.ui.common.markdown import plain

ALL, TOLD, LISTED = "Everything", "disk-told", 1_000
NAMED = 30  # things that the question names as lines; all of more stand in a table


def show() -> None:
    """The whole tool."""
    if demo_mode.off("The list of what the data folder holds"):
        return
    _show_told()
    home = storage_data_home.data_home()
    found: list[Held] | None = jobs.run_job(
        f"list {home}", "Looking through the data folder", inventory_data_home.list_held
    )
    if found is None:
        return
    st.caption(
        f"The data folder is {plain(str(home))}: {format_bytes(sum(h.size for h in found))}. "
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
    _table(
        shown[:LISTED], alt="What the data folder holds, with size, time, and what deleting costs"
    )
    if len(shown) > LISTED:
        st.caption(f"The largest {LISTED:,} of {len(shown):,}.")
    _choose(shown, all_of="" if kind == ALL else str(kind))


def _table(rows: list[Held], *, alt: str) -> None:
    st.dataframe(
        _sizes_told(
            {
                "kind": [held.kind for held in rows],
                "name": [held.name for held in rows],
                "size": [held.size for held in rows],
                "files": [held.files for held in rows],
                "last written": [
                    datetime.fromtimestamp(held.written, UTC) if held.written else None
                    for held in rows
                ],
                "if deleted": [held.cost for held in rows],
            }
        ),
        hide_index=True,
        column_config={
            "name": st.column_config.TextColumn(width="medium"),
            "size": st.column_config.NumberColumn(width="small"),
            "files": st.column_config.NumberColumn(format="localized", width="small"),
            "last written": st.column_config.DatetimeColumn(
                format="YYYY-MM-DD HH:mm", timezone=st.context.timezone
            ),
            "if deleted": st.column_config.TextColumn(
                width="large", help="What it costs to have it again."
            ),
        },
        alt=alt,
    )


def _sizes_told(columns: dict[str, list[Any]]) -> Any:
    """A table whose sizes read as they do elsewhere, and still sort as numbers."""
    import pandas as pd

    return pd.DataFrame(columns).style.format({"size": format_bytes})


def _choose(shown: list[Held], *, all_of: str) -> None:
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
        select_all=False,  # it would be first in the list, which is what the Enter key takes
        help="Several can be chosen. Before anything is deleted, you are asked.",
    )
    if all_of and len(chosen) < len(shown):
        st.button(
            f"Choose all of the kind “{all_of}” ({len(shown):,})",
            key="disk-all",
            on_click=_choose_all,
            args=(list(named),),
            icon=":material/checklist:",
            help="Nothing is deleted yet: you are asked first.",
        )
    if chosen:
        _ask([named[id_] for id_ in chosen])


def _choose_all(ids: list[str]) -> None:
    st.session_state["disk-chosen"] = ids


def _label(held: Held) -> str:
    return f"{held.title} ({format_bytes(held.size)})"


def _ask(chosen: list[Held]) -> None:
    """Names what will be deleted and what that costs; deletes after a click."""
    size = format_bytes(sum(held.size for held in chosen))
    chosen = sorted(chosen, key=lambda held: held.again is not Again.NEVER)  # what is lost first
    with st.container(border=True, key="disk-question"):
        st.markdown(f"**Delete {counted(len(chosen), 'thing')}, {size}?**")
        for held in chosen[:NAMED]:
            lost = ":material/warning: " if held.again is Again.NEVER else ""
            st.markdown(f"- {lost}{plain(_label(held))}: if deleted, it {plain(held.cost)}.")
        if len(chosen) > NAMED:
            with st.expander(f"And {len(chosen) - NAMED:,} more"):
                _table(chosen[NAMED:], alt="The rest of what will be deleted")
        never = any(held.again is Again.NEVER for held in chosen)
        sure = not never or st.checkbox(
            "I know that what is marked cannot be had again", key="disk-sure"
        )
        st.button(
            "Delete them now",
            icon=":material/delete:",
            key="disk-delete",
            disabled=not sure,
            on_click=_delete,
            args=(chosen,),
        )


def _delete(chosen: list[Held]) -> None:
    stayed = inventory_data_home.delete_all(chosen)
    kept = {held.id for held, _ in stayed}
    gone = [held for held in chosen if held.id not in kept]
    st.session_state[TOLD] = (gone, stayed)
    for key in ("disk-chosen", "disk-sure"):
        st.session_state.pop(key, None)
    inventory_cache.measure_again()


def _show_told() -> None:
    told = st.session_state.pop(TOLD, None)
    if told is None:
        return
    gone, stayed = told
    if gone:
        names = [plain(held.title) for held in gone[:NAMED]]
        more = [f"and {len(gone) - NAMED:,} more"] if len(gone) > NAMED else []
        size = format_bytes(sum(held.size for held in gone))
        st.success(f"Deleted ({size}): {', '.join([*names, *more])}")
    for _, error in stayed:
        page.show_error(error)
