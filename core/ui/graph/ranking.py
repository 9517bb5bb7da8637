"""Graph: how well models rank what is true, beside baselines, by relation, two side by side."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import streamlit as st

from core.base import durations
from core.base.columns import Columns
from core.base.errors import counted
from core.cache import graphs as graphs_cache
from core.graphs import ranking
from core.graphs.graph import PART_NAMES, Graph
from core.graphs.models import GraphModel
from core.graphs.ranking import Evaluation, Figures
from core.ui.choosers.graph_model import choose_model
from core.ui.common import frame, jobs, tables
from core.ui.common.markdown import plain


def show(graph: Graph) -> None:
    """The whole tool."""
    settings = frame.settings()
    first, second = choose_model(graph, settings), None
    if first is not None and settings.toggle(
        "Compare with another model", key="two", bind="query-params"
    ):
        second = choose_model(graph, settings, key="graph-model-b", label="Second model", at=1)
    if first is None:
        return
    if second is not None and second.digest == first.digest:
        st.info("Both are the same model. Choose another one to compare with.")
        second = None
    models = [first] if second is None else [first, second]
    found = [_evaluate(model) for model in models]
    frequency = jobs.run_job(
        f"frequency {graph.digest}",
        "Ranking by frequency",
        lambda progress: graphs_cache.frequency(graph, progress),
    )
    done = [one for one in found if one is not None]
    if len(done) < len(found) or frequency is None:
        return
    with frame.result():
        _overall(models, done, frequency)
        _by_relation(graph, models, done)


def _evaluate(model: GraphModel) -> Evaluation | None:
    found: Evaluation | None = jobs.run_job(
        f"rank {model.digest}",
        f"Ranking the {PART_NAMES[model.graph.measured]} triples by {model.title}",
        lambda progress: graphs_cache.evaluation(model, progress),
        seconds=lambda: durations.of_ranking(
            len(model.graph.parts[model.graph.measured]),
            len(model.graph.entities),
            model.vectors.dim,
        ),
        begin="Rank them",
    )
    return found


def _overall(models: list[GraphModel], found: list[Evaluation], frequency: Figures) -> None:
    rows: list[tuple[str, Figures]] = []
    for model, one in zip(models, found, strict=True):
        made = model.trained.settings
        name = f"{made.model.value}, dim {made.dim}, seed {made.seed}"
        rows += [
            (name, one.both),
            ("  head prediction", one.heads),
            ("  tail prediction", one.tails),
        ]
    rows += [
        ("baseline: frequency in the relation", frequency),
        ("baseline: random", ranking.random_figures(found[0])),
    ]
    table: Columns = {
        "model": [name for name, _ in rows],
        "MRR": [one.mrr for _, one in rows],
        **{f"Hits@{k}": [one.hits[k] for _, one in rows] for k in ranking.HITS},
    }
    st.dataframe(
        table,
        hide_index=True,
        alt="MRR and Hits of models and baselines",
        height="content",
        column_config={
            name: st.column_config.NumberColumn(format="%.3f") for name in table if name != "model"
        },
    )
    ranked = counted(len(found[0].triples), f"{PART_NAMES[models[0].graph.measured]} triple")
    notes = " ".join(plain(note) for one in found for note in one.notes)
    st.caption(
        f"{ranked}, each with head and tail prediction. Filtered: other true answers are "
        "left out of the ranking. Ranks are realistic: equal scores share their places. "
        f"{notes}"
    )
    best = "; ".join(
        f"{model.trained.settings.model.value} MRR {one.at_best.mrr:.3f}, "
        + ", ".join(f"Hits@{k} {one.at_best.hits[k]:.3f}" for k in ranking.HITS)
        for model, one in zip(models, found, strict=True)
    )
    st.caption(f"Optimistic ranks let the target win ties, as some papers count them: {best}.")
    tables.download_csv(table, file_name="evaluation.csv")


def _by_relation(graph: Graph, models: list[GraphModel], found: list[Evaluation]) -> None:
    st.subheader("By relation", anchor=False)
    counts = np.bincount(found[0].triples[:, 1], minlength=len(graph.relations))
    order = [row for row in np.argsort(-counts, kind="stable").tolist() if counts[row]]
    table: dict[str, Sequence[Any]] = {
        "relation": [graph.relations[row] for row in order],
        f"{PART_NAMES[graph.measured]} triples": [int(counts[row]) for row in order],
    }
    for number, (model, one) in enumerate(zip(models, found, strict=True), 1):
        kind = model.trained.settings.model.value
        suffix = f"{kind} ({number})" if len(models) > 1 else kind
        by = [one.of_relation(row) for row in order]
        table[f"MRR, {suffix}"] = [figures.mrr for figures in by]
        table[f"Hits@10, {suffix}"] = [figures.hits[10] for figures in by]
    st.dataframe(
        table,
        hide_index=True,
        alt="MRR by relation",
        column_config={
            name: st.column_config.NumberColumn(format="%.3f") for name in list(table)[2:]
        },
    )
    tables.download_csv(table, file_name="evaluation-by-relation.csv")
