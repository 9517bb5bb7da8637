"""COCO's JSON beside pictures: labels by the largest box, boxes as crops, bad boxes named."""

from __future__ import annotations

import io
import json
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from core.base.errors import InputError
from core.images import galleries
from core.images.sources import Choice, load_gallery
from tests.support.picture_files import encoded

CATS = [{"id": 7, "name": "cat"}, {"id": 9, "name": "dog"}]


def halves() -> bytes:
    """40 x 20: the left half red, the right half blue."""
    picture = Image.new("RGB", (40, 20), (255, 0, 0))
    picture.paste((0, 0, 255), (20, 0, 40, 20))
    stream = io.BytesIO()
    picture.save(stream, "PNG")
    return stream.getvalue()


def annotated(image: int, kind: int, box: Any, number: int, **more: Any) -> dict[str, Any]:
    return {"id": number, "image_id": image, "category_id": kind, "bbox": box} | more


def document(*annotations: dict[str, Any]) -> bytes:
    images = [
        {"id": 1, "file_name": "a.png", "width": 40, "height": 20},
        {"id": 2, "file_name": "b.png", "width": 20, "height": 16},
        {"id": 3, "file_name": "gone.png", "width": 20, "height": 16},
    ]
    return json.dumps({"images": images, "annotations": annotations, "categories": CATS}).encode()


GOOD = (
    annotated(1, 7, [0, 0, 10, 10], 11),
    annotated(1, 9, [20, 0, 30, 20], 12),  # sticks out to the right
    annotated(2, 7, [0.4, 0.4, 5.2, 5.2], 13),
)
BAD = (
    annotated(1, 7, [5, 5, 0, 10], 21),
    annotated(1, 7, [50, 0, 10, 10], 22),
    annotated(1, 7, [1, 2, 3], 23),
    annotated(8, 7, [0, 0, 1, 1], 24),
    annotated(2, 7, [0, 0, 9, 9], 25, iscrowd=1),
)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    path = tmp_path / "set"
    (path / "images").mkdir(parents=True)
    (path / "annotations").mkdir()
    (path / "images" / "a.png").write_bytes(halves())
    (path / "images" / "b.png").write_bytes(encoded((0, 255, 0)))
    (path / "annotations" / "instances_val.json").write_bytes(document(*GOOD, *BAD))
    return path


def test_the_class_of_the_largest_box_is_the_label(folder: Path, tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "set.zip", "w") as archive:
        for path in folder.rglob("*.*"):
            archive.write(path, path.relative_to(folder).as_posix())
    annotations = folder / "annotations" / "instances_val.json"
    for source in (folder, tmp_path / "set.zip", annotations):
        gallery = load_gallery(str(source))
        assert [Path(one).name for one in gallery.ids] == ["a.png", "b.png"]
        assert gallery.labels("label") == ["dog", "cat"]
        assert gallery.frame["labels"].tolist() == ["cat, dog", "cat"]
        assert gallery.frame["boxes"].tolist() == [2, 1]
        left = {one.id: one.reason for one in gallery.skipped}
        assert left == {
            "a.png, box 21": "its box is 0 x 10",
            "a.png, box 22": "its box is outside the picture",
            "a.png, box 23": "its box is not four numbers",
            "annotation 24": "its picture is not among the images",
            "b.png, box 25": "it is of a crowd (iscrowd), not of one thing",
            "gone.png": "there is no such picture",
        }


def test_images_without_a_file_or_with_the_id_of_another_are_named(tmp_path: Path) -> None:
    (tmp_path / "a.png").write_bytes(halves())
    images = [
        {"id": 1, "file_name": "a.png", "width": 40, "height": 20},
        {"id": 1, "file_name": "b.png"},
        {"id": 2},
        "c.png",
    ]
    boxes = [
        annotated(1, 7, [0, 0, 10, 10], 11),
        annotated(1, 9, [1e300, 0, 1e300, 10], 12),
        annotated(1, 9, [10**400, 0, 10**400, 10], 13),
    ]
    held = {"images": images, "annotations": boxes, "categories": CATS}
    (tmp_path / "boxes.json").write_text(json.dumps(held))
    gallery = load_gallery(str(tmp_path))
    assert gallery.ids == ["a.png"]
    assert gallery.labels("label") == ["cat"]
    assert {one.id: one.reason for one in gallery.skipped} == {
        "b.png": "an image before it has its id, 1",
        "image 2": "it has no “file_name”",
        "image 4": "it is no object",
        "a.png, box 12": "its box is not four numbers",
        "a.png, box 13": "its box is not four numbers",
    }


def test_boxes_are_pictures_by_choice(folder: Path) -> None:
    gallery = load_gallery(str(folder), choice=Choice(boxes=True))
    assert [Path(one).name for one in gallery.ids] == ["a.png#11", "a.png#12", "b.png#13"]
    assert gallery.labels("label") == ["cat", "dog", "cat"]
    sizes = [gallery.open(row).size for row in range(3)]
    assert sizes == [(10, 10), (20, 20), (6, 6)]
    colors = [np.asarray(gallery.open(row).convert("RGB")).mean((0, 1)) for row in range(3)]
    assert np.array(colors) == pytest.approx(np.diag([255, 255, 255])[[0, 2, 1]])
    assert len(set(gallery.digests)) == 3
    assert [Path(one).name for one in gallery.frame["picture"]] == ["a.png", "a.png", "b.png"]


def test_files_of_several_splits_are_joined(tmp_path: Path) -> None:
    for at, split in enumerate(("train", "valid")):
        (tmp_path / split).mkdir()
        (tmp_path / split / "1.png").write_bytes(encoded((at, 0, 0)))
        images = [{"id": 0, "file_name": "1.png"}]
        boxes = [annotated(0, 7 + 2 * at, [0, 0, 5, 5], 1)]
        held = {"images": images, "annotations": boxes, "categories": CATS}
        (tmp_path / split / "_annotations.coco.json").write_text(json.dumps(held))
    gallery = load_gallery(str(tmp_path))
    assert gallery.ids == ["train/1.png", "valid/1.png"]
    assert gallery.labels("label") == ["cat", "dog"]
    assert gallery.skipped == ()


def test_captions_of_coco_are_captions(tmp_path: Path) -> None:
    (tmp_path / "a.png").write_bytes(encoded((1, 2, 3)))
    told = [{"id": at, "image_id": 1, "caption": text} for at, text in enumerate(("One", "Two"))]
    held = {"images": [{"id": 1, "file_name": "a.png"}], "annotations": told}
    (tmp_path / "captions.json").write_text(json.dumps(held))
    gallery = load_gallery(str(tmp_path))
    assert gallery.captions == ["One. Two"]
    with pytest.raises(InputError, match="no box"):
        load_gallery(str(tmp_path), choice=Choice(boxes=True))


def test_an_upload_with_annotations_is_kept_with_its_choice(own_home: Path) -> None:
    files = [("a.png", halves()), ("b.png", encoded((0, 255, 0)))]
    files.append(("coco.json", document(*GOOD)))
    whole = galleries.import_files("whole", files).entry
    boxes = galleries.import_files("boxes", files, choice=Choice(boxes=True)).entry
    assert galleries.load(whole).labels("label") == ["dog", "cat"]
    assert galleries.load(boxes).ids == ["a.png#11", "a.png#12", "b.png#13"]
    assert "3 pictures" in boxes.about


def test_other_json_beside_pictures_is_no_annotation(tmp_path: Path) -> None:
    (tmp_path / "a.png").write_bytes(encoded((1, 2, 3)))
    (tmp_path / "other.json").write_text('{"images": 3, "annotations": "none"}')
    gallery = load_gallery(str(tmp_path))
    assert gallery.ids == ["a.png"]
    assert gallery.frame["folder"].tolist() == ["."]
    with pytest.raises(InputError, match="has no lists"):
        load_gallery(str(tmp_path / "other.json"))
