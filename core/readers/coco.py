"""Annotations in COCO's JSON: pictures, boxes on them, and the classes of the boxes.

The format: https://cocodataset.org/#format-data. A box is ``[x, y, width, height]`` in pixels from
the upper left corner.
"""

from __future__ import annotations

import json
import math
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from core.base.errors import TableError, counted, shorten
from core.base.reasons import reason_of
from core.base.types import Progress
from core.readers import isolated
from core.readers.table_columns import cell_text

_KEYS = ("images", "annotations")
_FILE = "annotations.json"
_MAX_BOXES = 2_000_000
_FARTHEST = 1e9  # pixels of a corner


@dataclass(frozen=True, slots=True)
class Box:
    """A box on a picture: its name, its class, and left, upper, right, lower in pixels."""

    name: str
    label: str
    corners: tuple[int, int, int, int]

    @property
    def area(self) -> int:
        """In pixels."""
        left, upper, right, lower = self.corners
        return (right - left) * (lower - upper)


@dataclass(frozen=True, slots=True)
class Annotated:
    """A picture of the file: its path there, what is said of it, and its boxes as they stand."""

    path: str
    caption: str
    boxes: tuple[Box, ...]


@dataclass(frozen=True, slots=True)
class Annotations:
    """What a COCO file holds; ``left_out`` says what of it is not among them, and why."""

    pictures: tuple[Annotated, ...]
    left_out: tuple[tuple[str, str], ...]


def may_be_coco(name: str, data: bytes) -> bool:
    """Whether a file may be one of COCO: JSON with the two keys."""
    return name.lower().endswith(".json") and all(f'"{key}"'.encode() in data for key in _KEYS)


def read(name: str, data: bytes, progress: Progress) -> Annotations:
    """The annotations in a file, read in a child process.

    Raises:
        TableError: it is damaged, or another kind of JSON.
        Cancelled: by ``progress``.
    """
    with isolated.folder_with({_FILE: data}) as folder:
        answer = isolated.run(
            f"{__name__}:read_in_child",
            {"path": str(folder / _FILE), "name": name},
            name=name,
            limits=isolated.limits_for(len(data)),
            progress=progress,
            error=TableError,
        )
    pictures = tuple(
        Annotated(
            str(path),
            str(caption),
            tuple(Box(str(box), str(label), _corners(corners)) for box, label, corners in boxes),
        )
        for path, caption, boxes in answer["pictures"]
    )
    return Annotations(pictures, tuple((str(one), str(why)) for one, why in answer["left_out"]))


def _corners(numbers: Any) -> tuple[int, int, int, int]:
    left, upper, right, lower = map(int, numbers)
    return left, upper, right, lower


def read_in_child(path: str, name: str, progress: Progress) -> dict[str, Any]:
    """What ``read`` has a child do.

    Raises:
        TableError: as ``read``.
    """
    try:
        found = json.loads(Path(path).read_bytes())
    except (ValueError, RecursionError) as error:
        raise _unusable(name, reason_of(error)) from error
    if not isinstance(found, dict) or not all(isinstance(found.get(key), list) for key in _KEYS):
        raise _unusable(name, "it has no lists “images” and “annotations”")
    if len(found["annotations"]) > _MAX_BOXES:
        raise _unusable(name, f"it has {counted(len(found['annotations']), 'annotation')}")
    pictures, left_out = _pictures(found["images"])
    if not pictures:
        raise _unusable(name, "none of its images has a “file_name”")
    joined = _joined(pictures, found, progress)
    return joined | {"left_out": [*left_out, *joined["left_out"]]}


def _pictures(images: list[Any]) -> tuple[dict[str, Mapping[str, Any]], list[list[str]]]:
    """The images by their ids, and which are not among them, with the reason."""
    pictures: dict[str, Mapping[str, Any]] = {}
    left_out = []
    for at, one in enumerate(images):
        if not isinstance(one, dict):
            left_out.append([f"image {at + 1}", "it is no object"])
            continue
        key, file = _key(one.get("id")), cell_text(one.get("file_name"))
        if not file:
            left_out.append([f"image {key or at + 1}", "it has no “file_name”"])
        elif key in pictures:
            left_out.append([file, f"an image before it has its id, {key or 'none'}"])
        else:
            pictures[key] = one
    return pictures, left_out


def _joined(
    pictures: Mapping[str, Mapping[str, Any]], found: Mapping[str, Any], progress: Progress
) -> dict[str, Any]:
    """Boxes and captions by their pictures."""
    listed = found.get("categories")
    classes = {
        _key(one.get("id")): cell_text(one.get("name"))
        for one in (listed if isinstance(listed, list) else ())
        if isinstance(one, dict)
    }
    boxes: dict[str, list[Any]] = defaultdict(list)
    captions: dict[str, list[str]] = defaultdict(list)
    left_out = []
    total = len(found["annotations"])
    for at, one in enumerate(found["annotations"]):
        progress(at, total, "boxes read")
        if not isinstance(one, dict):
            left_out.append([f"annotation {at + 1}", "it is no object"])
            continue
        number, picture = cell_text(one.get("id")) or str(at + 1), _key(one.get("image_id"))
        if picture not in pictures:
            left_out.append([f"annotation {number}", "its picture is not among the images"])
            continue
        if "bbox" not in one and cell_text(one.get("caption")):
            captions[picture].append(cell_text(one["caption"]))
            continue
        corners, reason = _box(one, pictures[picture])
        if reason:
            told = f"{cell_text(pictures[picture]['file_name'])}, box {number}"
            left_out.append([told, reason])
            continue
        kind = _key(one.get("category_id"))
        boxes[picture].append([number, classes.get(kind) or kind, corners])
    taken = [
        [cell_text(one["file_name"]), ". ".join(captions[key]), boxes[key]]
        for key, one in pictures.items()
    ]
    return {"pictures": taken, "left_out": left_out}


def _key(value: Any) -> str:
    """An id as text: some programs write 7 in one list and "7" in the other."""
    return cell_text(value)


def _box(one: Mapping[str, Any], picture: Mapping[str, Any]) -> tuple[list[int], str]:
    """The corners of a box inside its picture, or why it is none."""
    box = one.get("bbox")
    numbers = isinstance(box, list) and all(
        isinstance(value, int | float) and abs(value) <= _FARTHEST for value in box
    )
    if not isinstance(box, list) or len(box) != 4 or not numbers:
        return [], "its box is not four numbers"
    if one.get("iscrowd") in (1, True):
        return [], "it is of a crowd (iscrowd), not of one thing"
    x, y, width, height = box
    if width <= 0 or height <= 0:
        return [], f"its box is {width:g} x {height:g}"
    size = [picture.get("width"), picture.get("height")]
    right, lower = (
        min(end, limit) if isinstance(limit, int | float) and limit > 0 else end
        for end, limit in zip((x + width, y + height), size, strict=True)
    )
    left, upper = max(x, 0), max(y, 0)
    if right <= left or lower <= upper:
        return [], "its box is outside the picture"
    corners = [math.floor(left), math.floor(upper), math.ceil(right), math.ceil(lower)]
    return corners, ""


def _unusable(name: str, reason: str) -> TableError:
    return TableError(
        f"“{shorten(name)}” cannot be used: {reason}.",
        "COCO's JSON has the lists images (id, file_name), annotations (image_id, category_id, "
        f"bbox) and categories (id, name), of at most {_MAX_BOXES:,} annotations.",
        "Check the file.",
    )
