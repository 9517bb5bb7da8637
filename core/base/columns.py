"""Tables for the screen and for download."""

from __future__ import annotations

import csv
import io
import math
import re
from collections.abc import Mapping, Sequence
from typing import Any

Columns = Mapping[str, Sequence[Any]]
_SINGLE = 2**-23  # the relative step of numbers in single precision
# A spreadsheet takes a cell that begins so for a formula (OWASP, "CSV Injection"); some take the
# wide signs of East Asian scripts as well.
# One that has apostrophes before that gets another, so that taking one away gives it back.
_FORMULA = re.compile(r"'*[=+\-@\t\r\n＝＋－＠]")


def to_csv(columns: Columns) -> bytes:
    """Columns as CSV in UTF-8 with a byte-order mark, which spreadsheets need to read accents.

    Text that a spreadsheet would run as a formula gets an apostrophe before it.
    """
    stream = io.StringIO()
    writer = csv.writer(stream, lineterminator="\r\n")
    writer.writerow([_safe(name) for name in columns])
    for row in zip(*columns.values(), strict=True):
        writer.writerow([_safe(cell) for cell in row])
    return stream.getvalue().encode("utf-8-sig")


def join_columns(*parts: Columns) -> dict[str, list[Any]]:
    """The columns of all parts in their order; a name that is taken gets a number after it.

    A date or text that is missing is ``None``: pandas' signs for them would become words.
    """
    joined: dict[str, list[Any]] = {}
    for part in parts:
        for name, cells in part.items():
            chosen, number = name, 2
            while chosen in joined:
                chosen, number = f"{name} ({number})", number + 1
            of_text = any(isinstance(cell, str) for cell in cells)
            joined[chosen] = [None if _is_missing(cell, of_text) else cell for cell in cells]
    return joined


def export_columns(own: Columns, *known: Columns) -> dict[str, list[Any]]:
    """As ``join_columns``, for files that are read again: what is known may come from such a file.

    So a column of ``known`` that says what the one of its name in ``own`` says does not come twice;
    numbers may differ by single precision, and then those that are known are taken.
    """
    joined = {name: list(cells) for name, cells in own.items()}
    rest: list[Columns] = []
    for part in known:
        same = {name for name in part if name in own and _say_the_same(own[name], part[name])}
        joined |= {name: list(part[name]) for name in same if isinstance(own[name][0], float)}
        rest.append({name: cells for name, cells in part.items() if name not in same})
    return join_columns(joined, *rest)


def _say_the_same(own: Sequence[Any], known: Sequence[Any]) -> bool:
    def alike(one: Any, other: Any) -> bool:
        if isinstance(one, float) and isinstance(other, int | float):
            both_missing = math.isnan(one) and math.isnan(other)
            return both_missing or math.isclose(one, other, rel_tol=_SINGLE)
        return str(one) == str(other)

    return bool(own) and len(own) == len(known) and all(map(alike, own, known))


def _is_missing(cell: Any, of_text: bool) -> bool:
    """Whether a cell is what pandas has where a date is missing, or a text in a column of texts."""
    if isinstance(cell, float):
        return of_text and math.isnan(cell)
    return type(cell).__name__ == "NaTType"


def take_guards(rows: list[list[str]]) -> int:
    """Takes away, in place, the apostrophes that ``to_csv`` puts before formulas; their number."""
    changed = 0
    for row in rows:
        for at, cell in enumerate(row):
            if cell[:1] == "'" and _FORMULA.match(cell):
                row[at] = cell[1:]
                changed += 1
    return changed


def _safe(cell: Any) -> Any:
    if isinstance(cell, str) and _FORMULA.match(cell):
        return f"'{cell}"
    return cell
