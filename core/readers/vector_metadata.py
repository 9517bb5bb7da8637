"""What is known of each row of an array of vectors: a word list, or a table beside it.

A TSV is read as the Embedding Projector reads it (TensorBoard 2.21): no quotation marks, and a line
of names where it has more than one column. Where the number of rows says otherwise, that decides,
and it is told.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from core.base.errors import TableError, VectorFileError, shorten
from core.base.memory import require_memory
from core.readers import encodings, tables
from core.readers.table_columns import as_table, from_cells, to_frame, typed
from core.readers.vector_arrays import WORD_NAMES

if TYPE_CHECKING:
    import pandas as pd

EMPTY = "(empty)"  # how the projector's files write a cell without content
_TABLES = ("csv", "json", "jsonl", "ndjson", "parquet", "feather", "arrow", "xlsx")


@dataclass(frozen=True, slots=True)
class Metadata:
    """A table with one row for each vector, and notes on how it was read."""

    frame: pd.DataFrame
    notes: tuple[str, ...] = ()

    @property
    def label(self) -> str:
        """The column that names the rows: one that is called so, or the first of text."""
        names = {str(name).strip().casefold(): str(name) for name in self.frame.columns}
        known = [names[one] for one in WORD_NAMES if one in names]
        texts = [str(n) for n in self.frame.columns if self.frame[n].dtype.kind not in "fiub"]
        return [*known, *texts, str(self.frame.columns[0])][0]

    def words(self) -> list[str]:
        """What names the rows."""
        return [tables.cell_text(cell) for cell in self.frame[self.label]]


def read_metadata(path: Path, vectors: str, count: int) -> Metadata:
    """The table in ``path`` for the ``count`` rows of the file called ``vectors``.

    Raises:
        VectorFileError: it has not one row for each vector, or cannot be read.
        InputError: it does not fit into memory.
    """
    remedy = "Take only the rows that the vectors are of."
    require_memory(8 * path.stat().st_size, f"The word list “{shorten(path.name)}”", remedy)
    data = path.read_bytes()
    suffix = path.suffix.lower().lstrip(".")
    if suffix in _TABLES:
        return _from_table(path.name, data, vectors, count)
    text, _, notes = encodings.decode(path.name, data)
    lines = text.replace("\r\n", "\n").split("\n")
    while lines and not lines[-1].strip():
        lines.pop()
    if lines and "\t" not in lines[0] and suffix != "tsv" and len(lines) not in (count, count + 1):
        return _from_table(path.name, data, vectors, count)
    rows = [line.split("\t") for line in lines] if lines and "\t" in lines[0] else None
    if rows is not None:
        return _from_rows(path.name, rows, vectors, count, notes)
    return _from_lines([line.strip() for line in lines], path.name, vectors, count, notes)


def _from_lines(
    lines: list[str], name: str, vectors: str, count: int, notes: Sequence[str]
) -> Metadata:
    told = [*notes]
    names = ["label"]
    if len(lines) == count + 1:
        names, lines = [lines[0] or "label"], lines[1:]
        told.append(
            f"The first line of “{shorten(name)}” (“{shorten(names[0], 30)}”) was taken for the "
            "column's name, since it has one line more than there are vectors."
        )
    _require_rows(len(lines), vectors, count)
    return Metadata(_frame(name, names, [lines]), tuple(told))


def _from_rows(
    name: str, rows: list[list[str]], vectors: str, count: int, notes: Sequence[str]
) -> Metadata:
    told = [*notes]
    width = len(rows[0])
    for number, row in enumerate(rows, start=1):
        if row != [""] and len(row) < width:
            raise VectorFileError(
                f"Line {number:,} of “{shorten(name)}” has {len(row)} columns.",
                f"The first line has {width}.",
                "Mend the line.",
            )
    names = rows[0] if len(rows) != count else [""] * width
    body = rows[1:] if len(rows) != count else rows
    if len(rows) == count:
        told.append(f"“{shorten(name)}” has no line of names, since each line has its vector.")
    _require_rows(len(body), vectors, count)
    columns = [[row[at] if len(row) > at else "" for row in body] for at in range(width)]
    return Metadata(_frame(name, names, columns), tuple(told))


def _frame(name: str, names: Sequence[str], columns: Sequence[Sequence[str]]) -> pd.DataFrame:
    cells = [["" if cell == EMPTY else cell for cell in column] for column in columns]
    return to_frame(as_table(name, names, [from_cells(typed(column)) for column in cells]))


def _from_table(name: str, data: bytes, vectors: str, count: int) -> Metadata:
    """A table whose rows are as many as the vectors, which says whether it has a header."""
    try:
        table = tables.read_table(name, data)
        header = None if table.detected is None else table.detected.header
        if header is not None and len(table.frame) == count + (-1 if header else 1):
            table = tables.read_table(name, data, header=not header)
    except TableError as error:
        raise VectorFileError(error.given, error.expected, error.remedy) from error
    _require_rows(len(table.frame), vectors, count)
    return Metadata(table.frame, table.notes)


def _require_rows(rows: int, vectors: str, count: int) -> None:
    if rows != count:
        raise VectorFileError(
            f"“{shorten(vectors)}” has {count:,} rows, its word list has {rows:,} words.",
            "Both must have the same number, in the same order.",
            "Check that the two files belong together (metadata with more than one column has "
            "a header line, metadata with one column has none).",
        )
