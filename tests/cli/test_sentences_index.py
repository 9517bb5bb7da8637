"""``python -m core sentences … --index``: searching by an index, exported and opened again."""

from __future__ import annotations

import json
import zipfile
from pathlib import Path

import pytest

from tests.cli.test_main import call
from tests.cli.test_sentences import LINES

Capture = pytest.CaptureFixture[str]


@pytest.fixture
def asked(tmp_path: Path) -> tuple[str, ...]:
    path = tmp_path / "lines.txt"
    path.write_text("\n".join(LINES), encoding="utf-8")
    return ("sentences", str(path), "--query", "music with strings", "-k", "3")


def test_an_index_answers_and_is_opened_again(
    asked: tuple[str, ...], tmp_path: Path, capsys: Capture
) -> None:
    _, exact, _ = call(capsys, *asked)
    file = tmp_path / "index.zip"
    status, answer, _ = call(capsys, *asked, "--index", "HNSW:links=4", "--export-index", str(file))
    assert status == 0
    assert [one["id"] for one in answer["neighbors"]] == [one["id"] for one in exact["neighbors"]]
    for one, other in zip(answer["neighbors"], exact["neighbors"], strict=True):
        assert one["similarity"] == pytest.approx(other["similarity"], abs=1e-6)
        assert one["keywords"] == other["keywords"]
    assert answer["index"]["recall_at_6"] == 1
    with zipfile.ZipFile(file) as packed:
        assert json.loads(packed.read("ids.json"))["ids"] == ["1", "2", "3", "4", "5", "6"]
        assert json.loads(packed.read("about.json"))["space"] == "minilm"
    status, again, _ = call(capsys, *asked, "--open-index", str(file))
    assert (status, again["neighbors"]) == (0, answer["neighbors"])
    assert again["index"]["from_disk"] is True


@pytest.mark.parametrize("more", [("--mode", "hybrid"), ("--metric", "euclidean"), ("--why", "1")])
def test_other_rankings_take_no_index(
    asked: tuple[str, ...], more: tuple[str, ...], capsys: Capture
) -> None:
    status, answer, _ = call(capsys, *asked, *more, "--index", "Flat")
    assert (status, "is of a search" in answer["error"]["message"]) == (2, True)
