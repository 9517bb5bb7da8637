"""``python -m core sentences`` tells what is wrong in one line and in JSON, with status 2."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from core.cli.main import main
from tests.cli.test_main import call


@pytest.fixture
def table(tmp_path: Path) -> str:
    path = tmp_path / "table.csv"
    path.write_text("name,text\nn1,A man plays the guitar.\nn2,The cake is in the oven.\n")
    return str(path)


WRONG = {
    "no file": (["{home}/nothing.txt"], "no dataset called"),
    "a folder": (["{home}"], "could not be read"),
    "a name too long": (["x" * 300], "xxx"),
    "a home of nobody": (["~nobody-4711/x.txt"], "nobody-4711"),
    "empty file": (["{home}/empty.txt"], "is empty"),
    "one row": (["{home}/one.txt"], "There is 1 text"),
    "no table": (["{home}/x.pdf"], "“x.pdf” is a PDF document"),
    "no column": (["{table}", "--column", "title"], "no column “title”"),
    "k of 0": (["{table}", "-k", "0"], "-k is 0"),
    "k too big": (["{table}", "-k", "10001"], "-k is 10001"),
    "k in words": (["{table}", "-k", "many"], "invalid int"),
    "unknown space": (
        ["{table}", "--space", "nothing"],
        "no embedding model of texts called “nothing”",
    ),
    "words only": (["{table}", "--space", "en_core_web_md"], "no embedding model of texts called"),
    "no model": (["{table}", "--space", "{home}"], "neither config.json nor modules.json"),
    "needs a key": (["{table}", "--space", "text-embedding-3-small"], "OPENAI_API_KEY"),
    "empty question": (["{table}", "--query", "  "], "query is empty"),
    "half a character": (["{table}", "--query", "caf\udce9"], "caf"),
    "no folder named": (["{table}", "--tsv", ""], "tsv"),
    "two wishes": (["{table}", "--query", "a", "--pairs"], "not allowed with"),
    "unknown metric": (["{table}", "--metric", "manhattan"], "invalid choice"),
    "unknown mode": (["{table}", "--query", "a", "--mode", "luck"], "invalid choice"),
    "no pairs": (["{table}", "--pairs"], "Two columns of text and one of numbers"),
    "nothing": ([], "required"),
}

PROGRESS = re.compile(r"\d+ of \d+ .*")  # on a machine so slow that it is told


@pytest.mark.parametrize("case", WRONG)
def test_wrong_input_is_one_line_and_status_2(
    case: str,
    table: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.delenv("OPENAI_API_KEY", raising=False)
    home = tmp_path / "home"
    home.mkdir()
    for name, text in (
        ("empty.txt", ""),
        ("one.txt", "Only one text here.\n"),
        ("x.pdf", "%PDF-1.7\n"),
    ):
        (home / name).write_text(text)
    arguments, told = WRONG[case]
    given = ["sentences", *(part.format(home=home, table=table) for part in arguments)]
    assert main(given) == 2
    captured = capsys.readouterr()
    assert captured.out == ""
    said = [line for line in captured.err.splitlines() if not PROGRESS.fullmatch(line)]
    assert len(said) == 1
    assert told in said[0]
    status, answer, _ = call(capsys, *given)
    assert status == 2
    assert list(answer) == ["error"]
    assert answer["error"]["type"].endswith("Error")
    assert told in answer["error"]["message"]
