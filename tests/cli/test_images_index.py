"""``python -m core images … --index``: searching by an index, exporting it and opening it again."""

from __future__ import annotations

from pathlib import Path

import pytest

from core.cli import index_options
from tests.cli.test_main import call
from tests.support.picture_files import encoded, write_parquet

Capture = pytest.CaptureFixture[str]


@pytest.fixture
def asked(tmp_path: Path, own_home: Path) -> tuple[str, ...]:
    pictures = [encoded((20 * at, 255 - 20 * at, 90)) for at in range(12)]
    gallery = write_parquet(tmp_path / "t.parquet", pictures)
    (tmp_path / "q.png").write_bytes(encoded((100, 155, 90)))
    named = ("--gallery", str(gallery), "--image", str(tmp_path / "q.png"))
    return ("images", *named, "--space", "colours", "-k", "3")


def test_an_index_answers_and_is_opened_again(
    asked: tuple[str, ...], tmp_path: Path, capsys: Capture
) -> None:
    _, exact, _ = call(capsys, *asked)
    assert "index" not in exact
    file = str(tmp_path / "index.zip")
    status, answer, _ = call(capsys, *asked, "--index", "HNSW:links=6", "--export-index", file)
    assert status == 0
    ids, scores = zip(*((one["id"], one["score"]) for one in exact["neighbors"]), strict=True)
    assert [one["id"] for one in answer["neighbors"]] == [*ids]
    assert [one["score"] for one in answer["neighbors"]] == pytest.approx([*scores], abs=1e-6)
    assert answer["index"]["settings"] == "HNSW:links=6,build_width=100,search_width=32"
    assert answer["index"]["recall_at_10"] == 1
    status, again, _ = call(capsys, *asked, "--open-index", file)
    assert status == 0
    assert again["neighbors"] == answer["neighbors"]
    assert again["index"]["from_disk"] is True
    status, other, _ = call(capsys, *asked, "--open-index", file, "--space", "colour-outline")
    assert (status, "other vectors" in other["error"]["message"]) == (2, True)


def test_a_large_gallery_is_searched_by_an_index(
    asked: tuple[str, ...], capsys: Capture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(index_options, "SERVED_FROM", 12)
    _, answer, _ = call(capsys, *asked)
    assert answer["index"]["settings"] == "HNSW:links=4,build_width=100,search_width=128"
    _, answer, _ = call(capsys, *asked, "--index", "none")
    assert "index" not in answer


@pytest.mark.parametrize(
    ("more", "said"),
    [
        (("--index", "BALL"), "no index “BALL”"),
        (("--index", "Flat", "--open-index", "x.zip"), "name two indexes"),
        (("--index", "none", "--export-index", "x.zip"), "no index to export"),
        (("--export-index", "x.tar"), "--export-index"),
        (("--index", "Flat", "--verdict"), "is of a search"),
    ],
)
def test_what_cannot_be_is_told(
    asked: tuple[str, ...], more: tuple[str, ...], said: str, capsys: Capture
) -> None:
    status, answer, _ = call(capsys, *asked, *more)
    assert (status, said in answer["error"]["message"]) == (2, True)
