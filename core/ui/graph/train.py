"""Graph: training a model in front of one's eyes."""

from __future__ import annotations

from typing import Any

import streamlit as st

from core.base.errors import Cancelled
from core.cache import graph_training as training_cache, jobs as jobs_cache
from core.charts import graph as graph_charts
from core.graphs import models
from core.graphs.graph import Graph
from core.graphs.pipeline import OPTIMISTIC
from core.graphs.settings import Settings
from core.ui.choosers.graph_model import CHOSEN, ENDED, choose_model
from core.ui.common import demo as demo_mode, frame, jobs
from core.ui.common.markdown import plain
from core.ui.graph import search as settings_search, training_settings
from core.ui.graph.boxes import Boxes

ASKED, STARTED, TOLD = "graph-asked", "graph-started", "graph-trained"


def show(graph: Graph, name: str) -> None:
    """The whole tool: settings, the training while it goes, and what came of it."""
    if demo_mode.off("Training"):
        return
    settings_search.take()
    boxes = Boxes(graph)
    settings = training_settings.choose(boxes, name)
    if settings is None or settings_search.run(graph):
        return
    asked = st.session_state.get(ASKED)
    if asked is None or asked[0] != graph.digest:
        # In a place that is emptied: a button that has the focus would stay until the next click,
        # which would then move the buttons of the training from under the mouse.
        with st.container(horizontal=True):
            st.empty().button(
                "Train",
                icon=":material/play_arrow:",
                type="primary",
                on_click=_begin,
                args=(graph, settings),
            )
            settings_search.offer(boxes, settings)
        jobs.show_told(TOLD)
        settings_search.show_tried(graph)
        _show_last(graph)
        return
    st.empty()  # in the place of “Train”
    _run(graph, *asked[1:])


def _begin(graph: Graph, settings: Settings, start: str = "") -> None:
    jobs_cache.jobs().forget(training_cache.training_key(graph, settings, start))
    st.session_state[ASKED] = (graph.digest, settings, start)
    st.session_state.pop(STARTED, None)
    jobs.tell(TOLD, None)


def _run(graph: Graph, settings: Settings, start: str = "") -> None:
    key = training_cache.training_key(graph, settings, start)
    if st.session_state.get(STARTED) == key and jobs_cache.jobs().get(key) is None:
        # Another session took what came of it, or it was dropped: it would begin once more.
        del st.session_state[ASKED]
        jobs.tell(TOLD, "The training has ended. Its model is among the models below.")
        st.rerun()
    st.session_state[STARTED] = key
    watch = training_cache.watch(key)
    # A line above them, so that a second click on “Train” hits no button.
    st.caption(
        "**Stop early and keep** ends after this step and keeps the vectors of the last whole "
        "epoch, as does closing the last window that asked for it; **Cancel** keeps nothing."
    )
    with st.container(horizontal=True):
        st.button("Stop early and keep", icon=":material/stop:", on_click=watch.stop.set)
        if st.button("Other settings", type="tertiary"):
            del st.session_state[ASKED]
            st.rerun()
    shown = [0]

    def curve() -> Any:
        points = len(watch.losses) + len(watch.mrrs)
        if points in (0, shown[0]):
            return None
        shown[0] = points
        return graph_charts.training_figure(list(watch.losses), list(watch.mrrs))

    made = jobs.run_job(
        key,
        f"Training {settings.model.value} on {graph.name}",
        lambda progress: training_cache.train(graph, settings, progress, start),
        watching=curve,
        alt="Loss and MRR so far",
    )
    if made is None:
        job = jobs_cache.jobs().get(key)
        if job is not None and isinstance(job.future.exception(), Cancelled):
            jobs_cache.jobs().forget(key)
            del st.session_state[ASKED]
            jobs.tell(TOLD, "Cancelled. Nothing of this training is kept.")
            st.rerun()
        return
    del st.session_state[ASKED]
    st.session_state[CHOSEN] = made
    jobs.tell(TOLD, f"Trained and saved as **{plain(made)}**. Use it under “Link prediction”.")
    st.session_state.pop(ENDED, None)  # nothing to tell of it again
    st.rerun()


def _show_last(graph: Graph) -> None:
    """The curve and figures of the chosen model."""
    empty = "There is no model of this graph yet: “Train” above makes one."
    model = choose_model(graph, frame.settings(), label="Trained model", empty=empty)
    if model is None:
        return
    made = model.trained
    folder = models.kept_folder(model)
    with frame.result():
        if models.can_resume(folder):
            st.button(
                f"Resume at epoch {made.epochs + 1:,}",
                icon=":material/resume:",
                on_click=_begin,
                args=(graph, made.settings, folder.name),
                help="Goes on as if it had not been stopped, by the settings that it began with.",
            )
        with st.container(horizontal=True):
            for name, value in model.figures.items():
                if name.startswith(OPTIMISTIC):
                    continue
                title = name.replace("hits_at_", "Hits@").replace("mrr", "MRR")
                st.metric(title, f"{value:.3f}", border=True)
            st.metric("Training, s", f"{made.seconds:,.1f}", border=True)
        if f"{OPTIMISTIC}mrr" in model.figures:
            best = model.figures[f"{OPTIMISTIC}mrr"]
            st.caption(f"MRR by optimistic ranks, which let the target win ties: {best:.3f}.")
        st.plotly_chart(
            graph_charts.training_figure(made.losses, made.mrrs),
            key="trained-curve",
            alt="Loss and MRR by epoch",
        )
