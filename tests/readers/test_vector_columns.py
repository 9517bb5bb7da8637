"""Columns of vectors that go straight to their place, and lists that are none after all."""

from __future__ import annotations

import io
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from core.base.errors import TableError
from core.readers import parquet, table_vectors, tables
from core.readers.vector_columns import Filling, Place
from tests.support.table_files import read_here

ROWS = np.arange(12, dtype=np.float64).reshape(4, 3) / 7


def packed(columns: dict[str, pa.Array]) -> bytes:
    stream = io.BytesIO()
    pq.write_table(pa.table(columns), stream, row_group_size=2)
    return stream.getvalue()


def test_each_part_is_read_to_its_place_and_nothing_is_copied(tmp_path: Path) -> None:
    lists = pa.array([None, *ROWS.tolist(), None], pa.list_(pa.float64()))
    data = packed({"name": pa.array([*"abcdef"]), "emb": lists})
    place = Place(tmp_path)
    with parquet.opened("a.parquet", data) as file:
        names, columns = parquet.read_columns("a", file, ["name", "emb"], 10**6, place=place)
    rest, files = table_vectors.write(pa.table(columns, names=names), tmp_path, place.file_of)
    assert rest.column_names == ["name"]
    assert [path.name for path in tmp_path.iterdir()] == [files["emb"]]
    wanted = np.vstack([np.full(3, np.nan), ROWS, np.full(3, np.nan)]).astype(np.float32)
    assert np.array_equal(table_vectors.load(tmp_path / files["emb"]), wanted, equal_nan=True)
    assert np.array_equal(read_here("a.parquet", data).vectors["emb"], wanted, equal_nan=True)


def test_lists_of_which_a_late_one_is_longer_are_read_again_whole_and_exactly() -> None:
    ragged = pa.array([[0.1, 0.2]] * 3 + [[0.1, 0.2, 0.3]], pa.list_(pa.float64()))
    boxes = pa.array([[1.5, 2.5]] * 4)
    data = packed({"emb": ragged, "box": boxes, "vec": pa.array(ROWS.tolist())})
    table = read_here("a.parquet", data)
    assert table.frame["emb"].tolist() == ["[0.1, 0.2]"] * 3 + ["[0.1, 0.2, 0.3]"]
    assert table.frame["box"].tolist() == ["[1.5, 2.5]"] * 4
    assert np.array_equal(table.vectors["vec"], ROWS.astype(np.float32))


def test_an_array_larger_than_is_read_is_refused_before_it_is_made() -> None:
    sizes: list[int] = []

    def bounded(size: int) -> None:
        sizes.append(size)
        raise TableError("", "", "")

    column = Filling("emb", 1_000_000_000, Place(), bounded)
    with pytest.raises(TableError):
        column.take(pa.array(ROWS.tolist()))
    assert sizes == [4 * 3 * 1_000_000_000]
    assert not column.begun


def test_a_large_parquet_file_is_the_same_by_parts(tmp_path: Path) -> None:
    path = tmp_path / "a.parquet"
    path.write_bytes(
        packed({"text": pa.array(["one a", "two b", "", "d"]), "vec": pa.array(ROWS.tolist())})
    )
    by_parts, whole = (
        tables.read_table("a.parquet", path),
        read_here("a.parquet", path.read_bytes()),
    )
    assert by_parts.frame.equals(whole.frame)
    assert np.array_equal(by_parts.vectors["vec"], whole.vectors["vec"])
