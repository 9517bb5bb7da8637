"""Vectors that pictures came with, from the command line: searched, mapped and written again."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pyarrow.parquet as pq
import pytest

from core.spaces.sources.imagenet_pictures import V1
from tests.cli.test_images import Capture, call
from tests.support.picture_files import COLORS, write_colors

ROWS = np.array([[3, 4, 0, 0], [0, 0, 2, 0], [1, 0, 0, 1]], dtype=np.float32)
UNIT = ROWS / np.linalg.norm(ROWS, axis=1, keepdims=True)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return write_colors(tmp_path / "set")


def test_a_search_by_example_and_words_that_are_refused(folder: Path, capsys: Capture) -> None:
    np.save(folder / "vectors.npy", ROWS)
    asked = ("images", "--gallery", str(folder))
    status, answer, _ = call(capsys, *asked, "--query", "[c.png]")
    assert status == 0
    assert answer["space"] == ""
    assert [one["id"] for one in answer["neighbors"]] == ["c.png", "a.png", "b.png"]
    scores = [one["score"] for one in answer["neighbors"]]
    assert scores == pytest.approx([1, UNIT[2] @ UNIT[0], 0], abs=1e-6)
    status, _, err = call(capsys, *asked, "--text", "green")
    assert status == 2
    assert "the model that made them is not named" in err
    status, answer, _ = call(capsys, *asked, "--text", "green", "--vectors", "none")
    assert (status, answer["space"]) == (0, V1)
    status, answer, _ = call(capsys, *asked, "--text", "green", "--space", "minilm")
    assert (status, answer["space"]) == (0, "minilm")


def test_what_encode_wrote_beside_them_is_read_again(
    folder: Path, tmp_path: Path, capsys: Capture
) -> None:
    status, answer, _ = call(capsys, "encode", str(folder), "--out", str(folder / "v.npy"))
    assert (status, answer["count"], answer["space"]) == (0, 3, V1)
    asked = ("images", "--gallery", str(folder), "--query", "[a.png]")
    _, anew, _ = call(capsys, *asked, "--vectors", "none")
    (folder / "a.png").write_bytes(b"broken")  # which is not opened
    _, read, _ = call(capsys, *asked)
    assert [one["id"] for one in read["neighbors"]] == [one["id"] for one in anew["neighbors"]]
    scores = [one["score"] for one in anew["neighbors"]]
    assert [one["score"] for one in read["neighbors"]] == pytest.approx(scores, abs=1e-5)
    named = ("--vectors", str(folder / "v.npy"), "--space", V1)
    status, read, _ = call(capsys, "images", "--gallery", str(folder), "--text", "red", *named)
    assert (status, read["space"], read["count"]) == (0, V1, 3)
    out = tmp_path / "again.parquet"
    status, answer, _ = call(capsys, "encode", str(folder), "--out", str(out), *named)
    assert (answer["encoded"], answer["space"]) == (0, V1)
    vectors = np.array(pq.read_table(out)["vector"].to_pylist())
    assert vectors == pytest.approx(np.load(folder / "v.npy"), abs=1e-6)
    (folder / "v.npy").unlink()
    (folder / "v.csv").unlink()
    (folder / "again.parquet").write_bytes(out.read_bytes())
    status, read, _ = call(capsys, "images", "--gallery", str(folder), "--text", "red")
    assert (status, read["space"]) == (0, V1)  # as the file says


@pytest.mark.slow
def test_a_map_is_of_the_vectors_that_came(folder: Path, tmp_path: Path, capsys: Capture) -> None:
    np.savez(folder / "v.npz", vectors=ROWS[::-1], words=np.array([*COLORS][::-1]))
    out = tmp_path / "map.parquet"
    status, answer, _ = call(capsys, "map", str(folder), "--method", "pca", "--out", str(out))
    assert (status, answer["count"], answer["space"]) == (0, 3, "")


def test_each_box_is_a_picture(folder: Path, capsys: Capture) -> None:
    boxes = [{"id": at, "image_id": 1, "bbox": [4 * at, 0, 4, 5]} for at in range(3)]
    held = {"images": [{"id": 1, "file_name": "a.png"}], "annotations": boxes}
    (folder / "coco.json").write_text(json.dumps(held))
    asked = ("images", "--gallery", str(folder / "coco.json"), "--query", "[a.png#1]")
    status, answer, _ = call(capsys, *asked, "--boxes")
    assert (status, answer["count"]) == (0, 3)
    assert {one["id"] for one in answer["neighbors"]} == {"a.png#0", "a.png#1", "a.png#2"}
    out = folder.parent / "boxes.parquet"
    status, answer, _ = call(capsys, "encode", str(folder), "--boxes", "--out", str(out))
    assert (status, answer["count"]) == (0, 3)  # other pictures are listed in no annotation
    assert pq.read_table(out)["id"].to_pylist()[:3] == ["a.png#0", "a.png#1", "a.png#2"]
    status, answer, _ = call(capsys, "add", str(folder), "--boxes")
    assert (status, answer["count"]) == (0, 3)
    (folder.parent / "texts.txt").write_text("one\ntwo\n")
    for verb in ("encode", "add"):
        more = ("--out", str(out)) if verb == "encode" else ()
        status, answer, _ = call(capsys, verb, str(folder.parent / "texts.txt"), "--boxes", *more)
        assert status == 2
        assert "has no pictures. It is for pictures with" in answer["error"]["message"]
    status, answer, _ = call(capsys, "encode", "openmoji", "--boxes", "--out", str(out))
    assert status == 2
    assert "Boxes of openmoji were asked for, and it has none." in answer["error"]["message"]
