"""Covering regions of a picture, with an encoder whose answer is known."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
import pytest
from PIL import Image

from core.attribution import occlusion
from core.attribution.occlusion import Occlusion, occlude
from core.base.errors import Cancelled
from core.base.types import FloatArray, Modality, Space
from core.images.why import draw_heat


class RedInCorner:
    """The share of red, as the first of two numbers."""

    space = Space("red", "Red", 2, (Modality.IMAGE,))
    chunk = 64

    def encode_pictures(self, pictures: Iterable[Image.Image]) -> FloatArray:
        shares = [
            float((np.asarray(one)[:, :, 0].astype(int) - np.asarray(one)[:, :, 2] > 150).mean())
            for one in pictures
        ]
        return np.array([[share, np.sqrt(1 - share**2)] for share in shares], np.float32)


def blue_with_red_corner(side: int = 64) -> Image.Image:
    """A blue square whose upper right quarter is red."""
    picture = Image.new("RGB", (side, side), (0, 0, 255))
    picture.paste((255, 0, 0), (side // 2, 0, side, side // 2))
    return picture


def red_share(vectors: FloatArray) -> FloatArray:
    return vectors @ np.array([1, 0], np.float32)


def test_what_is_lost_is_the_red_under_each_window() -> None:
    found = occlude(blue_with_red_corner(), RedInCorner(), red_share)
    assert found.similarity == pytest.approx(0.25)
    # A window is a quarter of the side wide, so one within the corner covers a sixteenth.
    expected = np.zeros((7, 7))
    expected[:3, 4:] = 1 / 16
    expected[3, 4:] = expected[:3, 3] = 1 / 32
    expected[3, 3] = 1 / 64
    assert found.drops == pytest.approx(expected, abs=1e-6)


def test_a_cell_has_the_mean_of_the_windows_over_it() -> None:
    drops = np.array([[1, 0], [0, 0]], np.float32)
    heat = Occlusion(0.5, drops).heat()
    assert heat.tolist() == [[1, 0.5, 0], [0.5, 0.25, 0], [0, 0, 0]]


def test_windows_are_within_the_picture_and_cover_all_of_it() -> None:
    covered = np.zeros((5, 9), int)
    for left, upper, right, lower in occlusion.windows(9, 5, 3):
        covered[upper:lower, left:right] += 1
    assert covered.min() >= 1
    one = occlude(Image.new("RGB", (1, 1), "red"), RedInCorner(), red_share, grid=2)
    assert one.drops == pytest.approx(np.zeros((2, 2)))  # its mean colour is its own


def test_covering_can_be_cancelled() -> None:
    def stop(done: int, total: int, note: str = "") -> None:
        raise Cancelled("covering")

    with pytest.raises(Cancelled):
        occlude(blue_with_red_corner(), RedInCorner(), red_share, stop)


def test_heat_is_orange_where_it_carries_and_blue_where_it_costs() -> None:
    drops = np.zeros((7, 7), np.float32)
    drops[0, 0], drops[6, 6] = 0.2, -0.2
    drawn = np.asarray(draw_heat(Image.new("RGBA", (96, 96), "grey"), Occlusion(0.5, drops)))
    red, green, blue = drawn[3, 3].tolist()
    assert red > green > blue
    red, green, blue = drawn[-3, -3].tolist()
    assert blue > green > red
    assert drawn[48, 48].tolist() == [128, 128, 128]
