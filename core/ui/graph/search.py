"""Graph: a search for the settings of a training, by validation triples, within some minutes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

import streamlit as st

from core.base.errors import Cancelled, counted
from core.cache import graph_search, jobs as jobs_cache
from core.graphs.graph import Graph
from core.graphs.search import Trial
from core.graphs.settings import Settings
from core.ui.common import jobs, tables
from core.ui.graph import training_settings
from core.ui.graph.boxes import Boxes

ASKED, TOLD = "graph-searched", "graph-search"
_TAKEN, _TRIED = "graph-search-taken", "graph-search-tried"
_LONGEST = 600.0  # minutes
_SHOWN = {  # settings that may differ, as they are called on the page
    "epochs": "epochs",
    "dim": "dimension",
    "batch": "batch",
    "learning_rate": "learning rate",
    "regularization": "regularization",
    "smoothing": "label smoothing",
    "relation_weight": "relation prediction",
    "negatives": "negatives",
}


def offer(boxes: Boxes, settings: Settings) -> None:
    """What a search does, its minutes, and the button that starts it."""
    graph = boxes.graph
    with st.popover("Search for settings", icon=":material/manage_search:"):
        st.caption(
            "Trains again and again with other settings, from those in the boxes on, and compares "
            "them on validation triples alone. The best are put into the boxes."
        )
        minutes = boxes.number("Minutes", "search-minutes", (0.5, _LONGEST), 5.0, step=1.0)
        st.button(
            "Search",
            key="search-begin",
            on_click=_begin,
            args=(graph, settings, minutes),
            disabled=not len(graph.valid),
            help="" if len(graph.valid) else "The graph has no validation triples to compare on.",
        )


def _begin(graph: Graph, settings: Settings, minutes: float) -> None:
    jobs_cache.jobs().forget(graph_search.search_key(graph, settings, minutes))
    st.session_state[ASKED] = (graph.digest, settings, minutes)
    st.session_state.pop(_TRIED, None)
    jobs.tell(TOLD, None)


def take() -> None:
    """Puts the best settings into the boxes, once; to be called before they are drawn."""
    if (settings := st.session_state.pop(_TAKEN, None)) is not None:
        training_settings.put(settings)


def run(graph: Graph) -> bool:
    """Shows the search of a graph while it goes; whether there is one."""
    asked = st.session_state.get(ASKED)
    if asked is None or asked[0] != graph.digest:
        return False
    _, settings, minutes = asked
    key = graph_search.search_key(graph, settings, minutes)
    seen = graph_search.watch(key)
    st.caption(
        "**Stop and take the best** ends it after this step; **Cancel** leaves the boxes as they "
        "are. Below stands what was tried, best first."
    )
    with st.container(horizontal=True):
        st.button("Stop and take the best", icon=":material/stop:", on_click=seen.stop.set)
        if st.button("Other settings", type="tertiary", key="search-leave"):
            del st.session_state[ASKED]
            st.rerun()
    drawn = [0]

    def so_far(place: Any) -> None:
        if len(seen.tried) > drawn[0]:
            drawn[0] = len(seen.tried)
            with place.container():
                _table(seen.best_first, f"search-so-far-{drawn[0]}")

    found: list[Trial] | None = jobs.run_job(
        key,
        f"Searching for settings for {graph.name}",
        lambda progress: graph_search.search(graph, settings, minutes, progress),
        so_far=so_far,
    )
    if found is None:
        job = jobs_cache.jobs().get(key)
        if job is not None and isinstance(job.future.exception(), Cancelled):
            jobs_cache.jobs().forget(key)
            del st.session_state[ASKED]
            jobs.tell(TOLD, "The search was cancelled. The boxes are as they were.")
            st.rerun()
        return True
    del st.session_state[ASKED]
    st.session_state[_TAKEN] = found[0].settings
    st.session_state[_TRIED] = (graph.digest, found)
    jobs.tell(
        TOLD,
        f"The best of {counted(len(found), 'setting')} stand in the boxes, with a validation MRR "
        f"of {found[0].mrr:.3f}: “Train” makes a model by them.",
    )
    st.rerun()


def show_tried(graph: Graph) -> None:
    """What the last search came to."""
    jobs.show_told(TOLD)
    digest, found = st.session_state.get(_TRIED, ("", []))
    if found and digest == graph.digest:
        with st.expander("What was tried"):
            tables.download_csv(_table(found, "search-tried"), file_name="settings.csv")


def _table(trials: Sequence[Trial], key: str) -> dict[str, list[Any]]:
    """Draws what was tried, those settings alone that differ or are epochs."""
    rows = [asdict(one.settings) for one in trials]
    shown = [name for name in _SHOWN if name == "epochs" or len({row[name] for row in rows}) > 1]
    table: dict[str, list[Any]] = {"validation MRR": [one.mrr for one in trials]}
    table |= {_SHOWN[name]: [row[name] for row in rows] for name in shown}
    fine = st.column_config.NumberColumn(format="%.4g")
    st.dataframe(
        table,
        key=key,
        hide_index=True,
        alt="Settings that were tried, by their validation MRR",
        column_config={
            "validation MRR": st.column_config.NumberColumn(format="%.3f"),
            "learning rate": fine,
            "regularization": fine,
        },
    )
    return table
