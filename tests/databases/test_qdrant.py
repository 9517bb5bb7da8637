"""Qdrant's REST interface, answered by the local mode of Qdrant's own client."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pyarrow as pa
import pytest
from qdrant_client import models

from core.base.errors import InputError, ServiceError
from core.databases import protocol
from core.databases.conditions import Range
from core.databases.qdrant import QdrantDatabase
from tests.support.qdrant_server import KEY, QdrantServer

DIM = 4
VECTORS = np.random.default_rng(7).normal(size=(30, DIM)).astype(np.float32)
ODD = "a b%20é"


# What years may be wanted, and which rows have them: the year of row n is 1990 + n % 3.
WANTED = (
    ((1990, 1992), {0, 2}),
    (Range(1991), {1, 2}),
    (Range(high=1990.5), {0}),
    (Range(1991, 1991), {1}),
)


@pytest.fixture(scope="module", name="server")
def _server() -> Iterator[QdrantServer]:
    with QdrantServer() as server:
        params = models.VectorParams(size=DIM, distance=models.Distance.EUCLID)
        server.client.create_collection("films", params)
        points = [
            models.PointStruct(
                id=n,
                vector=VECTORS[n].tolist(),
                payload={"title": f"film {n}", "year": 1990 + n % 3, "more": {"n": n}},
            )
            for n in range(30)
        ]
        server.client.upsert("films", points)
        dot = models.Distance.DOT
        named = {name: models.VectorParams(size=2, distance=dot) for name in ("a", "b")}
        server.client.create_collection(ODD, named)
        vector = {"a": [1.0, 2.0], "b": [3.0, 4.0]}
        server.client.upsert(ODD, [models.PointStruct(id=1, vector=vector)])
        yield server


@pytest.fixture(name="opened")
def _opened(server: QdrantServer) -> Iterator[QdrantDatabase]:
    database = QdrantDatabase(server.address, KEY)
    yield database
    server.broken = False
    database.close()


def test_collections_are_described_and_read_in_pages(
    opened: QdrantDatabase, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(protocol, "PAGE", 8)
    assert opened.collections() == sorted(["films", ODD])
    films = opened.describe("films")
    assert (films.rows, films.vector().dim, films.key) == (30, DIM, "id")
    pages = list(opened.pages("films", ""))
    assert [len(page) for page in pages] == [8, 8, 8, 6]
    assert np.array_equal(np.concatenate([page.vectors for page in pages]), VECTORS)
    assert pages[1].columns["id"].to_pylist() == [str(n) for n in range(8, 16)]
    assert pages[1].columns["more"][0].as_py() == '{"n": 8}'
    [page] = opened.pages(ODD, "b")
    assert page.vectors.tolist() == [[3, 4]]


def test_search_is_by_its_metric_with_filters_pushed_down(opened: QdrantDatabase) -> None:
    answer = opened.search("films", "", VECTORS[4], 3, {"year": 1991})
    metric, hits = answer.metric, answer.hits
    distances = np.linalg.norm(VECTORS - VECTORS[4], axis=1)
    rows = [n for n in np.argsort(distances).tolist() if n % 3 == 1][:3]
    assert (metric, [hit.id for hit in hits]) == ("euclid", [str(n) for n in rows])
    assert [hit.score for hit in hits] == pytest.approx((-distances[rows]).tolist(), abs=1e-5)
    for wanted, kinds in WANTED:
        hits = opened.search("films", "", VECTORS[4], 30, {"year": wanted}).hits
        rows = [n for n in np.argsort(distances).tolist() if n % 3 in kinds]
        assert [hit.id for hit in hits] == [str(n) for n in rows]
    hits = opened.search(ODD, "a", np.array([1, 1], np.float32), 1, {}).hits
    assert hits[0].score == pytest.approx(3)


def test_what_is_missing_or_does_not_fit_is_told(
    opened: QdrantDatabase, server: QdrantServer
) -> None:
    with pytest.raises(InputError, match=r"no collection “film”"):
        opened.describe("film")
    with pytest.raises(InputError, match=r"3 numbers.*have 4"):
        opened.search("films", "", np.ones(3, np.float32), 1, {})
    with pytest.raises(ServiceError, match="does not take this key") as raised:
        QdrantDatabase(server.address, "another secret").collections()
    assert "another secret" not in str(raised.value)


def test_a_connection_that_drops_is_told_in_the_middle_of_reading(
    opened: QdrantDatabase, server: QdrantServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(protocol, "PAGE", 8)
    pages = opened.pages("films", "")
    assert len(next(pages)) == 8
    server.broken = True
    with pytest.raises(ServiceError, match="does not answer"):
        list(pages)


def test_rows_are_written_and_replaced_by_their_ids(opened: QdrantDatabase) -> None:
    opened.create("new", {"title": pa.large_string()}, DIM)
    target = opened.describe("new")
    columns = {"title": pa.array(["a", "b"], pa.large_string()), "n": pa.array([1, None])}
    opened.upsert(target, ["7", "a film"], protocol.Page(VECTORS[:2], columns))
    columns = {"title": pa.array(["c"], pa.large_string()), "n": pa.array([3])}
    opened.upsert(target, ["a film"], protocol.Page(VECTORS[2:3], columns))
    [page] = opened.pages("new", "")
    told = dict(zip(page.columns["id"].to_pylist(), page.columns["title"].to_pylist(), strict=True))
    assert told == {"7": "a", "a film": "c"}
    assert opened.describe("new").rows == 2
    # of cosine it keeps unit vectors
    unit = VECTORS[[0, 2]] / np.linalg.norm(VECTORS[[0, 2]], axis=1, keepdims=True)
    order = [page.columns["id"].to_pylist().index(one) for one in ("7", "a film")]
    assert np.allclose(page.vectors[order], unit, atol=1e-6)
