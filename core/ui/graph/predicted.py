"""Graph: predicted links beside those that are known, and what speaks for one of them."""

from __future__ import annotations

from dataclasses import dataclass

import streamlit as st

from core.graphs import prediction
from core.graphs.models import GraphModel
from core.graphs.neighborhood import Fact
from core.graphs.prediction import Question
from core.ui.choosers import graph_model
from core.ui.common import frame
from core.ui.common.markdown import plain
from core.ui.graph import evidence
from core.ui.graph.boxes import Boxes
from core.ui.graph.drawing import PREDICTED
from core.ui.session import link_values
from core.ui.session.page_state import begin_anew

WHY = "explore-why"


@dataclass(frozen=True, slots=True)
class Guess:
    """Predicted links of one question, whose scores compare."""

    model: GraphModel
    scores: dict[Fact, float]

    @property
    def labels(self) -> dict[str, Fact]:
        """The predictions as they can be chosen, best first."""
        told = self.model.graph.label
        return {
            f"{at}. {told(fact[0])} → {told(fact[2])}": fact
            for at, fact in enumerate(self.scores, 1)
        }

    def choose(self, fact: Fact) -> None:
        """Has a prediction explained; for a callback."""
        for label, one in self.labels.items():
            if one == fact:
                st.session_state[WHY] = label

    def explain(self) -> None:
        """What speaks for the chosen prediction."""
        labels = self.labels
        if not labels:
            return
        st.subheader("What speaks for a prediction", anchor=False)
        first = next(iter(labels))
        begin_anew(WHY, f"{self.model.digest} {sorted(labels)}", first)
        label = st.selectbox("Predicted link", [*labels], key=WHY, bind="query-params", width=400)
        evidence.show(self.model, labels[str(label)][:3])


def choose(boxes: Boxes, entity: int) -> Guess | None:
    """What is predicted of an entity, if that is asked for and the graph has a model."""
    graph = boxes.graph
    with frame.settings():
        if not st.toggle(
            "Predicted links",
            key="explore-predict",
            bind="query-params",
            help="New triples of the entity that a trained model scores highest.",
        ):
            return None
        asked = link_values.one_of(
            st,
            "Predict",
            ["Tails", "Heads"],
            default="Tails",
            key="explore-for",
            bind="query-params",
        )
        heads = asked == "Heads"
        first = prediction.open_relation(graph, entity, heads=heads)
        relation = boxes.relation("Predicted relation", "explore-relation", first)
        count = int(boxes.number("Predictions", "explore-predictions", (1, 20), 5))
    model = graph_model.choose_model(graph, frame.settings())
    if model is None:
        return None
    question = Question(None if heads else entity, relation, entity if heads else None)
    # An entity's link to itself is nothing to walk along.
    found = prediction.answer(model, question, count + 1, known=False)
    found = [one for one in found if one.row != entity][:count]
    if not found:
        st.info(
            f"All {asked.lower()} of {plain(graph.label(entity))} by "
            f"“{plain(graph.relations[relation])}” are in the graph already. Choose another "
            "relation."
        )
    return Guess(
        model,
        {
            (one.row, relation, entity, PREDICTED)
            if heads
            else (entity, relation, one.row, PREDICTED): one.score
            for one in found
        },
    )
