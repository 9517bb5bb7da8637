"""WebDataset's archives, COCO's annotations and PNGs of other programs, for `fuzz` to change."""

from __future__ import annotations

import bz2
import gzip
import json
import tarfile
from typing import Any

from benchmarks.fuzz_seeds import Files, as_tar, pictures


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
