"""Columns of a table as Arrow holds them: made from cells, passed between processes, as pandas'.

A table is read without pandas, whose import takes longer than a small file.
"""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from core.base.errors import TableError, counted, shorten
from core.readers import dates, numbers

if TYPE_CHECKING:
    import pandas as pd
    import pyarrow as pa

MAX_ROWS, MAX_COLUMNS, MAX_CELLS = 2_000_000, 5_000, 50_000_000
_TRUTH = {"True": True, "False": False}  # as Python's programs write them
_EXACT = 10**15  # whole numbers below it stand in a float64 digit by digit


class ManyCellsError(Exception):
    """A table has more cells than are to be made in this process."""


def require_shape(name: str, rows: int, columns: int, here: int = MAX_CELLS) -> None:
    """Checks how many rows and columns a table has, before room is made for them.

    Args:
        here: cells that may be made in this process.

    Raises:
        TableError: they are more than are read.
        ManyCellsError: they are more than ``here``.
    """
    if rows <= MAX_ROWS and columns <= MAX_COLUMNS and rows * columns <= MAX_CELLS:
        if rows * columns > here:
            raise ManyCellsError
        return
    raise TableError(
        f"“{shorten(name)}” has {counted(rows, 'row')} and {counted(columns, 'column')}.",
        f"At most {MAX_ROWS:,} rows, {MAX_COLUMNS:,} columns and {MAX_CELLS:,} cells are read.",
        "Keep only the rows and columns you need, or split the file.",
    )


def typed(cells: Sequence[str]) -> Sequence[Any]:
    """Numbers, dates or truth values where all cells that are there are some; else the cells."""
    if cells and all(cell in _TRUTH for cell in cells):
        return [_TRUTH[cell] for cell in cells]
    found = numbers.to_numbers(cells)
    return dates.to_dates(cells) if found is cells else found


def from_cells(cells: Sequence[Any]) -> pa.Array:
    """Numbers, times or truth values where all that is there is of that kind, else text."""
    import pyarrow as pa

    there = [cell for cell in cells if cell is not None and cell != ""]
    kinds = {type(cell) for cell in there}
    whole = len(there) == len(cells)
    if whole and kinds == {bool}:
        return pa.array(cells, pa.bool_())
    if whole and kinds == {int} and max(map(abs, there)) < _EXACT:
        return pa.array(cells, pa.int64())
    fits = (isinstance(cell, float) or abs(cell) < _EXACT for cell in there)
    if kinds and kinds <= {int, float} and all(fits):
        numbers = [math.nan if cell == "" else cell for cell in cells]
        return pa.array(numbers, pa.float64())
    if kinds and kinds <= {dt.date, dt.datetime}:
        times = [dt.datetime.fromisoformat(str(cell)) if cell else None for cell in cells]
        zones = {time.tzinfo for time in times if time is not None}
        if len(zones) == 1:
            return pa.array(times, pa.timestamp("us", None if zones == {None} else "UTC"))
    return texts([cell if isinstance(cell, str) else cell_text(cell) for cell in cells])


def texts(cells: Sequence[str | None]) -> pa.Array:
    """Texts as Arrow holds them."""
    import pyarrow as pa

    return pa.array(cells, pa.large_string())


def cell_text(value: Any) -> str:
    """A cell as text: ``""`` where missing, ``12`` for 12.0, a day for its midnight; no NULs, no
    space at the ends.
    """
    if isinstance(value, str):
        return value.replace("\0", "").strip()
    if value is None or str(value) in ("NaT", "nan", "<NA>"):
        return ""
    if isinstance(value, dt.datetime) and value.time() == dt.time():
        return value.date().isoformat()
    if isinstance(value, float | np.floating):
        number = float(value)
        if abs(number) < _EXACT and number.is_integer():
            return str(int(number))
    return str(value).replace("\0", "").strip()


def as_table(name: str, names: Iterable[str], columns: Sequence[pa.Array]) -> pa.Table:
    """Columns under distinct names, none of them empty.

    Raises:
        TableError: there is no row, or more than are read.
    """
    import pyarrow as pa

    if not columns or len(columns[0]) == 0:
        raise TableError(
            f"“{shorten(name)}” has no rows." if columns else f"“{shorten(name)}” is empty.",
            "Expected at least one row, beside the names of the columns if it has them.",
            "If its only line is data, say that it names no columns; else choose another file.",
        )
    require_shape(name, len(columns[0]), len(columns))
    return pa.table(list(columns), names=distinct_names(names))


def distinct_names(names: Iterable[str]) -> list[str]:
    """Names of columns, none of them empty and each of them once."""
    plain = (cell_text(given).encode("utf-8", "replace").decode() for given in names)
    bases = [" ".join(p.split()) or f"column {n}" for n, p in enumerate(plain, start=1)]
    given, taken = set(bases), set[str]()
    last: dict[str, int] = {}  # the number that the last one of a name has
    distinct: list[str] = []
    for base in bases:
        unique, again = base, last.get(base, 1)
        while unique in taken or (again > 1 and unique in given):
            again += 1
            unique = f"{base} ({again})"
        last[base] = again
        taken.add(unique)
        distinct.append(unique)
    return distinct


def to_frame(table: pa.Table, rows: int | None = None) -> pd.DataFrame:
    """A table as pandas holds it; text is ``str``, and nothing is of Python's objects.

    Args:
        rows: how many there are, for a table that may have no columns.
    """
    import pandas as pd

    columns = {
        name: _series(column)
        for name, column in zip(table.column_names, table.columns, strict=True)
    }
    return pd.DataFrame(columns, index=range(table.num_rows if rows is None else rows))


def _series(column: pa.ChunkedArray) -> pd.Series[Any]:
    import pandas as pd
    import pyarrow as pa

    if pa.types.is_large_string(column.type):
        return pd.Series(column.to_pandas(), dtype="str")
    return column.to_pandas(date_as_object=False)


def write_table(table: pa.Table, path: Path) -> None:
    """Writes a table for another process of this computer."""
    import pyarrow as pa

    with pa.OSFile(str(path), "wb") as file, pa.ipc.new_file(file, table.schema) as writer:
        writer.write_table(table)


def load_table(path: Path) -> pa.Table:
    """A table that a child process wrote, checked throughout."""
    import pyarrow as pa

    with pa.OSFile(str(path), "rb") as file, pa.ipc.open_file(file) as reader:
        table = reader.read_all()
    table.validate(full=True)
    return table
