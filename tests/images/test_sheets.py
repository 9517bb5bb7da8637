"""Many small pictures in one."""

from __future__ import annotations

import io
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import pytest
from PIL import Image

from core.base.errors import PictureError
from core.images import sheets
from core.images.sheets import ACROSS, CELL


@dataclass
class Drawn:
    """Pictures by number, made as they are asked for."""

    open: Callable[[int], Image.Image]
    digests: list[bytes]

    def take(self, rows: Any) -> Drawn:
        raise NotImplementedError


def test_each_picture_lies_in_its_cell_with_its_aspect_and_transparency(own_home: Any) -> None:
    def drawn(row: int) -> Image.Image:
        if row == 1:
            raise PictureError("It is damaged.", "", "")
        return Image.new("RGBA", (200, 100), (255, 0, 0, 255) if row else (0, 0, 255, 255))

    made = sheets.sheet(Drawn(drawn, [bytes([at]) * 8 for at in range(18)]), range(18))
    picture = Image.open(io.BytesIO(made)).convert("RGBA")
    assert picture.size == (ACROSS * CELL, ACROSS * CELL)
    pixels = np.asarray(picture)
    middle = CELL // 2
    assert pixels[middle, middle, 2] > 200  # the first is blue
    assert pixels[middle, CELL + middle, 3] == 0  # the second could not be opened
    assert pixels[CELL + middle, CELL + middle, 0] > 200  # the 18th, in the second row, is red
    assert pixels[4, middle, 3] == 0  # twice as wide as high: above it nothing
    assert pixels[middle, 2 * CELL + middle, 0] > 200


def test_without_transparency_thumbnails_serve(own_home: Any) -> None:
    gallery = Drawn(lambda row: Image.new("RGB", (90, 90), (0, 200, 0)), [b"12345678"])
    picture = Image.open(io.BytesIO(sheets.sheet(gallery, [0]))).convert("RGB")
    assert picture.getpixel((32, 32)) == pytest.approx((0, 200, 0), abs=12)
