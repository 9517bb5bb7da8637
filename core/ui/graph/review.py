"""Graph: triples that a model does not believe, and such that may be missing; export of both."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import streamlit as st

from core.base import durations
from core.base.columns import Columns
from core.base.errors import counted
from core.base.types import IntArray
from core.cache import graphs as graphs_cache
from core.graphs import review
from core.graphs.graph import PART_NAMES, PARTS, Graph
from core.graphs.models import GraphModel
from core.graphs.review import FOLDS, HEADS, Missing, Suspicious
from core.storage import data_home
from core.ui.common import frame, jobs, tables
from core.ui.graph.boxes import Boxes
from core.ui.session import link_values
from core.ui.session.page_state import begin_anew

SUSPICIOUS, MISSING = "Suspicious triples", "Missing triples"
ALL = "All"
SPLITS = {ALL: PARTS} | {PART_NAMES[part].capitalize(): (part,) for part in PARTS}


def show(model: GraphModel) -> None:
    """The whole tool."""
    graph = model.graph
    with st.container(horizontal=True, vertical_alignment="bottom", key="query"):
        kind = link_values.one_of(
            st,
            "Find",
            [SUSPICIOUS, MISSING],
            default=SUSPICIOUS,
            key="review-find",
            bind="query-params",
        )
        begin_anew("review-relation", graph.digest, ALL)
        name = str(
            st.selectbox(
                "Relation",
                [ALL, *graph.relations],
                key="review-relation",
                bind="query-params",
                width=200,
            )
        )
    relation = None if name == ALL else graph.relations.index(name)
    (_suspicious if kind == SUSPICIOUS else _missing)(model, relation)


def _suspicious(model: GraphModel, relation: int | None) -> None:
    graph = model.graph
    with frame.settings():
        apart = st.toggle(
            "Cross-validate",
            key="review-cross",
            bind="query-params",
            help=f"Ranks each training triple by a model that was trained without it: {FOLDS} "
            "trainings by this model's settings. A model has learnt its own training triples, "
            "wrong ones too.",
        )
        parts = SPLITS[
            link_values.one_of(
                st,
                "Split",
                list(SPLITS),
                default=ALL,
                key="review-split",
                bind="query-params",
                wrap=True,
                disabled=apart,
            )
        ]
        count = int(Boxes(graph).number("Rows", "review-rows", (10, 5_000), 100))
    if apart:
        _cross_validated(model, relation, count)
        return
    whole = min(review.MOST, sum(len(graph.parts[part]) for part in parts))
    found: Suspicious | None = jobs.run_job(
        f"suspicious {model.digest} {parts}",
        f"Ranking the triples of {graph.name}",
        lambda progress: graphs_cache.suspicious(model, parts, progress),
        seconds=lambda: durations.of_ranking(whole, len(graph.entities), model.vectors.dim),
        begin="Rank them",
        slot="review",
    )
    if found is not None:
        _show_suspicious(graph, found, relation, count)


def _cross_validated(model: GraphModel, relation: int | None, count: int) -> None:
    seconds = FOLDS * model.trained.seconds
    found: Suspicious | None = jobs.run_job(
        f"cross-validate {model.digest}",
        f"Training {FOLDS} times on a part of {model.graph.name}",
        lambda progress: graphs_cache.cross_validated(model, progress),
        seconds=lambda: max(seconds, durations.UNASKED + 1),  # trainings begin by a click
        begin="Cross-validate",
        slot="review",
    )
    if found is not None:
        _show_suspicious(model.graph, found, relation, count)


def _show_suspicious(graph: Graph, found: Suspicious, relation: int | None, count: int) -> None:
    some = found if relation is None else found.of_relation(relation)
    with frame.result():
        _show(some.table(graph, count), "Triples that the model believes least")
    sample = "" if len(found.triples) == found.whole else ", a sample"
    st.caption(
        f"{counted(len(some.triples), 'triple')} ranked{sample} of {found.whole:,}. Percentile: "
        "the share of corruptions (another head, another tail) that the model finds more "
        "plausible, on average of both sides; 100% is least plausible. Ranks are filtered."
    )
    _export(
        graph,
        lambda: some.table(graph, len(some.triples)),
        some.triples[:count],
        "suspicious-triples",
    )


def _missing(model: GraphModel, relation: int | None) -> None:
    graph = model.graph
    with frame.settings():
        count = int(Boxes(graph).number("Of each relation", "review-each", (1, 1_000), 10))
        constrained = st.toggle(
            "Known tails only",
            value=True,
            key="review-constrained",
            bind="query-params",
            help="Only tails that the relation has in training (type constraint).",
        )
        new = st.toggle(
            "Hide known triples",
            key="review-new",
            bind="query-params",
            help="Triples of validation and test are left out.",
        )
    relations = tuple(range(len(graph.relations))) if relation is None else (relation,)
    found: Missing | None = jobs.run_job(
        f"missing {model.digest} {relations} {count} {constrained} {new}",
        f"Scoring what {graph.name} does not have",
        lambda progress: graphs_cache.missing(
            model, relations, count, constrained, not new, progress
        ),
        seconds=lambda: durations.of_ranking(
            len(relations) * HEADS // 2, len(graph.entities), model.vectors.dim
        ),
        begin="Score them",
        slot="review",
    )
    if found is None:
        return
    if not len(found.triples):
        st.info("All triples of these heads and tails are in training already.")
        return
    table = found.table(graph)
    with frame.result():
        _show(table, "Triples that may be missing")
    known = sum(bool(part) for part in found.parts)
    st.caption(
        f"{counted(len(found.triples), 'triple')} that training does not have, {known:,} of them "
        "held out in validation or test, which the model has not seen. Above known: the share of "
        f"the relation's training triples that score lower. Up to {HEADS} heads of a relation."
    )
    unknown = [at for at, part in enumerate(found.parts) if not part]
    _export(graph, table, found.triples[unknown], "missing-triples")


def _show(table: Columns, alt: str) -> None:
    percent, score = (st.column_config.NumberColumn(format=form) for form in ("percent", "%.4f"))
    rank = st.column_config.NumberColumn(format="%.1f")
    st.dataframe(
        table,
        hide_index=True,
        alt=alt,
        height=560 if _rows(table) > 15 else "content",
        column_config={
            "percentile": percent,
            "above known": percent,
            "score": score,
            "head rank": rank,
            "tail rank": rank,
        },
    )


def _rows(table: Columns) -> int:
    column: Sequence[object] = table["head"]
    return len(column)


def _export(
    graph: Graph, table: Columns | Callable[[], Columns], triples: IntArray, name: str
) -> None:
    name = data_home.safe_name(name)
    with st.container(horizontal=True):
        tables.download_csv(table, file_name=f"{name}.csv")
        st.download_button(
            "Download triples (TSV)",
            lambda: review.as_tsv(graph, triples),
            file_name=f"{name}.tsv",
            mime="text/tab-separated-values",
            on_click="ignore",
            icon=":material/download:",
            help="Head, relation and tail by their ids, those above that are not held out.",
        )
