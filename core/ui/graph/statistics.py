"""Graph: counts, kinds of relations, leakage, and the entities with most triples."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import streamlit as st

from core.base.errors import counted
from core.cache import graphs as graphs_cache
from core.graphs import statistics as graph_statistics
from core.graphs.graph import Graph
from core.ui.common import frame, tables
from core.ui.common.markdown import plain

TOP = 100  # entities in the table
LEAKS = 0.5


def show(graph: Graph) -> None:
    """The whole tool."""
    with frame.result():
        _relations(graph)
    st.subheader("Entities with most triples", anchor=False)
    _entities(graph)


def _relations(graph: Graph) -> None:
    found = graphs_cache.relation_facts(graph)
    leaks = [one for one in found if one.leaked >= LEAKS]
    if leaks:
        names = ", ".join(plain(one.relation) for one in leaks[:8])
        st.warning(
            f"**Leakage**: of {counted(len(leaks), 'relation')} most test triples stand in "
            f"training the other way round, and can be answered by looking them up: {names}"
            f"{' …' if len(leaks) > 8 else ''}. Figures on them say little."
        )
    table: dict[str, Sequence[Any]] = {
        "relation": [one.relation for one in found],
        "triples": [one.count for one in found],
        "kind": [one.kind for one in found],
        "tails per head": [one.tails_per_head for one in found],
        "heads per tail": [one.heads_per_tail for one in found],
        "symmetric": [one.symmetric for one in found],
        "inverse of": [one.inverse for one in found],
        "leaked": [one.leaked for one in found],
    }
    number = st.column_config.NumberColumn
    st.dataframe(
        table,
        hide_index=True,
        alt="Relations with their kinds",
        column_config={
            "tails per head": number(format="%.1f"),
            "heads per tail": number(format="%.1f"),
            "symmetric": number(format="percent", help="Triples that hold the other way as well."),
            "inverse of": st.column_config.TextColumn(
                help="The relation that has most of these pairs the other way round."
            ),
            "leaked": number(format="percent", help="Test triples whose reverse is in training."),
        },
    )
    tables.download_csv(table, file_name="relations.csv")
    st.caption(
        f"1-1, 1-N, N-1, N-N: a side counts as N from {graph_statistics.MANY:g} entities on "
        "average (Bordes et al. 2013)."
    )


def _entities(graph: Graph) -> None:
    out, into = graph_statistics.degrees(graph)
    order = np.argsort(-(out + into), kind="stable")[:TOP].tolist()
    table = {
        "entity": [graph.label(row) for row in order],
        "id": [graph.entities[row] for row in order],
        "as head": out[order],
        "as tail": into[order],
    }
    if not graph.labels:
        del table["id"]
    st.dataframe(table, hide_index=True, alt="Entities with their degrees", height=300)
