"""Figures of graphs: names of relations stand beside their arrows, each way on its own side."""

from __future__ import annotations

import numpy as np
import pytest

from core.charts import graph as graph_charts
from core.graphs.graph import build_graph
from core.graphs.statistics import around

SIDES = {
    "top center": (0, 1),
    "bottom center": (0, -1),
    "middle right": (1, 0),
    "middle left": (-1, 0),
}


@pytest.mark.parametrize("others", range(1, 9))
def test_a_name_stands_to_the_right_of_its_arrow_and_so_never_on_that_of_the_way_back(
    others: int,
) -> None:
    triples = [("hub", "out", f"e{at}") for at in range(others)]
    triples += [(f"e{at}", "back", "hub") for at in range(others)]
    graph = build_graph("g", {"train": triples, "valid": [], "test": []})
    figure = graph_charts.around_figure(graph, around(graph, graph.entities.index("hub")))
    arrows = [trace for trace in figure.data if trace.mode == "lines+markers"]
    names = [trace for trace in figure.data if trace.mode == "text"]
    assert [len(trace.text) for trace in names] == [others, others]
    for drawn, told in zip(arrows, names, strict=True):
        ends = np.column_stack([drawn.x, drawn.y]).reshape(-1, 3, 2)[:, :2]
        for (start, end), place in zip(ends, told.textposition, strict=True):
            along = (end - start) / np.linalg.norm(end - start)
            right = np.array([along[1], -along[0]])
            assert right @ SIDES[place] > 0.7
