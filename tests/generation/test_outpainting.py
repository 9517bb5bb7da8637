"""A larger canvas keeps the picture and asks for the rest."""

from __future__ import annotations

import numpy as np
import pytest
from PIL import Image

from core.base.errors import InputError
from core.generation.outpainting import extended


def test_the_picture_lies_where_it_was_asked_to_and_all_else_is_new() -> None:
    noise = np.random.default_rng(0).integers(0, 255, (20, 40, 3), dtype=np.uint8)
    larger, mask = extended(Image.fromarray(noise), (50, 0, 25, 10))
    assert larger.size == mask.size == (20 + 40 + 10, 20 + 2)
    assert np.array_equal(np.asarray(larger)[:20, 20:60], noise)
    white = np.asarray(mask) == 255
    assert not white[:20, 20:60].any()
    assert white.sum() == 70 * 22 - 20 * 40
    flat = extended(Image.new("RGB", (8, 8), "red"), (100, 100, 100, 100))[0]
    assert flat.getextrema() == ((255, 255), (0, 0), (0, 0))  # an edge goes on


def test_a_large_picture_is_made_smaller_so_that_no_more_is_asked_for_than_is_drawn() -> None:
    larger, mask = extended(Image.new("RGB", (4_000, 2_000)), (50, 0, 50, 0))
    assert larger.size == mask.size == (2_048, 512)
    assert np.asarray(mask)[256].sum() == 255 * 1_024


@pytest.mark.parametrize(
    "percents", [(0, 0, 0, 0), (-5, 0, 0, 10), (0, 300, 0, 0), (25, float("nan"), 0, 0)]
)
def test_a_canvas_that_does_not_grow_is_told(percents: tuple[float, ...]) -> None:
    with pytest.raises(InputError, match="from 0 to 200"):
        extended(Image.new("RGB", (8, 8)), percents)  # type: ignore[arg-type]
