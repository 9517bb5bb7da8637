"""Graph: the shortest paths between two entities."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import streamlit as st

from core.base.errors import ExplorerError, counted
from core.cache import graph_drawing as drawing_cache
from core.graphs import paths as graph_paths
from core.graphs.graph import Graph
from core.graphs.neighborhood import Drawing
from core.graphs.paths import Path
from core.graphs.pictures import EntityPictures
from core.ui.common import frame, page, tables
from core.ui.common.markdown import plain
from core.ui.graph import drawing as graph_drawing, facts
from core.ui.graph.boxes import Boxes

_TABLE = "explore-paths"


def show(boxes: Boxes, relations: tuple[int, ...], shown: EntityPictures | None = None) -> None:
    """Two entities, the paths between them as a table and drawn, one of them lit."""
    graph = boxes.graph
    with frame.settings():
        count = int(boxes.number("Paths", "explore-count", (1, graph_paths.MOST), 5))
        directed = st.toggle(
            "Directed",
            key="explore-directed",
            bind="query-params",
            help="Only from heads to tails. Else a triple is followed either way.",
        )
    head, _, tail = graph.train[0].tolist()
    with st.container(horizontal=True, vertical_alignment="bottom", key="query"):
        start = boxes.entity("From", "explore-from", graph.entities[head])
        end = boxes.entity("To", "explore-to", graph.entities[tail])
    if start is None or end is None:
        return
    try:
        found = drawing_cache.paths(
            graph, start, end, count, directed=directed, relations=relations
        )
    except ExplorerError as error:
        page.show_error(error)
        return
    if not found:
        st.info(
            f"No path leads from {plain(graph.label(start))} to {plain(graph.label(end))}"
            + (" along the triples: switch “Directed” off." if directed else ".")
        )
        return
    drawn = graph_paths.draw(found)

    def tapped(said: Mapping[str, Any]) -> None:
        if isinstance(link := said.get("link"), str):
            facts.choose_link(drawn, link)

    with frame.result():
        left, right = st.columns([3, 2])
        with right:
            chosen = found[min(_listed(graph, found), len(found) - 1)]
        with left:
            _draw(drawn, chosen, graph=graph, pictures=shown, tapped=tapped)
        with right:
            facts.show(graph, drawn)


def _draw(drawn: Drawing, chosen: Path, *, graph: Graph, **more: Any) -> None:
    ends = chosen.entities[0], chosen.entities[-1]
    told = " → ".join(graph.label(entity) for entity in chosen.entities)
    graph_drawing.show(
        graph,
        drawn,
        key="explore-paths-drawing",
        alt=f"The paths from {graph.label(ends[0])} to {graph.label(ends[1])}",
        starts=ends,
        lit={graph_drawing.link_id(fact) for link in chosen.links for fact in link},
        selected=facts.chosen_link(drawn),
        **more,
    )
    st.caption(f"Lit: {plain(told)}. Choose another path in the table.")


def _listed(graph: Graph, found: list[Path]) -> int:
    """The paths as a table; the row that is chosen, at first the first."""
    columns: dict[str, list[Any]] = {
        "links": [path.length for path in found],
        "path": [graph_paths.tell(graph, path) for path in found],
    }
    shortest = sum(path.length == found[0].length for path in found)
    st.markdown(
        f"**{counted(len(found), 'path')}**, {shortest} of them with "
        f"{counted(found[0].length, 'link')}."
    )
    event: Any = st.dataframe(
        columns,
        hide_index=True,
        key=f"{_TABLE}-{[path.entities for path in found]}",  # a ticked row is one of these paths
        on_select="rerun",
        selection_mode="single-row",
        alt="The paths with their relations",
        height="content" if len(found) <= 6 else 250,
        column_config={"links": st.column_config.NumberColumn(width="small")},
    )
    tables.download_csv(columns, file_name="paths.csv")
    rows = event["selection"]["rows"]
    return int(rows[0]) if rows else 0
