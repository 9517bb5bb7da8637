"""``encode``: vectors of texts and pictures as files, by values."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any
from uuid import uuid4

import numpy as np
import pyarrow.parquet as pq
import pytest

from core.cli.main import main

CASES = Path(__file__).parent.parent / "cases" / "tables"
Capture = pytest.CaptureFixture[str]


def _asked(capsys: Capture, *arguments: str) -> dict[str, Any]:
    assert main([*arguments, "--json"]) == 0
    answer: dict[str, Any] = json.loads(capsys.readouterr().out)
    return answer


def test_texts_are_encoded_once_and_written(capsys: Capture, tmp_path: Path) -> None:
    source = tmp_path / "t.csv"
    mark = uuid4().hex  # what was encoded once is not encoded again
    texts = [f"A text nobody wrote before {mark}", f"Another {mark}", f"Another {mark}"]
    source.write_text("text,kind\n" + "".join(f"{text},k\n" for text in texts))
    out = tmp_path / "e.parquet"
    answer = _asked(capsys, "encode", str(source), "--out", str(out))
    assert (answer["count"], answer["dim"], answer["space"]) == (3, 384, "minilm")
    assert (answer["encoded"], answer["from_store"]) == (2, 1)
    table = pq.read_table(out)
    assert table["text"].to_pylist() == texts
    vectors = np.array(table["vector"].to_pylist())
    assert np.linalg.norm(vectors, axis=1) == pytest.approx([1, 1, 1], abs=1e-5)
    again = _asked(capsys, "encode", str(source), "--out", str(tmp_path / "e.npy"))
    assert (again["encoded"], again["from_store"]) == (0, 3)
    np.testing.assert_allclose(np.load(tmp_path / "e.npy"), vectors, atol=1e-6)
    near = _asked(capsys, "sentences", str(out), "-k", "1")
    assert near["neighbors"]["2"][0]["id"] == 3
    found = _asked(capsys, "sentences", str(out), "--query", "nobody wrote this text before")
    assert found["neighbors"][0]["id"] == 1


def test_vectors_of_a_table_are_written_as_they_are(capsys: Capture, tmp_path: Path) -> None:
    out = tmp_path / "e.npy"
    answer = _asked(capsys, "encode", str(CASES / "pq_list.parquet"), "--out", str(out))
    assert (answer["count"], answer["dim"], answer["space"], answer["encoded"]) == (6, 4, "", 0)
    given = np.array(pq.read_table(CASES / "pq_list.parquet")["embedding"].to_pylist())
    unit = given / np.linalg.norm(given, axis=1, keepdims=True)
    assert np.load(out) == pytest.approx(unit, abs=1e-6)


def test_where_to_is_checked_first(capsys: Capture, tmp_path: Path) -> None:
    assert main(["encode", "nothing", "--out", str(tmp_path / "e.doc")]) == 2
    assert "ends in" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("options", "told"),
    [
        (["--workers", "2"], "--workers was given"),
        (["--address", "auto"], "--address was given"),
        (["--engine", "ray", "--workers", "0"], "--workers is 0"),
    ],
)
def test_what_is_ray_s_goes_with_ray(
    capsys: Capture, tmp_path: Path, options: list[str], told: str
) -> None:
    source = str(CASES / "pq_list.parquet")
    assert main(["encode", source, "--out", str(tmp_path / "e.npy"), *options]) == 2
    assert told in capsys.readouterr().err
