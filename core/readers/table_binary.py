"""What the bytes of a file hold: text in any usual encoding, Parquet or an Excel workbook."""

from __future__ import annotations

import codecs
import io
import re
import zipfile
from pathlib import Path
from typing import TYPE_CHECKING

from core.base.errors import TableError, shorten
from core.base.reasons import reason_of
from core.base.types import Progress, no_progress
from core.readers import arrow_columns, encodings, parquet
from core.readers.archives import PackedError, TooLargeError, Zip, unusable
from core.readers.table_columns import require_shape
from core.readers.table_text import Grid, count
from core.readers.vector_columns import Place

if TYPE_CHECKING:
    import pyarrow as pa

_CONTROL_BYTES = re.compile(rb"[\x01-\x08\x0e-\x1a\x1c-\x1f\x7f]")
_CONTROL = re.compile(r"[\x01-\x08\x0e-\x1a\x1c-\x1f\x7f]")
# A cell that is not empty, from behind its “<” to its “>”, and where it stands.
_CELL = re.compile(rb"(?:\w{1,30}:)?c\s[^>]*(?<!/)>")
_PLACE = re.compile(rb"""\sr\s*=\s*["']\s*([A-Za-z]{1,3})(\d{1,7})\s*["']""")
_TAG_BYTES = 100_000
_NEEDED = {"[content_types].xml", "xl/workbook.xml"}
_FOREIGN = {"content.xml", "mimetype", "xl/workbook.bin"}  # of OpenDocument and XLSB


def decode(
    name: str, data: bytes, codec: str | None = None
) -> tuple[str, encodings.Encoding, list[str]]:
    """The text of a file without its byte-order mark and NULs, its encoding, and notes on it.

    Args:
        codec: the encoding that a person chose; ``None`` detects it.

    Raises:
        TableError: the bytes are no text in any encoding.
        InputError: they are not in ``codec``.
    """
    head = data[:8192]
    strange = len(_CONTROL_BYTES.findall(head))
    marked = head.startswith((codecs.BOM_UTF8, codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE))
    if not marked and strange > max(len(head) / 20, 2 * head.count(0)):
        raise parquet.unusable(name, "its bytes are not text", "table of text")
    text, encoding, notes = encodings.decode(name, data, codec)
    start = text[:8192]
    if len(_CONTROL.findall(start)) > len(start) / 20 or start.count("\0") > len(start) / 3:
        raise parquet.unusable(name, "its bytes are not text", "table of text")
    if nuls := text.count("\0"):
        text = text.replace("\0", "")
        notes.append(f"{count(nuls, 'NUL character')} removed.")
    return text, encoding, notes


def read_parquet(
    name: str,
    data: bytes | Path,
    progress: Progress = no_progress,
    place: Place | None = None,
) -> tuple[list[str], list[pa.ChunkedArray], list[str]]:
    """Names and columns of a Parquet file, and notes; text is ``""`` where it is missing.

    Nested values become JSON; columns of bytes are left out. Vectors go to ``place``.

    Raises:
        TableError: the file is damaged, encrypted, or too large.
    """
    with parquet.opened(name, data) as file:
        schema = file.schema_arrow
        size = len(data) if isinstance(data, bytes) else data.stat().st_size
        limit = parquet.allowed_bytes(size)
        as_text = parquet.text_in_bytes(file)
        names, columns = parquet.read_columns(
            name, file, schema.names, limit, progress, as_text=as_text, place=place
        )
    left_out = [
        field.name
        for field in schema
        if arrow_columns.holds_bytes(field.type) and field.name not in as_text
    ]
    notes = []
    if left_out:
        told = ", ".join(f"“{shorten(column, 40)}”" for column in left_out[:5])
        notes.append(f"Left out, because it holds bytes (such as pictures): {told}.")
    return names, columns, notes


def read_xlsx(name: str, data: bytes, progress: Progress = no_progress) -> Grid:
    """The first sheet that is not empty, as Python values, ``""`` where a cell is empty.

    Raises:
        TableError: the file is damaged, locked, no workbook, or unpacks to too much.
    """
    import python_calamine

    _check_workbook(name, data, progress)
    try:
        book = python_calamine.CalamineWorkbook.from_object(io.BytesIO(data))
        kinds = python_calamine.SheetTypeEnum, python_calamine.SheetVisibleEnum
        sheets = [sheet for sheet in book.sheets_metadata if sheet.typ == kinds[0].WorkSheet]
        sheets.sort(key=lambda sheet: sheet.visible != kinds[1].Visible)
        for sheet in sheets:
            found = book.get_sheet_by_name(sheet.name)
            require_shape(name, found.total_height, found.total_width)
            if rows := [row for row in found.to_python() if any(cell != "" for cell in row)]:
                others = [f"“{shorten(s.name, 40)}”" for s in sheets if s.name != sheet.name]
                note = f"The sheet “{shorten(sheet.name, 40)}” was read, not "
                return Grid([*rows], [f"{note}{', '.join(others[:8])}."] if others else [])
    except (python_calamine.CalamineError, OSError, ValueError) as error:
        raise parquet.unusable(name, reason_of(error), "Excel workbook") from error
    return Grid([])


def _check_workbook(name: str, data: bytes, progress: Progress) -> None:
    """Unpacks everything once, a piece at a time, so that calamine meets no bomb and no damage.

    It would read other kinds of workbooks too, and those without limits of their own.
    """
    limit = parquet.allowed_bytes(len(data))
    try:
        with Zip(data, limit) as archive:
            names = {member.filename.lower().replace("\\", "/") for member in archive.members}
            if not any(one.startswith("xl/") for one in names):
                raise parquet.unusable(name, "it is another kind of zip archive", "Excel workbook")
            size = sum(member.file_size for member in archive.members)
            if size > limit:
                raise parquet.too_large(name, size, limit)
            parquet.require_room(name, size)
            if names & _FOREIGN or not names >= _NEEDED:
                foreign = "it is another kind of workbook than XLSX"
                raise parquet.unusable(name, foreign, "Excel workbook")
            for number, member in enumerate(archive.members):
                progress(number, len(archive.members), "parts unpacked")
                _check_member(name, archive, member)
    except TooLargeError as error:
        raise parquet.too_large(name, error.size, error.limit) from error
    except PackedError as error:
        if error.expected:
            raise unusable(TableError, name, error) from error
        raise parquet.unusable(name, reason_of(error), "Excel workbook") from error


def _check_member(name: str, archive: Zip, member: zipfile.ZipInfo) -> None:
    """Unpacks a part, and looks how far a sheet's cells reach.

    Calamine makes room for the whole rectangle, so one stray cell far off costs gigabytes. What is
    overlooked here comes to the child's limit of memory.
    """
    sheet = member.filename.endswith(".xml") and "worksheets" in member.filename
    width = last = 0
    rest = b""
    for piece in archive.pieces(member):
        if not sheet:
            continue
        *tags, rest = (rest + piece).split(b"<")
        rest = rest[:_TAG_BYTES]
        for tag in tags:
            if (found := _CELL.match(tag)) and (place := _PLACE.search(found[0])):
                width = max(width, _column(place[1]))
                last = max(last, int(place[2]))
    require_shape(name, last, width)


def _column(letters: bytes) -> int:
    """The number of a column, from 1 for A."""
    number = 0
    for letter in letters.upper():
        number = 26 * number + letter - 64
    return number
