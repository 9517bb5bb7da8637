"""``python -m core images --image FILE --verdict``: what a picture is."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from core.cli import images_verdict
from core.cli.main import main
from core.images.imagenet import ImageNetClassifier
from core.images.sources import load_gallery
from core.spaces.encoders import efficientnet
from core.spaces.encoders.efficientnet import LITE0
from tests.cli.test_main import call
from tests.support.picture_files import encoded, write_parquet

Capture = pytest.CaptureFixture[str]


def test_a_rose_that_was_held_out_is_told_a_rose_by_the_flowers(
    shared_data: Callable[[str], Path], tmp_path: Path, capsys: Capture
) -> None:
    path = shared_data("images/flower_photos.parquet")
    gallery = load_gallery(str(path)).held_out()
    picture = tmp_path / "flower.png"
    gallery.open(gallery.labels("label").index("sunflowers")).save(picture)
    asked = ("images", "--gallery", str(path), "--split", "validation")
    status, answer, _ = call(capsys, *asked, "--image", str(picture), "--verdict")
    assert status == 0
    (label,) = [one for one in answer["columns"] if one["column"] == "label"]
    assert (label["value"], answer["near"], answer["blend"]) == ("sunflowers", True, 0)
    assert 12 < label["neighbors"] <= label["of"] == 24
    assert label["certainty"] > 0.7
    assert label["accuracy"] == pytest.approx(0.88, abs=0.05)
    assert len(label["decided_by"]) == label["neighbors"]
    assert [one["column"] for one in answer["left_out"]] == []
    assert answer["imagenet"][0]["name"] == "daisy"  # it has no sunflower
    assert len(answer["imagenet"]) == 5


def test_a_gallery_of_one_picture_and_one_of_one_class(
    tmp_path: Path, capsys: Capture, own_home: Path
) -> None:
    (tmp_path / "q.png").write_bytes(encoded("orange"))
    one = str(write_parquet(tmp_path / "one.parquet", [encoded("red")], label=["fire"]))
    asked = ("--image", str(tmp_path / "q.png"), "--verdict")
    _, answer, _ = call(capsys, "images", "--gallery", one, *asked)
    (label,) = answer["columns"]
    assert (label["value"], label["of"], label["accuracy"]) == ("fire", 1, None)
    pictures = [encoded(color) for color in ("red", "blue", "green")]
    same = str(
        write_parquet(tmp_path / "same.parquet", pictures, label=["a"] * 3, key=["x", "y", "z"])
    )
    _, answer, _ = call(capsys, "images", "--gallery", same, *asked)
    (label,) = answer["columns"]
    assert (label["value"], label["accuracy"], label["certainty"]) == ("a", 1, None)
    assert answer["left_out"] == [
        {"column": "key", "reason": "an id: each picture has its own value"}
    ]
    assert main(["images", "--gallery", same, *asked]) == 0
    told = capsys.readouterr().out.splitlines()
    assert "label: a, 3 of 3 neighbours; in this gallery right in 100%" in told
    assert "(key left out: an id: each picture has its own value)" in told
    assert told[-1].startswith("ImageNet: ")


def test_without_the_package_the_rest_is_told(
    tmp_path: Path, capsys: Capture, own_home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def missing(self: ImageNetClassifier, picture: object) -> None:
        del self, picture
        efficientnet.package_file(replace(LITE0, name="efficientnet-lite99"))

    (tmp_path / "q.png").write_bytes(encoded("red"))
    path = str(write_parquet(tmp_path / "t.parquet", [encoded("red")], label=["fire"]))
    monkeypatch.setattr(images_verdict.ImageNetClassifier, "top", missing)
    asked = ("images", "--gallery", path, "--image", str(tmp_path / "q.png"), "--verdict")
    status, answer, error = call(capsys, *asked)
    assert (status, answer["columns"][0]["value"]) == (0, "fire")
    assert "imagenet" not in answer
    assert "without ImageNet's classes: The package efficientnet-lite99" in error


def test_it_needs_a_picture(capsys: Capture) -> None:
    status, answer, _ = call(capsys, "images", "--text", "cat", "--verdict")
    assert status == 2
    assert "--image" in answer["error"]["message"]


def test_numbers_of_millions_are_written_out() -> None:
    number = {
        "column": "views",
        "years": False,
        "median": 1_234_567.0,
        "low": 950_000.0,
        "high": 2_500_000.0,
        "error": 120_000.0,
    }
    found = {
        "near": True,
        "neighbors": [{"id": "a", "score": 1.0}],
        "columns": [number, number | {"median": 12.5, "error": 0.25, "low": 9, "high": 99_999}],
        "left_out": [],
    }
    first, second = images_verdict.lines(found)
    assert first == (
        "views: 1,234,567 (half of the weights from 950,000 to 2,500,000); "
        "in this gallery off by 120,000"
    )
    assert second.startswith("views: 12.5 (half of the weights from 9 to 99999)")
    assert second.endswith("off by 0.25")
