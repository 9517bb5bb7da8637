"""DuckDB files and Parquet: a real DuckDB, values compared with numpy."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import duckdb
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from core.base.errors import InputError
from core.base.filters import Filter, parse_filter
from core.databases import duck, protocol, searching, sending
from core.databases.conditions import Range
from core.databases.duck import DuckDatabase

DIM = 4
VECTORS = np.random.default_rng(7).normal(size=(30, DIM)).astype(np.float32)
ODD = 'we"ird; DROP TABLE films --'


# What years may be wanted, and which rows have them: the year of row n is 1990 + n % 3.
WANTED = (
    ((1990, 1992), {0, 2}),
    (Range(1991), {1, 2}),
    (Range(high=1990.5), {0}),
    (Range(1991, 1991), {1}),
)


@pytest.fixture(scope="module")
def path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    file = tmp_path_factory.mktemp("duck") / "films.duckdb"
    made = duckdb.connect(str(file))
    made.execute("CREATE TABLE films (id VARCHAR PRIMARY KEY, v FLOAT[4], title VARCHAR, year INT)")
    rows = [(f"f{n}", VECTORS[n].tolist(), f"film {n}", 1990 + n % 3) for n in range(30)]
    made.executemany("INSERT INTO films VALUES (?, ?, ?, ?)", rows)
    made.execute("INSERT INTO films VALUES ('none', NULL, 'without a vector', 1990)")
    made.execute("CREATE TABLE lists (n INT, v DOUBLE[])")
    made.execute("INSERT INTO lists VALUES (1, [1, 2, 3]), (2, [1, 2]), (3, NULL), (4, [3, 2, 1])")
    made.execute(f"CREATE TABLE {duck.quoted(ODD)} ({duck.quoted(ODD)} INT, e FLOAT[2])")
    made.execute(f"INSERT INTO {duck.quoted(ODD)} VALUES (5, [1, 0])")
    made.execute("CREATE TABLE bare (n INT)")
    made.execute("INSERT INTO bare VALUES (1)")
    made.execute("CREATE TABLE nothing (v FLOAT[])")
    made.close()
    return file


@pytest.fixture(name="opened")
def _opened(path: Path) -> Iterator[DuckDatabase]:
    database = DuckDatabase(path)
    yield database
    database.close()


def test_tables_are_listed_and_described(opened: DuckDatabase) -> None:
    assert set(opened.collections()) == {"films", "lists", ODD, "bare", "nothing"}
    films = opened.describe("films")
    assert (films.rows, films.key, films.vector().name, films.vector().dim) == (31, "id", "v", DIM)
    assert films.others() == ["id", "title", "year"]
    assert opened.describe("lists").vector().dim == 3


def test_rows_come_in_pages_and_those_without_a_vector_are_counted(
    opened: DuckDatabase, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(protocol, "PAGE", 8)
    pages = list(opened.pages("films", "v"))
    assert max(map(len, pages)) <= 8
    assert sum(map(len, pages)) == 30
    assert sum(page.left_out for page in pages) == 1
    assert np.array_equal(np.concatenate([page.vectors for page in pages]), VECTORS)
    titles = [title for page in pages for title in page.columns["title"].to_pylist()]
    assert titles == [f"film {n}" for n in range(30)]


def test_of_lists_of_several_lengths_those_of_another_are_left_out(opened: DuckDatabase) -> None:
    [page] = opened.pages("lists", "")
    assert page.vectors.tolist() == [[1, 2, 3], [3, 2, 1]]
    assert (page.columns["n"].to_pylist(), page.left_out) == ([1, 4], 2)
    answer = opened.search("lists", "", np.array([3, 2, 1], np.float32), 5, {})
    metric, hits = answer.metric, answer.hits
    assert metric == "cosine"
    assert [hit.row["n"] for hit in hits] == [4, 1]
    assert hits[1].score == pytest.approx(10 / 14)


def test_search_is_numpys_with_filters_pushed_down(opened: DuckDatabase) -> None:
    query = VECTORS[4]
    hits = opened.search("films", "v", query, 3, {"year": 1991}).hits
    unit = VECTORS / np.linalg.norm(VECTORS, axis=1, keepdims=True)
    scores = unit @ (query / np.linalg.norm(query))
    rows = [n for n in np.argsort(-scores).tolist() if n % 3 == 1][:3]
    assert [hit.id for hit in hits] == [f"f{n}" for n in rows]
    assert [hit.score for hit in hits] == pytest.approx(scores[rows].tolist(), abs=1e-5)
    for wanted, kinds in WANTED:
        hits = opened.search("films", "v", query, 30, {"year": wanted}).hits
        rows = [n for n in np.argsort(-scores).tolist() if n % 3 in kinds]
        assert [hit.id for hit in hits] == [f"f{n}" for n in rows]


def test_names_are_quoted_whatever_they_hold(opened: DuckDatabase) -> None:
    [page] = opened.pages(ODD, "e")
    assert page.columns[ODD].to_pylist() == [5]
    hits = opened.search(ODD, "e", np.array([1, 0], np.float32), 1, {ODD: 5}).hits
    assert hits[0].score == pytest.approx(1.0)
    assert "films" in opened.collections()


def test_what_is_missing_or_does_not_fit_is_told(opened: DuckDatabase) -> None:
    with pytest.raises(InputError, match=r"no collection “film”.*bare, films"):
        opened.describe("film")
    with pytest.raises(InputError, match=r"3 numbers.*have 4"):
        opened.search("films", "v", np.ones(3, np.float32), 1, {})
    with pytest.raises(InputError, match="no field of vectors"):
        next(opened.pages("bare", ""))
    with pytest.raises(InputError, match="no rows"):
        next(opened.pages("nothing", ""))
    with pytest.raises(InputError, match="no field “color” to filter by"):
        opened.describe("films").condition([Filter("color", ("red",))])
    found = opened.describe("films").condition([parse_filter("year=1991|1993")])
    assert found == {"year": (1991, 1993)}
    between = opened.describe("films").condition([Filter("year", low=1990.5, high=1991.5)])
    assert between == {"year": Range(1991, 1991)}  # as whole numbers, which the field holds
    with pytest.raises(InputError, match="“year” is filtered twice"):
        opened.describe("films").condition([Filter("year", ("1991",)), Filter("year", low=1)])


def test_it_is_read_only_unless_asked(path: Path, opened: DuckDatabase) -> None:
    with pytest.raises(InputError, match="read-only"):
        opened.create("more", {}, 2)
    with pytest.raises(InputError, match="refuses"):
        DuckDatabase(path.with_name("absent.duckdb"))
    damaged = path.with_name("damaged.duckdb")
    damaged.write_bytes(b"no database" * 100)
    with pytest.raises(InputError, match="refuses"):
        DuckDatabase(damaged)


def test_parquet_is_read_by_sql_and_nothing_else_is(tmp_path: Path) -> None:
    lists = pa.FixedSizeListArray.from_arrays(pa.array(VECTORS.ravel()), DIM)
    table = pa.table({"n": list(range(30)), "vector": lists})
    pq.write_table(table, tmp_path / "a'b.parquet")
    outside = tmp_path.parent / "outside.csv"
    outside.write_text("secret\n1\n")
    database = DuckDatabase(tmp_path, query='SELECT * FROM "a\'b" WHERE n >= 25')
    assert set(database.collections()) == {"a'b", duck.QUERY}
    [page] = database.pages(duck.QUERY, "vector")
    assert page.columns["n"].to_pylist() == [25, 26, 27, 28, 29]
    assert np.array_equal(page.vectors, VECTORS[25:])
    database.close()
    for query in ("DROP VIEW x", "SELECT 1; SELECT 2", f"SELECT * FROM '{outside}'"):
        with pytest.raises(InputError):
            DuckDatabase(tmp_path, query=query)


def test_rows_are_written_and_replaced_by_their_ids(tmp_path: Path) -> None:
    database = DuckDatabase(tmp_path / "new.duckdb", write=True)
    database.create(ODD, {"title": pa.large_string(), "n": pa.int64()}, DIM)
    target = database.describe(ODD)
    columns = {"title": pa.array(["a", "b"], pa.large_string()), "n": pa.array([1, 2])}
    database.upsert(target, ["x", "y"], protocol.Page(VECTORS[:2], columns))
    columns = {"title": pa.array(["c"], pa.large_string()), "n": pa.array([3])}
    database.upsert(target, ["y"], protocol.Page(VECTORS[2:3], columns))
    [page] = database.pages(ODD, "vector")
    assert page.columns["id"].to_pylist() == ["x", "y"]
    assert page.columns["title"].to_pylist() == ["a", "c"]
    assert np.array_equal(page.vectors, VECTORS[[0, 2]])
    database.close()


def test_a_missing_number_is_sent_as_null_and_a_nan_found_is_missing(tmp_path: Path) -> None:
    database = DuckDatabase(tmp_path / "gaps.duckdb", write=True)
    sending.send(database, "films", ["x", "y"], VECTORS[:2], {"price": [2.5, float("nan")]})
    [page] = database.pages("films", "vector")
    assert page.columns["price"].to_pylist() == [2.5, None]
    database.close()
    assert searching.plain({"n": float("nan"), "far": float("inf"), "one": 1.5}) == {
        "n": None,
        "far": "inf",
        "one": 1.5,
    }
