"""``python -m core train head`` on a small table of texts and on pictures."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from core.base.errors import InputError
from core.cli import train_items
from core.cli.main import main
from core.images import galleries
from core.spaces import registry
from core.spaces.sources import head as head_source
from tests.support.picture_files import encoded

SMALL = ("--epochs", "4", "--width", "16", "--dim", "6", "--batch", "16")


def answer(capsys: pytest.CaptureFixture[str], *arguments: str, status: int = 0) -> dict[str, Any]:
    assert main(["train", "head", *arguments, "--json"]) == status
    found: dict[str, Any] = json.loads(capsys.readouterr().out)
    return found


def table(folder: Path) -> str:
    rows = ["text,kind,size,same"]
    for at in range(12):
        size = "big" if at % 2 else "huge"
        rows += [f"a {at} metre tall oak tree,tree,{size},x", f"small fish number {at},fish,,x"]
    path = folder / "things.csv"
    path.write_text("\n".join(rows), encoding="utf-8")
    return str(path)


def squares(folder: Path) -> str:
    """Pictures in three folders, each of one colour with some noise."""
    random = np.random.default_rng(0)
    for kind, colour in (("red", (220, 20, 20)), ("green", (20, 200, 20)), ("blue", (10, 10, 230))):
        (folder / kind).mkdir(parents=True)
        for at in range(10):
            noise = random.integers(-20, 20, (32, 32, 3))
            pixels = np.clip(np.array(colour) + noise, 0, 255).astype(np.uint8)
            Image.fromarray(pixels).save(folder / kind / f"{at}.png")
    return str(folder)


def test_a_head_of_texts_is_written_with_its_exports_and_kept(
    own_home: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "made"
    asked = (table(tmp_path), "--columns", "kind, size", "--out", str(out), "--name", "things")
    found = answer(capsys, *asked, *SMALL)
    assert (found["trained"], found["space"], found["base"]) == ("head", "things", "minilm")
    assert sum(found["items"].values()) == 24
    assert found["unlabelled"] == {"kind": 0, "size": 12}
    assert set(found["after"]) == {"kind", "size"}
    assert 0 <= found["before"]["kind"]["precision_at_10"] <= 1
    assert len(found["losses"]) == 4
    names = {path.name for path in out.iterdir()}
    assert names == {"head.safetensors", "head.json", "README.md", "head.pt", "head.onnx"}
    kept, _ = head_source.read(out)
    assert kept.about["figures"]["after"] == found["after"]
    entry = registry.find_space("things")
    assert entry.text_encoder().encode_texts(["an oak"]).vectors.shape == (1, 6)


def test_a_gallery_of_the_app_is_taken_by_its_name(own_home: Path) -> None:
    files = [(f"{at}.png", encoded((90, 20, 10 * at))) for at in range(3)]
    name = galleries.import_files("shades", files).entry.name
    assert train_items.find_gallery(name).ids == ["0.png", "1.png", "2.png"]
    with pytest.raises(InputError, match="no gallery called “shade”"):
        train_items.find_gallery("shade")


@pytest.mark.slow
def test_a_head_of_pictures_by_their_folders(
    own_home: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    source = squares(tmp_path / "squares")
    asked = ("--columns", "folder", "--base", "colour-outline", "--out", str(tmp_path / "made"))
    found = answer(capsys, source, *asked, *SMALL)
    assert set(found["classes"]["folder"]) == {"red", "green", "blue"}
    assert sum(found["items"].values()) == 30
    kinds = found["classes"]["folder"].values()
    assert sum(one["items"] for one in kinds) == found["items"]["held_out"]


@pytest.mark.slow
def test_a_head_for_texts_is_trained_along_with_that_of_pictures(
    own_home: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    source, out = squares(tmp_path / "squares"), tmp_path / "made"
    asked = (source, "--columns", "folder", "--out", str(out), "--name", "squared")
    found = answer(capsys, *asked, *SMALL)
    assert found["after"]["folder"]["zero_shot"] >= found["before"]["folder"]["zero_shot"]
    names = {path.name for path in out.iterdir()}
    assert names >= {"text-head.safetensors", "text-head.pt", "text-head.onnx"}
    images = ["images", "--gallery", source, "--space", "squared", "--json"]
    assert main([*images, "--text", "blue"]) == 0
    best = json.loads(capsys.readouterr().out)["neighbors"][0]["id"]
    assert best.startswith("blue/")
    without = answer(capsys, *asked[:3], "--no-text-head", "--name", "plain", *SMALL)
    assert "zero_shot" not in without["after"]["folder"]


@pytest.mark.slow
def test_a_head_of_views_asks_for_no_label(
    own_home: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    source = squares(tmp_path / "squares")
    views = ("--base", "colour-outline", "--loss", "simclr", "--views", "2", *SMALL)
    found = answer(capsys, source, "--name", "seen", *views)
    assert (found["after"], found["classes"]) == ({}, {})
    assert found["own_view"].keys() == {"before", "after"}
    assert registry.find_space("seen").ready
    assert "trained on augmented views of pictures" in registry.find_space("seen").about
    measured = answer(capsys, source, "--columns", "folder", "--name", "seen-2", *views)
    assert measured["own_view"] == found["own_view"]
    assert measured["after"].keys() == {"folder"}
    texts = answer(capsys, table(tmp_path), "--name", "x", "--loss", "simclr", *SMALL, status=2)
    assert "The loss simclr is of pictures" in texts["error"]["message"]


@pytest.mark.slow
@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("--columns", "kind"), "Neither --out nor --name is given."),
        (("--columns", "colour", "--name", "x"), "There is no column “colour”."),
        (("--columns", ",", "--name", "x"), "No column is chosen."),
        (("--columns", "same", "--name", "x"), "“same” has one class."),
        (
            ("--columns", "kind", "--name", "minilm"),
            "There is an embedding model “minilm” already.",
        ),
        (("--columns", "kind", "--name", "x", "--split", "validation"), "was set aside"),
        (("--columns", "kind", "--name", "x", "--epochs", "0"), "“epochs” of the training is 0."),
        (("--columns", "kind", "--name", "x", "--base", "nothing"), "called “nothing”"),
    ],
)
def test_what_cannot_be_trained_is_told(
    own_home: Path,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    arguments: tuple[str, ...],
    told: str,
) -> None:
    found = answer(capsys, table(tmp_path), *arguments, status=2)
    assert told in found["error"]["message"]
