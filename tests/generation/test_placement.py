"""A picture and its mask go the same way onto what a generator draws."""

from __future__ import annotations

import numpy as np
import pytest
from PIL import Image
from PIL.Image import Resampling

from core.base.errors import InputError
from core.generation import placement
from core.generation.init_image import size_of
from core.generation.request import Request, Source


def photo(width: int, height: int) -> Image.Image:
    """Red to the right, green downwards, so that a colour tells its place."""
    across, down = np.meshgrid(np.linspace(0, 255, width), np.linspace(0, 255, height))
    return Image.fromarray(np.stack([across, down, 0 * across], -1).astype(np.uint8))


def mask_of(size: tuple[int, int], box: tuple[int, int, int, int]) -> Image.Image:
    mask = Image.new("L", size)
    mask.paste(255, box)
    return mask


def test_a_whole_picture_is_padded_on_both_sides_and_cut_out_again() -> None:
    where = placement.contained((300, 200), 64)
    assert (where.region, where.target) == ((0, 0, 300, 200), (0, 10, 64, 53))
    large = where.scaled(8)
    assert (large.canvas, large.target) == ((512, 512), (0, 80, 512, 424))
    laid = placement.lay(photo(300, 200), None, where, Resampling.BICUBIC).picture
    assert laid.getpixel((0, 0)) == (255, 255, 255)
    assert where.cut(laid).size == (64, 43)
    assert large.cut(laid).size == (64, 43)  # of a smaller drawing the same part


def test_a_canvas_of_nearly_the_same_form_takes_all_and_another_the_middle() -> None:
    assert placement.covering((1000, 667), (624, 416)).region == (0, 0, 1000, 667)
    where = placement.covering((300, 200), (512, 512))
    assert where.region == pytest.approx((50, 0, 250, 200))
    where = placement.covering((200, 300), (512, 512))
    assert where.region == pytest.approx((0, 50, 200, 250))


def test_a_crop_follows_the_mask_so_that_a_box_near_the_edge_is_in_it() -> None:
    mask = mask_of((150, 100), (135, 40, 150, 60))  # of half the picture's size
    where = placement.covering((300, 200), (512, 512), mask)
    assert where.region == pytest.approx((100, 0, 300, 200))
    laid = placement.lay(photo(300, 200), mask, where)
    assert laid.mask is not None
    assert laid.mask.getpixel((505, 256)) == 255
    assert laid.mask.getpixel((420, 256)) == 0


@pytest.mark.parametrize("size", [(300, 200), (200, 300), (640, 480), (100, 400)])
def test_the_mask_lies_where_the_picture_has_what_it_marks(size: tuple[int, int]) -> None:
    box = (size[0] // 5, size[1] // 3, size[0] // 2, size[1] // 2)
    picture, mask = photo(*size), mask_of(size, box)
    for where in (
        placement.contained(size, 256),
        placement.covering(size, (320, 320), mask),
        placement.covering(size, size, mask),
    ):
        laid = placement.lay(picture, mask, where)
        assert laid.mask is not None
        marked = np.asarray(laid.picture)[np.asarray(laid.mask) == 255].astype(float)
        across, down = marked[:, 0] / 255 * (size[0] - 1), marked[:, 1] / 255 * (size[1] - 1)
        near = 2 * max(size) / 255 + 1  # a step of colour, and a pixel
        assert across.min() == pytest.approx(box[0], abs=near)
        assert across.max() == pytest.approx(box[2] - 1, abs=near)
        assert down.min() == pytest.approx(box[1], abs=near)
        assert down.max() == pytest.approx(box[3] - 1, abs=near)


def test_a_mask_of_another_form_or_black_everywhere_is_told() -> None:
    where = placement.covering((300, 200), (300, 200))
    with pytest.raises(InputError, match="200 x 300 pixels, the picture, upright, 300 x 200"):
        placement.lay(photo(300, 200), Image.new("L", (200, 300), 255), where)
    with pytest.raises(InputError, match="black everywhere"):
        placement.lay(photo(300, 200), Image.new("L", (300, 200)), where)
    placement.lay(photo(300, 200), Image.new("L", (31, 20), 255), where)  # rounded


def test_any_picture_becomes_upright_and_plain() -> None:
    upright = photo(30, 20)
    turned = upright.transpose(Image.Transpose.ROTATE_90)
    exif = turned.getexif()
    exif[274] = 6  # to be turned by 90 degrees clockwise
    turned.info["exif"] = exif.tobytes()
    assert np.array_equal(np.asarray(placement.plain(turned)), np.asarray(upright))
    assert turned.size == (20, 30)  # the one that was given stays
    deep = Image.fromarray(np.asarray(upright)[..., 0].astype(np.uint16) * 257)
    assert np.array_equal(np.asarray(placement.plain(deep))[..., 0], np.asarray(upright)[..., 0])
    clear = Image.new("RGBA", (4, 4), (0, 0, 0, 0))
    assert placement.plain(clear).getpixel((0, 0)) == (255, 255, 255)


@pytest.mark.parametrize(
    ("size", "asked", "multiple", "wanted"),
    [
        ((300, 200), (0, 0), 8, (624, 416)),
        ((2000, 3000), (0, 0), 16, (416, 624)),
        ((400, 300), (0, 0), 16, (576, 432)),
        ((1920, 1080), (0, 0), 8, (680, 384)),
        ((100, 100), (0, 0), 16, (512, 512)),
        ((300, 200), (768, 0), 8, (768, 512)),
        ((300, 200), (0, 768), 8, (1152, 768)),
        ((300, 200), (512, 512), 8, (512, 512)),
    ],
)
def test_a_size_is_of_the_pictures_form(
    size: tuple[int, int], asked: tuple[int, int], multiple: int, wanted: tuple[int, int]
) -> None:
    source = Source(Image.new("RGB", size))
    request = Request("x", "x", width=asked[0], height=asked[1], source=source)
    assert size_of(request, 512, multiple) == wanted


def test_no_side_of_a_long_picture_is_longer_than_is_drawn() -> None:
    request = Request("x", "x", source=Source(Image.new("RGB", (6_000, 100))))
    width, height = size_of(request, 512, 8)
    assert width <= 2_048
    assert width / height == pytest.approx(60, rel=0.1)
