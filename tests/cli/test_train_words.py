"""``python -m core train words``: its JSON, the files it writes, the space it keeps, its errors."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from core.base import vectors as vec
from core.spaces import registry, vocabularies
from tests.cli.test_main import call

Capture = pytest.CaptureFixture[str]


@pytest.fixture
def texts(tmp_path: Path) -> Path:
    path = tmp_path / "texts.txt"
    path.write_text("the cat saw the dog\nthe dog saw the cat\n" * 5, encoding="utf-8")
    return path


@pytest.mark.slow
def test_what_is_trained_is_told_written_and_kept(
    texts: Path, tmp_path: Path, own_home: Path, capsys: Capture
) -> None:
    out = tmp_path / "made.vec"
    options = ["--dims", "6", "--window", "2", "--epochs", "2", "--min-count", "5", "--sample", "0"]
    options += ["--model", "cbow", "--neighbors", "cat,unicorn", "--name", "Pets"]
    status, answer, _ = call(capsys, "train", "words", str(texts), *options, "--out", str(out))
    assert status == 0
    assert (answer["texts"], answer["words"], answer["vocabulary"]) == (10, 50, 4)
    assert answer["settings"]["model"] == "cbow"
    assert len(answer["losses"]) == 3
    assert list(answer["neighbors"]) == ["cat"]
    assert {near["id"] for near in answer["neighbors"]["cat"]} == {"the", "dog", "saw"}
    written = vocabularies.load_path(out)[0]
    kept = registry.find_space("Pets").vocabulary()[0]
    assert written.words == kept.words == ["the", "cat", "saw", "dog"]
    assert np.abs(written.vectors - kept.vectors).max() < 1e-6
    assert kept.notes[0] == "Trained on texts.txt by cbow."
    assert "analogies" in kept.notes[1]

    status, answer, _ = call(capsys, "train", "words", str(texts), "--name", "Pets")
    assert status == 2
    assert "There is an embedding model called “Pets” already." in answer["error"]["message"]


def test_the_binary_file_is_read_back_equal(texts: Path, tmp_path: Path, capsys: Capture) -> None:
    vectors = []
    for ending in (".bin", ".txt"):
        out = tmp_path / f"made{ending}"
        options = ["--dims", "4", "--epochs", "1", "--min-count", "1", "--out", str(out)]
        assert call(capsys, "train", "words", str(texts), *options)[0] == 0
        vectors.append(vocabularies.load_path(out)[0].vectors)
    assert np.array_equal(*vectors)
    assert vectors[0] == pytest.approx(vec.normalize(vectors[0]))


@pytest.mark.parametrize(
    ("options", "told"),
    [
        ([], "Neither --out nor --name is given."),
        (["--out", "made.pkl"], "It is a file that ends in .vec, .txt, .bin."),
        (["--out", "made.vec", "--min-count", "99"], "0 words of 4 occur 99 times or more."),
        (["--out", "made.vec", "--dims", "0"], "“dims” of the training is 0."),
    ],
)
def test_what_cannot_be_done_is_told(
    texts: Path, capsys: Capture, options: list[str], told: str
) -> None:
    status, answer, _ = call(capsys, "train", "words", str(texts), *options)
    assert status == 2
    assert told in answer["error"]["message"]
