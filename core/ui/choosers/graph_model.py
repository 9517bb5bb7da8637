"""Graph: which trained model is asked, and the trainings that may give another one."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import streamlit as st

from core.base.errors import ExplorerError, shorten
from core.base.jobs import Job
from core.cache import graph_training as training_cache, graphs as graphs_cache
from core.graphs import models
from core.graphs.graph import PART_NAMES, Graph
from core.graphs.models import GraphModel
from core.ui.common import jobs, page
from core.ui.common.markdown import plain
from core.ui.session import link_values

CHOSEN, ENDED = "graph-model", "graph-ended"
EMPTY = "There is no model of this graph yet: train one under “Train”."
EVERY = 2  # seconds between two looks at a training


def choose_model(  # noqa: PLR0913
    graph: Graph,
    place: Any = st,
    *,
    key: str = CHOSEN,
    label: str = "Model",
    at: int = 0,
    empty: str = EMPTY,
) -> GraphModel | None:
    """A trained model of ``graph``, at first the ``at``-th best; ``None`` where there is none.

    It is chosen in ``place``; what is wrong with a choice is told on the page.
    """
    told = page.steady()
    kept = models.list_kept(graph.digest)
    name = choose_name(place, kept, key=key, label=label, at=at) if kept else None
    if key == CHOSEN:
        with told:
            _tell_trainings(training_cache.trainings(graph), kept, str(name))
    if name is None:
        if asked := link_values.asked_by_link(key):
            asked = plain(shorten(asked))
            st.warning(f"The link asks for the model “{asked}”, which is not here.")
        st.info(empty)
        return None
    try:
        model = graphs_cache.model(kept[name])
    except ExplorerError as error:
        page.show_error(error)
        return None
    made, part = model.trained, PART_NAMES[graph.measured]
    place.caption(
        f"{made.settings.model.value}, dimension {made.settings.dim}, {made.epochs} epochs, seed "
        f"{made.settings.seed}; {part} MRR {model.figures.get('mrr', 0):.3f}. "
        + " ".join(plain(note) for note in made.notes)
    )
    return model


def choose_name(
    place: Any, kept: Mapping[str, Path], *, key: str = CHOSEN, label: str = "Model", at: int = 0
) -> str:
    """One of the models that are kept, at least one, at first the ``at``-th.

    It stands in the address also where nobody chose: a later training would make another one the
    first, and the same link would show other answers. So the box has no first value of its own,
    which Streamlit would leave out of the address.
    """
    default = [*kept][min(at, len(kept) - 1)]
    before, asked = st.session_state.get(key), link_values.asked_by_link(key)
    if before is not None and before not in {*kept, *models.list_kept()}:
        told = f"The model {plain(before)} is not here any more"
        st.info(f"{told}: {plain(default)} is taken.")
    if asked is None and key not in st.session_state:
        st.query_params[key] = default  # nothing is bound to it yet
    if asked is not None and asked not in kept:
        link_values.expect(key, "The other was removed, or is of another graph.")
    if before not in kept and asked not in kept:
        st.session_state[key] = default
    chosen = place.selectbox(
        label,
        list(kept),
        None,
        key=key,
        bind="query-params",
        placeholder=default,
        required=True,  # there is a model, so none cannot be asked
        help="Those with all their epochs come first, and of these the newest.",
    )
    return default if chosen is None else str(chosen)


def _tell_trainings(running: list[Job], kept: Mapping[str, Path], chosen: str) -> None:
    """Says which models are being made, and which one was meanwhile."""
    if running:
        _watch(running)
    ended = st.session_state.get(ENDED)
    if ended is None:
        return
    if ended not in kept or ended == chosen:
        del st.session_state[ENDED]
        return
    with st.container(horizontal=True, vertical_alignment="center"):
        st.success(f"Trained meanwhile: **{plain(ended)}**")
        st.button("Take it", on_click=_take, args=(ended,), icon=":material/check:")


def _take(name: str) -> None:
    st.session_state[CHOSEN] = name


@st.fragment(run_every=EVERY)
def _watch(running: list[Job]) -> None:
    """How far trainings are; starts the page over when one has ended. It may be any session's."""
    ended = [job for job in running if not job.running]
    for job in running:
        st.progress(job.share, text=jobs.progress_text(job))
    st.caption("A model of this graph is being trained. It is listed here when that has ended.")
    for job in ended:
        error = job.future.exception()
        if error is None:
            st.session_state[ENDED] = job.future.result()
        elif isinstance(error, ExplorerError):
            st.toast(plain(str(error)))
    if ended:
        st.rerun()
