"""Selecting on a map: by the mouse, by words, by nearness; the figure that shows it."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest

from core.base import vectors as vec
from core.base.types import Metric
from core.charts import map as map_charts
from core.charts.map import map_figure
from core.charts.map_overlays import STAR, Mark, Over, Sprite
from core.maps.colors import by_kind, by_number
from core.maps.selection import (
    Share,
    mean_vector,
    nearest_rows_to,
    picked_points,
    rows_with_text,
    shares,
    with_neighbors,
)

POINTS = np.array([[0, 0], [1, 0], [0, 1], [5, 5]], dtype=np.float32)


def picked(*pairs: tuple[int, Any]) -> dict[str, Any]:
    return {"selection": {"points": [{"curve_number": c, "point_index": p} for c, p in pairs]}}


def test_only_points_of_the_map_itself_are_picked() -> None:
    state = picked((0, 3), (0, 1), (1, 0), (0, 1), (0, 4), (0, -1), (0, None))
    assert picked_points(state, 4).tolist() == [1, 3]
    for empty in ({}, {"selection": None}, {"selection": {}}, picked()):
        assert picked_points(empty, 4).tolist() == []


def test_all_the_words_are_in_the_text() -> None:
    texts = ["Red Apple", "green apple", "a STRASSE", "pineapple red"]
    assert rows_with_text(texts, "apple RED").tolist() == [0, 3]
    assert rows_with_text(texts, "straße").tolist() == [2]
    assert rows_with_text(texts, "  ").tolist() == []


def test_neighbours_are_told_by_the_vectors() -> None:
    vectors = np.array([[1, 0], [0.9, 0.1], [0, 1], [-1, 0]], dtype=np.float32)
    rows = nearest_rows_to(vectors, np.array([2, 0], dtype=np.float32), 3)
    assert rows.tolist() == [0, 1, 2]
    assert with_neighbors(vectors, np.array([0]), 1).tolist() == [0, 1]
    assert with_neighbors(vectors, np.array([2, 3]), 2).tolist() == [0, 1, 2, 3]
    assert with_neighbors(vectors[:1], np.array([0]), 5).tolist() == [0]


def test_neighbours_of_many_equal_those_of_each() -> None:
    vectors = np.random.default_rng(0).normal(size=(700, 6)).astype(np.float32)
    rows = np.arange(300)
    similar = vec.normalize(vectors) @ vec.normalize(vectors).T
    np.fill_diagonal(similar, -2)
    expected = set(rows) | set(np.argsort(-similar[rows], axis=1, kind="stable")[:, :3].ravel())
    assert set(with_neighbors(vectors, rows, 3)) == expected


def test_neighbours_by_distance_are_others_than_by_direction() -> None:
    vectors = np.array([[1, 1], [9, 9], [1, 0.8], [8, 9.5]], dtype=np.float32)
    assert nearest_rows_to(vectors, vectors[0], 2).tolist() == [0, 1]
    assert nearest_rows_to(vectors, vectors[0], 2, Metric.EUCLIDEAN).tolist() == [0, 2]
    assert with_neighbors(vectors, np.array([0]), 1).tolist() == [0, 1]
    assert with_neighbors(vectors, np.array([0]), 1, Metric.EUCLIDEAN).tolist() == [0, 2]


@pytest.mark.parametrize("metric", list(Metric))
@pytest.mark.parametrize("odd", [np.nan, np.inf])
def test_rows_that_are_on_no_map_are_nobodys_neighbours(metric: Metric, odd: float) -> None:
    vectors = np.random.default_rng(0).normal(size=(40, 2)).astype(np.float32)
    vectors[[3, 17], 1] = odd
    usable = np.delete(np.arange(40), [3, 17])
    expected = usable[nearest_rows_to(vectors[usable], vectors[0], 11, metric)]
    assert nearest_rows_to(vectors, vectors[0], 11, metric).tolist() == expected.tolist()
    grown = set(with_neighbors(vectors, np.array([0]), 10, metric).tolist())
    assert grown == set(expected.tolist())
    assert with_neighbors(vectors, np.array([3]), 5, metric).tolist() == [3]


def test_equal_points_grow_by_others_only() -> None:
    vectors = np.ones((9, 2), dtype=np.float32)
    assert len(with_neighbors(vectors, np.array([8]), 3)) == 4


def test_shares_tell_how_many_of_all_are_selected() -> None:
    column = pd.Series(["a", "b", "a", None, "a"])
    assert shares(column, np.array([0, 1, 2])) == [Share("a", 2, 3), Share("b", 1, 1)]
    numbers = shares(pd.Series([1.5, np.nan]), np.array([0, 1]))
    assert {one.kind for one in numbers} == {"1.5", "no value"}
    assert len(shares(pd.Series(range(50)), np.arange(50), limit=7)) == 7


def test_the_mean_of_opposites_has_no_direction() -> None:
    vectors = np.array([[1, 0], [-1, 0], [0, 1]], dtype=np.float32)
    assert mean_vector(vectors, np.array([0, 1])) is None
    found = mean_vector(vectors, np.array([0, 2]))
    assert found is not None
    assert found == pytest.approx(np.sqrt([0.5, 0.5]))


def test_all_points_are_one_trace_whose_rows_are_theirs() -> None:
    figure = map_figure(
        POINTS,
        by_kind("k", ["a", "b", "a", ""]),
        texts=["<b>one</b>", "two", "three", "four"],
        selected=np.array([1]),
    )
    points = figure.data[0]
    np.testing.assert_array_equal(points.x, POINTS[:, 0])
    assert list(points.marker.color) == [0, 1, 0, 2]
    assert list(points.selectedpoints) == [1]
    assert points.text[0] == "&lt;b&gt;one&lt;/b&gt; · a"
    assert [trace.name for trace in figure.data[1:]] == ["a", "b", "no value"]
    # Neither colour nor shape alone tells kinds apart: both do.
    assert len({(trace.marker.color, trace.marker.symbol) for trace in figure.data[1:]}) == 3
    scale = points.marker.colorscale
    assert [color for _, color in scale] == [
        map_charts.PALETTE[0],
        map_charts.PALETTE[0],
        map_charts.PALETTE[1],
        map_charts.PALETTE[1],
        map_charts.BLANK,
        map_charts.BLANK,
    ]
    assert map_figure(POINTS).data[0].selectedpoints is None


def test_24_kinds_differ_in_colour_or_shape_and_numbers_have_a_bar() -> None:
    figure = map_figure(np.zeros((24, 2), np.float32), by_kind("k", [f"{n:02}" for n in range(24)]))
    kinds = {(trace.marker.color, trace.marker.symbol) for trace in figure.data[1:]}
    assert len(kinds) == 24
    bar = map_figure(POINTS, by_number("<i>lost", [0, 0.5, np.nan, 1])).data[0].marker
    assert bar.showscale
    assert bar.colorbar.title.text == "&lt;i&gt;lost"


def test_names_that_lie_together_do_not_cover_each_other() -> None:
    points = np.array([[0, 0], [10, 0], [0, 10], [10, 10]], dtype=np.float32)
    together = [("1: man, woman", points[0]), ("2: woman, man", points[0] + 0.1), ("3", points[0])]
    drawn = map_figure(points, over=Over(labels=[*together, ("4: far", points[3])]))
    shifts = [note.yshift for note in drawn.layout.annotations]
    assert shifts[0] == shifts[3]  # the first stays, and so does one with room
    assert min(abs(np.diff(sorted(shifts[:3])))) > 12 + 4  # the letters, and some room
    close = np.vstack([points, points[:1] + np.array([0, 0.4], np.float32)])
    beside = [("one", close[0]), ("two", close[4])]
    below = map_figure(close, over=Over(labels=beside)).layout.annotations[0].yshift
    assert below == -shifts[0]  # above it would cover the other's point
    many = [(f"{at}", points[0]) for at in range(24)]
    assert len(map_figure(points, over=Over(labels=many)).layout.annotations) == 24
    one = map_figure(points[:1], over=Over(labels=[("alone", points[0])]))
    assert one.layout.annotations[0].yshift == shifts[0]


@pytest.mark.parametrize("dims", [2, 3])
def test_what_was_found_and_what_was_dropped_differ_in_shape(dims: int) -> None:
    points = np.eye(4, dims, dtype=np.float32)
    marks = [
        Mark(name, points[:1], symbol, STAR, 16)
        for name, symbol in (("found", "circle-open"), ("dropped", "star"))
    ]
    drawn = map_figure(points, over=Over(marks)).data[-2:]
    assert [trace.name for trace in drawn] == ["found", "dropped"]
    assert len({trace.marker.symbol for trace in drawn}) == 2


def test_points_are_as_large_as_suits_their_number_or_as_asked() -> None:
    few, many = POINTS, np.zeros((30_000, 2), dtype=np.float32)
    sizes = [map_figure(points).data[0].marker.size for points in (few, many)]
    assert sizes[0] > sizes[1] >= 1
    assert map_figure(few, size=2).data[0].marker.size == 2 * sizes[0]
    assert map_figure(many, size=0.1).data[0].marker.size == 1


def test_numbers_under_the_mouse_keep_their_digits() -> None:
    numbers = by_number("year", [2012, 15970, np.nan, 0.25])
    figure = map_figure(POINTS, numbers, texts=["a", "b", "c", "d"])
    assert list(figure.data[0].text) == ["a · 2012", "b · 15970", "c · no value", "d · 0.25"]


def test_the_texts_of_very_many_points_stay_here() -> None:
    many = np.zeros((map_charts.TEXTS_UP_TO + 1, 2), dtype=np.float32)
    figure = map_figure(many, texts=["secret"] * len(many))
    assert figure.data[0].text is None
    assert "secret" not in figure.to_json()
    long = map_figure(POINTS, texts=["x" * 100_000] * 4)
    assert len(long.to_json()) < 20_000


@pytest.mark.parametrize("dims", [2, 3])
def test_what_lies_over_the_points_is_not_among_them(dims: int) -> None:
    points = np.pad(POINTS, ((0, 0), (0, dims - 2)))
    over = Over(
        [Mark("dropped", points[:1], "star", STAR, 16, ["<new>"])],
        np.stack([points[:2], points[2:]]),
        [Sprite(points[0], b"RIFF")],
        [("a & b", points[1])],
    )
    figure = map_figure(points, texts=list("abcd"), over=over, selected=np.array([0]))
    assert len(figure.data[0].x) == 4
    lines, mark = figure.data[1:]
    assert np.isnan(lines.x[2])
    assert np.isnan(lines.x[5])
    assert list(mark.text) == ["&lt;new&gt;"]
    if dims == 2:
        assert figure.layout.images[0].source == "data:image/webp;base64,UklGRg=="
        assert figure.layout.annotations[0].text == "a &amp; b"
    else:
        assert figure.data[0].marker.size[0] > figure.data[0].marker.size[1]
