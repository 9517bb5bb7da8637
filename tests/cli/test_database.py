"""``database``: collections are listed, opened, searched and filled, as JSON and for a person."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import pytest

from core.cli.main import main
from core.sentences import datasets

DIM = 4
VECTORS = np.random.default_rng(5).normal(size=(12, DIM)).astype(np.float32)
Capture = pytest.CaptureFixture[str]

pytestmark = pytest.mark.usefixtures("own_home")


def _answer(capsys: Capture, *arguments: str) -> dict[str, Any]:
    status = main(["database", *arguments, "--json"])
    answer: dict[str, Any] = json.loads(capsys.readouterr().out)
    assert (status == 0) == ("error" not in answer)
    return answer


@pytest.fixture(name="table")
def _table(tmp_path: Path) -> str:
    rows = [
        {"key": f"f{n}", "review": f"A film that is number {n} of its year", "embedding": row}
        for n, row in enumerate(VECTORS.tolist())
    ]
    path = tmp_path / "films.jsonl"
    path.write_text("\n".join(map(json.dumps, rows)))
    return str(path)


def test_a_table_is_sent_listed_described_searched_and_opened_again(
    capsys: Capture, table: str, tmp_path: Path
) -> None:
    address = str(tmp_path / "own.duckdb")
    sent = _answer(capsys, "send", address, "films", table, "--id", "key")
    told = (sent["count"], sent["dim"], sent["made"], sent["left_out"])
    assert told == (12, DIM, True, [])
    assert _answer(capsys, "list", address)["collections"] == ["films"]
    described = _answer(capsys, "describe", address, "films")
    assert (described["rows"], described["key"]) == (12, "id")
    assert {"name": "vector", "type": "FLOAT[4]", "dim": 4} in described["fields"]
    asked = ",".join(map(str, VECTORS[5].tolist()))
    found = _answer(capsys, "search", address, "films", f"--vector={asked}", "-k", "2")
    assert (found["metric"], found["hits"][0]["id"]) == ("cosine", "f5")
    assert found["hits"][0]["score"] == pytest.approx(1, abs=1e-5)
    where = ["--where", "id=f7"]
    found = _answer(capsys, "search", address, "films", f"--vector={asked}", *where)
    assert [hit["id"] for hit in found["hits"]] == ["f7"]
    made = duckdb.connect(address)
    made.execute("""ALTER TABLE films ADD COLUMN "a=b" VARCHAR DEFAULT 'x|y'""")
    made.execute("UPDATE films SET \"a=b\" = 'z' WHERE id <> 'f8'")
    made.close()
    for text, expected in (('"a=b"="x|y"', ["f8"]), ('"a=b"=z', ["f5"])):
        question = (f"--vector={asked}", "-k", "1", "--where", text)
        found = _answer(capsys, "search", address, "films", *question)
        assert [hit["id"] for hit in found["hits"]] == expected
    opened = _answer(capsys, "open", address, "films", "--limit", "9")
    assert (opened["name"], opened["count"], opened["page"]) == ("films", 9, "map")
    kept = datasets.load_texts(datasets.find_dataset("films"))
    assert kept.own is not None
    unit = VECTORS / np.linalg.norm(VECTORS, axis=1, keepdims=True)  # as encode writes them
    assert np.allclose(kept.own.vectors, unit[:9], atol=1e-6)
    assert kept.texts[4] == "A film that is number 4 of its year"
    query = "SELECT * FROM films WHERE id = 'f3'"
    opened = _answer(capsys, "open", address, "query", "--sql", query, "--name", "one")
    assert (opened["name"], opened["count"]) == ("one", 1)
    assert main(["database", "describe", address, "films"]) == 0
    shown = capsys.readouterr().out
    assert "films: 12 rows, key id" in shown
    assert "vector: FLOAT[4], 4 numbers" in shown


def test_sending_twice_doubles_nothing(capsys: Capture, table: str, tmp_path: Path) -> None:
    address = str(tmp_path / "own.duckdb")
    for _ in range(2):
        sent = _answer(capsys, "send", address, "films", table, "--id", "key")
    assert (sent["made"], sent["count"]) == (False, 12)
    assert _answer(capsys, "describe", address, "films")["rows"] == 12


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["describe", "ADDRESS", "film"], "no collection “film”"),
        (["open", "ADDRESS", "films", "--field", "w"], "no field of vectors called “w”"),
        (["open", "ADDRESS", "films", "--limit", "0"], "0 rows were asked for"),
        (["open", "ADDRESS", "films", "--space", "minilm"], "384"),
        (["search", "ADDRESS", "films", "--vector", "1,2"], "2 numbers"),
        (["search", "ADDRESS", "films", "--vector", "1,x"], "is no vector"),
        (["search", "ADDRESS", "films", "--vector", "1,2,3,4", "--where", "x"], "is no filter"),
        (["search", "ADDRESS", "films", "--vector", "1,2,3,4", "-k", "0"], "0 rows were asked for"),
        (["list", "absent.duckdb"], "no database at"),
        (["list", "postgresql://me:s3cret@localhost/x"], "stands in the address"),
    ],
)
def test_what_is_wrong_is_told(
    capsys: Capture, tmp_path: Path, arguments: list[str], told: str
) -> None:
    path = tmp_path / "films.duckdb"
    made = duckdb.connect(str(path))
    made.execute("CREATE TABLE films (id VARCHAR PRIMARY KEY, v FLOAT[4])")
    made.execute("INSERT INTO films VALUES ('a', [1, 2, 3, 4])")
    made.close()
    given = [str(path) if one == "ADDRESS" else one for one in arguments]
    message = _answer(capsys, *given)["error"]["message"]
    assert told in message
    assert "s3cret" not in message
