"""Tables of texts from files of any usual kind, and which column holds the text.

Small files of text are read in this process, where nothing but Python's own modules and Arrow's
columns see them, in a time that goes with their size. Workbooks, Parquet and larger files are read
in a child process.
"""

from __future__ import annotations

import contextlib
import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from core.base.errors import TableError, counted, listed, shorten
from core.base.memory import require_memory
from core.base.types import FloatArray, Progress, no_progress
from core.readers import (
    anndata_files,
    dates,
    isolated,
    numbers,
    parquet,
    table_formats,
    table_vectors,
)
from core.readers.anndata_files import read_anndata
from core.readers.arrow_files import read_arrow
from core.readers.table_binary import decode, read_parquet, read_xlsx
from core.readers.table_cells import is_header
from core.readers.table_columns import (
    MAX_CELLS,
    ManyCellsError,
    as_table,
    cell_text,
    from_cells,
    load_table,
    to_frame,
    typed,
    write_table,
)
from core.readers.table_formats import FORMATS, NAMES, SUFFIXES, suffix_of
from core.readers.table_layout import DOUBLE, NONE, Detected, Given, LeftOut, rows_before_names
from core.readers.table_text import Grid, read_delimited, read_json, read_lines
from core.readers.vector_columns import Place

if TYPE_CHECKING:
    import pandas as pd
    import pyarrow as pa

__all__ = ["SUFFIXES", "Table", "cell_text", "guess_text_column", "read_table", "text_columns"]

_READING = 10  # bytes of memory for each byte of text: 7 (lines) to 10 (JSON Lines) were measured
SMALL = 1_000_000  # bytes of text, and cells, that are read in this process
_INPUT, _OUTPUT = "input", "table.arrow"
_CODE = re.compile(
    r"(https?:|www\.|/|[A-Za-z]:\\).*|[0-9a-fA-F-]{16,}|[A-Za-z]{0,4}[-_]?\d[\w.:-]*", re.DOTALL
)
_SAMPLE = 500
_SHOWN = {NONE: ""} | {one: mark for mark, one in DOUBLE.items()}
_LETTERS = 0.33  # of the signs of a cell that is text, unless its column's name says so
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

    ``frame`` has at least one row, one column or ``vectors``, a ``RangeIndex`` from 0, and names
    that are distinct and not empty. ``notes`` say what was done to make it readable, a sentence
    each.

    Attributes:
        detected: how it was read; ``None`` for one that was kept.
        left_out: what of the file is no row of it.
        vectors: columns of vectors ``(rows, dim)`` by their names, which ``frame`` has not.
        model: the space that they are of, where the file says so, as ours do.
    """

    frame: pd.DataFrame
    notes: tuple[str, ...]
    detected: Detected | None = None
    left_out: tuple[LeftOut, ...] = ()
    vectors: Mapping[str, FloatArray] = field(default_factory=dict)
    model: str = ""


@dataclass(slots=True)
class Columns:
    """A table as Arrow holds it, and what there is to say of it; as ``Table``."""

    table: pa.Table
    notes: list[str]
    detected: Detected
    left_out: list[LeftOut] = field(default_factory=list)
    model: str = ""

    def finished(self) -> Table:
        """The same as pandas holds it."""
        rest, vectors = table_vectors.split(self.table)
        frame = to_frame(rest, self.table.num_rows)
        left_out = tuple(self.left_out)
        return Table(frame, tuple(self.notes), self.detected, left_out, vectors, self.model)


def read_table(
    name: str,
    data: bytes | Path,
    *,
    header: bool | None = None,
    given: Given = Given(),  # noqa: B008  # frozen
    progress: Progress = no_progress,
) -> Table:
    """The table in a file called ``name``; its bytes decide what it is, then its suffix.

    Args:
        data: its bytes, or where a large file lies that ``kind_by_parts`` knows.
        header: whether the first row of delimited text or of a sheet holds the names; ``None``
            detects it.
        given: what else a person says of it.

    Raises:
        InputError: it does not fit into memory, or ``given`` has a value that is none.
        TableError: the format is unknown, the file damaged, too large, or without a row.
        Cancelled: by ``progress``.
    """
    given = given.checked()
    given = given if header is None else replace(given, header=header)
    if isinstance(data, bytes) and len(data) <= SMALL and _is_plain(name, data):
        with contextlib.suppress(ManyCellsError):
            return read_columns(name, data, given, SMALL, progress).finished()
    with isolated.folder_with({_INPUT: data} if isinstance(data, bytes) else {}) as folder:
        path = data if isinstance(data, Path) else folder / _INPUT
        told = isolated.run(
            f"{__name__}:read_in_child",
            {
                "path": str(path.absolute()),
                "folder": str(folder),
                "name": name,
                "given": _as_dict(given),
            },
            name=name,
            limits=isolated.limits_for(path.stat().st_size),
            progress=progress,
            error=TableError,
        )
        rows = int(told["rows"])
        return Table(
            to_frame(load_table(folder / _OUTPUT), rows),
            tuple(map(str, told["notes"])),
            Detected(**told["detected"]),
            tuple(LeftOut(int(number), str(reason)) for number, reason in told["left_out"]),
            {
                str(column): table_vectors.load(folder / file)
                for column, file in told["vectors"].items()
            },
            str(told["model"]),
        )


def read_parts(
    files: Sequence[tuple[str, bytes | Path]],
    *,
    given: Given = Given(),  # noqa: B008  # frozen
    progress: Progress = no_progress,
) -> Table:
    """The table in a file, or in several with the same columns, as of one split, in their order.

    Args:
        files: their names, and their bytes or where they lie, as ``read_table`` takes them.

    Raises:
        InputError, TableError, Cancelled: as ``read_table``.
        TableError: they have other columns.
    """
    import pandas as pd

    parts = [read_table(name, data, given=given, progress=progress) for name, data in files]
    first = parts[0]
    if len(parts) == 1:
        return first
    for (name, _), part in zip(files, parts, strict=True):
        if set(part.frame) != set(first.frame) or _lengths(part) != _lengths(first):
            raise TableError(
                f"{counted(len(files), 'file')} were given, and “{shorten(name)}” has other "
                f"columns than “{shorten(files[0][0])}”: {listed([*part.frame, *part.vectors])}.",
                "Several files are one table where their columns are the same; or vectors with "
                "their metadata.",
                "Take them one by one.",
            )
    columns = {}
    for name in first.frame.columns:
        held = [part.frame[name] for part in parts]
        kinds = {"f" if series.dtype.kind == "i" else series.dtype.kind for series in held}
        if len(kinds) > 1:  # numbers in one file and text in another
            held = [series.map(cell_text).astype("str") for series in held]
        columns[name] = pd.concat(held, ignore_index=True)
    rows = sum(len(part.frame) for part in parts)
    told = [note for part in parts for note in part.notes]
    return Table(
        pd.DataFrame(columns, index=range(rows)),
        (f"{counted(len(files), 'file')} were read as one table.", *dict.fromkeys(told)),
        first.detected,
        tuple(one for part in parts for one in part.left_out),
        {name: np.concatenate([part.vectors[name] for part in parts]) for name in first.vectors},
        first.model if {part.model for part in parts} == {first.model} else "",
    )


def _lengths(table: Table) -> dict[str, int]:
    """The columns of vectors, and how many numbers each has."""
    return {name: rows.shape[1] for name, rows in table.vectors.items()}


def _is_plain(name: str, data: bytes) -> bool:
    """Whether no library and no unpacker sees a file's bytes."""
    return not table_formats.is_packed(data) and table_formats.kind_of_bytes(name, data) == "txt"


def kind_by_parts(path: Path) -> str | None:
    """The format of a file that is read by parts, so that it need not fit into memory."""
    if parquet.is_parquet(path):
        return "parquet"
    return "h5ad" if anndata_files.is_hdf5(path) else None


def _as_dict(given: Given) -> dict[str, Any]:
    return {name: getattr(given, name) for name in Given.__dataclass_fields__}


def read_in_child(
    path: str, folder: str, name: str, given: Mapping[str, Any], progress: Progress
) -> dict[str, Any]:
    """What ``read_table`` has a child do: table and vectors go to files, the rest is returned."""
    place = Place(Path(folder))
    if kind := kind_by_parts(Path(path)):
        found = _from_binary(name, kind, Path(path), Given(**given), progress, place)
        found.table = table_vectors.with_vectors(found.table)
    else:
        found = read_columns(name, Path(path).read_bytes(), Given(**given), progress=progress)
    rest, vectors = table_vectors.write(found.table, Path(folder), place.file_of)
    write_table(rest, Path(folder) / _OUTPUT)
    return {
        "rows": found.table.num_rows,
        "vectors": vectors,
        "notes": found.notes,
        "detected": found.detected.as_dict(),
        "left_out": [[one.count, one.reason] for one in found.left_out],
        "model": found.model,
    }


def read_columns(
    name: str,
    data: bytes,
    given: Given,
    here: int = MAX_CELLS,
    progress: Progress = no_progress,
) -> Columns:
    """The table that ``read_table`` gives, in this process and as Arrow holds it.

    Raises:
        ManyCellsError: rows or objects without most of the columns make more cells than ``here``.
    """
    kind = suffix_of(name)
    table_formats.kind_of_bytes(name, data)  # its suffix is one of a table
    unpacked = table_formats.unpack(name, data, parquet.allowed_bytes(len(data)))
    name, data, notes = unpacked.name, unpacked.data, [*unpacked.notes]
    kind = table_formats.kind_of_bytes(_with_suffix(name), data)
    if kind in table_formats.BINARY:
        found = _from_binary(name, kind, data, given, progress)
    else:
        remedy = "Give it in several parts."
        require_memory(_READING * len(data), f"Reading “{shorten(name)}”", remedy)
        found = _from_text(_with_suffix(name), data, given, here, progress)
    found.notes[:0] = notes
    found.table = table_vectors.with_vectors(found.table)
    return found


def _with_suffix(name: str) -> str:
    """The name of what was packed: one that says nothing of its format is taken for a table."""
    return name if suffix_of(name) in SUFFIXES[:-2] else f"{name}.csv"


def _despite(name: str, kind: str) -> list[str]:
    """A note where a file's name says another format than its bytes."""
    own = suffix_of(name)
    alike = {
        "txt": ("txt",),
        "csv": ("csv", "dat", "data", "tab"),
        "tsv": ("tsv", "tab", "dat"),
        "json": ("json", "jsonl", "ndjson"),
        "jsonl": ("json", "jsonl", "ndjson"),
        "arrow": ("arrow", "feather"),
    }
    if own in alike.get(kind, (kind,)):
        return []
    kind = "a table" if own == "txt" and kind in ("csv", "tsv") else NAMES[kind]
    return [f"Despite .{own} it was read as {kind}."]


def _from_binary(  # noqa: PLR0913, PLR0917
    name: str,
    kind: str,
    data: bytes | Path,
    given: Given,
    progress: Progress,
    place: Place | None = None,
) -> Columns:
    notes = _despite(name, kind)
    detected = Detected(FORMATS[kind])
    if kind == "parquet":
        names, columns, more = read_parquet(name, data, progress, place)
        table = as_table(name, names, columns)
        return Columns(table, [*notes, *more], detected, model=parquet.stated_space(name, data))
    if kind == "h5ad":
        cells = read_anndata(name, data, progress)
        table = as_table(name, cells.names, cells.columns)
        return Columns(table, [*notes, *cells.notes], detected)
    data = data.read_bytes() if isinstance(data, Path) else data
    if kind == "xlsx":
        grid = read_xlsx(name, data, progress)
        found = _from_grid(name, grid, given, detected)
        found.notes[:0] = notes
        return found
    names, columns, more = read_arrow(name, data, progress)
    return Columns(as_table(name, names, columns), [*notes, *more], detected)


def _from_text(name: str, data: bytes, given: Given, here: int, progress: Progress) -> Columns:
    text, encoding, notes = decode(name, data, given.encoding)
    kind = table_formats.kind_of_text(name, text)
    if given.separator is not None or given.skip is not None or given.decimal is not None:
        kind = "csv" if kind == "txt" else kind
    notes += _despite(name, kind)
    if kind in ("json", "jsonl"):
        grid = read_json(name, text, here)
    elif kind == "txt":
        grid = read_lines(name, text)
    else:
        mark = "\t" if kind == "tsv" and given.separator is None else None
        grid = read_delimited(name, text, mark, here, progress, given=given)
    detected = Detected(FORMATS[kind], encoding.codec, why={"encoding": encoding.why})
    found = _from_grid(name, grid, given, detected)
    found.notes[:0] = notes
    return found


def _from_grid(name: str, grid: Grid, given: Given, detected: Detected) -> Columns:
    """A table of rows as read: its names, numbers and what stands above it."""
    why = dict(detected.why)
    layout = grid.layout
    skip = 0 if layout is None else layout.skip
    why |= {} if layout is None else layout.why
    if grid.header is None and given.skip is None and given.header is not False:
        skip += _take_head(grid, why)
    header = _names_columns(grid, given.header, why)
    names, cells = _split_names(grid, header)
    decimal, columns = _with_numbers(grid, names, cells, given)
    table = as_table(name, names, columns)
    notes = [*grid.notes, *(_told_names(names, table.column_names) if header else [])]
    return Columns(
        table,
        notes,
        replace(
            detected,
            separator="" if layout is None else _SHOWN.get(layout.separator, layout.separator),
            header=header if grid.header is None or layout is not None else None,
            decimal=decimal,
            skip=skip,
            why=why,
        ),
        grid.left_out,
    )


def _take_head(grid: Grid, why: dict[str, str]) -> int:
    """Takes rows above the names of the columns away; how many they were."""
    above = rows_before_names(grid.rows)
    if above:
        del grid.rows[:above]
        grid.header = True
        why["skip"] = why["header"] = "The rows above have fewer cells than the names below them."
        rows = counted(above, "row")
        verb = "was" if above == 1 else "were"
        grid.notes.append(f"{rows} above the names of the columns {verb} left out.")
        grid.left_out.append(LeftOut(above, "rows above the names of the columns"))
    return above


def _names_columns(grid: Grid, header: bool | None, why: dict[str, str]) -> bool:
    """Whether the first row names the columns."""
    if grid.header is not None and (grid.header or header is None):
        return grid.header
    if header is not None:
        why["header"] = "Chosen."
        return header
    if not grid.rows:
        return False
    header, why["header"] = is_header(grid.rows[:_SAMPLE])
    if not header:
        grid.notes.append("The first row was read as a row, not as names of columns.")
    return header


def _split_names(grid: Grid, header: bool) -> tuple[list[str], list[list[Any]]]:
    """Names, empty ones where there are none, and the cells of each column."""
    if not grid.rows:
        return [], []
    names = [cell_text(cell) if header else "" for cell in grid.rows[0]]
    names = ["text"] if names == [""] else names
    body = grid.rows[1:] if header else grid.rows
    return names, [[row[at] for row in body] for at in range(len(names))]


def _with_numbers(
    grid: Grid, names: list[str], columns: list[list[Any]], given: Given
) -> tuple[str, list[pa.Array]]:
    """The decimal sign, and columns with numbers where all their cells are some."""
    if not grid.plain:
        return ".", [from_cells(dates.to_dates(column)) for column in columns]
    separator = "" if grid.layout is None else grid.layout.separator
    allowed = given.decimal == "," or (given.decimal is None and separator in (";", "\t", "|"))
    proof = given.decimal is None and separator != ";"
    commas = {
        at
        for at, column in enumerate(columns)
        if allowed and numbers.has_decimal_commas(column, proof=proof)
    }
    grouped = {
        at for at, column in enumerate(columns) if commas and numbers.has_thousands(column)
    } - commas
    if commas:
        told = listed([names[at] or f"column {at + 1}" for at in sorted(commas)])
        grid.notes.append(f"Numbers with decimal commas: {told}.")
    if grouped:
        told = listed([names[at] or f"column {at + 1}" for at in sorted(grouped)])
        grid.notes.append(f"Numbers with points between thousands: {told}.")
    parted = {
        at
        for at, column in enumerate(columns)
        if at not in commas | grouped and numbers.has_parted_thousands(column)
    }
    if parted:
        told = listed([names[at] or f"column {at + 1}" for at in sorted(parted)])
        grid.notes.append(f"Numbers with signs between thousands: {told}.")
    made = [
        from_cells(
            numbers.from_commas(c)
            if at in commas | grouped
            else numbers.from_parted(c)
            if at in parted
            else typed(c)
        )
        for at, c in enumerate(columns)
    ]
    return "," if commas else ".", made


def _told_names(names: list[str], distinct: list[str]) -> list[str]:
    """Notes on names of columns that were made distinct, or made up."""
    notes = []
    empty = [after for before, after in zip(names, distinct, strict=True) if not before]
    again = [
        after
        for before, after in zip(names, distinct, strict=True)
        if before and " ".join(before.split()) != after
    ]
    if again:
        notes.append(f"Names that stood twice got a number: {listed(again)}.")
    if empty:
        verb = "was" if len(empty) == 1 else "were"
        notes.append(
            f"{counted(len(empty), 'column')} without a name {verb} called {listed(empty)}."
        )
    return notes


def read_kept(name: str, path: Path, notes: tuple[str, ...] = ()) -> Table:
    """A table in Parquet that we wrote, in this process.

    Raises:
        TableError: it has more rows or columns than are read, as earlier versions let them pass.
    """
    with parquet.opened(name, path) as file:
        names = file.schema_arrow.names
        names, columns = parquet.read_columns(name, file, names, 3 * parquet.MAX_BYTES)
    table = as_table(name, names, columns)
    return Columns(table, [*notes], Detected()).finished()


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
    words = [word.lower() for word in re.findall(r"[A-Z]?[a-z]+|[A-Z]+", name)]
    named = any(map(_TEXT_NAME.fullmatch, words))
    other = any(map(_OTHER_NAME.fullmatch, words))
    least = 0.0 if named and not other else _LETTERS
    if 2 * sum(_is_text(text, least) for text in texts) <= len(texts):
        return None
    size = sum(map(len, texts))
    plain = sum(c.isalpha() or c == " " for text in texts for c in text[:2000])
    length = min(1.0, math.log1p(size / len(texts)) / math.log1p(200))
    spaced = sum(" " in text for text in texts) / len(texts)
    distinct = len(set(texts)) / len(texts)
    score = 2 * length + plain / sum(len(text[:2000]) for text in texts) + spaced + distinct
    return score + named - other


def _is_text(text: str, least: float) -> bool:
    """Whether a cell is words: not a number, date, address, path or code.

    Of its signs more than ``least`` are letters; words with a long number beside them have few,
    and are what a column called “text” holds.
    """
    if " " not in text and _CODE.fullmatch(text):
        return False
    return sum(map(str.isalpha, text[:2000])) > least * len(text[:2000])
