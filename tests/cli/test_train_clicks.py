"""``python -m core train clicks`` on a small table of texts."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from core.cli.main import main
from core.spaces import registry
from core.spaces.sources import head as head_source
from tests.cli.test_train_head import table


def answer(capsys: pytest.CaptureFixture[str], *arguments: str, status: int = 0) -> dict[str, Any]:
    assert main(["train", "clicks", *arguments, "--json"]) == status
    found: dict[str, Any] = json.loads(capsys.readouterr().out)
    return found


def test_a_space_is_adapted_to_the_pairs_of_a_file_and_kept(
    own_home: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    pairs = tmp_path / "pairs.csv"
    rows = ["id,id,alike", "1,3,1", "2,4,1", "1,2,0", "3,4,0", "1,1,1", "2,99,0"]
    pairs.write_text("\n".join(rows), encoding="utf-8")
    out = tmp_path / "made"
    source = table(tmp_path)
    found = answer(capsys, source, "--pairs", str(pairs), "--out", str(out), "--name", "adapted")
    assert (found["trained"], found["space"], found["base"]) == ("clicks", "adapted", "minilm")
    assert (found["rows"], found["pairs"], found["alike"]) == (6, 4, 2)
    assert [one["row"] for one in found["left_out"]] == [5, 6]
    assert found["held_out"]["marks"] == 4
    assert found["precision_at_10"]["kind"]["items"] == 20
    kept, _ = head_source.read(out)
    assert (kept.head.dim, len(kept.head.layers)) == (384, 1)
    assert kept.about["marks"] == {"alike": 2, "not_alike": 2}
    base, entry = registry.find_space("minilm"), registry.find_space("adapted")
    texts = ["a 0 metre tall oak tree", "small fish number 0"]
    before, after = (one.text_encoder().encode_texts(texts).vectors for one in (base, entry))
    assert after[0] @ after[1] < before[0] @ before[1]
    assert np.allclose(after, kept.head.apply(before), atol=1e-5)


def test_what_cannot_be_learnt_from_is_told(
    own_home: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    pairs = tmp_path / "pairs.csv"
    pairs.write_text("1,2,1\n2,1,0\n", encoding="utf-8")
    asked = (table(tmp_path), "--pairs", str(pairs))
    found = answer(capsys, *asked, "--name", "x", status=2)
    assert (
        "Of 2 pairs none can be taken: row 1, the same pair is marked alike and not alike"
        in (found["error"]["message"])
    )
    assert "Neither --out nor --name" in answer(capsys, *asked, status=2)["error"]["message"]


def test_without_the_package_onnx_all_else_is_written_and_it_is_told(
    own_home: Path,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setitem(sys.modules, "onnx", None)  # as after an installation without it
    source, out, pairs = table(tmp_path), tmp_path / "made", tmp_path / "pairs.csv"
    pairs.write_text("1,3,1\n1,2,0\n")
    found = answer(capsys, source, "--pairs", str(pairs), "--out", str(out))
    assert "head.onnx was left out. The package onnx is not installed." in found["notes"][-1]
    assert {path.name for path in out.iterdir()} == {
        *("head.safetensors", "head.json", "README.md", "head.pt")
    }
