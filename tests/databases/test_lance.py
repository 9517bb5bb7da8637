"""LanceDB folders: a real LanceDB, values compared with numpy."""

from __future__ import annotations

from pathlib import Path

import lancedb
import numpy as np
import pyarrow as pa
import pytest
from lancedb.index import IvfFlat

from core.base.errors import InputError
from core.databases import protocol
from core.databases.conditions import Range
from core.databases.lance import LanceDatabase

DIM = 4
VECTORS = np.random.default_rng(7).normal(size=(30, DIM)).astype(np.float32)


@pytest.fixture(scope="module", name="folder")
def _folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("lance")
    table = pa.table(
        {
            "id": [f"f{n}" for n in range(30)],
            "v": pa.FixedSizeListArray.from_arrays(pa.array(VECTORS.ravel()), DIM),
            "title": [f"it's film {n}" for n in range(30)],
            "year": [1990 + n % 3 for n in range(30)],
        }
    )
    lancedb.connect(str(folder)).create_table("films", table)
    return folder


def test_tables_are_described_read_in_pages_and_searched(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(protocol, "PAGE", 8)
    opened = LanceDatabase(folder)
    assert opened.collections() == ["films"]
    films = opened.describe("films")
    assert (films.rows, films.key, films.vector().dim) == (30, "id", DIM)
    pages = list(opened.pages("films", "v"))
    assert max(map(len, pages)) <= 8
    assert np.array_equal(np.concatenate([page.vectors for page in pages]), VECTORS)
    answer = opened.search("films", "v", VECTORS[4], 3, {"year": 1991})
    metric, hits = answer.metric, answer.hits
    unit = VECTORS / np.linalg.norm(VECTORS, axis=1, keepdims=True)
    rows = [n for n in np.argsort(-(unit @ unit[4])).tolist() if n % 3 == 1][:3]
    assert (metric, [hit.id for hit in hits]) == ("cosine", [f"f{n}" for n in rows])
    assert [hit.score for hit in hits] == pytest.approx((unit @ unit[4])[rows].tolist(), abs=1e-5)
    near = np.argsort(-(unit @ unit[4])).tolist()
    for wanted, kinds in (((1990, 1992), {0, 2}), (Range(1991), {1, 2}), (Range(high=1990), {0})):
        hits = opened.search("films", "v", VECTORS[4], 30, {"year": wanted}).hits
        assert [hit.id for hit in hits] == [f"f{n}" for n in near if n % 3 in kinds]
    hits = opened.search("films", "v", VECTORS[4], 3, {"title": "it's film 9"}).hits
    assert [hit.id for hit in hits] == ["f9"]
    hits = opened.search("films", "v", VECTORS[4], 3, {"title": "x' OR year > 0 OR title='"}).hits
    assert hits == []


def test_an_index_that_answers_is_named(folder: Path, tmp_path: Path) -> None:
    assert LanceDatabase(folder).search("films", "v", VECTORS[4], 3, {}).index == ""
    rows = lancedb.connect(str(folder)).open_table("films").to_arrow()
    table = lancedb.connect(str(tmp_path)).create_table("films", rows)
    made = IvfFlat(distance_type="cosine", num_partitions=1)
    table.create_index("v", config=made)
    answer = LanceDatabase(tmp_path).search("films", "v", VECTORS[4], 3, {})
    assert (answer.index, answer.hits[0].id) == ("IvfFlat", "f4")


def test_what_is_missing_or_does_not_fit_is_told(folder: Path) -> None:
    opened = LanceDatabase(folder)
    with pytest.raises(InputError, match=r"no collection “film”.*films"):
        opened.describe("film")
    with pytest.raises(InputError, match=r"3 numbers.*have 4"):
        opened.search("films", "v", np.ones(3, np.float32), 1, {})
    with pytest.raises(InputError, match="read-only"):
        opened.create("more", {}, 2)


def test_rows_are_written_and_replaced_by_their_ids(tmp_path: Path) -> None:
    opened = LanceDatabase(tmp_path, write=True)
    opened.create("new", {"title": pa.large_string(), "n": pa.int64()}, DIM)
    target = opened.describe("new")
    columns = {"title": pa.array(["a", "b"], pa.large_string()), "n": pa.array([1, 2])}
    opened.upsert(target, ["x", "y"], protocol.Page(VECTORS[:2], columns))
    columns = {"title": pa.array(["c"], pa.large_string()), "n": pa.array([3])}
    opened.upsert(target, ["y"], protocol.Page(VECTORS[2:3], columns))
    pages = list(opened.pages("new", "vector"))
    ids = [one for page in pages for one in page.columns["id"].to_pylist()]
    numbers = [one for page in pages for one in page.columns["n"].to_pylist()]
    assert dict(zip(ids, numbers, strict=True)) == {"x": 1, "y": 3}
    vectors = np.concatenate([page.vectors for page in pages])
    assert np.array_equal(vectors[[ids.index("x"), ids.index("y")]], VECTORS[[0, 2]])
