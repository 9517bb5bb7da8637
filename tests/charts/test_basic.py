"""Figures show the data as it is."""

import numpy as np
import pytest

from core.charts import basic as charts
from core.formula.formula import parse_formula
from core.formula.resolve import resolve
from core.spaces.vocabulary import Vocabulary
from core.words.analysis import Picture, draw_arithmetic


def test_names_of_words_that_lie_close_stand_on_different_sides() -> None:
    points = np.array([[0, 0, 0], [1, 0, 0], [0.001, 0.001, 0], [0.5, 1, 0]], dtype=np.float32)
    picture = Picture(
        labels=["throne", "royal", "pharaoh", "queen"],
        kinds=["neighbor", "neighbor", "neighbor", "result"],
        points=points,
        arrows=[],
        shares=np.array([0.5, 0.4, 0.1]),
    )
    figure = charts.arithmetic(picture)
    near = next(trace for trace in figure.data if trace.name == "neighbours")
    assert near.text == ("throne", "royal", "pharaoh")
    assert near.textposition[0] != near.textposition[2]


@pytest.mark.parametrize("dims", [2, 3])
def test_the_arithmetic_shows_every_point_and_arrow(royal: Vocabulary, dims: int) -> None:
    query = resolve(parse_formula("king - man + woman"), royal)
    picture = draw_arithmetic(query, ["queen"], royal.vectors[[1]])
    figure = charts.arithmetic(picture, dims)
    lines = [trace for trace in figure.data if trace.mode.startswith("lines")]
    points = {trace.name: list(trace.text) for trace in figure.data if "markers+text" in trace.mode}
    assert len(lines) == 4
    assert points == {
        "terms": ["king", "man", "woman"],
        "result": ["result"],
        "neighbours": ["queen"],
    }
    x = dict(zip(picture.labels, picture.points[:, 0], strict=True))
    result = next(trace for trace in figure.data if trace.name == "result")
    assert result.x[0] == pytest.approx(x["result"])


def test_the_heat_map_and_the_axis_hold_the_values() -> None:
    matrix = np.array([[1, 0.25], [0.25, 1]], dtype=np.float32)
    heat = charts.heat_map(["a", "b"], matrix).data[0]
    assert heat.z[0][1] == pytest.approx(0.25)
    strip = charts.axis_strip(["a", "b"], np.array([0.5, -0.5], dtype=np.float32), "low", "high")
    assert list(strip.data[0].text) == ["b", "a"]
    assert list(strip.data[0].x) == [-0.5, 0.5]
    assert charts.heat_map(["a"], matrix[:1, :1]).data[0].z[0][0] == 1


def test_sections_show_what_was_not_covered_as_a_gap() -> None:
    figure = charts.section_bars(["one", "two"], {"MiniLM": [0.5, None], "own": [0.25, 1.0]})
    assert [list(trace.x) for trace in figure.data] == [[0.5, None], [0.25, 1.0]]
