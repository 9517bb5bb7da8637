"""Text as rows: CSV, TSV, lines and JSON."""

from __future__ import annotations

import csv
import io
import json
import re
from collections import Counter
from dataclasses import dataclass, field
from itertools import islice
from typing import Any

from core.base.columns import take_guards
from core.base.errors import TableError, counted, shorten
from core.base.types import Progress, no_progress
from core.readers import json_shapes
from core.readers.table_columns import MAX_CELLS, require_shape
from core.readers.table_layout import (
    DOUBLE,
    NONE,
    Given,
    Layout,
    LeftOut,
    doubled,
    find_layout,
    reader,
)

_BLANK = re.compile(r"[\s,]+")
NEWLINE = re.compile(r"\r\n|\n|\r")
_REPORTED = 10_000  # rows between reports


@dataclass(slots=True)
class Grid:
    """Rows as read, all of one length, and what was done to make them readable.

    ``header``: whether the first row holds the names; ``None`` where that is to be guessed.
    ``plain``: whether all cells are str, some of which may be meant as numbers.
    ``layout``: of delimited text.
    ``left_out``: lines that are no rows.
    """

    rows: list[list[Any]]
    notes: list[str] = field(default_factory=list)
    header: bool | None = None
    plain: bool = False
    layout: Layout | None = None
    left_out: list[LeftOut] = field(default_factory=list)


def count(number: int, thing: str) -> str:
    """A count for a note, as in ``1 line was`` or ``2,000 lines were``."""
    return f"{counted(number, thing)} {'was' if number == 1 else 'were'}"


def read_lines(name: str, text: str) -> Grid:
    """One text a line; blank lines are no rows.

    Raises:
        TableError: there are more than are read.
    """
    lines = NEWLINE.split(text)
    if lines[-1] == "":
        lines.pop()
    rows: list[list[Any]] = [[line] for line in lines if line.strip()]
    require_shape(name, len(rows), 1)
    skipped = len(lines) - len(rows)
    notes = [f"{count(skipped, 'blank line')} skipped."] if skipped else []
    return Grid(rows, notes, header=False)


def read_delimited(  # noqa: PLR0913
    name: str,
    text: str,
    delimiter: str | None,
    here: int = MAX_CELLS,
    progress: Progress = no_progress,
    *,
    given: Given = Given(),  # noqa: B008  # frozen
) -> Grid:
    """Rows of cells, all str.

    Args:
        delimiter: what parts cells by the file's suffix; ``None`` guesses it.
        given: what a person says of it, which goes before.

    Raises:
        TableError: there are more rows or columns than are read.
        ManyCellsError: they have more cells than ``here``.
    """
    notes: list[str] = []
    if not text.strip():
        return Grid([])
    if given.separator is None and (mark := doubled(text)) is not None:
        text, delimiter = text.replace(mark, DOUBLE[mark]), DOUBLE[mark]
    layout = find_layout(text, given, delimiter)
    text = _behind(text, layout)
    if given.separator is None and layout.separator == NONE and "," in text:
        notes.append("The commas do not part columns, so the table was read as one column.")
    rows, lines = _Parser(name, text, layout.separator, progress).parse_whole(notes)
    left_out = _told_head(layout, notes)
    if layout.comment:
        left_out += _take_comments(rows, lines, layout, notes)
    if guarded := take_guards(rows):
        notes.append(
            f"{counted(guarded, 'cell')} had an apostrophe before a sign, as against formulas in "
            "spreadsheets; it was taken away."
        )
    require_shape(name, len(rows), _width(rows), here)  # before all get as many cells
    grid = Grid(_mend_widths(rows, lines, layout.separator, notes), notes, plain=True)
    grid.layout, grid.left_out = layout, left_out
    grid.header = True if layout.named else None
    return grid


def _behind(text: str, layout: Layout) -> str:
    """The text with the lines before the table blank, so that lines keep their numbers."""
    if not layout.skip:
        return text
    stream = io.StringIO(text, newline="")
    for _ in range(layout.skip):
        stream.readline()
    rest = stream.read()
    if layout.named:
        return "\n" * (layout.skip - 1) + layout.named + "\n" + rest
    return "\n" * layout.skip + rest


def _told_head(layout: Layout, notes: list[str]) -> list[LeftOut]:
    """What stood before the table, with a note."""
    skipped = layout.skip - bool(layout.named)
    if not skipped:
        return []
    lines = counted(skipped, "line")
    verb = "was" if skipped == 1 else "were"
    notes.append(f"{lines} before the table {verb} left out. {layout.why['skip']}")
    return [LeftOut(skipped, "lines before the table")]


def _take_comments(
    rows: list[list[str]], lines: list[int], layout: Layout, notes: list[str]
) -> list[LeftOut]:
    """Takes comments between the rows away, where there are some before them."""
    width = _width(rows)
    odd = [
        at for at, row in enumerate(rows) if row[0].startswith(layout.comment) and len(row) != width
    ]
    for at in reversed(odd):
        del rows[at], lines[at]
    if not odd:
        return []
    comments = counted(len(odd), "comment")
    verb = "was" if len(odd) == 1 else "were"
    notes.append(f"{comments} between the rows {verb} left out.")
    return [LeftOut(len(odd), "comments between the rows")]


class _Parser:
    """Parses a text by one delimiter, at first strictly; tells how far it is."""

    def __init__(self, name: str, text: str, delimiter: str, progress: Progress) -> None:
        self._name, self._text, self._delimiter = name, text, delimiter
        self._progress, self._lines = progress, text.count("\n") + 1

    def _parse(self, reader: Any) -> tuple[list[list[str]], list[int], int, bool]:
        """Rows that are not blank, the lines they begin at, lines read, whether that was all."""
        rows, lines, done = [], [], 0
        try:
            for row in reader:
                if row:
                    rows.append(row)
                    lines.append(done + 1)
                    if len(rows) % _REPORTED == 0:
                        self._progress(min(done, self._lines), self._lines, "lines read")
                        require_shape(self._name, len(rows), 1)
                done = reader.line_num
        except csv.Error:
            return rows, lines, done, False
        return rows, lines, done, True

    def parse_whole(self, notes: list[str]) -> tuple[list[list[str]], list[int]]:
        text, delimiter = self._text, self._delimiter
        rows, lines, done, clean = self._parse(reader(text, delimiter, strict=True))
        if clean:
            return rows, lines
        loose = list(reader(text, delimiter))
        if loose[-1] == []:
            found, starts, _, _ = self._parse(reader(text, delimiter, quotes=False))
            if delimiter != "\t" or len({len(row) for row in found}) > 1:
                found, starts, _, _ = self._parse(reader(text, delimiter))
                notes.append(f"Line {done + 1:,} has a quotation mark that is not doubled.")
            else:
                notes.append("The quotation marks do not enclose cells, so they were read as text.")
            return found, starts
        if len(rows) + 1 != sum(row != [] for row in loose):
            rows, lines, done = [], [], 0  # marks have paired up wrongly somewhere before
        rest = "".join(islice(io.StringIO(text, newline=""), done, None))
        more, starts, _, _ = self._parse(reader(rest, delimiter, quotes=False))
        where = f"from line {done + 1:,} on " if rows else ""
        notes.append(f"A quotation mark is never closed, so {where}they were all read as text.")
        return rows + more, lines + [done + line for line in starts]


def _width(rows: list[list[str]]) -> int:
    """How many cells a row should have: as most have, and no fewer than the first."""
    usual = Counter(map(len, rows)).most_common(1)
    return max(usual[0][0], len(rows[0])) if usual else 0


def _mend_widths(
    rows: list[list[str]], lines: list[int], delimiter: str, notes: list[str]
) -> list[list[Any]]:
    width = _width(rows)
    odd = []
    for i, row in enumerate(rows):
        surplus = any(row[width:])
        if surplus or len(row) < width:
            odd.append(lines[i])
        if surplus:
            row[width - 1] = delimiter.join(row[width - 1 :])
        rows[i] = [*row[:width], *[""] * (width - len(row))]
    if odd:
        notes.append(
            f"{count(len(odd), 'row')} not of {width} cells (first: line {odd[0]:,}); "
            "missing cells were left empty, surplus ones joined to the last."
        )
    return rows


def as_json(value: Any) -> str:
    """A nested value as JSON; ``""`` for a missing one."""
    return "" if value is None else _whole(json.dumps(value, ensure_ascii=False, default=str))


def _whole(text: str) -> str:
    """``text`` without halves of surrogate pairs, which JSON may hold and UTF-8 may not."""
    return text.encode("utf-8", "replace").decode()


def read_json(name: str, text: str, here: int = MAX_CELLS) -> Grid:
    """Objects or strings in an array or one a line, or an object of equally long lists.

    The first row holds the names; missing cells are ``""``, nested ones are JSON.

    Raises:
        TableError: it is not JSON, or not a table, or too large a one.
        ManyCellsError: it has more cells than ``here``.
    """
    try:
        items, notes = _json_items(name, text)
        names = list(dict.fromkeys(key for item in items for key in item))
        require_shape(name, len(items), len(names), here)  # each may have keys of its own
        rows = [[_json_cell(item.get(key)) for key in names] for item in items]
    except RecursionError as error:
        raise _no_table(name, "is nested too deeply") from error
    return Grid([names, *rows] if rows else [], notes, header=True)


def _json_cell(value: Any) -> Any:
    if isinstance(value, str):
        return _whole(value)
    return as_json(value) if value is None or isinstance(value, dict | list) else value


def _json_items(name: str, text: str) -> tuple[list[dict[str, Any]], list[str]]:
    try:
        whole = json.loads(text)
    except ValueError as error:
        if _is_cut(error, text):
            raise _no_table(name, "is JSON that ends too early") from error
        return _json_after_another(text) or _json_lines(name, text), []
    try:
        return json_shapes.rows_of(whole)
    except ValueError as error:
        raise _no_table(name, "holds no table") from error


def _is_cut(error: ValueError, text: str) -> bool:
    """Whether one array was wrong at its end alone, where a whole one is closed."""
    if not text.lstrip().startswith("[") or not isinstance(error, json.JSONDecodeError):
        return False
    return error.pos >= len(text.rstrip()) or error.msg.startswith("Unterminated string")


def _json_after_another(text: str) -> list[dict[str, Any]]:
    """Objects over several lines, one after another; none where it is something else."""
    first = text.lstrip().partition("\n")[0].strip()
    if not first.startswith("{") or first.endswith("}"):
        return []
    decoder, items, at = json.JSONDecoder(), [], 0
    while at < len(text):
        start = _BLANK.match(text, at)
        at = at if start is None else start.end()
        if at == len(text):
            break
        try:
            value, at = decoder.raw_decode(text, at)
            items.append(json_shapes.as_row(value))
        except ValueError:
            return []
    return items


def _json_lines(name: str, text: str) -> list[dict[str, Any]]:
    items = []
    for number, line in enumerate(NEWLINE.split(text), start=1):
        if not line.strip():
            continue
        try:
            items.append(json_shapes.as_row(json.loads(line)))
        except ValueError as error:
            raise _no_table(
                name, f"has no object or string in line {number:,}: “{shorten(line, 40)}”"
            ) from error
    return items


def _no_table(name: str, what: str) -> TableError:
    return TableError(
        f"“{shorten(name)}” {what}.",
        "Expected an array of objects or strings, an object of equally long lists, "
        "or one object or string a line (JSON Lines).",
        "Mend it, or save the table as CSV.",
    )
