"""The plain figure of a map: what forms, and entities of a graph."""

from __future__ import annotations

import numpy as np

from core.charts.map import TEXTS_UP_TO, map_figure

POINTS = np.array([[0, 0], [1, 0], [0, 1], [5, 5]], dtype=np.float32)


def test_all_points_are_one_trace_whose_rows_are_theirs() -> None:
    figure = map_figure(POINTS, texts=["<b>one</b>", "two", "three", "four"])
    [points] = figure.data
    np.testing.assert_array_equal(points.x, POINTS[:, 0])
    assert points.text[0] == "&lt;b&gt;one&lt;/b&gt;"
    assert figure.layout.yaxis.scaleanchor == "x"
    [spaced] = map_figure(np.pad(POINTS, ((0, 0), (0, 1)))).data
    assert (spaced.type, list(spaced.z)) == ("scatter3d", [0, 0, 0, 0])


def test_points_are_as_large_as_suits_their_number() -> None:
    sizes = [map_figure(np.zeros((n, 2), np.float32)).data[0].marker.size for n in (4, 30_000)]
    assert sizes[0] > sizes[1] >= 1


def test_the_texts_of_very_many_points_stay_here() -> None:
    many = np.zeros((TEXTS_UP_TO + 1, 2), dtype=np.float32)
    figure = map_figure(many, texts=["secret"] * len(many))
    assert figure.data[0].text is None
    assert "secret" not in figure.to_json()
    long = map_figure(POINTS, texts=["x" * 100_000] * 4)
    assert len(long.to_json()) < 20_000
