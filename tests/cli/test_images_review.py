"""``python -m core images --review``: what to do with each picture of a gallery."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest

from core.cli.main import main
from tests.cli.test_main import call
from tests.support.picture_files import encoded, write_parquet

Capture = pytest.CaptureFixture[str]


def test_a_copy_is_dropped_and_the_csv_says_why(
    tmp_path: Path, capsys: Capture, own_home: Path
) -> None:
    pictures = [encoded(color) for color in ("red", "blue", "red", "green")]
    path = str(
        write_parquet(
            tmp_path / "t.parquet",
            pictures,
            label=["a", "b", "a", "b"],
            part=["test", "train", "train", "train"],
        )
    )
    out = tmp_path / "review.csv"
    asked = ("images", "--gallery", path, "--space", "colour-outline", "--review")
    limits = ("--threshold", "0.999", "--subset", "2", "--subset-method", "diverse")
    columns = ("--label-column", "label", "--split-column", "part", "--out", str(out))
    status, answer, _ = call(capsys, *asked, *limits, *columns)
    assert status == 0
    assert [one["action"] for one in answer["items"]] == ["keep", "keep", "drop", "keep"]
    assert answer["items"][2]["reason"].startswith("leak: in “train”, its duplicate")
    assert answer["actions"] == {"keep": 3, "look": 0, "drop": 1}
    assert len(answer["subset"]) == 2
    with out.open(encoding="utf-8-sig") as file:
        rows = list(csv.DictReader(file))
    assert [row["action"] for row in rows] == ["keep", "keep", "drop", "keep"]
    assert rows[2]["reason"] == answer["items"][2]["reason"]
    assert main([*asked, *limits]) == 0
    told = capsys.readouterr().out.splitlines()
    assert told[0].startswith("drop  ")
    assert told[0].endswith("(similarity 1.000)")
    assert told[1] == "3 keep, 0 look, 1 drop"


def test_what_cannot_be_reviewed_is_told(tmp_path: Path, capsys: Capture, own_home: Path) -> None:
    one = str(write_parquet(tmp_path / "one.parquet", [encoded("red")], label=["a"]))
    asked = ("images", "--gallery", one, "--space", "colour-outline", "--review")
    status, answer, _ = call(capsys, *asked)
    assert (status, "There is one picture" in answer["error"]["message"]) == (2, True)
    for wrong in (("--hash-bits", "65"), ("--threshold", "1.5"), ("--out", "review.txt")):
        status, answer, _ = call(capsys, *asked, *wrong)
        assert (status, wrong[0] in answer["error"]["message"]) == (2, True)
