"""Figures of graphs: no name lies on another, and small graphs are drawn whole with all names."""

from __future__ import annotations

from itertools import combinations

import numpy as np
import plotly.graph_objects as go
import pytest

from core.charts import graph as graph_charts
from core.charts.labels import CHARACTER, LINE, choose_sides, overlap
from core.graphs.graph import Graph, build_graph
from core.graphs.statistics import around


def star(others: int) -> Graph:
    triples = [("hub", "out", f"entity {at}") for at in range(others)]
    triples += [(f"entity {at}", "back", "hub") for at in range(others)]
    return build_graph("g", {"train": triples, "valid": [], "test": []})


def names(figure: go.Figure) -> list[str]:
    return [one.text.strip("\N{NO-BREAK SPACE}") for one in figure.layout.annotations]


@pytest.mark.parametrize("others", [1, 2, 3, 8, 14])
def test_a_relations_name_stands_to_the_right_of_its_arrow_and_so_never_on_that_of_the_way_back(
    others: int,
) -> None:
    graph = star(others)
    figure = graph_charts.around_figure(
        graph, around(graph, graph.entities.index("hub"), 2 * others)
    )
    arrows = [trace for trace in figure.data if trace.mode == "lines+markers"]
    told = {word: [] for word in ("out", "back")}
    for one in figure.layout.annotations:
        if one.text in told:
            told[one.text].append((one.x, one.y))
    assert [len(places) for places in told.values()] == [others, others]
    for drawn, places in zip(arrows, told.values(), strict=True):
        ends = np.column_stack([drawn.x, drawn.y]).reshape(-1, 3, 2)[:, :2]
        for (start, end), place in zip(ends, places, strict=True):
            along = (end - start) / np.linalg.norm(end - start)
            right = np.array([along[1], -along[0]])
            assert right @ (np.array(place) - start) > 0.03


@pytest.mark.parametrize("others", [1, 12, 14, 15, 40, 41, 100])
def test_names_around_an_entity_have_room_for_their_lines(others: int) -> None:
    """They lead outward, each on its own spoke: where the ring is, spokes are a line apart."""
    graph = star(others)
    figure = graph_charts.around_figure(
        graph, around(graph, graph.entities.index("hub"), 2 * others)
    )
    shown = {name for name in names(figure) if name.startswith("entity")}
    assert shown == {f"entity {at}" for at in range(others)}
    assert ("out" in names(figure)) == (2 * others <= graph_charts.NAMED_ARROWS)
    reach = figure.layout.yaxis.range[1]
    pixels = (figure.layout.height - 40) / (2 * reach)  # of the ring's radius
    assert others < 2 or 2 * np.sin(np.pi / others) * pixels >= 11
    turns = sorted(float(one.textangle or 0) for one in figure.layout.annotations)
    assert all(-90 <= turn <= 90 for turn in turns)  # none stands on its head


@pytest.mark.parametrize("count", [2, 14, 60])
def test_a_small_graph_is_drawn_whole_with_every_name(count: int) -> None:
    triples = [(f"n{at}", "next", f"n{(at + 1) % count}") for at in range(count)]
    graph = build_graph("g", {"train": triples, "valid": [], "test": []})
    figure = graph_charts.whole_figure(graph, around(graph, 0))
    assert sorted(names(figure)) == sorted(graph.entities)
    lines = [trace for trace in figure.data if trace.mode == "lines"]
    drawn = sum(int(np.isnan(np.asarray(trace.x, dtype=float)).sum()) for trace in lines)
    assert drawn == max(0, count - 2)  # all pairs but the two of the chosen entity


def test_names_beside_points_lie_on_each_other_only_where_there_is_no_room() -> None:
    random = np.random.default_rng(0)
    points = random.random((25, 2)).astype(np.float32)
    texts = [f"name {at}" for at in range(25)]
    size = (900, 540)

    def shared(sides: list[str]) -> float:
        boxes = [
            _box(point, text, side) for point, text, side in zip(scaled, texts, sides, strict=True)
        ]
        return sum(overlap(one, other) for one, other in combinations(boxes, 2))

    span = points.max(axis=0) - points.min(axis=0)
    scaled = points * float(np.min(np.array(size) / span))
    assert shared(["top center"] * 25) > 0
    assert shared(choose_sides(points, texts, size)) == 0
    assert choose_sides(points[:0], [], size) == []


def test_of_two_points_at_one_place_the_names_part() -> None:
    points = np.array([[0, 0], [0, 0], [1, 1]], dtype=np.float32)
    first, second, _ = choose_sides(points, ["one", "other", "far"], (900, 540))
    assert first != second


def _box(point: np.ndarray, text: str, side: str) -> tuple[float, float, float, float]:
    width = CHARACTER * len(text)
    up = {"top": 1, "bottom": -1, "middle": 0}[side.split(maxsplit=1)[0]]
    across = {"left": -1, "right": 1, "center": 0}[side.split()[1]]
    x = float(point[0]) + across * (6 + width / 2)
    y = float(point[1]) + up * (6 + LINE / 2)
    return x - width / 2, y - LINE / 2, x + width / 2, y + LINE / 2


def test_the_curve_shows_what_there_is_within_the_first_epoch() -> None:
    figure = graph_charts.training_figure([], [(0.25, 0.3), (0.5, 0.4)])
    assert "the first epoch is not over yet" in names(figure)
    assert "not measured yet" not in names(figure)
    assert (list(figure.data[1].x), list(figure.data[1].y)) == ([0.25, 0.5], [0.3, 0.4])
    later = graph_charts.training_figure([2.0], [])
    assert "not measured yet" in names(later)
    assert "the first epoch is not over yet" not in names(later)
