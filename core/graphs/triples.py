"""Triples from text: TSV, CSV and their like, one triple a line, whatever its line ends.

A line has head, relation, tail, and where it is wanted a fourth cell with its part (train, valid
or test). A first line that names these columns is a header.
"""

from __future__ import annotations

import csv
from collections import Counter
from collections.abc import Sequence
from itertools import islice

from core.base.errors import InputError, counted, shorten
from core.base.memory import format_bytes
from core.graphs.graph import PARTS, Triple

MAX_LINES = 2_000_000
MAX_BYTES = 400_000_000
MAX_LABEL = 1_000  # characters
SEPARATORS = "\t,;|"
_SAMPLE = 1_000
_NAMED = 3  # line numbers in a note
_HEADERS = {
    ("head", "relation", "tail"),
    ("h", "r", "t"),
    ("subject", "predicate", "object"),
    ("source", "relation", "target"),
    ("from", "relation", "to"),
}
_PART_NAMES = {"training": "train", "validation": "valid", "dev": "valid", "testing": "test"}


def read_triples(name: str, data: bytes) -> tuple[dict[str, list[Triple]], list[str]]:
    """The triples of a file by their parts, and what was done to read them.

    The separator is that of most lines; a line that another one parts is read by that. Lines with
    too few or too many cells, an empty cell or one of more than ``MAX_LABEL`` characters are left
    out and told.

    Raises:
        InputError: it is too large, or holds no triple.
    """
    text = _decode(name, data)
    lines = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    main = _separator(lines)
    parts: dict[str, list[Triple]] = {part: [] for part in PARTS}
    wrong: list[int] = []
    blank = others = long = 0
    for number, line in enumerate(lines, 1):
        if not line.strip():
            blank += number < len(lines)  # the last line's end is no blank line
            continue
        cells = _cells(line, main)
        if cells is None:
            cells = next((got for mark in SEPARATORS if (got := _cells(line, mark))), None)
            others += cells is not None
        if cells is None:
            wrong.append(number)
        elif number == 1 and _is_header(cells):
            continue
        elif max(map(len, cells)) > MAX_LABEL:
            long += 1
        elif (part := _part(cells)) is None:
            wrong.append(number)
        else:
            parts[part].append((cells[0], cells[1], cells[2]))
    notes = _notes(blank, wrong, others, long)
    if not any(parts.values()):
        raise InputError(
            f"“{shorten(name)}” holds no triple{_first(lines, wrong)}.",
            "Each line has head, relation and tail, parted by tabs or commas.",
            "Check the file.",
        )
    return parts, notes


def _decode(name: str, data: bytes) -> str:
    if len(data) > MAX_BYTES or data.count(b"\n") > MAX_LINES:
        size = f"{data.count(bytes([10])):,} lines and {format_bytes(len(data))}"
        raise InputError(
            f"“{shorten(name)}” has {size}.",
            f"At most {MAX_LINES:,} lines and {format_bytes(MAX_BYTES)} are read.",
            "Take a part of it.",
        )
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        return data.decode("cp1252", errors="replace")


def _separator(lines: Sequence[str]) -> str:
    """The separator that parts most of the first lines into a triple; earlier ones win ties."""
    found: Counter[str] = Counter()
    for line in islice(filter(str.strip, lines), _SAMPLE):
        found.update(mark for mark in SEPARATORS if _cells(line, mark))
    return max(SEPARATORS, key=lambda mark: found[mark])


def _cells(line: str, separator: str) -> list[str] | None:
    """Three cells, or four with a part; ``None`` where the separator does not give that."""
    if separator == "\t" or '"' not in line:
        cells = line.split(separator)
    else:
        csv.field_size_limit(2**31 - 1)
        cells = next(csv.reader([line], delimiter=separator))
    cells = [" ".join(cell.split()) for cell in cells]
    while len(cells) > 3 and not cells[-1]:
        cells.pop()  # a separator at the line's end
    return cells if len(cells) in (3, 4) and all(cells) else None


def _is_header(cells: Sequence[str]) -> bool:
    return tuple(cell.lower() for cell in cells[:3]) in _HEADERS


def _part(cells: Sequence[str]) -> str | None:
    if len(cells) == 3:
        return "train"
    told = cells[3].lower()
    part = _PART_NAMES.get(told, told)
    return part if part in PARTS else None


def _notes(blank: int, wrong: Sequence[int], others: int, long: int) -> list[str]:
    notes = []
    if blank:
        notes.append(f"Skipped: {counted(blank, 'blank line')}.")
    if wrong:
        named = ", ".join(f"{number:,}" for number in wrong[:_NAMED])
        more = " ..." if len(wrong) > _NAMED else ""
        notes.append(
            f"Left out for not having three cells, or an unknown part: "
            f"{counted(len(wrong), 'line')} ({named}{more})."
        )
    if others:
        notes.append(f"Read by another separator than the rest: {counted(others, 'line')}.")
    if long:
        notes.append(
            f"Left out for a name of more than {MAX_LABEL:,} characters: {counted(long, 'line')}."
        )
    return notes


def _first(lines: Sequence[str], wrong: Sequence[int]) -> str:
    if not wrong:
        return ""
    return f": line {wrong[0]} is “{shorten(lines[wrong[0] - 1], 40)}”"
