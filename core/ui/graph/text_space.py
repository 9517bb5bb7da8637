"""Graph: neighbours by the graph's vectors beside those of the names by a text encoder."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import streamlit as st

from core.base import durations
from core.base.types import IntArray
from core.cache import graphs as graphs_cache
from core.graphs import geometry
from core.graphs.geometry import TextJoin
from core.graphs.graph import Graph
from core.graphs.models import GraphModel
from core.ui.common import frame, jobs, tables
from core.ui.graph import texts
from core.ui.graph.boxes import Boxes

SHOWN = 500


def show(model: GraphModel) -> None:
    """The whole tool."""
    graph = model.graph
    boxes = Boxes(graph)
    entry = texts.choose()
    with frame.settings():
        k = int(boxes.number("Neighbours", "graph-near", (1, 50), 5))
    k = min(k, len(graph.entities) - 1)
    names = geometry.readable(graph.all_labels())
    if not texts.usable(entry, graph, names):
        return
    found: TextJoin | None = jobs.run_job(
        f"names {model.digest} {entry.digest} {k}",
        f"Encoding the names of {graph.name}",
        lambda progress: graphs_cache.join_texts(model, entry, k, progress),
        seconds=lambda: durations.of_texts(sum(map(len, names)), entry.space.dim),
        begin="Encode them",
    )
    if found is None:
        return
    with frame.result():
        st.metric("Shared neighbours", f"{found.shared.mean():.1%}", border=True, width="content")
        _table(graph, found)
    st.caption(
        f"Of the {k} entities nearest to one by the graph's vectors, this part is among the {k} "
        "nearest by the text embeddings of their names, on average. Chance would share "
        f"{found.chance:.1%}. Vectors of two models are never compared, only their neighbours."
    )
    if not graph.labels and not any(name.isalpha() for name in graph.entities[:50]):
        st.warning(
            "The names look like ids, which mean nothing to a text encoder. Upload readable names."
        )


def _table(graph: Graph, found: TextJoin) -> None:
    order = np.argsort(-found.shared, kind="stable")[:SHOWN].tolist()

    def listed(rows: IntArray, row: int) -> str:
        return ", ".join(graph.label(int(at)) for at in rows[row])

    table: dict[str, Sequence[Any]] = {
        "entity": [graph.label(row) for row in order],
        "shared": [float(found.shared[row]) for row in order],
        "nearest in the graph": [listed(found.graph_rows, row) for row in order],
        "nearest by name": [listed(found.text_rows, row) for row in order],
    }
    st.dataframe(
        table,
        hide_index=True,
        alt="Entities with their neighbours by both models",
        column_config={"shared": st.column_config.NumberColumn(format="percent", width="small")},
    )
    tables.download_csv(table, file_name="graph-and-text.csv")
