"""Tables of texts from files of any usual kind, and which column holds the text."""

from __future__ import annotations

import datetime as dt
import math
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import PurePath
from typing import TYPE_CHECKING, Any

import numpy as np

from core.base.errors import TableError, shorten
from core.base.memory import require_memory
from core.readers.numbers import is_number, to_numbers
from core.readers.table_binary import decode, read_parquet, read_xlsx
from core.readers.table_text import Grid, read_delimited, read_json, read_lines

if TYPE_CHECKING:
    import pandas as pd

SUFFIXES = ("txt", "csv", "tsv", "json", "jsonl", "parquet", "xlsx")
_NAMES = {"txt": "text", "parquet": "a Parquet file", "xlsx": "an Excel workbook"}
_READING = 10  # bytes of memory for each byte of text: 7 (lines) to 10 (JSON Lines) were measured
_EXACT = 10**15  # whole numbers below it stand in a float64 digit by digit
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


def read_table(name: str, data: bytes, *, header: bool | None = None) -> Table:
    """The table in a file called ``name``; its bytes decide what it is, then its suffix.

    ``header`` says whether the first row of delimited text or of a sheet holds the names;
    ``None`` guesses.

    Raises:
        InputError: it does not fit into memory.
        TableError: the format is unknown, the file damaged, too large, or without a row.
    """
    suffix = PurePath(name).suffix.lower().lstrip(".")
    if suffix not in SUFFIXES:
        raise TableError(
            f"“{shorten(name)}” is not a table that can be read.",
            "Expected TXT, CSV, TSV, JSON, JSON Lines, Parquet or an Excel workbook (XLSX).",
            "Save it in one of these formats.",
        )
    kind = _kind(name, suffix, data)
    notes = [] if kind == suffix else [f"Despite .{suffix} it was read as {_NAMES[kind]}."]
    if kind == "parquet":
        names, columns, more = read_parquet(name, data)
    else:
        if kind != "xlsx":  # which sees to what it unpacks to
            remedy = "Bring it in several parts."
            require_memory(_READING * len(data), f"Reading “{shorten(name)}”", remedy)
        grid = _read_grid(name, kind, data, suffix)
        (names, columns), more = _split_header(grid, header), grid.notes
    return Table(_frame(name, names, columns), (*notes, *more))


def _kind(name: str, suffix: str, data: bytes) -> str:
    """What the bytes are; ``txt`` for text under the suffix of something else."""
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


def _read_grid(name: str, kind: str, data: bytes, suffix: str) -> Grid:
    if kind == "xlsx":
        return read_xlsx(name, data)
    text, notes = decode(name, data)
    if kind in ("json", "jsonl"):
        grid = read_json(name, text)
    elif kind == suffix == "txt":
        grid = read_lines(text)
    else:
        grid = read_delimited(text, "\t" if kind == "tsv" else None)
    grid.notes[:0] = notes
    return grid


def _split_header(grid: Grid, header: bool | None) -> tuple[list[str], list[pd.Series[Any]]]:
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
    return names, [_series(to_numbers(column) if grid.plain else column) for column in cells]


def _is_header(rows: list[list[Any]]) -> bool:
    cells = [cell_text(cell) for cell in rows[0]]
    if len(cells) > 1 and not cells[0] and rows[1:] and is_number(cell_text(rows[1][0])):
        cells = cells[1:]  # pandas writes its index so, without a name
    return len(set(cells)) == len(cells) and all(_is_name(cell) for cell in cells)


def _is_name(cell: str) -> bool:
    number = any(map(str.isdigit, cell)) and not any(map(str.isalpha, cell))
    return 0 < len(cell) <= 40 and cell[-1] not in ".!?" and not number


def _frame(name: str, names: Sequence[str], columns: Sequence[pd.Series[Any]]) -> pd.DataFrame:
    import pandas as pd

    if not columns or len(columns[0]) == 0:
        raise TableError(
            f"“{shorten(name)}” has no rows." if columns else f"“{shorten(name)}” is empty.",
            "Expected at least one row, beside the names of the columns if it has them.",
            "If its only line is data, say that it names no columns; else choose another file.",
        )
    plain = (cell_text(given).encode("utf-8", "replace").decode() for given in names)
    bases = [" ".join(p.split()) or f"column {n}" for n, p in enumerate(plain, start=1)]
    distinct: list[str] = []
    for base in bases:
        unique, again = base, 1
        while unique in distinct or (again > 1 and unique in bases):
            again += 1
            unique = f"{base} ({again})"
        distinct.append(unique)
    return pd.DataFrame(dict(zip(distinct, columns, strict=True)))


def _series(cells: Sequence[Any]) -> pd.Series[Any]:
    """Numbers, times or truth values where all that is there is of that kind, else text."""
    import pandas as pd

    there = [cell for cell in cells if cell is not None and cell != ""]
    kinds = {type(cell) for cell in there}
    whole = len(there) == len(cells)
    if whole and (kinds == {bool} or (kinds == {int} and max(map(abs, there)) < _EXACT)):
        return pd.Series(cells)
    fits = (isinstance(cell, float) or abs(cell) < _EXACT for cell in there)
    if kinds and kinds <= {int, float} and all(fits):
        return pd.Series([math.nan if cell == "" else cell for cell in cells], dtype=float)
    if kinds and kinds <= {dt.date, dt.datetime}:
        times = [dt.datetime.fromisoformat(str(cell)) if cell != "" else None for cell in cells]
        return pd.Series(times, dtype="datetime64[us]")
    texts = (cell if isinstance(cell, str) else cell_text(cell) for cell in cells)
    return pd.Series([*texts], dtype="str")


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


def cell_text(value: Any) -> str:
    """A cell as text: ``""`` where missing, ``12`` for 12.0, no NULs, no space at the ends."""
    if isinstance(value, str):
        return value.replace("\0", "").strip()
    if value is None or str(value) in ("NaT", "nan", "<NA>"):
        return ""
    if isinstance(value, float | np.floating):
        number = float(value)
        if abs(number) < _EXACT and number.is_integer():
            return str(int(number))
    return str(value).replace("\0", "").strip()
