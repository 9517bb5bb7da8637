"""Tables as bytes of every format, and what is read from them, for tests."""

from __future__ import annotations

import csv
import io
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from core.base.errors import TableError
from core.readers import tables
from core.readers.table_layout import Given
from core.readers.tables import Table, read_table


def as_csv(rows: list[list[str]], delimiter: str = ",", quoting: Any = csv.QUOTE_MINIMAL) -> str:
    stream = io.StringIO()
    csv.writer(stream, delimiter=delimiter, quoting=quoting).writerows(rows)
    return stream.getvalue()


def as_xlsx(**sheets: list[list[Any]]) -> bytes:
    import openpyxl

    book = openpyxl.Workbook()
    book.remove(book.active)
    for name, rows in sheets.items():
        sheet = book.create_sheet(name)
        for row in rows:
            sheet.append(row)
    stream = io.BytesIO()
    book.save(stream)
    return stream.getvalue()


def as_parquet(**columns: Any) -> bytes:
    stream = io.BytesIO()
    pq.write_table(pa.table(columns), stream)
    return stream.getvalue()


def cells(table: Table) -> list[list[Any]]:
    return [[*table.frame.columns], *table.frame.to_numpy(dtype=object).tolist()]


def told(table: Table) -> str:
    return " ".join(table.notes)


def read_here(name: str, data: bytes) -> Table:
    """As ``read_table``, but always in this process: for many files, and for patched limits."""
    return tables.read_columns(name, data, Given()).finished()


def fails(name: str, data: bytes | str, read: Any = read_table, **options: Any) -> str:
    with pytest.raises(TableError) as caught:
        read(name, data.encode() if isinstance(data, str) else data, **options)
    error = caught.value
    assert error.given
    assert error.expected
    assert error.remedy
    return str(error)
