"""Graph: knowledge graphs as vectors, trained, questioned and seen."""

from core.ui.choosers import graph_model
from core.ui.common import frame, page
from core.ui.graph import (
    map as graph_map,
    predict,
    ranking,
    source,
    statistics as statistics_panel,
    text_space,
    train,
)
from core.ui.help import explain
from core.ui.session.tool_line import choose_tool

FACTS, TRAIN, ASK, FIGURES = "Graph", "Train", "Ask", "Figures"
SEE, TEXT, OWN = "Map", "Text beside", "Your graph"
TOOLS = (FACTS, TRAIN, ASK, FIGURES, SEE, TEXT, OWN)

page.under_app()
tool = choose_tool(TOOLS, key="do")
graph = source.choose(frame.settings())
if tool == OWN:
    source.bring()
elif graph is not None:
    if tool == FACTS:
        statistics_panel.show(graph)
    elif tool == TRAIN:
        train.show(graph, graph.name)
    elif tool == FIGURES:
        ranking.show(graph)
    else:
        model = graph_model.choose_model(graph)
        if model is not None:
            {ASK: predict.show, SEE: graph_map.show, TEXT: text_space.show}[tool](model)

explain.show("graph", tool)
