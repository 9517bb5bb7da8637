"""Graph: entities by words or by a formula, and what is near one in the graph and by its name."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import streamlit as st

from core.base import durations
from core.base.errors import ExplorerError
from core.base.types import Encoded, Term
from core.cache import graphs as graphs_cache, spaces as spaces_cache
from core.formula.formula import format_formula
from core.formula.question import is_formula, read_query
from core.graphs import entity_search, geometry
from core.graphs.models import GraphModel
from core.spaces.entry import SpaceEntry
from core.ui.common import frame, jobs, page, tables
from core.ui.common.markdown import plain
from core.ui.graph import near, pictures, texts
from core.ui.graph.boxes import Boxes
from core.ui.session.page_state import begin_anew


def show(model: GraphModel) -> None:
    """The whole tool."""
    graph = model.graph
    boxes = Boxes(graph)
    entry = texts.choose()
    with frame.settings():
        count = int(boxes.number("Results", "entity-count", (1, 500), 10))
    shown = pictures.choose(graph)
    first = graph.label(int(graph.train[0, 0]))
    with st.container(horizontal=True, vertical_alignment="bottom", key="query"):
        begin_anew("entity-find", graph.digest, first)
        asked = st.text_input(
            "Words or a formula",
            first,
            key="entity-find",
            bind="query-params",
            width="stretch",
            help="Words are looked up by name, then by meaning. A formula adds and subtracts "
            "entities: paris - france + germany. Names with spaces stand in quotation marks.",
        )
    labels = geometry.readable(graph.all_labels())
    names = _encode(model, entry, labels) if texts.usable(entry, graph, labels) else None
    if names is None:
        return
    try:
        table, rows = (_formula if is_formula(asked) else _words)(
            model, asked, count, (entry, names)
        )
    except ExplorerError as error:
        page.show_error(error)
        return
    with frame.result(), st.container(key="entity-tables"):
        left, right = st.columns([2, 3])
        with left:
            _results(table, pictures.column(shown, rows))
        with right:
            near.show(model, names, rows, shown)


Names = tuple[SpaceEntry, Encoded]
Found = tuple[dict[str, Sequence[Any]], list[int]]


def _encode(model: GraphModel, entry: SpaceEntry, labels: list[str]) -> Encoded | None:
    found: Encoded | None = jobs.run_job(
        f"entity names {model.graph.digest} {entry.digest}",
        f"Encoding the names of {model.graph.name}",
        lambda progress: graphs_cache.names(model.graph, entry, progress),
        seconds=lambda: durations.of_texts(sum(map(len, labels)), entry.space.dim),
        begin="Encode them",
    )
    return found


def _formula(model: GraphModel, text: str, count: int, _: Names) -> Found:
    """What is near to a sum of entities, in the graph's space; the entities themselves left out."""
    terms: tuple[Term, ...] = read_query(text)
    query = entity_search.add_entities(model, terms)
    found = entity_search.nearest_to(model, query.vector, count, set(query.rows))
    st.caption(f"Read as {plain(format_formula(terms))}, in the model's own vectors.")
    return {
        "entity": [model.graph.label(row) for row, _ in found],
        "cosine": [cosine for _, cosine in found],
    }, [row for row, _ in found]


def _words(model: GraphModel, text: str, count: int, names: Names) -> Found:
    entry, encoded = names
    asked = spaces_cache.text_encoder(entry).encode_query(text or " ").vectors[0]
    found = entity_search.search(model.graph, text, encoded.vectors @ asked, count)
    return {
        "entity": [model.graph.label(one.row) for one in found],
        "match": ["name" if one.by_name else "meaning" for one in found],
        "cosine": [one.score for one in found],
    }, [one.row for one in found]


def _results(table: dict[str, Sequence[Any]], small: dict[str, list[Any]]) -> None:
    st.markdown("**Entities**")
    st.dataframe(
        small | table,
        hide_index=True,
        alt="Entities that were found",
        height="content" if len(table["entity"]) <= 15 else 560,
        column_config=pictures.shown() | {"cosine": st.column_config.NumberColumn(format="%.3f")},
    )
    tables.download_csv(table, file_name="entities.csv")
