"""What is seen of a table before it is taken: its first rows, and which model made its vectors."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from core.base.types import Modality
from core.readers import table_vectors
from core.readers.table_roles import ColumnRole, Role
from core.readers.tables import Table
from core.spaces import own_vectors, registry
from core.spaces.entry import SpaceEntry
from core.storage import data_home
from core.ui.common.markdown import plain

ROWS = 5  # of the preview


def show_rows(table: Table) -> None:
    """The first rows, vectors by their first numbers."""
    frame = table.frame.head(ROWS).copy()
    for name, rows in table.vectors.items():
        frame[name] = [
            f"{[round(one, 3) for one in row[:3].tolist()]} … {rows.shape[1]} numbers"
            for row in rows[:ROWS]
        ]
    st.dataframe(frame, hide_index=True, alt="The first rows as they were read")


def choose_model(table: Table, roles: Sequence[ColumnRole], key: str) -> str:
    """The space that the vectors are said to be of; empty where that is not known.

    Raises:
        InputError: its vectors are of another length.
    """
    spaces = {e.space.name: e for e in registry.list_spaces() if e.may_take(Modality.TEXT)}
    names = ["", *spaces]
    chosen = st.selectbox(
        "Embedding model of these vectors",
        names,
        index=names.index(table.model) if table.model in names else 0,
        format_func=lambda name: _called(spaces.get(name)),
        key=f"{key}-model-{stands_for(roles)}",
        help="Questions in words are encoded by the model that made the vectors. Where it is not "
        "known, search by example, maps, clusters and near-duplicates work all the same.",
    )
    entry = spaces.get(str(chosen))
    if entry is None:
        return ""
    columns = [one.name for one in roles if one.role is Role.VECTORS]
    own = table_vectors.choose(table.frame, table.vectors, ",".join(columns))
    if own is not None and entry.ready:
        own_vectors.require_model(entry.space.name, own.name, own.vectors.shape[1])
    if not entry.ready:
        st.caption(
            f"{plain(entry.space.title)} is not here yet ({plain(entry.state)}): until it is, "
            "questions in words do not work."
        )
    return entry.space.name


def _called(entry: SpaceEntry | None) -> str:
    return "unknown" if entry is None else f"{entry.space.title} ({entry.space.dim})"


def stands_for(shown: Sequence[ColumnRole]) -> str:
    """A short name for a table's columns and what they are for."""
    told = "\0".join(f"{one.name}\0{one.role}" for one in shown)
    return data_home.sha256(told.encode("utf-8", "surrogatepass"))[:12]
