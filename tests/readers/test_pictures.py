"""Pictures of every kind become the same square of pixels."""

from __future__ import annotations

import io
import struct
import zlib

import numpy as np
import pytest
from PIL import Image, ImageOps

from core.base.errors import PictureError
from core.readers.pictures import open_picture, to_rgb, to_square

RED, WHITE = (255, 0, 0), (255, 255, 255)


def saved(picture: Image.Image, kind: str, **options: object) -> bytes:
    stream = io.BytesIO()
    picture.save(stream, kind, **options)
    return stream.getvalue()


def test_a_square_picture_fills_the_square_in_the_order_red_green_blue() -> None:
    pixels = to_square(Image.new("RGB", (40, 40), (250, 120, 10)), 16)
    assert pixels.shape == (16, 16, 3)
    assert pixels.dtype == np.uint8
    assert (pixels == (250, 120, 10)).all()


def test_a_wide_picture_is_set_in_the_middle_of_white() -> None:
    pixels = to_square(Image.new("RGB", (400, 100), RED), 16)
    assert (pixels[:6] == WHITE).all()
    assert (pixels[6:10] == RED).all()
    assert (pixels[10:] == WHITE).all()


@pytest.mark.parametrize("size", [(1, 1), (1, 4_000), (4_000, 1), (3, 1)])
def test_a_picture_of_any_shape_keeps_something_of_itself(size: tuple[int, int]) -> None:
    pixels = to_square(Image.new("RGB", size, RED), 32)
    assert pixels.shape == (32, 32, 3)
    assert (pixels == RED).all(axis=2).any()


def test_transparency_lies_on_white_as_the_flattened_picture() -> None:
    rng = np.random.default_rng(0)
    clear = Image.fromarray(rng.integers(0, 256, (20, 30, 4), dtype=np.uint8), "RGBA")
    flat = Image.alpha_composite(Image.new("RGBA", clear.size, "white"), clear).convert("RGB")
    assert np.array_equal(to_square(clear, 24), to_square(flat, 24))


@pytest.mark.parametrize(
    "mode", ["1", "L", "LA", "P", "RGBA", "CMYK", "YCbCr", "HSV", "I;16", "I", "F"]
)
def test_pictures_of_every_mode_become_rgb(mode: str) -> None:
    if mode in ("I;16", "I"):
        picture = Image.fromarray(np.full((8, 8), 65_535, np.uint16)).convert(mode)
    elif mode == "F":
        picture = Image.fromarray(np.eye(8, dtype=np.float32))
    else:
        picture = Image.new("RGB", (8, 8), "white").convert(mode)
    rgb = to_rgb(picture)
    assert rgb.mode == "RGB"
    assert rgb.getpixel((0, 0)) == WHITE


def test_sixteen_bit_grey_is_scaled_not_clipped() -> None:
    grey = Image.fromarray(np.full((8, 8), 32_768, np.uint16))
    assert abs(to_rgb(grey).getpixel((0, 0))[0] - 128) <= 1


def test_a_palette_with_a_transparent_colour_lies_on_white() -> None:
    picture = Image.new("P", (4, 4), 0)
    picture.putpalette([0, 0, 0, 255, 0, 0])
    data = saved(picture, "PNG", transparency=0)
    assert to_rgb(open_picture(data)).getpixel((0, 0)) == WHITE


def test_the_turn_in_exif_is_made() -> None:
    picture = Image.new("RGB", (20, 10), RED)
    exif = picture.getexif()
    exif[0x0112] = 6  # a quarter turn clockwise
    turned = to_rgb(open_picture(saved(picture, "JPEG", exif=exif)))
    assert turned.size == (10, 20)


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP"])
def test_damaged_exif_leaves_the_picture_as_it_is(kind: str) -> None:
    data = saved(Image.new("RGB", (20, 10), RED), kind, exif=b"Exif\0\0garbage here")
    assert to_rgb(open_picture(data)).size == (20, 10)


@pytest.mark.parametrize("orientation", range(1, 9))
def test_every_turn_in_exif_is_made_as_pillow_makes_it(orientation: int) -> None:
    rng = np.random.default_rng(0)
    picture = Image.fromarray(rng.integers(0, 256, (6, 9, 3), dtype=np.uint8))
    exif = picture.getexif()
    exif[0x0112] = orientation
    data = saved(picture, "PNG", exif=exif)
    expected = np.asarray(ImageOps.exif_transpose(Image.open(io.BytesIO(data))))
    opened = open_picture(data)
    assert np.array_equal(np.asarray(opened), expected)  # upright for whoever opens it
    assert np.array_equal(np.asarray(to_rgb(opened)), expected)  # and turned once


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP"])
def test_a_turn_is_made_though_the_rest_of_exif_is_damaged(kind: str) -> None:
    maker = struct.pack("<HHIf", 0x010F, 11, 1, 0.5)  # a number in place of a name
    turn = struct.pack("<HHIHH", 0x0112, 3, 1, 6, 0)
    exif = b"Exif\0\0II*\0" + struct.pack("<IH", 8, 2) + maker + turn + bytes(4)
    data = saved(Image.new("RGB", (20, 10), RED), kind, exif=exif)
    with pytest.raises(AttributeError):  # Pillow fails to write the rest again
        ImageOps.exif_transpose(Image.open(io.BytesIO(data)))
    opened = open_picture(data)
    assert opened.size == to_rgb(opened).size == (10, 20)


def test_no_program_is_run_for_a_picture() -> None:
    """Pillow would hand PostScript to Ghostscript, where that is installed."""
    with pytest.raises(PictureError, match="no picture that can be read"):
        open_picture(b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\nshowpage\n", "a.jpg")


def test_of_an_animation_the_first_frame_counts() -> None:
    frames = [Image.new("RGB", (8, 8), colour) for colour in ("red", "blue")]
    data = saved(frames[0], "GIF", save_all=True, append_images=frames[1:])
    assert to_rgb(open_picture(data)).getpixel((0, 0)) == RED


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "GIF", "WEBP", "TIFF", "BMP", "AVIF"])
def test_half_a_picture_gives_one_clear_message(kind: str) -> None:
    rng = np.random.default_rng(1)
    whole = saved(Image.fromarray(rng.integers(0, 256, (64, 64, 3), dtype=np.uint8)), kind)
    with pytest.raises(PictureError, match="photo"):
        open_picture(whole[: len(whole) // 2], "photo")


def test_a_picture_of_too_many_pixels_is_refused_before_it_is_unpacked() -> None:
    with pytest.raises(PictureError, match="pixels"):
        open_picture(saved(Image.new("1", (20_000, 20_000)), "PNG"))


def test_a_bomb_is_told_by_its_pixels_and_not_as_damaged() -> None:
    """Pillow itself refuses a picture of more than twice its own limit before its size is known."""
    header = struct.pack(">IIBBBBB", 30_000, 30_000, 1, 0, 0, 0, 0)
    chunks = [(b"IHDR", header), (b"IDAT", zlib.compress(b"")), (b"IEND", b"")]
    data = b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(part)) + kind + part + struct.pack(">I", zlib.crc32(kind + part))
        for kind, part in chunks
    )
    with pytest.raises(PictureError) as caught:
        open_picture(data, "bomb.png")
    assert "pixels" in caught.value.given
    assert "damaged" not in caught.value.given
    assert caught.value.remedy == "Scale it down first."


def test_an_empty_file_is_told_as_empty() -> None:
    with pytest.raises(PictureError, match=r"“none\.png” is empty"):
        open_picture(b"", "none.png")
