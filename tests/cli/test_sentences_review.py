"""``python -m core sentences FILE --review``: what to do with each row."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest

from core.cli.main import main
from tests.cli.test_main import call

Capture = pytest.CaptureFixture[str]
ROWS = (
    ("The dog barks.", "animals", "test"),
    ("It rained all day.", "weather", "train"),
    ("The dog barks.", "animals", "train"),
    ("It snowed in the night.", "weather", "train"),
)


@pytest.fixture
def table(tmp_path: Path) -> str:
    path = tmp_path / "t.csv"
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([("text", "topic", "part"), *ROWS])
    return str(path)


def test_a_copy_is_dropped_and_the_csv_says_why(
    table: str, tmp_path: Path, capsys: Capture
) -> None:
    out = tmp_path / "review.csv"
    asked = ("sentences", table, "--column", "text", "--review", "--threshold", "0.999")
    more = ("--subset", "2", "--subset-method", "diverse", "--out", str(out))
    status, answer, _ = call(capsys, *asked, *more)
    assert status == 0
    assert [one["action"] for one in answer["items"]] == ["keep", "keep", "drop", "keep"]
    assert [one["id"] for one in answer["items"]] == ["1", "2", "3", "4"]
    assert answer["items"][2]["reason"] == "near-duplicate of 1 (similarity 1.000)"
    assert len(answer["subset"]) == 2
    with out.open(encoding="utf-8-sig") as file:
        assert [row["action"] for row in csv.DictReader(file)] == ["keep", "keep", "drop", "keep"]
    columns = ("--label", "topic", "--split-column", "part")
    status, answer, _ = call(capsys, *asked, *columns)
    assert answer["items"][2]["reason"].startswith("leak: in “train”, its duplicate 1 in “test”")
    assert {"labels", "leaks"} <= {*answer["found"], *answer["failed"]}
    assert main([*asked]) == 0
    assert capsys.readouterr().out.splitlines()[-1] == "3 keep, 0 look, 1 drop"


def test_what_cannot_be_reviewed_is_told(table: str, tmp_path: Path, capsys: Capture) -> None:
    one = tmp_path / "one.csv"
    one.write_text("text\nalone\n", encoding="utf-8")
    status, answer, _ = call(capsys, "sentences", str(one), "--review")
    assert (status, "There is one text" in answer["error"]["message"]) == (2, True)
    for wrong in (("--split-column", "gone"), ("--threshold", "2"), ("--out", "x.txt")):
        status, answer, _ = call(capsys, "sentences", table, "--review", *wrong)
        said = answer["error"]["message"]
        assert (status, wrong[0] in said or f"“{wrong[1]}”" in said) == (2, True)
