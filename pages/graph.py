"""Graph: knowledge graphs as vectors, trained, questioned and seen."""

import streamlit as st

from core.ui.choosers import graph_model as graph_models
from core.ui.common import widgets
from core.ui.graph import (
    map as graph_map,
    predict as graph_ask,
    ranking as graph_figures,
    source as graph_source,
    statistics as graph_facts,
    text_space as graph_text,
    train as graph_train,
)
from core.ui.help import explain

FACTS, TRAIN, ASK, FIGURES = "Graph", "Train", "Ask", "Figures"
SEE, TEXT, OWN = "Map", "Text beside", "Your graph"
TOOLS = (FACTS, TRAIN, ASK, FIGURES, SEE, TEXT, OWN)

widgets.under_app()
st.title("Graph", anchor=False)
st.caption("Entities and relations as vectors: train them, ask what is missing, see the relations.")
row = st.container(horizontal=True, gap="large")
tool = str(
    row.segmented_control(
        "Tool",
        TOOLS,
        default=FACTS,
        key="do",
        bind="query-params",
        required=True,
        wrap=True,
    )
)
graph = graph_source.choose(row)
if tool == OWN:
    graph_source.bring()
elif graph is not None:
    if tool == FACTS:
        graph_facts.show(graph)
    elif tool == TRAIN:
        graph_train.show(graph, graph.name)
    elif tool == FIGURES:
        graph_figures.show(graph)
    else:
        model = graph_models.choose_model(graph)
        if model is not None:
            {ASK: graph_ask.show, SEE: graph_map.show, TEXT: graph_text.show}[tool](model)

explain.show("graph", tool)
