"""How many rows, columns and cells a table may have, told with what was given; and large ones."""

from __future__ import annotations

import io
import json
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from core.base.errors import Cancelled
from core.readers import table_columns, tables
from core.readers.table_columns import MAX_CELLS, MAX_COLUMNS, MAX_ROWS, as_table, from_cells
from core.readers.tables import SMALL, read_table
from tests.support.table_files import as_xlsx, cells, fails, read_here, told

LIMITS = f"At most {MAX_ROWS:,} rows, {MAX_COLUMNS:,} columns and {MAX_CELLS:,} cells are read."


def test_millions_of_rows_in_a_small_file_are_told() -> None:
    stream = io.BytesIO()
    pq.write_table(pa.table({"n": pa.array(np.zeros(MAX_ROWS + 1, np.int8))}), stream)
    assert len(stream.getvalue()) < 50_000
    message = fails("a.parquet", stream.getvalue())
    assert f"“a.parquet” has {MAX_ROWS + 1:,} rows and 1 column. {LIMITS}" in message


def with_row_count(data: bytes, wanted: int, stated: int) -> bytes:
    """A Parquet file whose footer states another number of rows (a varint in zigzag)."""

    def varint(number: int) -> bytes:
        number, found = 2 * number, bytearray()
        while number > 127:
            found.append(number & 127 | 128)
            number >>= 7
        return bytes([*found, number])

    old, new = varint(wanted), varint(stated)
    assert len(old) == len(new)
    footer = data.rindex(b"PAR1") - 4
    start = footer - int.from_bytes(data[footer : footer + 4], "little")
    return data[:start] + data[start:].replace(old, new)


def test_of_a_parquet_file_no_more_rows_are_read_than_it_states() -> None:
    stream = io.BytesIO()
    pq.write_table(pa.table({"text": ["a b"] * 16_000}), stream)
    lies = with_row_count(stream.getvalue(), 16_000, 9_000)
    assert len(read_here("a.parquet", lies).frame) == 9_000


@pytest.mark.parametrize(
    ("name", "data", "shape"),
    [
        (
            "a.csv",
            ",".join(f"c{at}" for at in range(100_000)) + "\n" + "1," * 99_999 + "1\n",
            "2 rows and 100,000 columns",
        ),
        (
            "a.jsonl",
            "\n".join(json.dumps({f"k{at}": at}) for at in range(100_000)),
            "100,000 rows and 100,000 columns",
        ),
        ("a.tsv", "\t".join("abc" * 1_000) + "\nx" * 20_000, "20,001 rows and 3,000 columns"),
    ],
    ids=["columns", "keys", "cells"],
)
def test_columns_and_cells_are_counted_before_room_is_made(
    name: str, data: str, shape: str
) -> None:
    assert f"has {shape}. {LIMITS}" in fails(name, data)


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("a.txt", b"a b\n" * 11),
        ("a.csv", b"text,n\n" + b"a b,1\n" * 11),
        ("a.json", json.dumps([{"text": "a b"}] * 11).encode()),
        ("a.xlsx", as_xlsx(a=[["text"], *[["a b"]] * 11])),
    ],
)
def test_rows_are_counted_in_every_format(
    name: str, data: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(table_columns, "MAX_ROWS", 10)
    assert "rows and" in fails(name, data, read_here)


def test_repeated_names_take_time_by_their_number() -> None:
    many = table_columns.distinct_names(["a", "a (2)", *["a"] * 300_000])
    assert many[:4] == ["a", "a (2)", "a (3)", "a (4)"]
    assert many[-1] == "a (300002)"
    assert len({*many}) == len(many)


def test_as_many_columns_as_are_allowed_are_read() -> None:
    row = [f"n{at}" for at in range(MAX_COLUMNS)]
    data = f"{','.join(row)}\n{','.join('7' for _ in row)}\n".encode()
    table = read_table("a.csv", data)
    assert table.frame.shape == (1, MAX_COLUMNS)
    assert table.frame["n4999"][0] == 7


def large(rows: int) -> bytes:
    lines = [f"A text, number {at};{at};{at / 4};" for at in range(rows)]
    return "\n".join(["text;n;x;gap", *lines]).encode()


@pytest.mark.slow
def test_a_large_file_reads_in_a_child_as_a_small_one_does_here() -> None:
    data = large(45_000)
    assert len(data) > SMALL
    told_progress: list[tuple[int, int, str]] = []
    found = read_table("a.csv", data, progress=lambda *state: told_progress.append(state))
    here = read_here("a.csv", data)
    assert found.frame.equals(here.frame)
    assert [*found.frame.dtypes] == [*here.frame.dtypes]
    assert found.notes == here.notes
    assert cells(found)[1] == ["A text, number 0", 0, 0.0, ""]
    assert any(note == "lines read" and total == 45_001 for _, total, note in told_progress)


def test_reading_is_cancelled() -> None:
    def progress(*_: Any) -> None:
        raise Cancelled("Reading")

    with pytest.raises(Cancelled):
        read_table("a.csv", large(45_000), progress=progress)


def test_what_was_kept_with_more_rows_than_are_read_is_told(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    stream = io.BytesIO()
    pq.write_table(pa.table({"text": ["a b"] * 11}), stream)
    assert len(tables.read_kept("mine", stream.getvalue()).frame) == 11
    monkeypatch.setattr(table_columns, "MAX_ROWS", 10)
    assert "has 11 rows and 1 column" in fails("mine", stream.getvalue(), tables.read_kept)


def test_columns_of_each_kind_pass_between_processes(tmp_path: Any) -> None:
    columns = [["a", ""], [1, 2], [1.5, ""], [True, False], ["007", "1"]]
    table = as_table("t", ["a", "b", "c", "d", "d"], [from_cells(column) for column in columns])
    table_columns.write_table(table, tmp_path / "t.arrow")
    again = table_columns.load_table(tmp_path / "t.arrow")
    assert again.schema == table.schema
    assert again["a"].to_pylist() == ["a", ""]
    frame = table_columns.to_frame(again)
    assert [*map(str, frame.dtypes)] == ["str", "int64", "float64", "bool", "str"]
    assert [*frame.columns] == ["a", "b", "c", "d", "d (2)"]
    assert told(tables.Table(frame, ())) == ""
