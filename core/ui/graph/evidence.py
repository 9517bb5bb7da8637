"""Graph: what speaks for a triple: known ones that are like it, and that pull its way."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from core.base.errors import ExplorerError
from core.graphs import influence, prediction
from core.graphs.models import GraphModel
from core.ui.common import page

SHOWN = 8


def show(model: GraphModel, triple: Sequence[int]) -> None:
    """Both, beside each other."""
    left, right = st.columns(2)
    with left:
        st.markdown("**Nearest known triples**")
        nearest(model, triple)
    with right:
        st.markdown("**Most influential neighbours**")
        influential(model, triple)


def nearest(model: GraphModel, triple: Sequence[int]) -> None:
    """Training triples of the same relation whose ends are most like those of a triple."""
    graph = model.graph
    try:
        reasons = prediction.explain(model, triple)
    except ExplorerError as error:
        page.show_error(error)
        return
    if not reasons:
        st.info("No other training triple has this relation.")
        return
    st.dataframe(
        {
            "head": [graph.label(one.triple[0]) for one in reasons],
            "relation": [graph.relations[one.triple[1]] for one in reasons],
            "tail": [graph.label(one.triple[2]) for one in reasons],
            "head similarity": [one.head_similarity for one in reasons],
            "tail similarity": [one.tail_similarity for one in reasons],
        },
        hide_index=True,
        alt="Known triples nearest to the prediction",
        height="content",
        column_config={
            name: st.column_config.NumberColumn(format="%.2f")
            for name in ("head similarity", "tail similarity")
        },
    )
    st.caption(
        "Training triples of the same relation whose ends are most like those of the prediction, "
        "by the cosine of the model's vectors. They show what it has seen that is alike, not a "
        "proof."
    )


def influential(model: GraphModel, triple: Sequence[int]) -> None:
    """Training triples of a triple's ends whose scores rise with its own."""
    graph = model.graph
    found = influence.influences(model, triple)
    if not found:
        st.info("Its entities have no other training triple.")
        return
    shown = found[:SHOWN]
    st.dataframe(
        {
            "head": [graph.label(one.fact[0]) for one in shown],
            "relation": [graph.relations[one.fact[1]] for one in shown],
            "tail": [graph.label(one.fact[2]) for one in shown],
            "influence": [one.cosine for one in shown],
        },
        hide_index=True,
        alt="Known triples that pull the prediction's way",
        height="content",
        column_config={"influence": st.column_config.NumberColumn(format="%.2f")},
    )
    st.caption(
        f"Of {len(found):,} training triples at its ends, those that pull the shared entity's "
        "vector most the prediction's way: the cosine of the gradients of both scores (Bhardwaj et "
        "al. 2021). It is a first-order measure of the trained vectors; no model was trained "
        "without the triple."
    )
