"""A map as a small picture: where points lie on it, and in which colour."""

from __future__ import annotations

import io

import numpy as np
from PIL import Image

from core.charts import small_map
from core.charts.scatter import BLANK, PALETTE, scale
from core.maps.colors import PLAIN, by_kind, by_number


def hexed(colors: np.ndarray) -> list[str]:
    return ["#{:02X}{:02X}{:02X}".format(*color) for color in colors.tolist()]


def test_points_have_the_colours_of_the_chart() -> None:
    kinds = by_kind("kind", ["a", "b", "a", ""])
    assert hexed(small_map.colors_of(kinds, 4, "light")) == [
        PALETTE[0], PALETTE[1], PALETTE[0], BLANK,
    ]  # fmt: skip
    numbers = by_number("size", [0.0, 5.0, float("nan")])
    steps = [step.upper() for step in scale("dark")]
    assert hexed(small_map.colors_of(numbers, 3, "dark")) == [steps[0], steps[-1], BLANK]
    assert hexed(small_map.colors_of(PLAIN, 2, "light")) == [PALETTE[0]] * 2


def test_points_lie_where_they_are_with_the_second_axis_up() -> None:
    points = np.array([[0, 0], [10, 0], [0, 5]], dtype=np.float32)
    colors = np.array([[255, 0, 0], [0, 255, 0], [0, 0, 255]], dtype=np.uint8)
    data = small_map.picture(points, colors, side=100)
    seen = np.asarray(Image.open(io.BytesIO(data)))
    assert seen.shape == (100, 100, 4)
    for color, (column, line) in zip(colors, [(14, 67), (86, 67), (14, 31)], strict=True):
        near = seen[line - 2 : line + 3, column - 2 : column + 3]
        assert (near[..., :3] == color).all(axis=-1).any()
    assert (seen[..., 3] > 0).sum() < 3 * 15 * 15  # all else is clear


def test_one_place_and_many_points_are_drawn() -> None:
    points = np.zeros((60_000, 2), dtype=np.float32)
    colors = np.full((60_000, 3), 7, dtype=np.uint8)
    seen = np.asarray(Image.open(io.BytesIO(small_map.picture(points, colors, side=50))))
    assert (seen[..., 3] > 0).sum() == 1
