"""What is drawn of a knowledge graph: a neighbourhood step by step, all of it, and paths."""

from __future__ import annotations

import streamlit as st

from core.cache.digests import DIGESTS
from core.graphs import neighborhood, paths as graph_paths
from core.graphs.graph import Graph
from core.graphs.neighborhood import Drawing, Whole
from core.graphs.paths import Path


@st.cache_resource(max_entries=200, hash_funcs=DIGESTS, show_spinner=False)
def drawing(
    graph: Graph, steps: tuple[int, ...], limit: int, relations: tuple[int, ...]
) -> Drawing:
    """What is drawn after ``steps``, each of which goes on from the one before.

    Args:
        relations: those whose facts are drawn; all where none is named.
    """
    if not steps:
        return neighborhood.EMPTY
    before = drawing(graph, steps[:-1], limit, relations)
    return neighborhood.extend(neighborhood.only(graph, relations), before, steps[-1], limit)


@st.cache_resource(max_entries=4, hash_funcs=DIGESTS, show_spinner="Laying out the graph …")
def whole(graph: Graph, relations: tuple[int, ...]) -> Whole:
    """All of a graph that can be drawn; ``relations`` as for ``drawing``."""
    return neighborhood.whole(neighborhood.only(graph, relations))


@st.cache_resource(max_entries=32, hash_funcs=DIGESTS, show_spinner="Searching paths …")
def paths(  # noqa: PLR0913
    graph: Graph, start: int, end: int, k: int, *, directed: bool, relations: tuple[int, ...]
) -> list[Path]:
    """The shortest paths between two entities; ``relations`` as for ``drawing``.

    Raises:
        InputError: both are one.
    """
    shown = neighborhood.only(graph, relations)
    return graph_paths.shortest_paths(shown, start, end, k, directed=directed)
