"""Parquet files and Excel workbooks: what they hold reads back, every damage is told."""

from __future__ import annotations

import datetime as dt
import io
import math
import zipfile

import numpy as np
import pyarrow as pa
import pytest

from core.base import memory
from core.base.errors import InputError
from core.readers import parquet
from core.readers.tables import cell_text, read_table
from tests.support.table_files import as_parquet, as_xlsx, cells, fails, read_here, told

# Parquet


def test_parquet_keeps_its_types() -> None:
    day = dt.datetime(2020, 1, 2, 3, 4)
    data = as_parquet(
        text=pa.array(["a", None]),
        n=pa.array([1, None]),
        b=[True, False],
        day=pa.array([day, None]),
        date=[dt.date(1500, 1, 2), dt.date(2020, 1, 2)],
        price=pa.array([1, 2], pa.decimal128(5, 2)),
        kind=pa.array(["x", "y"]).dictionary_encode(),
        tags=[["p", "ü"], []],
        nested=[{"q": 1}, None],
        picture=[{"bytes": b"\x89PNG", "path": "p.png"}, None],
        raw=[b"\xff1", b"2"],
        many=[[b"1"], []],
        clock=[dt.time(1, 2), None],
        nothing=pa.nulls(2),
    )
    table = read_table("a.parquet", data)
    frame = table.frame
    assert [*frame["text"]] == ["a", ""]
    assert frame["n"][0] == 1
    assert cell_text(frame["n"][1]) == ""
    assert [*frame["b"]] == [True, False]
    assert frame["day"][0] == day
    assert cell_text(frame["day"][1]) == ""
    assert cell_text(frame["date"][0]).startswith("1500-01-02")
    assert [*frame["price"]] == [1.0, 2.0]
    assert [*frame["kind"]] == ["x", "y"]
    assert [*frame["tags"]] == ['["p", "ü"]', "[]"]
    assert [*frame["nested"]] == ['{"q": 1}', ""]
    assert [*frame["clock"]] == ["01:02:00", ""]
    assert [*frame["nothing"]] == ["", ""]
    assert not {"picture", "raw", "many"} & {*frame.columns}
    assert "“picture”, “raw”, “many”" in told(table)


def test_parquet_text_that_is_not_utf8_reads() -> None:
    broken = pa.StringArray.from_buffers(
        2, pa.py_buffer(np.array([0, 2, 3], dtype=np.int32).tobytes()), pa.py_buffer(b"a\xffb")
    )
    assert [*read_table("a.parquet", as_parquet(text=broken)).frame["text"]] == ["a\ufffd", "b"]


def test_damaged_parquet_is_told() -> None:
    whole = as_parquet(text=[f"text {i}" for i in range(1000)])
    for data in (
        whole[: len(whole) // 2],
        whole[:5],
        b"PARE" + whole[4:-4] + b"PARE",
        b"PAR1" + bytes(40),
    ):
        assert "Parquet" in fails("a.parquet", data)
    assert "not text" in fails("a.parquet", whole[8:])
    assert fails("a.parquet", as_parquet(text=pa.array([], pa.string())))
    assert fails("a.parquet", as_parquet(raw=[b"\xff"]))


def test_parquet_that_memory_cannot_hold_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(memory, "SMALL", 0)
    monkeypatch.setattr(memory, "available_bytes", lambda: 10)
    for name, data in (
        ("a.parquet", as_parquet(text=["a b"])),
        ("a.xlsx", as_xlsx(a=[["text"], ["a"]])),
    ):
        with pytest.raises(InputError, match=r"unpacked needs .* of memory.*Keep only the rows"):
            read_here(name, data)


def test_a_small_table_is_read_however_little_memory_is_left(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(memory, "available_bytes", lambda: 0)
    for name, data in (
        ("a.csv", b"text,n\nthe cat sleeps,1\na dog barks,2\n"),
        ("a.parquet", as_parquet(text=["the cat sleeps", "a dog barks"], n=[1, 2])),
        ("a.xlsx", as_xlsx(a=[["text", "n"], ["the cat sleeps", 1], ["a dog barks", 2]])),
    ):
        assert [*read_table(name, data).frame["text"]] == ["the cat sleeps", "a dog barks"]


# XLSX


def test_a_real_workbook_reads() -> None:
    day = dt.datetime(2020, 1, 2)
    table = read_table(
        "a.xlsx",
        as_xlsx(
            empty=[],
            data=[
                ["text", "n", "part", "code", "day", "mixed", "gap"],
                ["=not a formula"[1:], 1, 1.5, "007", day, 12.0, 1],
                [None] * 7,
                ["über <b>", 2, 2.5, "008", day, "x", None],
            ],
            other=[["x"]],
        ),
    )
    frame = table.frame
    assert [*frame["text"]] == ["not a formula", "über <b>"]
    assert [*frame["n"]] == [1, 2]
    assert [*frame["part"]] == [1.5, 2.5]
    assert [*frame["code"]] == ["007", "008"]
    assert [*frame["day"]] == [day, day]
    assert [*frame["mixed"]] == ["12", "x"]
    assert math.isnan(frame["gap"][1])
    assert told(table) == "The sheet “data” was read, not “empty”, “other”."
    bare = read_table("a.xlsx", as_xlsx(one=[["A girl sings.", 1.5], ["A man runs.", 2]]))
    assert cells(bare)[:2] == [["column 1", "column 2"], ["A girl sings.", 1.5]]


def test_damaged_and_foreign_workbooks_are_told() -> None:
    whole = as_xlsx(a=[["text"], *([f"row {i}"] for i in range(500))])
    broken = bytearray(whole)
    broken[len(whole) // 3] ^= 0xFF
    for data in (whole[: len(whole) // 2], b"PK\3\4" + bytes(60), bytes(broken)):
        assert "Excel workbook" in fails("a.xlsx", data)
    assert fails("a.xlsx", as_xlsx(a=[]))
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        archive.writestr("word/document.xml", "<x/>")
    assert "another kind of zip archive" in fails("a.xlsx", stream.getvalue())
    ole = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600)
    assert "old Office file" in fails("a.xlsx", ole)
    assert "password" in fails("a.xlsx", ole + "EncryptedPackage".encode("utf-16-le"))


def test_a_workbook_that_unpacks_to_too_much_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/worksheets/sheet1.xml", bytes(101_000_000))
    assert "unpacks to 101 MB" in fails("a.xlsx", stream.getvalue())
    monkeypatch.setattr(parquet, "MAX_BYTES", 1000)
    assert "unpacks to" in fails("a.xlsx", as_xlsx(a=[["text"], ["x"]]), read_here)


def test_a_stray_cell_far_off_is_refused_before_room_is_made() -> None:
    import openpyxl

    book = openpyxl.Workbook()
    book.active["A1"] = "text"
    book.active["XFD1048576"] = "far"
    stream = io.BytesIO()
    book.save(stream)
    assert "1,048,576 rows and 16,384 columns" in fails("a.xlsx", stream.getvalue())
