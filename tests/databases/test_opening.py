"""Addresses, secrets, and collections kept as datasets or sent from them."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest

from core.base.errors import Cancelled, InputError
from core.databases import opening, protocol, row_pages, sending
from core.databases.duck import DuckDatabase
from core.databases.protocol import Page
from core.export.parquet_pages import ParquetPages
from core.readers import tables
from core.sentences import datasets, from_database

DIM = 4
ROWS = 25
VECTORS = np.random.default_rng(3).normal(size=(ROWS, DIM)).astype(np.float32)
COLUMNS = {
    "id": [f"f{n}" for n in range(ROWS)],
    "review": [f"A film that is number {n} of its year" for n in range(ROWS)],
    "kind": [["good", "bad"][n % 2] for n in range(ROWS)],
}


@pytest.fixture(name="path")
def _path(tmp_path: Path) -> Path:
    path = tmp_path / "films.duckdb"
    ids, columns = sending.choose_ids(COLUMNS, ROWS)
    with opening.opened(str(path), write=True) as database:
        vectors = VECTORS.copy()
        vectors[3, 1] = np.nan
        sent = sending.send(database, "films", ids, vectors, columns)
    assert (sent.rows, sent.made, [one.count for one in sent.left_out]) == (24, True, [1])
    return path


@pytest.mark.parametrize(
    "address",
    [
        "postgresql://me:s3cret@localhost/films",
        "postgresql://me@localhost/films?password=s3cret",
        "qdrant:https://me:s3cret@host:6333",
        "https://me:s3cret@host/x",
        "milvus:http://localhost:19530?token=s3cret",
    ],
)
def test_an_address_with_a_secret_is_refused_and_not_told_again(address: str) -> None:
    with pytest.raises(InputError, match="password or key stands in the address") as raised:
        opening._open(address, "", write=False, query="")
    assert "s3cret" not in str(raised.value)


def test_a_key_goes_to_no_other_computer_in_the_open() -> None:
    with pytest.raises(InputError, match="shows the key to others") as raised:
        opening._open("qdrant:http://far.example:6333", "s3cret", write=False, query="")
    assert "s3cret" not in str(raised.value)


def test_what_is_no_database_is_told(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("a\n1\n")
    for address, told in (
        (str(tmp_path / "absent.duckdb"), "no database at"),
        (str(tmp_path / "a.csv"), "no database that is known"),
        ("http://localhost:80", "no database that is known"),
        ("", "no database that is known"),
    ):
        with pytest.raises(InputError, match=told):
            opening._open(address, "", write=False, query="")
    with pytest.raises(InputError, match="SELECT was given"):
        opening._open("qdrant:http://localhost:6333", "", write=False, query="SELECT 1")


@pytest.mark.usefixtures("own_home")
def test_a_collection_is_kept_as_a_dataset_page_by_page(
    path: Path, own_home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(protocol, "PAGE", 7)
    with opening.opened(str(path)) as database:
        opened = from_database.keep(database, "films")
        again = from_database.keep(database, "films")
        few = from_database.keep(database, "films", limit=10, title="few")
    assert (opened.entry.name, opened.taken, again.entry.name) == ("films", 24, "films")
    kept = datasets.load_texts(opened.entry)
    rows = [n for n in range(ROWS) if n != 3]
    assert kept.texts == [COLUMNS["review"][n] for n in rows]
    assert kept.own is not None
    assert np.array_equal(kept.own.vectors, VECTORS[rows])
    assert dict(opened.entry.roles) == {
        "text": "review",
        "label": "kind",
        "id": "id",
        "vectors": "vector",
    }
    assert (few.taken, datasets.load_texts(few.entry).texts) == (10, kept.texts[:10])
    assert few.entry.notes[-1] == "The first 10 rows of 24 were taken."
    assert not list(own_home.glob(".scratch*"))


@pytest.mark.usefixtures("own_home")
def test_reading_can_be_cancelled_and_keeps_nothing(
    path: Path, own_home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(protocol, "PAGE", 7)

    def stop(done: int, total: int, note: str = "") -> None:
        if done >= 14:
            raise Cancelled("Reading")

    with opening.opened(str(path)) as database, pytest.raises(Cancelled):
        from_database.keep(database, "films", progress=stop)
    assert [entry.name for entry in datasets.list_datasets()] == [datasets.BUNDLED]
    assert not list(own_home.glob(".scratch*"))


def test_rows_are_sent_to_a_collection_that_is_there_as_it_is(path: Path) -> None:
    vectors = np.ones((2, DIM), np.float32)
    columns = {"kind": ["odd", "odd"], "stars": [1, 2]}
    with opening.opened(str(path), write=True) as database:
        sent = sending.send(database, "films", ["f0", "new"], vectors, columns)
        assert (sent.rows, sent.made, sent.columns) == (2, False, ("stars",))
        assert database.describe("films").rows == 25
        cells = [
            page.columns[name] for page in database.pages("films", "") for name in ("id", "kind")
        ]
        ids = [one for part in cells[::2] for one in part.to_pylist()]
        kinds = [one for part in cells[1::2] for one in part.to_pylist()]
        told = dict(zip(ids, kinds, strict=True))
        assert (told["f0"], told["new"], told["f1"]) == ("odd", "odd", "bad")
        with pytest.raises(InputError, match=r"3 numbers.*have 4"):
            sending.send(database, "films", ["a"], np.ones((1, 3), np.float32), {})
        with pytest.raises(InputError, match="2 rows have the id “a”"):
            sending.send(database, "films", ["a", "a"], vectors, {})


def test_ids_are_those_of_a_column_or_the_rows_numbers() -> None:
    assert sending.choose_ids(COLUMNS, ROWS)[0][:2] == ["f0", "f1"]
    ids, rest = sending.choose_ids({"id": ["a", "a"], "t": [1, 2]}, 2)
    assert (ids, list(rest)) == (["1", "2"], ["id", "t"])
    assert sending.choose_ids({"t": ["x", "y"]}, 2, "t") == (["x", "y"], {})
    with pytest.raises(InputError, match="no column “u”"):
        sending.choose_ids({"t": ["x", "y"]}, 2, "u")


def test_a_column_called_as_the_key_is_sent_under_another_name(tmp_path: Path) -> None:
    with opening.opened(str(tmp_path / "a.duckdb"), write=True) as database:
        columns = {"ID": ["same", "same"], "vector": [1, 2]}
        sending.send(database, "t", ["1", "2"], VECTORS[:2], columns)
        assert database.describe("t").others() == ["id", "ID_", "vector_"]


def test_pages_of_several_schemas_become_one_file(tmp_path: Path) -> None:
    with ParquetPages(tmp_path, "v") as pages:
        pages.add(VECTORS[:2], {"n": pa.array([1, 2]), "t": pa.array(["a", ""], pa.large_string())})
        pages.add(VECTORS[2:3], {"n": pa.array([2.5]), "t": pa.array([7])})
        pages.add(VECTORS[3:4], {"more": pa.array([True])})
        found = pages.finish()
    table = tables.read_kept("x", found)
    assert table.frame["n"].tolist()[:3] == [1.0, 2.0, 2.5]
    assert np.isnan(table.frame["n"].iloc[3])
    assert table.frame["t"].tolist() == ["a", "", "7", ""]
    assert table.frame["more"].tolist() == ["", "", "", "True"]
    assert np.array_equal(table.vectors["v"], VECTORS[:4])


@pytest.mark.parametrize(
    ("address", "stays"),
    [
        ("/tmp/films.duckdb", True),
        ("postgresql://me@localhost/films", True),
        ("milvus:http://127.0.0.1:19530", True),
        ("postgresql://me@db.example/films", False),
        ("postgresql://me@localhost,db.example/films", False),
        ("postgresql://me@localhost/films?hostaddr=10.0.0.1", False),
        ("qdrant:https://localhost@db.example:6333", False),
        ("https://db.example/x", False),
        ("//db.example/share/films.duckdb", False),
        (r"\\db.example\share\films.duckdb", False),
    ],
)
def test_which_addresses_lead_to_another_computer(address: str, stays: bool) -> None:
    assert opening.stays_here(address) == stays


def test_a_page_has_no_row_that_is_not_whole() -> None:
    cells = [[1, 2], None, [1], [np.nan, 1], [3, 4]]
    page = row_pages.page_of_cells(cells, 2, {"n": [*range(5)]})
    assert isinstance(page, Page)
    assert (page.vectors.tolist(), page.left_out) == ([[1, 2], [3, 4]], 3)
    assert page.columns["n"].to_pylist() == [0, 4]


def test_a_missing_driver_is_told_with_the_line_that_installs_it(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setitem(__import__("sys").modules, "duckdb", None)
    with pytest.raises(Exception, match="Install it: pip install duckdb"):
        DuckDatabase(tmp_path / "a.duckdb")
