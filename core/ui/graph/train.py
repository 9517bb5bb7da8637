"""Graph: training a model in front of one's eyes."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import streamlit as st

from core.base.errors import Cancelled, ExplorerError
from core.cache import graphs as graphs_cache, jobs as jobs_cache
from core.charts import graph as graph_charts
from core.graphs import models
from core.graphs.graph import Graph
from core.graphs.pipeline import OPTIMISTIC
from core.graphs.scoring import Model
from core.graphs.settings import HELP, LOSSES, MAX_SEED, Settings, defaults
from core.ui.choosers.graph_model import CHOSEN, ENDED, choose_model
from core.ui.common import demo as demo_mode, frame, jobs, page
from core.ui.common.markdown import plain
from core.ui.graph.boxes import Boxes
from core.ui.session import link_values
from core.ui.session.page_state import begin_anew

ASKED, STARTED, TOLD = "graph-asked", "graph-started", "graph-trained"


def show(graph: Graph, name: str) -> None:
    """The whole tool: settings, the training while it goes, and what came of it."""
    if demo_mode.off("Training"):
        return
    settings = _choose(Boxes(graph), name)
    if settings is None:
        return
    asked = st.session_state.get(ASKED)
    if asked is None or asked[0] != graph.digest:
        # In a place that is emptied: a button that has the focus would stay until the next click,
        # which would then move the buttons of the training from under the mouse.
        place = st.empty()
        place.button(
            "Train",
            icon=":material/play_arrow:",
            type="primary",
            on_click=_begin,
            args=(graph, settings),
        )
        jobs.show_told(TOLD)
        _show_last(graph)
        return
    st.empty()  # in the place of “Train”
    _run(graph, *asked[1:])


def _begin(graph: Graph, settings: Settings, start: str = "") -> None:
    jobs_cache.jobs().forget(graphs_cache.training_key(graph, settings, start))
    st.session_state[ASKED] = (graph.digest, settings, start)
    st.session_state.pop(STARTED, None)
    jobs.tell(TOLD, None)


def _run(graph: Graph, settings: Settings, start: str = "") -> None:
    key = graphs_cache.training_key(graph, settings, start)
    if st.session_state.get(STARTED) == key and jobs_cache.jobs().get(key) is None:
        # Another session took what came of it, or it was dropped: it would begin once more.
        del st.session_state[ASKED]
        jobs.tell(TOLD, "The training has ended. Its model is among the models below.")
        st.rerun()
    st.session_state[STARTED] = key
    watch = graphs_cache.watch(key)
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
        lambda progress: graphs_cache.train(graph, settings, progress, start),
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


def _choose(boxes: Boxes, name: str) -> Settings | None:
    """The settings; ``None`` after an error was shown."""
    triples = len(boxes.graph.train)
    best = defaults(name, triples=triples)
    with frame.settings():
        model = Model(
            str(
                link_values.one_of(
                    st,
                    "Model",
                    [model.value for model in Model],
                    default=best.model.value,
                    key="kind",
                    bind="query-params",
                    wrap=True,
                    help=HELP["model"],
                )
            )
        )
        start = defaults(name, model, triples)
        of = f"{name} {model.value}"  # each has its own best settings

        def number(field: str, label: str, low: float, high: float, step: float) -> Any:
            given = getattr(start, field)
            kind, key = type(given), f"train-{field}"
            begin_anew(key, of, given)
            return boxes.number(
                label,
                key,
                (kind(low), kind(high)),
                given,
                step=kind(step),
                help=HELP[field],
                format=None if kind is int else "%.4g",
            )

        values = {
            "dim": number("dim", "Dimension", 2, 512, 8),
            "epochs": number("epochs", "Epochs", 1, 2_000, 10),
            "seed": number("seed", "Seed", 0, MAX_SEED, 1),
        }
        with st.popover("More", icon=":material/tune:"):
            begin_anew("train-loss", of, start.loss)
            values["loss"] = st.selectbox(
                "Loss",
                list(LOSSES),
                list(LOSSES).index(start.loss),
                key="train-loss",
                bind="query-params",
                help=HELP["loss"],
            )
            values["negatives"] = number("negatives", "Negatives", 0, 200, 1)
            values["learning_rate"] = number("learning_rate", "Learning rate", 1e-5, 10, 0.005)
            values["batch"] = number("batch", "Batch", 8, 8_192, 32)
            values["smoothing"] = number("smoothing", "Label smoothing", 0, 0.9, 0.05)
            values["regularization"] = number("regularization", "Regularization", 0, 10, 0.01)
            values["relation_weight"] = number(
                "relation_weight", "Weight of relation prediction", 0, 10, 0.05
            )
            begin_anew("train-inverse", of, start.inverse)
            values["inverse"] = st.toggle(
                "Inverse relations",
                start.inverse,
                key="train-inverse",
                bind="query-params",
                help=HELP["inverse"],
            )
    try:
        return replace(start, **values)
    except ExplorerError as error:
        page.show_error(error)
        return None
