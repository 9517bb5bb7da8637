"""Searches for the settings of a knowledge graph's training, which all sessions watch."""

from __future__ import annotations

import streamlit as st

from core.base.types import Progress
from core.cache import graph_training as training_cache
from core.cache.digests import DIGESTS
from core.graphs import search as graph_search
from core.graphs.graph import Graph
from core.graphs.search import Trial, Watch
from core.graphs.settings import Settings


def search_key(graph: Graph, settings: Settings, minutes: float) -> str:
    """Stands for a search for settings."""
    return f"search {graph.digest} {minutes:g} {settings}"


@st.cache_resource(max_entries=16, hash_funcs=DIGESTS, show_spinner=False)
def watch(key: str) -> Watch:
    """What is seen of a search."""
    return Watch()


def search(graph: Graph, settings: Settings, minutes: float, progress: Progress) -> list[Trial]:
    """Settings by their validation MRR, best first; meant to be called in a job.

    Raises:
        InputError: as ``search.search``, or as ``texts_to_start``.
        Cancelled: by ``progress``.
    """
    key = search_key(graph, settings, minutes)
    try:
        texts = training_cache.texts_to_start(graph, settings, progress)
        return graph_search.search(
            graph, settings, 60 * minutes, progress, watch=watch(key), texts=texts
        )
    finally:
        watch.clear(key)
