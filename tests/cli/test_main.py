"""The headless commands keep their JSON, their streams and their exit status."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from core.cli.main import main
from core.sentences import datasets
from core.spaces.vocabulary_files import Loaded

ROOT = Path(__file__).resolve().parents[2]


def call(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, Any, str]:
    """Exit status, the JSON of standard output, standard error."""
    status = main([*arguments, "--json"])
    captured = capsys.readouterr()
    return status, json.loads(captured.out), captured.err


def test_king_minus_man_plus_woman_answers_queen_first(
    minilm: Loaded, capsys: pytest.CaptureFixture[str]
) -> None:
    status, answer, _ = call(capsys, "words", "king - man + woman")
    assert status == 0
    assert list(answer) == ["query", "space", "terms", "neighbors"]
    assert answer["terms"] == [
        {"weight": 1.0, "term": "king"},
        {"weight": -1.0, "term": "man"},
        {"weight": 1.0, "term": "woman"},
    ]
    assert len(answer["neighbors"]) == 10
    assert answer["neighbors"][0]["id"] == "queen"
    assert answer["neighbors"][0]["score"] == pytest.approx(0.579, abs=0.002)


def test_options_of_words(minilm: Loaded, capsys: pytest.CaptureFixture[str]) -> None:
    _, answer, _ = call(capsys, "words", "cat", "-k", "3", "--include-inputs")
    assert answer["neighbors"][0]["id"] == "cat"
    assert len(answer["neighbors"]) == 3
    _, plain, _ = call(capsys, "words", "cat", "-k", "3")
    _, centered, _ = call(capsys, "words", "cat", "-k", "3", "--center")
    assert centered["neighbors"][0]["score"] < plain["neighbors"][0]["score"]
    _, encoded, _ = call(capsys, "words", "king + flibbertigibbet")
    assert encoded["encoded"] == ["flibbertigibbet"]


@pytest.mark.parametrize("formula", ["-king + queen", "-hot + cold", "-cat + dog"])
def test_a_formula_may_begin_with_a_minus_sign(
    minilm: Loaded, capsys: pytest.CaptureFixture[str], formula: str
) -> None:
    status, answer, _ = call(capsys, "words", formula, "-k", "2")
    assert status == 0
    assert answer["terms"][0]["weight"] == -1
    assert len(answer["neighbors"]) == 2


def test_an_option_with_spaces_behind_its_sign_is_no_formula(
    own_home: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    table = tmp_path / "notes.csv"
    table.write_text("a title,my words\nA first film,a cat\nOne more,a car\n")
    status, answer, _ = call(capsys, "add", str(table), "--column=my words")
    assert (status, answer["count"]) == (0, 2)
    assert datasets.find_dataset(answer["name"]).roles["text"] == "my words"
    status, answer, _ = call(capsys, "words", "king", "--space=no such")
    assert status == 2 and "“no such”" in answer["error"]["message"]


def test_a_file_of_vectors_is_a_space(
    capsys: pytest.CaptureFixture[str], shared_data: Callable[[str], Path]
) -> None:
    path = str(shared_data("vectors/googlenews_8k_300d.bin"))
    _, answer, _ = call(capsys, "words", "king - man + woman", "--space", path)
    assert answer["neighbors"][0]["id"] == "queen"
    assert answer["space"] == "googlenews_8k_300d"
    status, answer, _ = call(capsys, "words", "king + quen", "--space", path, "--limit", "5000")
    assert status == 2
    assert answer["error"]["type"] == "UnknownTermError"
    assert "5,000 words" in answer["error"]["message"]


def test_what_is_left_out_of_a_file_of_vectors_is_told(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "v.txt"
    path.write_text("cat 1 0 0\ndog 0.9 0.1 0\nnothing 0 0 0\n")
    (tmp_path / "pairs.txt").write_text("cat dog 8\ncat cat 10\ndog dog 9\n")
    asked = [["cat"], ["--similarity", str(tmp_path / "pairs.txt")]]
    for one in asked:
        status, answer, _ = call(capsys, "words", *one, "--space", str(path))
        assert status == 0
        [note] = answer["notes"]
        assert "such as “nothing”" in note
        assert main(["words", *one, "--space", str(path)]) == 0
        assert capsys.readouterr().out.startswith(f"({note})\n")


def test_analogies_and_similarity(
    minilm: Loaded, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    questions = tmp_path / "questions.txt"
    questions.write_text(": family\nman king woman queen\nman king woman xyzzyx\n")
    _, answer, _ = call(capsys, "words", "--analogies", str(questions))
    family = {"accuracy": 1.0, "covered": 1, "total": 2}
    assert answer == {**family, "sections": {"family": family}}
    pairs = tmp_path / "pairs.txt"
    pairs.write_text("cat dog 8\ncat car 1\ncat cat 10\n")
    _, answer, _ = call(capsys, "words", "--similarity", str(pairs))
    assert answer == {"spearman": pytest.approx(1.0), "covered": 3, "total": 3}


def test_spaces_lists_name_modalities_dim_and_state(capsys: pytest.CaptureFixture[str]) -> None:
    _, answer, _ = call(capsys, "spaces")
    first = answer["spaces"][0]
    assert first["name"] == "minilm"
    assert first["modalities"] == ["word", "text", "image"]
    assert first["dim"] == 384
    assert first["state"] == "ready"
    assert main(["spaces"]) == 0
    assert "minilm" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["words", "king -"], "ends with a sign"),
        (["words"], "required"),
        (["words", "cat", "-k", "0"], "-k is 0"),
        (["words", "cat", "-k", "many"], "invalid int"),
        (["words", "cat", "--limit", "-3"], "--limit is -3"),
        (["words", "cat", "--space", "nothing"], "no embedding model of words called"),
        (["words", "cat", "--space", "colour-outline"], "no embedding model of words called"),
        (
            ["words", "cat", "--space", "text-embedding-3-small"],
            "no embedding model of words called",
        ),
        (["words", "cat", "--space", "no/such/file.bin"], "no file"),
        (["words", "--analogies", "no-such-file"], "could not be read"),
        (["words", "--similarity", "no-such-file"], "could not be read"),
        (["words", "--analogies", ""], "path is empty"),
        (["dance"], "invalid choice"),
        ([], "required"),
    ],
)
def test_wrong_input_is_one_line_and_status_2(
    arguments: list[str], told: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(arguments) == 2
    captured = capsys.readouterr()
    assert captured.out == ""
    assert captured.err.count("\n") == 1
    assert told in captured.err
    status, answer, err = call(capsys, *arguments)
    assert status == 2
    assert told in answer["error"]["message"]
    assert told in err


@pytest.mark.slow
def test_the_module_runs_as_a_command(minilm: Loaded) -> None:
    found = subprocess.run(
        [sys.executable, "-m", "core", "words", "king - man + woman", "-k", "1", "--json"],
        cwd=ROOT,
        env=os.environ,
        capture_output=True,
        text=True,
        check=False,
    )
    assert found.returncode == 0, found.stderr
    assert json.loads(found.stdout)["neighbors"][0]["id"] == "queen"
