"""Pictures for `fuzz` to change: alone, in galleries and archives, and of other programs."""

from __future__ import annotations

import bz2
import gzip
import json
import tarfile
import zipfile
from functools import cache
from typing import Any

import numpy as np

from benchmarks.fuzz_seeds import Files, as_tar, as_zip, saved

FORMATS = ("JPEG", "PNG", "WEBP", "GIF", "TIFF", "BMP", "AVIF", "ICO", "PPM")


@cache
def pictures() -> dict[str, list[bytes]]:
    """Pictures in all formats that are read, of several modes and packings."""
    from PIL import Image

    def file(picture: Image.Image, kind: str, **options: Any) -> bytes:
        return saved(lambda out: picture.save(out, kind, **options))

    draw = np.random.default_rng(0)
    rgb = Image.fromarray(draw.integers(0, 256, (12, 16, 3), dtype=np.uint8))
    palette, exif = rgb.quantize(16), rgb.getexif()
    exif[0x0112] = 6
    deep = Image.fromarray(draw.integers(0, 65_536, (8, 8), dtype=np.uint16))
    real = Image.fromarray(np.eye(8, dtype=np.float32))
    two = {"save_all": True, "append_images": [palette.rotate(90)]}
    packings = ("tiff_lzw", "tiff_adobe_deflate", "jpeg")
    return {
        "JPEG": [
            file(rgb, "JPEG", exif=exif),
            file(rgb.convert("CMYK"), "JPEG"),
            file(rgb, "JPEG", progressive=True),
        ],
        "PNG": [
            file(rgb, "PNG", exif=exif),
            file(palette, "PNG", transparency=0),
            file(deep, "PNG"),
        ],
        "WEBP": [file(rgb, "WEBP", exif=exif), file(rgb, "WEBP", lossless=True)],
        "GIF": [file(palette, "GIF"), file(palette, "GIF", transparency=1, **two)],
        "TIFF": [
            *(file(one, "TIFF") for one in (rgb, palette, real, deep)),
            *(file(rgb, "TIFF", compression=one) for one in packings),
        ],
        "BMP": [file(rgb, "BMP"), file(palette, "BMP")],
        "AVIF": [file(rgb, "AVIF")],
        "ICO": [file(rgb, "ICO"), file(rgb, "ICO", bitmap_format="bmp")],
        "PPM": [file(rgb, "PPM"), file(real, "PPM"), b"P3\n2 1\n255\n255 0 0 0 255 9\n"],
    }


def picture_parts() -> dict[str, bytes]:
    """Pictures by their paths in an archive."""
    kinds = pictures()
    return {"x/a.png": kinds["PNG"][0], "x/b.jpg": kinds["JPEG"][0], "y/c.gif": kinds["GIF"][0]}


def picture_zips() -> Files:
    """Pictures in an archive, packed and as they are."""
    return [as_zip(picture_parts()), as_zip(picture_parts(), zipfile.ZIP_STORED)]


def picture_tables() -> Files:
    """Pictures in Parquet, as structs with labels and captions, and as bytes."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    files = [pictures()["PNG"][0], None, pictures()["JPEG"][0]]
    rows = [{"bytes": data, "path": f"p{at}.png"} for at, data in enumerate(files)]
    label = {"_type": "ClassLabel", "names": ["cat", "dog"]}
    features = json.dumps({"info": {"features": {"label": label}}})
    named = pa.table({"image": rows, "label": [0, 1, 0], "caption": [["a", "b"], [], None]})
    tables = (
        named.replace_schema_metadata({"huggingface": features}),
        pa.table({"image": [data or b"" for data in files]}),
    )
    return [saved(lambda out, table=table: pq.write_table(table, out, 2)) for table in tables]


def picture_lists() -> Files:
    """A table of paths."""
    return [b"file,caption\nx/a.png,red\nb.jpg,blue\nc,\n"]


def sample_tars() -> Files:
    """WebDataset's samples: pictures with classes, captions and JSON, packed and as they are."""
    png, jpeg = pictures()["PNG"][0], pictures()["JPEG"][0]
    parts = {
        "000.png": png,
        "000.cls": b"3",
        "000.txt": b"a cat",
        "001.jpg": jpeg,
        "001.json": json.dumps({"caption": "a dog", "width": 16, "tags": ["x", 1]}).encode(),
        "a/002.left.png": png,
        "a/002.txt": "été".encode(),
        "003.txt": b"without a picture",
    }
    plain = as_tar(parts)
    return [
        plain,
        as_tar({f"{'long ' * 30}{name}": data for name, data in parts.items()}, tarfile.PAX_FORMAT),
        gzip.compress(plain, mtime=0),
        bz2.compress(plain),
    ]


def coco_files() -> Files:
    """COCO's instances and captions."""
    images = [{"id": at, "file_name": f"{at}.jpg", "width": 40, "height": 30} for at in range(1, 4)]
    boxes: list[dict[str, Any]] = [
        {"id": at, "image_id": at % 3 + 1, "category_id": at % 2, "bbox": [at, 2, 9.5, 20]}
        for at in range(6)
    ]
    boxes.append({"id": 9, "image_id": 1, "category_id": 1, "bbox": [0, 0, 5, 5], "iscrowd": 1})
    classes = [{"id": 0, "name": "cat"}, {"id": 1, "name": "dog"}]
    captions = [{"id": at, "image_id": at, "caption": f"picture {at}"} for at in range(1, 4)]
    files: list[dict[str, Any]] = [
        {"images": images, "annotations": boxes, "categories": classes},
        {"images": images, "annotations": captions},
    ]
    return [json.dumps(one).encode() for one in files]


def _told() -> list[dict[str, Any]]:
    """The texts of AUTOMATIC1111, ComfyUI, InvokeAI and Fooocus by their keys."""
    from tests.support import other_tools_texts as told

    return [
        {"parameters": told.LINES},
        {"prompt": told.GRAPH, "workflow": told.WORKFLOW},
        {"workflow": told.WORKFLOW},
        {"prompt": told.GUIDED},
        {"invokeai_metadata": told.INVOKE},
        {"sd_metadata": told.OLD_INVOKE},
        {"parameters": told.FOOOCUS},
    ]


def other_tools() -> Files:
    """PNGs as those programs write them."""
    from tests.support.other_tools_texts import png

    return [png(**texts) for texts in _told()]


def other_texts() -> Files:
    """The texts alone, after their key, since a longer text breaks the parts of a PNG."""
    return [
        f"{key}\n{text if isinstance(text, str) else json.dumps(text)}".encode()
        for texts in _told()
        for key, text in texts.items()
    ]
