"""Delimited text and JSON as rows of cells, each with the line that it begins at."""

from __future__ import annotations

import csv
import io
import json
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import islice
from typing import Any

from core.base.errors import InputError, shorten
from core.readers import json_shapes

SEPARATORS = "\t,;|"
_SAMPLE = 1_000
_JSON = re.compile(r"\s*(\{\s*\"|\[\s*[\[{\"])")  # a table's first name may be “[1]”
_LISTS = ("triples", "edges", "links", "data", "rows", "records", "facts", "statements", "graph")


@dataclass(slots=True)
class Records:
    """Rows of cells without blanks at their ends.

    Attributes:
        lines: the line, or item of a list, that each row begins at, from 1.
        header: whether the first row holds names; ``None`` where that is to be found out.
        blank: lines that hold nothing.
        others: rows that were parted by another separator than the rest.
        broken: lines that could not be taken apart.
    """

    rows: list[list[str]]
    lines: list[int]
    header: bool | None = None
    blank: int = 0
    others: int = 0
    broken: list[int] = field(default_factory=list)
    comments: int = 0


def read_delimited(text: str, separator: str | None = None) -> Records:
    """Rows of text parted by ``separator``, or by that of most lines.

    A cell in quotation marks may hold separators and line ends; where marks that are taken so
    give fewer rows of three cells than lines that are taken as they stand, the latter are right.
    """
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    lines = text.split("\n")
    if lines[-1] == "":
        lines.pop()  # the last line's end is no blank line
    main = separator or _separator(lines)
    plain = _by_lines(lines, main, fixed=separator is not None)
    if '"' not in text:
        return plain
    quoted = _quoted(text, main)
    return plain if quoted is None or _usable(quoted) < _usable(plain) else quoted


def _separator(lines: Iterable[str]) -> str:
    """The separator that parts most of the first lines into a triple; earlier ones win ties."""
    counts: Counter[str] = Counter()
    for line in islice(filter(str.strip, lines), _SAMPLE):
        for mark in SEPARATORS:
            # Two cells are an edge list at most, so three weigh more than any number of these.
            counts[mark] += {1: 0, 2: 1}.get(len(_cells(line, mark)), 2 * _SAMPLE)
    return max(SEPARATORS, key=lambda mark: counts[mark])


def _by_lines(lines: Sequence[str], main: str, *, fixed: bool) -> Records:
    """One row a line; a line that ``main`` does not part is read by what does."""
    read = Records([], [])
    for number, line in enumerate(lines, 1):
        if not line.strip():
            read.blank += 1
            continue
        if line.startswith("#") and main not in line:
            read.comments += 1
            continue
        cells = _cells(line, main)
        if len(cells) < 3 and not fixed:
            other = next((got for mark in SEPARATORS if len(got := _cells(line, mark)) >= 3), None)
            read.others += other is not None
            cells = cells if other is None else other
        read.rows.append(cells)
        read.lines.append(number)
    return read


def _quoted(text: str, separator: str) -> Records | None:
    """Rows by the rules of CSV; ``None`` where quotation marks stand as they may not."""
    csv.field_size_limit(2**31 - 1)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=True)
    read = Records([], [])
    before = 0
    try:
        for row in reader:
            cells = _tidy(row)
            if any(cells):
                read.rows.append(cells)
                read.lines.append(before + 1)
            else:
                read.blank += 1
            before = reader.line_num
    except csv.Error:
        return None
    return read


def _cells(line: str, separator: str) -> list[str]:
    if separator == "\t" or '"' not in line:
        return _tidy(line.split(separator))
    csv.field_size_limit(2**31 - 1)
    return _tidy(next(csv.reader([line], delimiter=separator)))


def _tidy(cells: Iterable[str]) -> list[str]:
    """Cells with single blanks, without those that a separator at the line's end leaves."""
    tidy = [" ".join(cell.split()) for cell in cells]
    while len(tidy) > 3 and not tidy[-1]:
        tidy.pop()
    return tidy


def _usable(read: Records) -> int:
    return sum(len(row) >= 3 and all(row[:3]) for row in read.rows)


def read_json(name: str, text: str) -> Records | None:
    """Rows of JSON or JSON Lines; ``None`` where it is neither.

    Objects with a key for each member, lists of three, an object of equally long lists, and any
    of these under a key such as ``triples``, ``edges`` or ``links``.

    Raises:
        InputError: it is JSON, but holds no such rows.
    """
    if not _JSON.match(text):
        return None
    try:
        whole = json.loads(text)
    except RecursionError as error:
        raise _no_rows(name, "is nested too deeply") from error
    except ValueError:
        return _json_lines(name, text)
    items = _items(whole)
    if items is None:
        if not isinstance(whole, dict):
            raise _no_rows(name, "holds no list of triples")
        items = [whole]  # JSON Lines of one line
    return _records(name, enumerate(items, 1))


def _json_lines(name: str, text: str) -> Records | None:
    values: list[tuple[int, Any]] = []
    broken, blank = [], 0
    lines = text.split("\n")
    for number, line in enumerate(lines, 1):
        if not line.strip():
            blank += number < len(lines)
            continue
        try:
            values.append((number, json.loads(line)))
        except (ValueError, RecursionError):
            broken.append(number)
    if len(broken) > len(values):
        if broken == [1] or not values:
            raise _no_rows(name, "is not whole JSON")
        return None
    read = _records(name, values)
    read.broken += broken
    read.blank += blank
    return read


def _items(whole: Any) -> list[Any] | None:
    """The rows of a value: those under a name of graphs, else as of any table."""
    if isinstance(whole, list):
        return whole
    if not isinstance(whole, dict):
        return None
    # pandas names the columns beside the data.
    keys = () if "data" in whole and {"columns", "schema"} & whole.keys() else _LISTS
    for key in keys:
        found = next((value for name, value in whole.items() if name.lower() == key), None)
        if isinstance(found, list | dict) and (items := _items(found)) is not None:
            return items
    parts = {key: value for key, value in whole.items() if isinstance(value, list | dict)}
    lists = [value for value in parts.values() if isinstance(value, list)]
    if len(lists) == 1 and keys:
        return lists[0]
    try:
        return [*json_shapes.rows_of(parts)[0]] if parts else None
    except ValueError:
        return None


def _records(name: str, values: Iterable[tuple[int, Any]]) -> Records:
    values = list(values)
    keys = list(dict.fromkeys(key for _, one in values if isinstance(one, dict) for key in one))
    read = Records([keys] if keys else [], [0] if keys else [], header=bool(keys))
    for number, one in values:
        if isinstance(one, dict):
            cells = [_cell(one.get(key)) for key in keys]
        elif isinstance(one, list) and not keys:
            cells = [_cell(value) for value in one]
        else:
            read.broken.append(number)
            continue
        read.rows.append(cells)
        read.lines.append(number)
    if not read.rows or (keys and len(read.rows) == 1):
        raise _no_rows(name, "holds no triple")
    return read


def _cell(value: Any) -> str:
    """A value as a name; of an object, its name or id; ``""`` for what is none."""
    if isinstance(value, Mapping):
        found = (value.get(key) for key in ("id", "@id", "uri", "name", "label", "value"))
        return next((_cell(one) for one in found if one is not None), "")
    if value is None or isinstance(value, list):
        return ""
    if isinstance(value, bool | int | float):
        return json.dumps(value)
    return " ".join(str(value).encode("utf-8", "replace").decode().split())


def _no_rows(name: str, what: str) -> InputError:
    return InputError(
        f"“{shorten(name)}” {what}.",
        "Objects with keys such as head, relation and tail, or lists of three, in an array or "
        "one a line.",
        "Mend it, or save the triples as CSV.",
    )


def preview(read: Records, count: int) -> Iterator[list[str]]:
    """The first rows."""
    return islice(iter(read.rows), count)
