"""Graph: link prediction for an entity that the graph has never seen, from its text alone."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import streamlit as st

from core.base import demo, durations
from core.base.errors import ExplorerError, counted
from core.cache import graphs as graphs_cache, spaces as spaces_cache
from core.graphs import entity_search, ranking, unseen
from core.graphs.entity_texts import MOST, EntityTexts, entity_texts, read_descriptions, shortened
from core.graphs.graph import Graph
from core.graphs.models import GraphModel
from core.graphs.prediction import Asked
from core.graphs.unseen import Unseen
from core.spaces.entry import SpaceEntry
from core.ui.common import frame, jobs, page, tables
from core.ui.common.markdown import plain
from core.ui.graph import texts as graph_texts
from core.ui.graph.boxes import Boxes
from core.ui.session import link_values

RANKED = 5_000  # triples that are ranked once for each penalty, about
ENDS = {"Tails": Asked.TAIL, "Heads": Asked.HEAD}
MEGABYTES = 200  # of descriptions
_DESCRIBED = "graph-descriptions"


def show(model: GraphModel) -> None:
    """The whole tool."""
    graph = model.graph
    boxes = Boxes(graph)
    entry = graph_texts.choose()
    with frame.settings():
        asked = ENDS[
            link_values.one_of(
                st,
                "Predict",
                list(ENDS),
                default="Tails",
                key="unseen-for",
                bind="query-params",
                help="Tails: the new entity is the head. Heads: it is the tail.",
            )
        ]
        count = int(boxes.number("Predictions", "unseen-count", (1, 1_000), 10))
    texts = entity_texts(graph, _descriptions(graph))
    with st.container(horizontal=True, vertical_alignment="bottom", key="query"):
        text = st.text_input(
            "Text of the new entity",
            _example(graph),
            key="unseen-text",
            bind="query-params",
            width="stretch",
            help="A name or a description of something that is not in the graph.",
        )
        relation = boxes.relation("Relation", "unseen-relation", int(graph.train[0, 1]), width=200)
    if not graph_texts.usable(entry, graph, texts.texts):
        return
    learnt = _learn(model, entry, texts)
    if learnt is None:
        return
    new = shortened(text)
    if not new:
        st.info("Type a name or a description under “Text of the new entity”.")
        return
    if len(text) > MOST:
        st.info(f"Only the first {MOST:,} characters of the text are read.")
    vector = spaces_cache.text_encoder(entry).encode_texts([new]).vectors
    place = learnt.map.apply(vector)[0]
    with frame.result():
        left, right = st.columns(2)
        with left:
            _predictions(model, place, relation, asked, count)
        with right:
            _figures(learnt, texts)
            _nearest(model, place)


def _example(graph: Graph) -> str:
    """A text to begin with, by an entity of the graph."""
    return f"something like {graph.label(int(graph.train[0, 0])).replace('_', ' ')}"


def _descriptions(graph: Graph) -> Mapping[str, str]:
    """Those that were uploaded for this graph in this session."""
    with frame.group("Descriptions"):
        file = st.file_uploader(
            "Descriptions of entities",
            type=["json", "tsv", "txt", "csv"],
            max_upload_size=demo.megabytes(MEGABYTES),
            key=f"{_DESCRIBED}-file",
            help="JSON from id to text or to an object with “description”, or lines of id, tab, "
            "text. They are read beside the readable names, and kept for this session.",
        )
        if file is not None:
            try:
                read = read_descriptions(file.name, file.getvalue(), graph.entities)
            except ExplorerError as error:
                page.show_error(error)
            else:
                st.session_state[_DESCRIBED] = (graph.digest, read)
        digest, described = st.session_state.get(_DESCRIBED, ("", {}))
        if digest != graph.digest:
            return {}
        st.caption(f"{counted(len(described), 'entity')} of {len(graph.entities):,} described.")
        found: Mapping[str, str] = described
        return found


def _learn(model: GraphModel, entry: SpaceEntry, texts: EntityTexts) -> Unseen | None:
    found: Unseen | None = jobs.run_job(
        f"unseen {model.digest} {entry.digest} {hash(tuple(texts.texts))}",
        f"Learning from the texts of {model.graph.name}",
        lambda progress: graphs_cache.learn_from_texts(model, entry, tuple(texts.texts), progress),
        seconds=lambda: (
            durations.of_texts(sum(map(len, texts.texts)), entry.space.dim)
            + durations.of_ranking(RANKED, len(texts.texts), model.vectors.dim)
        ),
        begin="Learn from the texts",
    )
    return found


def _predictions(model: GraphModel, place: Any, relation: int, asked: Asked, count: int) -> None:
    graph = model.graph
    name = plain(graph.relations[relation])
    st.markdown(f"**(new, {name}, ?)**" if asked is Asked.TAIL else f"**(?, {name}, new)**")
    found = unseen.predict(model, place, relation, asked, count)
    table: dict[str, Sequence[Any]] = {
        "prediction": [one.label for one in found],
        "score": [one.score for one in found],
    }
    st.dataframe(
        table,
        hide_index=True,
        alt="Predictions for the new entity",
        height="content" if len(found) <= 15 else 560,
        column_config={"score": st.column_config.NumberColumn(format="%.4f")},
    )
    tables.download_csv(table, file_name="unseen-predictions.csv")


def _figures(learnt: Unseen, texts: EntityTexts) -> None:
    rows = {
        "text alone": learnt.mapped,
        "baseline: frequency": learnt.frequency,
        "own trained vector": learnt.trained,
    }
    st.markdown(f"**{counted(learnt.held_out, 'held-out entity')}**")
    st.dataframe(
        {
            "ranked by": list(rows),
            "MRR": [one.mrr for one in rows.values()],
            **{f"Hits@{k}": [one.hits[k] for one in rows.values()] for k in ranking.HITS},
        },
        hide_index=True,
        alt="MRR and Hits of held-out entities",
        height="content",
        column_config={
            name: st.column_config.NumberColumn(format="%.3f")
            for name in ("MRR", *(f"Hits@{k}" for k in ranking.HITS))
        },
    )
    st.caption(
        f"{counted(learnt.mapped.count, 'triple')} of entities held out of the fit, filtered. The "
        f"map is fitted on {counted(learnt.fitted, 'entity')}, ridge {learnt.map.ridge:g}. "
        + " ".join(texts.notes)
    )


def _nearest(model: GraphModel, place: Any) -> None:
    near = entity_search.nearest_to(model, place, 5)
    st.markdown("**Nearest entities to its place in the graph**")
    st.dataframe(
        {
            "entity": [model.graph.label(row) for row, _ in near],
            "cosine": [cosine for _, cosine in near],
        },
        hide_index=True,
        alt="Entities nearest to the place of the text",
        height="content",
        column_config={"cosine": st.column_config.NumberColumn(format="%.2f")},
    )
