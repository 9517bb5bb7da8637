"""Valid pictures of every format, changed: each is opened and used, or refused with a reason."""

from __future__ import annotations

import io
import struct
import zlib
from collections.abc import Iterator
from functools import cache
from unittest import mock

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings, strategies as some
from PIL import Image

from core.base.errors import PictureError
from core.images.thumbnails import shrink
from core.readers import pictures
from core.readers.pictures import open_here, open_picture, to_square

# Pillow warns of what it passes over in a damaged file.
pytestmark = pytest.mark.filterwarnings("ignore::UserWarning")
SIDE = 16
TYPES = (*range(20), 65_535)  # of a TIFF's tags: 1 to 13 and 16 to 18 are defined
COUNTS = (0, 1, 2, 5, 2**31, 2**32 - 1)
VALUES = (0, 1, 7, 65_535, 2**31, 2**32 - 1)
STRIP_OFFSETS, ASCII, RATIONAL = 273, 2, 5


def saved(picture: Image.Image, kind: str, **options: object) -> bytes:
    stream = io.BytesIO()
    picture.save(stream, kind, **options)
    return stream.getvalue()


@cache
def whole() -> dict[str, list[bytes]]:
    """Small valid files of all formats that are read, of several modes and packings each."""
    pictures._prepare()  # Pillow then writes HEIF too
    random = np.random.default_rng(0)
    rgb = Image.fromarray(random.integers(0, 256, (12, SIDE, 3), dtype=np.uint8))
    palette, grey, exif = rgb.quantize(16), rgb.convert("L"), rgb.getexif()
    exif[0x0112] = 6
    deep = Image.fromarray(random.integers(0, 65_536, (8, 8), dtype=np.uint16))
    real = Image.fromarray(np.eye(8, dtype=np.float32))
    two = {"save_all": True, "append_images": [palette.rotate(90)]}
    packings = ("tiff_lzw", "tiff_adobe_deflate", "jpeg")
    import pylibjxl

    return {
        "JXL": [
            pylibjxl.encode(np.asarray(one), lossless=bool(at)) for at, one in enumerate((rgb, rgb))
        ],
        "JPEG": [
            *(saved(rgb, "JPEG", exif=exif), saved(rgb.convert("CMYK"), "JPEG")),
            saved(rgb, "JPEG", progressive=True),
        ],
        "PNG": [
            *(saved(rgb, "PNG", exif=exif), saved(palette, "PNG", transparency=0)),
            *(saved(rgb.convert("RGBA"), "PNG"), saved(deep, "PNG")),
        ],
        "WEBP": [saved(rgb, "WEBP", exif=exif), saved(rgb, "WEBP", lossless=True)],
        "GIF": [saved(palette, "GIF"), saved(palette, "GIF", transparency=1, **two)],
        "TIFF": [
            *(saved(one, "TIFF") for one in (rgb, palette, real, deep, rgb.convert("CMYK"))),
            *(saved(rgb, "TIFF", compression=packing) for packing in packings),
            saved(grey.convert("1"), "TIFF", compression="group4"),
        ],
        "BMP": [saved(rgb, "BMP"), saved(palette, "BMP")],
        "AVIF": [saved(rgb, "AVIF")],
        "ICO": [saved(rgb, "ICO"), saved(rgb, "ICO", bitmap_format="bmp")],
        "PPM": [
            *(saved(rgb, "PPM"), saved(grey, "PPM"), saved(real, "PPM")),
            b"P3\n2 1\n255\n255 0 0 0 255 9\n",
        ],
        "JPEG2000": [saved(rgb, "JPEG2000"), saved(grey, "JPEG2000")],
        "HEIF": [saved(rgb, "HEIF")],
        "PDF": [saved(rgb, "PDF"), saved(rgb, "PDF", save_all=True, append_images=[grey])],
    }


def use(data: bytes) -> Image.Image | None:
    """All that is done with a picture; ``None`` where it was refused, with a reason."""
    with mock.patch.object(pictures, "MAX_PIXELS", 100_000):  # changed sizes cost time otherwise
        try:
            picture = open_here(data, "photo")
        except PictureError as error:
            assert "photo" in error.given
            assert error.remedy
            return None
    assert to_square(picture, SIDE).shape == (SIDE, SIDE, 3)
    assert Image.open(io.BytesIO(shrink(picture))).format == "WEBP"
    return picture


@pytest.mark.parametrize("kind", pictures.FORMATS)
def test_the_files_that_are_changed_below_are_pictures(kind: str) -> None:
    assert [use(data) is not None for data in whole()[kind]] == [True] * len(whole()[kind])


Change = tuple[str, int, bytes]
CHANGES = some.lists(
    some.tuples(
        some.sampled_from(["put", "cut", "drop", "insert"]),
        # Most of what decides is in the first bytes.
        some.one_of(some.integers(0, 120), some.integers(0, 3_000)),
        some.binary(min_size=1, max_size=4),
    ),
    min_size=1,
    max_size=4,
)


def changed(data: bytes, changes: list[Change]) -> bytes:
    found = bytearray(data)
    for how, at, bytes_ in changes:
        place = at % (len(found) or 1)
        if how == "put":
            found[place : place + len(bytes_)] = bytes_
        elif how == "cut":
            del found[place:]
        elif how == "drop":
            del found[place : place + len(bytes_)]
        else:
            found[place:place] = bytes_
    return bytes(found)


def with_right_sums(data: bytes) -> bytes:
    """A PNG whose checksums are those of what it holds, so that this is read at all."""
    found, at = bytearray(data[:8]), 8
    while at + 12 <= len(data):
        size = int.from_bytes(data[at : at + 4])
        part = data[at + 4 : at + 8 + size]
        found += struct.pack(">I", size) + part + struct.pack(">I", zlib.crc32(part))
        at += 12 + size
    return bytes(found)


@pytest.mark.slow
@pytest.mark.parametrize("kind", pictures.FORMATS)
@given(which=some.integers(0, 20), changes=CHANGES, sums=some.booleans())
@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_a_changed_picture_is_used_or_refused(
    kind: str, which: int, changes: list[Change], sums: bool
) -> None:
    files = whole()[kind]
    data = changed(files[which % len(files)], changes)
    use(with_right_sums(data) if kind == "PNG" and sums else data)


def tags(data: bytes) -> Iterator[tuple[int, int]]:
    """Each tag of a TIFF's first directory, and where its 12 bytes begin."""
    (start,) = struct.unpack_from("<I", data, 4)
    (count,) = struct.unpack_from("<H", data, start)
    for at in range(start + 2, start + 2 + 12 * count, 12):
        yield struct.unpack_from("<H", data, at)[0], at


def with_tag(data: bytes, at: int, code: str, offset: int, value: int) -> bytes:
    found = bytearray(data)
    struct.pack_into(code, found, at + offset, value)
    return bytes(found)


@pytest.mark.slow
@pytest.mark.parametrize("which", range(9))
def test_any_tag_of_a_tiff_may_have_any_type_count_or_value(which: int) -> None:
    data = whole()["TIFF"][which]
    for _, at in tags(data):
        for kind in TYPES:
            retyped = with_tag(data, at, "<H", 2, kind)
            use(retyped)
            for count in COUNTS[:3]:
                use(with_tag(retyped, at, "<I", 4, count))
        for count in COUNTS:
            use(with_tag(data, at, "<I", 4, count))
        for value in VALUES:
            use(with_tag(data, at, "<I", 8, value))


@pytest.mark.parametrize(("tag", "kind"), [(STRIP_OFFSETS, ASCII), (STRIP_OFFSETS, RATIONAL)])
def test_a_tag_of_a_wrong_type_is_told_as_damage(tag: int, kind: int) -> None:
    data = whole()["TIFF"][0]
    (at,) = [place for found, place in tags(data) if found == tag]
    with pytest.raises(PictureError, match="“photo” is damaged"):
        open_picture(with_tag(data, at, "<H", 2, kind), "photo")
