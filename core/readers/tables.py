"""Tables of texts from files of any usual kind, and which column holds the text.

Small files of text are read in this process, where nothing but Python's own modules and Arrow's
columns see them, in a time that goes with their size. Workbooks, Parquet and larger files are read
in a child process.
"""

from __future__ import annotations

import contextlib
import math
import re
from dataclasses import dataclass
from pathlib import Path, PurePath
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

from core.base.errors import TableError, shorten
from core.base.memory import require_memory
from core.base.types import Progress, no_progress
from core.readers import isolated, parquet
from core.readers.numbers import is_number, to_numbers
from core.readers.table_binary import decode, read_parquet, read_xlsx
from core.readers.table_columns import (
    MAX_CELLS,
    ManyCellsError,
    as_table,
    cell_text,
    from_cells,
    load_table,
    to_frame,
    write_table,
)
from core.readers.table_text import Grid, read_delimited, read_json, read_lines

if TYPE_CHECKING:
    import pandas as pd
    import pyarrow as pa

__all__ = ["SUFFIXES", "Table", "cell_text", "guess_text_column", "read_table", "text_columns"]

SUFFIXES = ("txt", "csv", "tsv", "json", "jsonl", "parquet", "xlsx")
_NAMES = {"txt": "text", "parquet": "a Parquet file", "xlsx": "an Excel workbook"}
_READING = 10  # bytes of memory for each byte of text: 7 (lines) to 10 (JSON Lines) were measured
SMALL = 1_000_000  # bytes of text, and cells, that are read in this process
_INPUT, _OUTPUT = "input", "table.arrow"
_CODE = re.compile(
    r"(https?:|www\.|/|[A-Za-z]:\\).*|[0-9a-fA-F-]{16,}|[A-Za-z]{0,4}[-_]?\d[\w.:-]*", re.DOTALL
)
_SAMPLE = 500
_TEXT_NAME = re.compile(
    "(text|sentence|description|review|comment|content|title|question|abstract|body|prompt|caption"
    "|document|passage|message|tweet|summary|utterance|query|answer|headline|plot|lyrics|quote"
    "|story|paragraph|overview|synopsis)s?"
)
_OTHER_NAME = re.compile(
    "(id|key|index|url|link|href|path|file|filename|image|date|time|category|label|class|type|genre"
    "|tag|author|user|name|country|language|lang|code|hash|uuid|source|split|score)s?"
)


@dataclass(frozen=True, slots=True)
class Table:
    """A table to take texts from.

    ``frame`` has at least one row and one column, a ``RangeIndex`` from 0, and names that are
    distinct and not empty. ``notes`` say what was done to make it readable, a sentence each.
    """

    frame: pd.DataFrame
    notes: tuple[str, ...]


def read_table(
    name: str, data: bytes, *, header: bool | None = None, progress: Progress = no_progress
) -> Table:
    """The table in a file called ``name``; its bytes decide what it is, then its suffix.

    ``header`` says whether the first row of delimited text or of a sheet holds the names;
    ``None`` guesses.

    Raises:
        InputError: it does not fit into memory.
        TableError: the format is unknown, the file damaged, too large, or without a row.
        Cancelled: by ``progress``.
    """
    if _kind(name, data) not in ("parquet", "xlsx") and len(data) <= SMALL:
        with contextlib.suppress(ManyCellsError):
            table, notes = read_columns(name, data, header, SMALL, progress)
            return Table(to_frame(table), tuple(notes))
    with TemporaryDirectory(prefix="table-") as folder:
        (Path(folder) / _INPUT).write_bytes(data)
        notes = isolated.run(
            f"{__name__}:read_in_child",
            {"folder": folder, "name": name, "header": header},
            name=name,
            limits=isolated.limits_for(len(data)),
            progress=progress,
            error=TableError,
        )
        return Table(to_frame(load_table(Path(folder) / _OUTPUT)), tuple(map(str, notes)))


def read_in_child(folder: str, name: str, header: bool | None, progress: Progress) -> list[str]:
    """What ``read_table`` has a child do: the table goes to a file, its notes are returned."""
    data = (Path(folder) / _INPUT).read_bytes()
    table, notes = read_columns(name, data, header, progress=progress)
    write_table(table, Path(folder) / _OUTPUT)
    return notes


def read_columns(
    name: str,
    data: bytes,
    header: bool | None,
    here: int = MAX_CELLS,
    progress: Progress = no_progress,
) -> tuple[pa.Table, list[str]]:
    """The table that ``read_table`` gives, in this process and as Arrow holds it; and its notes.

    Raises:
        ManyCellsError: rows or objects without most of the columns make more cells than ``here``.
    """
    kind, suffix = _kind(name, data), _suffix(name)
    notes = [] if kind == suffix else [f"Despite .{suffix} it was read as {_NAMES[kind]}."]
    if kind == "parquet":
        names, columns, more = read_parquet(name, data, progress)
    else:
        if kind != "xlsx":  # which sees to what it unpacks to
            remedy = "Upload it in several parts."
            require_memory(_READING * len(data), f"Reading “{shorten(name)}”", remedy)
        grid = _read_grid(name, kind, data, here, progress)
        (names, columns), more = _split_header(grid, header), grid.notes
    return as_table(name, names, columns), [*notes, *more]


def read_kept(name: str, data: bytes) -> pd.DataFrame:
    """A table in Parquet that we wrote, in this process.

    Raises:
        TableError: it has more rows or columns than are read, as earlier versions let them pass.
    """
    with parquet.opened(name, data) as file:
        names = file.schema_arrow.names
        names, columns = parquet.read_columns(name, file, names, 3 * parquet.MAX_BYTES)
    return to_frame(as_table(name, names, columns))


def _suffix(name: str) -> str:
    return PurePath(name).suffix.lower().lstrip(".")


def _kind(name: str, data: bytes) -> str:
    """What the bytes are; ``txt`` for text under the suffix of something else."""
    suffix = _suffix(name)
    if suffix not in SUFFIXES:
        raise TableError(
            f"“{shorten(name)}” is not a table that can be read.",
            "Expected TXT, CSV, TSV, JSON, JSON Lines, Parquet or an Excel workbook (XLSX).",
            "Save it in one of these formats.",
        )
    if data[:4] in (b"PAR1", b"PARE") and (suffix == "parquet" or data[-4:] == data[:4]):
        return "parquet"
    if data[:4] in (b"PK\3\4", b"PK\5\6"):
        return "xlsx"
    if data.startswith(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"):
        locked = "EncryptedPackage".encode("utf-16-le") in data
        raise TableError(
            f"“{shorten(name)}” is {'locked with a password' if locked else 'an old Office file'}.",
            "Expected an Excel workbook (XLSX) without a password.",
            "Open it in a spreadsheet and save it as XLSX or CSV.",
        )
    return "txt" if suffix in ("parquet", "xlsx") else suffix


def _read_grid(name: str, kind: str, data: bytes, here: int, progress: Progress) -> Grid:
    if kind == "xlsx":
        return read_xlsx(name, data, progress)
    text, notes = decode(name, data)
    if kind in ("json", "jsonl"):
        grid = read_json(name, text, here)
    elif kind == _suffix(name) == "txt":
        grid = read_lines(name, text)
    else:
        grid = read_delimited(name, text, "\t" if kind == "tsv" else None, here, progress)
    grid.notes[:0] = notes
    return grid


def _split_header(grid: Grid, header: bool | None) -> tuple[list[str], list[pa.Array]]:
    """Names, empty ones where there are none, and columns."""
    if not grid.rows:
        return [], []
    if grid.header or header is None:
        header = grid.header
    if header is None:
        header = _is_header(grid.rows)
        if not header:
            grid.notes.append("The first row was read as a row, not as names of columns.")
    names = [cell_text(cell) if header else "" for cell in grid.rows[0]]
    names = ["text"] if names == [""] else names
    body = grid.rows[1:] if header else grid.rows
    cells = ([row[i] for row in body] for i in range(len(names)))
    return names, [from_cells(to_numbers(column) if grid.plain else column) for column in cells]


def _is_header(rows: list[list[Any]]) -> bool:
    cells = [cell_text(cell) for cell in rows[0]]
    if len(cells) > 1 and not cells[0] and rows[1:] and is_number(cell_text(rows[1][0])):
        cells = cells[1:]  # pandas writes its index so, without a name
    return len(set(cells)) == len(cells) and all(_is_name(cell) for cell in cells)


def _is_name(cell: str) -> bool:
    number = any(map(str.isdigit, cell)) and not any(map(str.isalpha, cell))
    return 0 < len(cell) <= 40 and cell[-1] not in ".!?" and not number


def text_columns(frame: pd.DataFrame) -> list[str]:
    """The columns that hold text, the one most likely meant first; judged by some of the cells."""
    scores = [_text_score(column, frame[column]) for column in frame.columns]
    found = [(-score, i) for i, score in enumerate(scores) if score is not None]
    near = min(found, default=(0.0, 0))[0] + 0.1
    # Of columns much alike, such as the two of a pair of sentences, the first.
    return [frame.columns[i] for _, i in sorted((max(score, near), i) for score, i in found)]


def guess_text_column(frame: pd.DataFrame) -> str:
    """The column that most likely holds the text.

    Raises:
        TableError: none holds text.
    """
    found = text_columns(frame)
    if not found:
        names = ", ".join(f"“{shorten(column, 30)}”" for column in frame.columns[:8])
        raise TableError(
            f"None of the columns holds text: {names}.",
            "Expected a column of words, sentences or longer texts.",
            "Choose another file, or add a column of text.",
        )
    return found[0]


def _text_score(name: str, column: pd.Series[Any]) -> float | None:
    """How much a column looks like text, about -1 to 5; ``None`` if it is none."""
    import pandas as pd

    if not pd.api.types.is_string_dtype(column.dtype):
        return None
    there = column[column.notna() & (column != "")]
    texts = [cell_text(cell) for cell in there.iloc[:: max(1, len(there) // _SAMPLE)]]
    texts = [text for text in texts if text]
    if 2 * sum(map(_is_text, texts)) <= len(texts):
        return None
    size = sum(map(len, texts))
    plain = sum(c.isalpha() or c == " " for text in texts for c in text[:2000])
    length = min(1.0, math.log1p(size / len(texts)) / math.log1p(200))
    spaced = sum(" " in text for text in texts) / len(texts)
    distinct = len(set(texts)) / len(texts)
    score = 2 * length + plain / sum(len(text[:2000]) for text in texts) + spaced + distinct
    words = [word.lower() for word in re.findall(r"[A-Z]?[a-z]+|[A-Z]+", name)]
    return score + any(map(_TEXT_NAME.fullmatch, words)) - any(map(_OTHER_NAME.fullmatch, words))


def _is_text(text: str) -> bool:
    """Whether a cell is words: not a number, date, address, path or code."""
    if " " not in text and _CODE.fullmatch(text):
        return False
    return sum(map(str.isalpha, text[:2000])) * 3 >= len(text[:2000])
