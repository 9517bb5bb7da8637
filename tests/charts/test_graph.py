"""Figures of graphs: names beside points keep clear of each other, and the training curve."""

from __future__ import annotations

from itertools import combinations

import numpy as np
import plotly.graph_objects as go

from core.charts import graph as graph_charts
from core.charts.labels import CHARACTER, LINE, choose_sides, overlap


def names(figure: go.Figure) -> list[str]:
    return [one.text.strip("\N{NO-BREAK SPACE}") for one in figure.layout.annotations]


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
