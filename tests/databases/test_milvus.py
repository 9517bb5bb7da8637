"""Milvus Lite, as a file and as a server on loopback: real gRPC, values compared with numpy."""

from __future__ import annotations

import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest

from core.base.errors import InputError, ServiceError
from core.base.filters import Filter
from core.databases import opening, protocol, searching, sending
from core.databases.conditions import Range
from core.databases.milvus import MilvusDatabase

pymilvus = pytest.importorskip("pymilvus")
DIM = 4
VECTORS = np.random.default_rng(7).normal(size=(30, DIM)).astype(np.float32)


# What years may be wanted, and which rows have them: the year of row n is 1990 + n % 3.
WANTED = (
    ((1990, 1992), {0, 2}),
    (Range(1991), {1, 2}),
    (Range(high=1990.5), {0}),
    (Range(1991, 1991), {1}),
)


@pytest.fixture(scope="module", name="address")
def _address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A server with a collection that an unknown program made: two fields of vectors, IP."""
    from milvus_lite.adapter.grpc.server import start_server_in_thread

    folder = tmp_path_factory.mktemp("milvus") / "server.db"
    server, database, port = start_server_in_thread(data_dir=str(folder), host="127.0.0.1", port=0)
    address = f"http://127.0.0.1:{port}"
    client = pymilvus.MilvusClient(address)
    schema = client.create_schema(auto_id=False, enable_dynamic_field=True)
    schema.add_field("number", pymilvus.DataType.INT64, is_primary=True)
    schema.add_field("first", pymilvus.DataType.FLOAT_VECTOR, dim=DIM)
    schema.add_field("second", pymilvus.DataType.FLOAT_VECTOR, dim=2)
    schema.add_field("title", pymilvus.DataType.VARCHAR, max_length=100, nullable=True)
    index = client.prepare_index_params()
    index.add_index("first", index_type="FLAT", metric_type="L2")
    index.add_index("second", index_type="FLAT", metric_type="IP")
    client.create_collection("films", schema=schema, index_params=index)
    rows = [
        {
            "number": n,
            "first": VECTORS[n].tolist(),
            "second": [1.0, n],
            "title": f"film {n}" if n else None,
            "year": 1990 + n % 3,
        }
        for n in range(30)
    ]
    client.insert("films", rows)
    client.create_collection("empty", dimension=3)
    client.close()
    yield address
    server.stop(grace=0)
    database.close()


@pytest.fixture(name="opened")
def _opened(address: str) -> Iterator[MilvusDatabase]:
    database = MilvusDatabase(address)
    yield database
    database.close()


def test_collections_of_a_server_are_described_and_read_in_pages(
    opened: MilvusDatabase, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(protocol, "PAGE", 8)
    assert opened.collections() == ["empty", "films"]
    films = opened.describe("films")
    assert (films.rows, films.key, films.open_ended) == (30, "number", True)
    assert [(one.name, one.dim) for one in films.vectors] == [("first", DIM), ("second", 2)]
    pages = list(opened.pages("films", "first"))
    assert max(map(len, pages)) <= 8
    assert np.array_equal(np.concatenate([page.vectors for page in pages]), VECTORS)
    assert "second" not in pages[0].columns
    years = [year for page in pages for year in page.columns["year"].to_pylist()]
    assert years == [1990 + n % 3 for n in range(30)]


def test_search_is_by_its_metric_with_filters_pushed_down(opened: MilvusDatabase) -> None:
    answer = opened.search("films", "first", VECTORS[4], 3, {"year": 1991})
    metric, hits = answer.metric, answer.hits
    distances = ((VECTORS - VECTORS[4]) ** 2).sum(axis=1)
    rows = [n for n in np.argsort(distances).tolist() if n % 3 == 1][:3]
    assert (metric, answer.index) == ("l2", "")
    assert [hit.id for hit in hits] == [str(n) for n in rows]
    assert [hit.score for hit in hits] == pytest.approx((-distances[rows]).tolist(), abs=1e-5)
    for wanted, kinds in WANTED:
        hits = opened.search("films", "first", VECTORS[4], 30, {"year": wanted}).hits
        rows = [n for n in np.argsort(distances).tolist() if n % 3 in kinds]
        assert [hit.id for hit in hits] == [str(n) for n in rows]
    answer = opened.search("films", "second", np.array([0, 2], np.float32), 2, {})
    metric, hits = answer.metric, answer.hits
    assert (metric, [(hit.id, hit.score) for hit in hits]) == ("ip", [("29", 58), ("28", 56)])


def test_what_is_missing_or_does_not_fit_is_told(opened: MilvusDatabase) -> None:
    with pytest.raises(InputError, match=r"no collection “film”.*empty, films"):
        opened.describe("film")
    with pytest.raises(InputError, match=r"3 numbers.*have 4"):
        opened.search("films", "first", np.ones(3, np.float32), 1, {})
    with pytest.raises(InputError, match="cannot stand in a filter"):
        opened.search("films", "first", VECTORS[0], 1, {'year > 0 or "': 1})
    assert list(opened.pages("empty", "")) == []


def test_a_filters_value_is_no_expression(opened: MilvusDatabase) -> None:
    hits = opened.search("films", "first", VECTORS[0], 5, {"title": 'x" or number >= 0 or "'}).hits
    assert hits == []


def test_ids_are_whole_numbers_where_the_key_is_one(tmp_path: Path) -> None:
    client = pymilvus.MilvusClient(str(tmp_path / "numbers.db"))
    client.create_collection("films", dimension=DIM)  # its key is a number
    client.close()
    opened = MilvusDatabase(tmp_path / "numbers.db")
    target = opened.describe("films")
    opened.upsert(target, ["7", "8"], protocol.Page(VECTORS[:2], {}))
    [page] = opened.pages("films", "")
    assert page.columns["id"].to_pylist() == [7, 8]
    with pytest.raises(InputError, match="id “b” is no whole number"):
        opened.upsert(target, ["7", "b"], protocol.Page(VECTORS[:2], {}))
    opened.close()


def test_a_server_that_is_not_there_is_told() -> None:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        port = unused.getsockname()[1]
    with pytest.raises(ServiceError, match=f"127.0.0.1:{port} does not answer"):
        MilvusDatabase(f"http://127.0.0.1:{port}", key="root:secret word")


def test_a_connection_that_drops_is_told_in_the_middle_of_reading(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from milvus_lite.adapter.grpc.server import start_server_in_thread

    monkeypatch.setattr(protocol, "PAGE", 2)
    server, database, port = start_server_in_thread(
        data_dir=str(tmp_path / "dropped.db"), host="127.0.0.1", port=0
    )
    opened = MilvusDatabase(f"http://127.0.0.1:{port}")
    opened.create("films", {}, DIM)
    ids = ["a", "b", "c", "d", "e"]
    opened.upsert(opened.describe("films"), ids, protocol.Page(VECTORS[:5], {}))
    pages = opened.pages("films", "")
    assert len(next(pages)) == 2
    server.stop(grace=0)
    database.close()
    with pytest.raises(ServiceError, match=f"127.0.0.1:{port} does not answer"):
        list(pages)
    opened.close()


def test_a_file_is_written_read_again_and_its_rows_replaced(tmp_path: Path) -> None:
    path = tmp_path / "own.db"
    database = MilvusDatabase(path)
    database.create("films", {"title": pa.large_string()}, DIM)
    target = database.describe("films")
    columns = {"title": pa.array(["a", "b"], pa.large_string()), "n": pa.array([1, None])}
    database.upsert(target, ["x", "y"], protocol.Page(VECTORS[:2], columns))
    columns = {"title": pa.array(["c"], pa.large_string()), "n": pa.array([3])}
    database.upsert(target, ["y"], protocol.Page(VECTORS[2:3], columns))
    with pytest.raises(InputError, match="600 signs"):
        database.upsert(target, ["z" * 600], protocol.Page(VECTORS[:1], {}))
    database.close()
    again = MilvusDatabase(path)
    assert (again.kind, again.describe("films").rows) == ("Milvus Lite", 2)
    [page] = again.pages("films", "")
    assert page.columns["id"].to_pylist() == ["x", "y"]
    assert page.columns["title"].to_pylist() == ["a", "c"]
    assert page.columns["n"].to_pylist() == [1, 3]
    assert np.array_equal(page.vectors, VECTORS[[0, 2]])
    answer = again.search("films", "", VECTORS[2], 1, {})
    metric, hits = answer.metric, answer.hits
    assert (metric, answer.index) == ("cosine", "AUTOINDEX")
    assert (hits[0].id, hits[0].row["title"]) == ("y", "c")
    assert hits[0].score == pytest.approx(1, abs=1e-5)
    again.close()


@pytest.mark.slow
def test_its_server_in_a_process_of_its_own_is_filled_searched_and_missed(tmp_path: Path) -> None:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        port = unused.getsockname()[1]
    command = [str(Path(sys.executable).with_name("milvus-lite")), "server"]
    place = ["--data-dir", str(tmp_path / "data"), "--host", "127.0.0.1", "--port", str(port)]
    server = subprocess.Popen([*command, *place], stdout=subprocess.DEVNULL)
    address = f"milvus:http://127.0.0.1:{port}"
    try:
        _wait_for(port)
        ids = [f"f{n}" for n in range(30)]
        years = [1990 + n % 3 for n in range(30)]
        with opening.opened(address, write=True) as database:
            sent = sending.send(database, "films", ids, VECTORS, {"year": years})
            assert (sent.rows, sent.made) == (30, True)
        with opening.opened(address) as database:
            assert database.kind == "Milvus"
            collection = database.describe("films")
            answer = searching.search(
                database, collection, "", VECTORS[4], 3, [Filter("year", ("1991",))]
            )
            [page] = database.pages("films", "")
        unit = VECTORS / np.linalg.norm(VECTORS, axis=1, keepdims=True)
        scores = unit @ unit[4]
        rows = [n for n in np.argsort(-scores).tolist() if n % 3 == 1][:3]
        assert [hit.id for hit in answer.hits] == [f"f{n}" for n in rows]
        found = [hit.score for hit in answer.hits]
        assert found == pytest.approx(scores[rows].tolist(), abs=1e-5)
        assert sorted(page.columns["id"].to_pylist()) == sorted(ids)
    finally:
        server.kill()
        server.wait()
    with (
        pytest.raises(ServiceError, match="does not answer"),
        opening.opened(address) as database,
    ):
        database.collections()


def _wait_for(port: int) -> None:
    """Until a server listens there, a minute at most."""
    for _ in range(600):
        with suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
            return
        time.sleep(0.1)
    raise AssertionError("milvus-lite server did not start")


def test_a_file_finds_what_passes_a_filter_though_its_index_loses_some(tmp_path: Path) -> None:
    vectors = np.random.default_rng(7).normal(size=(2_000, 128)).astype(np.float32)
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    kinds = np.arange(2_000) % 20
    passing = np.flatnonzero(kinds == 3)
    opened = MilvusDatabase(tmp_path / "films.db")
    ids = [str(row) for row in range(2_000)]
    sending.send(opened, "films", ids, vectors, {"kind": kinds.tolist()})
    opened.close()  # only then are all rows in the index
    opened = MilvusDatabase(tmp_path / "films.db")
    found = 0
    for query in vectors[:10]:
        nearest = passing[np.argsort(-(vectors[passing] @ query))[:10]]
        hits = opened.search("films", "", query, 10, {"kind": 3}).hits
        found += len({hit.id for hit in hits} & {str(row) for row in nearest})
    opened.close()
    assert found >= 98  # of 100; 87 by the width that Milvus Lite takes by itself
