"""Charts can be read and told apart: contrast on light and dark ground, colour and shape."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import numpy as np
import plotly.graph_objects as go
import pytest

from core.charts import (
    basic as charts,
    generation as generation_charts,
    graph as graph_charts,
    images as images_charts,
    map as map_charts,
)
from core.charts.contrast import GROUND, INK, contrast, text_on
from core.graphs.graph import Graph, build_graph
from core.images.few_shot import FewShot
from core.images.report import SimilarityHistogram, report
from core.images.zero_shot import LabelScore
from core.words.analysis import Picture
from tests.support.colors import DARK, LIGHT, SHAPES, TEXT

HOSTILE = '<a href="javascript:alert(1)">x</a> <b>y</b> & $z$'
POINTS = np.array([[0, 0], [1, 0], [0, 1], [1, 1]], dtype=np.float32)


def graph() -> Graph:
    triples = [("a", "r", "b"), ("b", "r", "a"), ("b", HOSTILE, HOSTILE)]
    return build_graph("g", {"train": triples, "valid": [], "test": []})


def figures() -> dict[str, go.Figure]:
    """One figure of each kind, whose words are hostile."""
    names = ["a", HOSTILE, "c", "d"]
    space = np.column_stack([POINTS, POINTS[:, 0]])
    picture = Picture(
        names,
        ["term", "result", "neighbor", "neighbor"],
        space,
        np.array([0.5, 0.3, 0.1]),
        [(0, 1)],
    )
    similar = np.linspace(-0.2, 1, 16, dtype=np.float32).reshape(4, 4)
    histogram = SimilarityHistogram(np.linspace(-1, 1, 4), np.ones(3), np.ones(3), 9, 8)
    rows = np.random.default_rng(0).normal(size=(6, 4)).astype(np.float32)
    confused = report(rows / np.linalg.norm(rows, axis=1)[:, None], ["a", HOSTILE] * 3, 2)
    return {
        "arithmetic": charts.arithmetic(picture),
        "arithmetic in space": charts.arithmetic(picture, 3),
        "heat map": charts.heat_map(names, similar),
        "strip": charts.axis_strip(names, similar[0], HOSTILE, "high"),
        "sections": charts.section_bars(names, {HOSTILE: [0.1] * 4, "b": [0.2] * 4}),
        "counts": charts.count_bars([1, 2], [3, 4], "x", "y"),
        "map": map_charts.map_figure(POINTS, texts=names),
        "map in space": map_charts.map_figure(space, texts=names),
        "arrows": graph_charts.arrows_figure(POINTS, np.array([[0, 1]]), names, HOSTILE, 1),
        "angles": graph_charts.angles_figure([(HOSTILE, POINTS[0]), ("b", POINTS[1])]),
        "training": graph_charts.training_figure([1.0, 0.5], [(2, 0.4)]),
        "labels": images_charts.label_bars([LabelScore(HOSTILE, 0.5, 0.6)]),
        "confusion": images_charts.confusion(confused, np.arange(2)),
        "similarities": images_charts.similarities(histogram),
        "examples": images_charts.accuracy_by_examples([FewShot(1, 0.5, 0.1)], 0.2),
        "schedule": generation_charts.schedule([1.0, 0.5]),
        "likeness": generation_charts.likeness({"a": [0.1], "b": [0.2], "c": [0.3]}),
    }


FIGURES = figures()
CELLS = ("heat map", "confusion")  # whose numbers stand on cells


def parts(value: Any, path: str = "") -> Iterator[tuple[str, Any]]:
    """Every value of a figure with the names that lead to it."""
    if isinstance(value, dict):
        for name, inner in value.items():
            yield from parts(inner, f"{path}.{name}")
    elif isinstance(value, list | tuple):
        for inner in value:
            yield from parts(inner, path)
    else:
        yield path, value


def colors(figure: go.Figure) -> Iterator[tuple[str, str]]:
    for path, value in parts(figure.to_plotly_json() | {"frames": None}):
        plain = ".template" not in path
        if plain and isinstance(value, str) and value.startswith("#") and len(value) == 7:
            yield path, value


@pytest.mark.parametrize("name", FIGURES)
def test_text_is_in_the_colour_of_the_page_or_stands_on_a_ground_of_its_own(name: str) -> None:
    """No one colour has a contrast of 4.5 on white and on the dark page at once."""
    for path, color in colors(FIGURES[name]):
        if "font" in path and name not in CELLS and color != INK:
            pytest.fail(f"{path} has a colour of its own")


@pytest.mark.parametrize("name", [name for name in FIGURES if "in space" in name])
def test_words_in_space_are_in_the_ink_that_streamlit_puts_in(name: str) -> None:
    from streamlit.elements.lib import streamlit_plotly_theme as theirs

    assert (INK, GROUND) == (theirs.GRAY_90, theirs.BG_COLOR)
    figure = FIGURES[name]
    for axis in (figure.layout.scene.xaxis, figure.layout.scene.yaxis, figure.layout.scene.zaxis):
        assert axis.title.font.color == axis.tickfont.color == INK
    for trace in figure.data:
        assert "text" not in (trace.mode or "") or trace.textfont.color == INK
    assert contrast(INK, LIGHT) >= TEXT  # a page that is saved has it as it is, on white
    assert figure.layout.scene.bgcolor is None
    assert charts.grounded(figure).layout.scene.bgcolor == GROUND
    assert figure.layout.scene.bgcolor is None


@pytest.mark.parametrize("name", FIGURES)
def test_marks_and_lines_are_seen_on_light_and_on_dark_ground(name: str) -> None:
    for path, color in colors(FIGURES[name]):
        if "font" not in path and name not in CELLS:
            assert min(contrast(color, LIGHT), contrast(color, DARK)) >= SHAPES, (path, color)
    for path, value in parts(FIGURES[name].to_plotly_json()["data"]):
        if path.endswith("opacity") and "selected" not in path:
            assert value in {0, 1}, (path, value)  # 0 for places that only carry a name
    for trace in FIGURES[name].data:
        marker = getattr(trace, "marker", None)
        if marker is not None and np.ndim(getattr(marker, "size", None)):
            assert marker.opacity == 1  # of sizes that differ it is 0.7 by default


def test_numbers_in_a_heat_map_are_read_on_every_cell() -> None:
    figure = FIGURES["heat map"]
    assert len(figure.data[1].text) == len(figure.data[1].textfont.color) == 16
    assert figure.data[1].text[0] == "-0.20"
    assert figure.data[1].textfont.color[0] == "#ffffff"  # on the dark blue of the low end
    assert figure.data[1].textfont.color[-1] == "#000000"  # on the yellow of the high end


def test_black_or_white_can_be_read_on_any_ground() -> None:
    for red in range(0, 256, 15):
        for green in range(0, 256, 15):
            for blue in range(0, 256, 15):
                ground = f"#{red:02x}{green:02x}{blue:02x}"
                assert contrast(text_on(ground), ground) >= TEXT, ground


def test_contrast_is_that_of_the_guidelines() -> None:
    assert contrast("#000000", "#ffffff") == pytest.approx(21)
    assert contrast("#777777", "#ffffff") == pytest.approx(4.48, abs=0.005)


@pytest.mark.parametrize("name", FIGURES)
def test_series_that_differ_in_colour_differ_in_shape_dash_or_pattern_too(name: str) -> None:
    drawn = [trace for trace in FIGURES[name].data if trace.showlegend is not False and trace.name]
    signs = []
    for trace in drawn:
        marker, line = trace.marker or {}, getattr(trace, "line", None) or {}
        pattern = getattr(marker, "pattern", None)
        dash, shape = getattr(line, "dash", None), getattr(pattern, "shape", None)
        signs.append((str(getattr(marker, "symbol", None)), str(dash), str(shape)))
    assert len(set(signs)) == len(signs), signs


@pytest.mark.parametrize("name", FIGURES)
def test_words_of_the_data_are_never_read_as_markup(name: str) -> None:
    """Plotly makes links and bold type of some HTML, in names, texts, ticks and what hovers."""
    allowed = re.compile("</?extra>")
    for path, value in parts(FIGURES[name].to_plotly_json()):
        if isinstance(value, str) and ".template" not in path:
            assert "<" not in allowed.sub("", value), (path, value)
