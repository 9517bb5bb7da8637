"""What the bytes of a file hold: text in any usual encoding, Parquet or an Excel workbook."""

from __future__ import annotations

import codecs
import io
import re
import zipfile
import zlib
from typing import TYPE_CHECKING, Any

from core.base import memory
from core.base.errors import TableError, shorten
from core.readers.table_text import Grid, as_json, count

if TYPE_CHECKING:
    import pandas as pd

# By length, since the mark of UTF-32 begins with that of UTF-16.
_MARKS = (
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
# Windows-1252 leaves five bytes undefined; those are read as Latin-1.
_WINDOWS = "".join(bytes([i]).decode("cp1252", "ignore") or chr(i) for i in range(256))
_CONTROL = re.compile(r"[\x01-\x08\x0e-\x1a\x1c-\x1f\x7f]")
_MAX_BYTES = 2_000_000_000
_MAX_RATIO = 200
_RATIO_FROM = 100_000_000  # a small workbook may well be packed tightly
_MAX_CELLS = 20_000_000
_CELL = re.compile(rb"""<(?:\w+:)?c\s[^>]*?\br=["']([A-Z]{1,3})(\d{1,7})["'][^>]*[^/>]>""")
_ZIP_ERRORS = (zipfile.BadZipFile, zlib.error, OSError, EOFError, ValueError)


def decode(name: str, data: bytes) -> tuple[str, list[str]]:
    """The text of a file without its byte-order mark and NULs, and notes on its encoding.

    Raises:
        TableError: the bytes are no text in any encoding.
    """
    notes: list[str] = []
    text = _decode_wide(data, notes)
    if text is None:
        text = _decode_narrow(data.removeprefix(codecs.BOM_UTF8), notes)
    start = text[:8192]
    if len(_CONTROL.findall(start)) > len(start) / 20 or start.count("\0") > len(start) / 3:
        raise _damaged(name, "table of text", "its bytes are not text")
    if nuls := text.count("\0"):
        text = text.replace("\0", "")
        notes.append(f"{count(nuls, 'NUL character')} removed.")
    return text, notes


def _decode_wide(data: bytes, notes: list[str]) -> str | None:
    """Text in UTF-16 or UTF-32; ``None`` if it is in neither."""
    mark, encoding = next((m for m in _MARKS if data.startswith(m[0])), (b"", ""))
    if not encoding:
        start = data[:4096]
        even, odd = start[::2].count(0), start[1::2].count(0)
        half = len(start) // 2
        if max(even, odd) < 0.4 * half or min(even, odd) > 0.05 * half or half < 2:
            return None
        encoding = "utf-16-le" if odd > even else "utf-16-be"
    try:
        return data[len(mark) :].decode(encoding)
    except UnicodeDecodeError:
        if not mark:
            return None
        notes.append(f"The file is damaged {encoding[:6].upper()}; what is lost reads “\ufffd”.")
        return data[len(mark) :].decode(encoding, "replace")


def _decode_narrow(data: bytes, notes: list[str]) -> str:
    try:
        return data.decode()
    except UnicodeDecodeError:
        pass
    others = 0
    parts = []
    for line in data.splitlines(keepends=True):
        try:
            parts.append(line.decode())
        except UnicodeDecodeError:
            others += 1
            parts.append(codecs.charmap_decode(line, "strict", _WINDOWS)[0])
    notes.append(f"{count(others, 'line')} not in UTF-8, read as Windows-1252.")
    return "".join(parts)


def read_parquet(name: str, data: bytes) -> tuple[list[str], list[pd.Series[Any]], list[str]]:
    """Names and columns of a Parquet file, and notes; text is ``str``, with ``""`` where missing.

    Nested values become JSON; columns of bytes are left out.

    Raises:
        TableError: the file is damaged, encrypted, or too large for the memory.
    """
    import pyarrow as pa
    import pyarrow.parquet as pq

    names, columns, left_out = [], [], []
    try:
        file = pq.ParquetFile(pa.BufferReader(data))
        groups = range(file.metadata.num_row_groups)
        _require_room(name, sum(file.metadata.row_group(i).total_byte_size for i in groups))
        table = file.read()
        for column_name, column in zip(table.column_names, table.columns, strict=True):
            if holds_bytes(column.type):
                left_out.append(column_name)
            else:
                names.append(column_name)
                columns.append(parquet_column(column))
    except (pa.ArrowException, OSError, ValueError, RecursionError) as error:
        raise _damaged(name, "Parquet file", str(error)) from error
    notes = []
    if left_out:
        told = ", ".join(f"“{shorten(column, 40)}”" for column in left_out[:5])
        notes.append(f"Left out, because it holds bytes (such as pictures): {told}.")
    return names, columns, notes


def holds_bytes(kind: Any) -> bool:
    """Whether an Arrow type is of bytes, or has such parts."""
    if "binary" in str(kind).partition("<")[0].partition("[")[0]:
        return True
    return any(holds_bytes(kind.field(i).type) for i in range(kind.num_fields))


def parquet_column(column: Any) -> pd.Series[Any]:
    """One column as pandas holds it, but never of Python objects."""
    import pandas as pd
    import pyarrow as pa

    kinds = pa.types
    if kinds.is_dictionary(column.type):
        column = column.cast(column.type.value_type)
    if kinds.is_nested(column.type):
        cells = (as_json(value) for value in column.to_pylist())
        return pd.Series([*cells], dtype="str")
    if kinds.is_string(column.type) or kinds.is_large_string(column.type):
        return pd.Series(_valid_text(column).fill_null("").to_pandas(), dtype="str")
    if kinds.is_decimal(column.type):
        column = column.cast(pa.float64())
    series = column.to_pandas(date_as_object=False)
    if series.dtype == object:  # times of day, true and false with gaps, nothing at all
        cells = ("" if value is None else str(value) for value in column.to_pylist())
        series = pd.Series([*cells], dtype="str")
    return series


def _valid_text(column: Any) -> Any:
    """The column in UTF-8, which Parquet states but does not check."""
    import pyarrow as pa

    try:
        column.validate(full=True)
    except pa.ArrowInvalid:
        cells = column.cast(pa.large_binary()).to_pylist()
        texts = [None if cell is None else cell.decode("utf-8", "replace") for cell in cells]
        return pa.chunked_array([pa.array(texts, pa.large_string())])
    return column


def read_xlsx(name: str, data: bytes) -> Grid:
    """The first sheet that is not empty, as Python values, ``""`` where a cell is empty.

    Raises:
        TableError: the file is damaged, locked, no workbook, or unpacks to too much.
    """
    import python_calamine

    _check_zip(name, data)
    try:
        book = python_calamine.CalamineWorkbook.from_object(io.BytesIO(data))
        kinds = python_calamine.SheetTypeEnum, python_calamine.SheetVisibleEnum
        sheets = [sheet for sheet in book.sheets_metadata if sheet.typ == kinds[0].WorkSheet]
        sheets.sort(key=lambda sheet: sheet.visible != kinds[1].Visible)
        for sheet in sheets:
            found = book.get_sheet_by_name(sheet.name).to_python()
            if rows := [row for row in found if any(cell != "" for cell in row)]:
                others = [f"“{shorten(s.name, 40)}”" for s in sheets if s.name != sheet.name]
                note = f"The sheet “{shorten(sheet.name, 40)}” was read, not "
                return Grid([*rows], [f"{note}{', '.join(others[:8])}."] if others else [])
    except (python_calamine.CalamineError, *_ZIP_ERRORS) as error:
        raise _damaged(name, "Excel workbook", str(error)) from error
    return Grid([])


def _check_zip(name: str, data: bytes) -> None:
    """Unpacks everything once, a piece at a time, so that calamine meets no bomb and no damage."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            members = archive.infolist()
            if not any(member.filename.lower().startswith(("xl/", "xl\\")) for member in members):
                raise _damaged(name, "Excel workbook", "it is another kind of zip archive")
            size = sum(member.file_size for member in members)
            if size > _MAX_BYTES or (size > _RATIO_FROM and size > _MAX_RATIO * len(data)):
                raise _too_large(name, f"unpacks to {memory.format_bytes(size)}")
            _require_room(name, size)
            for member in members:
                _check_member(name, archive, member)
    except (*_ZIP_ERRORS, NotImplementedError, RuntimeError) as error:
        raise _damaged(name, "Excel workbook", str(error)) from error


def _check_member(name: str, archive: zipfile.ZipFile, member: zipfile.ZipInfo) -> None:
    # Calamine makes room for the whole rectangle, so one stray cell far off costs gigabytes.
    columns: set[bytes] = set()
    last = 0
    rest = b""
    with archive.open(member) as stream:
        while piece := stream.read(1 << 22):
            if not member.filename.endswith(".xml") or "worksheets" not in member.filename:
                continue
            piece = rest + piece
            cells = _CELL.findall(piece)
            columns.update(column for column, _ in cells)
            last = max(last, max((int(row) for _, row in cells), default=0))
            rest = piece[-200:]
    letters = max(columns, key=lambda column: (len(column), column), default=b"")
    width = 0
    for letter in letters:
        width = 26 * width + letter - 64
    if width * last > _MAX_CELLS:
        raise _too_large(name, f"has a sheet of {last:,} rows by {width:,} columns")


def _too_large(name: str, what: str) -> TableError:
    return TableError(
        f"“{shorten(name)}” {what}.",
        f"A table may unpack to {memory.format_bytes(_MAX_BYTES)}, {_MAX_RATIO} times its size, "
        f"{_MAX_CELLS:,} cells.",
        "Keep only the rows and columns you need, or save it as CSV.",
    )


def _require_room(name: str, needed: int) -> None:
    remedy = "Keep only the rows and columns you need."
    memory.require_memory(needed, f"“{shorten(name)}” unpacked", remedy)


def _damaged(name: str, what: str, reason: str) -> TableError:
    return TableError(
        f"“{shorten(name)}” could not be read as {what}: {shorten(reason, 80).rstrip('.…')}.",
        f"The whole {what} is needed, without a password.",
        "Download or export it again, or save the table as CSV.",
    )
