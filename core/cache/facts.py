"""TransE as the lesson on facts trains it."""

from __future__ import annotations

import streamlit as st

from core.cache.digests import DIGESTS
from core.graphs import ranking
from core.graphs.graph import Graph
from core.graphs.ranking import Evaluation
from core.lessons import facts
from core.lessons.facts import Taught


@st.cache_resource(max_entries=6, hash_funcs=DIGESTS, show_spinner="Training TransE …")
def taught(graph: Graph, dim: int) -> Taught:
    """The model of a small graph with vectors of ``dim`` numbers."""
    return facts.teach(graph.train, len(graph.entities), len(graph.relations), dim)


@st.cache_resource(max_entries=6, hash_funcs=DIGESTS, show_spinner=False)
def evaluation(graph: Graph, dim: int) -> Evaluation:
    """The filtered ranks of its test triples."""
    return ranking.evaluate(taught(graph, dim).vectors, graph, graph.test)
