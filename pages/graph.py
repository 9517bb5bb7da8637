"""Graph: knowledge graph embeddings: training, link prediction, evaluation, maps."""

from core.ui.choosers import graph_files, graph_model
from core.ui.common import frame, page
from core.ui.graph import (
    entities,
    explore,
    map as graph_map,
    predict,
    ranking,
    review,
    source,
    statistics as statistics_panel,
    text_space,
    train,
    unseen,
)
from core.ui.help import explain
from core.ui.session.tool_line import choose_tool

EXPLORE, STATISTICS, TRAIN = "Explore", "Statistics", "Train"
PREDICT, EVALUATE = "Link prediction", "Evaluation"
FIND, NEW, REVIEW = "Entities", "Unseen entity", "Review"
SEE, TEXT, OWN = "Map", "Compare with text embeddings", "Datasets"
SHOWN = {
    PREDICT: predict.show,
    FIND: entities.show,
    NEW: unseen.show,
    REVIEW: review.show,
    SEE: graph_map.show,
    TEXT: text_space.show,
}
TOOLS = (EXPLORE, STATISTICS, TRAIN, PREDICT, FIND, NEW, EVALUATE, REVIEW, SEE, TEXT, OWN)

page.under_app()
tool = choose_tool(TOOLS, page="graph")
graph = source.choose(frame.settings())
if tool == OWN:
    with frame.result():
        graph_files.show()
elif graph is not None:
    if tool == EXPLORE:
        explore.show(graph)
    elif tool == STATISTICS:
        statistics_panel.show(graph)
    elif tool == TRAIN:
        train.show(graph, graph.name)
    elif tool == EVALUATE:
        ranking.show(graph)
    else:
        model = graph_model.choose_model(graph, frame.settings())
        if model is not None:
            SHOWN[tool](model)
    source.tell(graph)

explain.show("graph", tool)
