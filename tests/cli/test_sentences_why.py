"""``python -m core sentences FILE --query TEXT --why ROW``."""

from __future__ import annotations

from pathlib import Path

import pytest

from core.cli.main import main
from tests.cli.test_main import call

Capture = pytest.CaptureFixture[str]
TEXTS = ("He plays the violin.", "It rained all day.", "A red apple lies here.", "Dogs bark.")


@pytest.fixture
def table(tmp_path: Path) -> str:
    path = tmp_path / "t.csv"
    path.write_text("text\n" + "\n".join(TEXTS) + "\n", encoding="utf-8")
    return str(path)


def test_the_words_that_carry_a_row_and_how_another_model_ranks_it(
    table: str, capsys: Capture
) -> None:
    asked = ("sentences", table, "--query", "some violin music", "--why", "1")
    status, answer, _ = call(capsys, *asked, "--why-spaces", "minilm")
    assert status == 0
    assert (answer["why"], answer["rank"], answer["of"]) == (1, 1, 4)
    for side in ("query_words", "words"):
        drops = {one["text"]: one["drop"] for one in answer[side]}
        assert max(drops, key=lambda word: drops[word]) == "violin"
    assert answer["models"] == []  # the model itself is not another one
    assert main([*asked]) == 0
    told = capsys.readouterr().out.splitlines()
    assert told[0].startswith("row 1: rank 1 of 4")


@pytest.mark.parametrize(
    ("more", "said"),
    [
        (("--why", "1"), "It goes with --query"),
        (("--query", "rain", "--why", "9"), "no row “9”"),
        (("--query", "rain", "--why-spaces", "all"), "goes with --why"),
    ],
)
def test_what_cannot_be_explained_is_told(
    table: str, more: tuple[str, ...], said: str, capsys: Capture
) -> None:
    status, answer, _ = call(capsys, "sentences", table, *more)
    assert (status, said in answer["error"]["message"]) == (2, True)
