"""Dates and times as programs write them into tables of text."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Sequence
from typing import Any

_YEAR = r"(?:1\d|20|21)\d\d"
_CLOCK = r"(?:[T ]\d\d:\d\d(?::\d\d(?:[.,]\d{1,9})?)?(?:Z|[+-]\d\d:?\d\d)?)?"
_ISO = re.compile(rf"({_YEAR})([-/])(\d\d)\2(\d\d)({_CLOCK})", re.ASCII)
_POINTS = re.compile(rf"(\d\d?)\.(\d\d?)\.({_YEAR})({_CLOCK})", re.ASCII)
_SLASHES = re.compile(rf"(\d\d?)/(\d\d?)/({_YEAR})({_CLOCK})", re.ASCII)


def to_dates(cells: Sequence[Any]) -> Sequence[Any]:
    """Dates for the texts of a column that are all dates or empty, in one form; else the cells.

    The forms are those of ISO 8601 (also with slashes), day and month with points, and with slashes
    where a number above 12 shows which of the two is the day. Times of zones become UTC's.
    """
    there = [cell.strip() for cell in cells if isinstance(cell, str) and cell.strip()]
    if not there or len(there) + sum(map(_is_missing, cells)) < len(cells):
        return cells
    forms = ((_ISO, (1, 3, 4, 5)), (_POINTS, (3, 2, 1, 4)))
    for form, order in (*forms, *_slashed(there)):
        if all(map(form.fullmatch, there)):
            return _parsed(cells, form, order)
    return cells


def _is_missing(cell: Any) -> bool:
    return cell is None or (isinstance(cell, str) and not cell.strip())


def _slashed(there: Sequence[str]) -> list[tuple[re.Pattern[str], tuple[int, ...]]]:
    """Which of two numbers before the year is the day, where only one can be."""
    pairs = [match for cell in there if (match := _SLASHES.fullmatch(cell))]
    if len(pairs) < len(there):
        return []
    first = any(int(match[1]) > 12 for match in pairs)
    second = any(int(match[2]) > 12 for match in pairs)
    if first == second:
        return []
    return [(_SLASHES, (3, 2, 1, 4) if first else (3, 1, 2, 4))]


def _parsed(cells: Sequence[Any], form: re.Pattern[str], order: Sequence[int]) -> Sequence[Any]:
    made: list[dt.datetime | str] = []
    for cell in cells:
        match = None if cell is None else form.fullmatch(cell.strip())
        if match is None:
            made.append("")
            continue
        year, month, day, clock = (match[at] for at in order)
        try:
            made.append(dt.datetime.fromisoformat(f"{year}-{month:0>2}-{day:0>2}{clock}"))
        except ValueError:  # there is no such day
            return cells
    aware = {one.tzinfo is not None for one in made if isinstance(one, dt.datetime)}
    if aware == {True}:
        return [one.astimezone(dt.UTC) if isinstance(one, dt.datetime) else one for one in made]
    return made if aware == {False} else cells
