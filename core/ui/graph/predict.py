"""Graph: predicting tails, heads or relations; the known triples nearest to a prediction."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import streamlit as st

from core.base.errors import counted
from core.graphs import prediction, sentence_query
from core.graphs.models import GraphModel
from core.graphs.pictures import EntityPictures
from core.graphs.prediction import Answer, Asked, Question
from core.ui.common import frame, tables
from core.ui.common.markdown import plain
from core.ui.graph import ask, evidence, pictures
from core.ui.graph.boxes import Boxes
from core.ui.session import link_values
from core.ui.session.page_state import begin_anew

BOX = 200  # pixels: two boxes beside each other in a window of 800
KINDS = {title: member for member, title in ask.TOOLS.items()}


def show(model: GraphModel) -> None:
    """The whole tool."""
    graph = model.graph
    boxes = Boxes(graph)
    with frame.settings():
        asked = KINDS[
            link_values.one_of(
                st,
                "Predict",
                list(KINDS),
                default="Tails",
                key="ask-for",
                bind="query-params",
            )
        ]
        count = int(boxes.number("Predictions", "ask-count", (1, 1_000), 10))
        new = st.toggle(
            "Hide known triples",
            key="only-new",
            bind="query-params",
            help="Filtered: triples that are in the graph already are left out.",
        )
    shown = pictures.choose(graph)
    with st.container(horizontal=True, vertical_alignment="bottom", key="query"):
        question = _question(boxes, asked)
        ask.show(graph)
    if question is None:
        return
    found = prediction.answer(model, question, count, known=not new)
    if not found:
        st.info("All predictions are in the graph already.")
        return
    with frame.result():
        left, right = st.columns(2)
        with left:
            st.markdown(f"**{plain(sentence_query.describe(graph, question))}**")
            _answers(found, None if asked is Asked.RELATION else shown)
        with right:
            _explain(model, question, found)


def _question(boxes: Boxes, asked: Asked) -> Question | None:
    """Each box in a place of its own, since their order decides whether the address has them."""
    members: dict[str, int | None] = dict.fromkeys(("head", "relation", "tail"))
    graph, wrong = boxes.graph, False
    first = graph.train[0].tolist()
    for at, name in enumerate(members):
        place = st.container(width="content")
        if name == asked.value:
            continue
        with place:
            if name == "relation":
                members[name] = boxes.relation("Relation", "ask-relation", first[1], width=BOX)
                continue
            default = graph.entities[first[at]]
            members[name] = boxes.entity(name.capitalize(), f"ask-{name}", default, width=BOX)
        wrong = wrong or members[name] is None
    return None if wrong else Question(members["head"], members["relation"], members["tail"])


def _answers(found: list[Answer], shown: EntityPictures | None) -> None:
    table: dict[str, Sequence[Any]] = {
        "prediction": [one.label for one in found],
        "score": [one.score for one in found],
        "split": [one.part for one in found],
        "id": [one.id for one in found],
    }
    if all(one.id == one.label for one in found):
        del table["id"]
    st.dataframe(
        pictures.column(shown, [one.row for one in found]) | table,
        hide_index=True,
        alt="Predictions with scores",
        height="content" if len(found) <= 15 else 560,
        column_config=pictures.shown()
        | {
            "score": st.column_config.NumberColumn(format="%.4f"),
            "split": st.column_config.TextColumn(
                help="The split that has the triple: train, valid or test; empty where it is new."
            ),
        },
    )
    known = sum(bool(one.part) for one in found)
    st.caption(
        f"{counted(len(found), 'prediction')}, {known} of them in the graph. Higher scores are "
        "more plausible; only scores of one query compare."
    )
    tables.download_csv(table, file_name="predictions.csv")


def _explain(model: GraphModel, question: Question, found: list[Answer]) -> None:
    st.markdown("**Nearest known triples**")
    labels = [f"{at}. {one.label}" for at, one in enumerate(found, 1)]
    begin_anew("why", f"{model.digest} {question}", labels[0])
    label = st.selectbox("Prediction", labels, key="why", bind="query-params")
    chosen = found[labels.index(str(label))]
    members = [question.head, question.relation, question.tail]
    triple = [chosen.row if member is None else member for member in members]
    evidence.nearest(model, triple)
