"""Masks of many kinds are read as they are meant."""

from __future__ import annotations

import io

import numpy as np
import pytest
from PIL import Image, ImageDraw

from core.base.errors import InputError
from core.generation.masks import drawn_mask, over_picture, read_mask
from core.readers.pictures import open_picture

BOX = (10, 4, 30, 16)  # left, top, right, bottom
SIZE = (48, 32)


def wanted() -> np.ndarray:
    mask = np.zeros(SIZE[::-1], np.uint8)
    mask[BOX[1] : BOX[3], BOX[0] : BOX[2]] = 255
    return mask


def drawn(mode: str, ground: object, paint: object) -> Image.Image:
    picture = Image.new(mode, SIZE, ground)  # type: ignore[arg-type]
    picture.paste(paint, BOX)  # type: ignore[arg-type]
    return picture


def photo(alpha_of_box: int = 255) -> Image.Image:
    noise = np.random.default_rng(0).integers(0, 255, (*SIZE[::-1], 3), dtype=np.uint8)
    picture = Image.fromarray(noise).convert("RGBA")
    picture.putalpha(drawn("L", 255, alpha_of_box))
    return picture


def sixteen_bits(values: np.ndarray) -> Image.Image:
    return Image.fromarray(values.astype(np.uint16))


def palette() -> Image.Image:
    """As Pascal VOC's labels: the second colour of a palette is dark red."""
    picture = drawn("P", 0, 1)
    picture.putpalette([0, 0, 0, 128, 0, 0])
    return picture


KINDS = {
    "black and white": (drawn("L", 0, 255), "brightness"),
    "one bit": (drawn("1", 0, 1), "brightness"),
    "colours that are grey": (drawn("RGB", "black", "white"), "brightness"),
    "0 and 1": (drawn("L", 0, 1), "brightness"),
    "0 and 1 in 16 bits": (sixteen_bits(wanted() // 255), "brightness"),
    "0 and 65,535": (sixteen_bits(wanted() * 257.0), "brightness"),
    "0 and 255 in 16 bits": (sixteen_bits(wanted()), "brightness"),
    "shares": (Image.fromarray(wanted().astype(np.float32) / 255), "brightness"),
    "numbers of things": (drawn("L", 0, 7), "labels"),
    "numbers of things in 16 bits": (sixteen_bits(wanted() // 255 * 7), "labels"),
    "a palette of labels": (palette(), "labels"),
    "colours of things": (drawn("RGB", "black", (128, 64, 0)), "labels"),
    "white on transparent": (drawn("RGBA", (0, 0, 0, 0), "white"), "painted"),
    "red on transparent": (drawn("RGBA", (0, 0, 0, 0), "red"), "painted"),
    "a hole in a photo": (photo(0), "hole"),
    "a hole in black": (drawn("RGBA", "black", (0, 0, 0, 0)), "hole"),
    "grey with alpha": (drawn("LA", (0, 0), (255, 255)), "painted"),
}


@pytest.mark.parametrize("kind", list(KINDS))
def test_a_mask_is_white_where_it_was_meant_to_change(kind: str) -> None:
    picture, reading = KINDS[kind]
    mask = read_mask(picture)
    assert mask.image.mode == "L"
    assert np.array_equal(np.asarray(mask.image), wanted())
    assert reading in mask.reading
    assert mask.share == pytest.approx(20 * 12 / (48 * 32))
    inverted = mask.inverted()
    assert np.array_equal(np.asarray(inverted.image), 255 - wanted())
    assert "Inverted" in inverted.reading


@pytest.mark.parametrize("kind", ["0 and 1 in 16 bits", "a palette of labels", "a hole in a photo"])
def test_it_is_so_from_a_file_too(kind: str) -> None:
    stream = io.BytesIO()
    KINDS[kind][0].save(stream, "PNG")
    mask = read_mask(open_picture(stream.getvalue(), "mask.png"))
    assert np.array_equal(np.asarray(mask.image), wanted())


def test_black_and_white_on_transparent_is_read_by_brightness() -> None:
    picture = Image.new("RGBA", SIZE, (0, 0, 0, 0))
    picture.paste("black", (4, 2, 40, 28))
    picture.paste("white", BOX)
    assert np.array_equal(np.asarray(read_mask(picture).image), wanted())


def test_soft_edges_stay_and_what_jpeg_leaves_goes() -> None:
    ramp = np.tile(np.linspace(0, 255, 48).round().astype(np.uint8), (32, 1))
    soft = read_mask(Image.fromarray(ramp))
    kept = np.asarray(soft.image)
    between = (ramp >= 16) & (ramp <= 239)
    assert np.array_equal(kept[between], ramp[between])
    assert "grey is mixed" in soft.reading
    stream = io.BytesIO()
    sharp = Image.new("L", (48, 32))
    ImageDraw.Draw(sharp).ellipse((8, 8, 30, 26), fill=255)
    sharp.save(stream, "JPEG", quality=90)
    back = np.asarray(read_mask(open_picture(stream.getvalue(), "m.jpg")).image)
    far = np.asarray(sharp.resize((6, 4), Image.Resampling.BOX)).repeat(8, 0).repeat(8, 1) == 0
    assert (back[far] == 0).all()


def test_boxes_and_lassos_are_drawn_in_the_pictures_own_pixels() -> None:
    box = drawn_mask(SIZE, [([29.8, 10.2], [4.3, 16.4])], [])  # drawn from right to left
    assert np.array_equal(np.asarray(box), wanted())
    over_the_edge = np.asarray(drawn_mask(SIZE, [([40, 90], [-5, 3])], []))
    assert over_the_edge.sum() == 255 * 8 * 3
    assert (over_the_edge[:3, 40:] == 255).all()
    lasso = np.asarray(drawn_mask(SIZE, [], [([10, 30, 30, 10], [4, 4, 16, 16])]))
    assert np.abs(lasso.astype(int) - wanted())[1:-1].mean() < 255 * 0.05
    assert not np.asarray(drawn_mask(SIZE, [([60, 90], [0, 9])], [([1, 2], [3, 4])])).any()


def test_it_is_shown_over_the_picture_and_must_be_of_its_form() -> None:
    mask = read_mask(drawn("L", 0, 255)).image
    shown = np.asarray(over_picture(mask, Image.new("RGB", (96, 64), (0, 0, 255)), 48))
    assert shown.shape == (32, 48, 3)
    assert tuple(shown[10, 20]) == (153, 48, 102)  # six tenths of orange
    assert tuple(shown[25, 40]) == (0, 0, 255)
    with pytest.raises(InputError, match="48 x 32 pixels, the picture, upright, 64 x 96"):
        over_picture(mask, Image.new("RGB", (64, 96)), 48)
