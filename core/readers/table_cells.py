"""What single cells of a table are by their look: numbers, dates, addresses, words or nothing."""

from __future__ import annotations

import datetime as dt
import re
from collections import Counter
from collections.abc import Sequence
from enum import StrEnum
from itertools import pairwise
from typing import Any

from core.readers.numbers import is_number

MISSING = frozenset(("", "na", "n/a", "nan", "null", "none", "nil", "-", "--", "?", "."))
_LONG = 200  # characters, from which it is text unless it is a list
_AGAIN = 0.05  # of the rows, that have a value of the first row again
_WORDS = 3  # of a text, which a name of a column seldom has
_SHARE = 0.9  # of the cells of a column, from which it is of their kind
# Written with any signs for thousands, fractions, money and shares; also codes of digits alone.
_FIGURE = re.compile(r"[-+(]?[$€£¥]? ?[\d.,'’\u00a0\u202f ]*\d[\d.,]*(?:[eE][-+]?\d+)?\)? ?[%€$£]?")
_DATE = re.compile(
    r"\d{4}[-/.]\d{1,2}[-/.]\d{1,2}([T ]\d{1,2}:\d\d.*)?"
    r"|\d{1,2}[-/. ](\d{1,2}|[A-Za-z]{3,9})[-/. ]\d{2,4}([T ,]+\d{1,2}:\d\d.*)?"
    r"|\d{1,2}:\d\d(:\d\d([.,]\d+)?)?( ?[AaPp][Mm])?"
)
_ENDING = re.compile(r".*[^.\s/\\]\.([A-Za-z][A-Za-z0-9]{1,4})")
_TRUTH = re.compile("true|false", re.IGNORECASE)
_ADDRESS = re.compile(r"(https?|ftp|s3)://\S+|[^@\s]+@[^@\s]+\.[A-Za-z]{2,}")
_UUID = re.compile("[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}|[0-9a-f]{32,64}")
_LIST = re.compile(r"[\[{(].*[\]})]", re.DOTALL)


class CellKind(StrEnum):
    """What a cell is by its look."""

    MISSING = "nothing"
    NUMBER = "numbers"
    DATE = "dates"
    TRUTH = "true or false"
    ADDRESS = "addresses"
    CODE = "codes"
    LIST = "lists"
    TEXT = "text"


_TYPES: tuple[tuple[Any, CellKind], ...] = (
    (bool, CellKind.TRUTH),  # which is an int too
    (int | float, CellKind.NUMBER),
    (dt.date | dt.time | dt.timedelta, CellKind.DATE),
)


def kind_of(cell: Any) -> CellKind:
    """What a cell is; of text by its look."""
    if cell is None or cell != cell:  # noqa: PLR0124  # not a number
        return CellKind.MISSING
    for types, kind in _TYPES:
        if isinstance(cell, types):
            return kind
    text = str(cell).strip()
    if text.lower() in MISSING:
        return CellKind.MISSING
    if len(text) > _LONG and text[0] not in "[{(":
        return CellKind.TEXT
    known = (
        (CellKind.LIST, _LIST),
        (CellKind.DATE, _DATE),
        (CellKind.NUMBER, _FIGURE),
        (CellKind.TRUTH, _TRUTH),
        (CellKind.ADDRESS, _ADDRESS),
        (CellKind.CODE, _UUID),
    )
    return next((kind for kind, form in known if form.fullmatch(text)), CellKind.TEXT)


def kind_of_column(cells: Sequence[Any]) -> CellKind:
    """What nearly all cells of a column are that are something; text where they differ."""
    kinds = Counter(map(kind_of, cells))
    del kinds[CellKind.MISSING]
    if not kinds:
        return CellKind.MISSING
    kind, count = kinds.most_common(1)[0]
    return kind if count >= _SHARE * kinds.total() else CellKind.TEXT


def is_header(rows: Sequence[Sequence[Any]]) -> tuple[bool, str]:
    """Whether the first of some rows of one length names the columns, and why.

    A name is of another kind than what stands below it, whatever its own look: ``Nr.`` above
    numbers, ``What did you like?`` beside a date. Where all is text, names look like names.
    """
    first, body = rows[0], rows[1:]
    if not body:
        return _by_look(first, body)
    columns = [[row[at] for row in body] for at in range(len(first))]
    kinds = [kind_of_column(column) for column in columns]
    own = [kind_of(cell) for cell in first]
    told = [at for at, kind in enumerate(kinds) if kind not in (CellKind.TEXT, CellKind.MISSING)]
    named = [at for at in told if own[at] is CellKind.TEXT]
    alike = [at for at in told if own[at] is kinds[at]]
    if alike and _counts_up([first[at] for at in alike], [columns[at] for at in alike]):
        return True, "Its numbers count up, and those below do not."
    if named and not alike:
        at = named[0]
        return True, f"“{_short(first[at])}” stands above {kinds[at].value}."
    if alike:
        at = alike[0]
        if len(named) > len(alike):
            return True, f"“{_short(first[named[0]])}” stands above {kinds[named[0]].value}."
        return False, f"“{_short(first[at])}” is like what stands below it: {kinds[at].value}."
    return _by_look(first, body)


def _counts_up(first: Sequence[Any], columns: Sequence[Sequence[Any]]) -> bool:
    """Whether numbers of a first row are names: 0, 1, 2, … or years above fractions or text."""
    texts = [str(cell).strip() for cell in first]
    if len(texts) < 2 or not all(text.isdecimal() and is_number(text) for text in texts):
        return False
    numbers = [int(text) for text in texts]
    steps = {after - before for before, after in pairwise(numbers)}
    if steps != {1} or (len(numbers) < 3 and numbers[0] != 0):
        return False
    below = [str(cell).strip() for column in columns for cell in column]
    return any(not text.isdecimal() for text in below if text)


def _by_look(first: Sequence[Any], body: Sequence[Sequence[Any]]) -> tuple[bool, str]:
    cells = [str(cell).strip() for cell in first]
    if len(cells) > 1 and body and _asks(cells, body):
        return True, "All its cells end in a mark that those below have not."
    if len(cells) > 1 and not cells[0] and body and is_number(str(body[0][0]).strip()):
        cells = cells[1:]  # pandas writes its index so, without a name
    if (again := _stands_below(cells, first, body)) is not None:
        return False, f"“{_short(again)}” stands below again, as a value does."
    if body and (file := _is_file(cells, body)) is not None:
        return False, f"“{_short(file)}” is a file as those below it."
    if body and _is_sentences(
        cells, [[str(row[at]) for row in body] for at in range(-len(cells), 0)]
    ):
        return False, "It is sentences as those below it."
    named = len(set(cells)) == len(cells) and all(map(_is_name, cells))
    return named, "It reads like names." if named else "It does not read like names."


def _is_file(cells: Sequence[str], body: Sequence[Sequence[Any]]) -> str | None:
    """A cell of a first row that is a file's name with the ending of those below it."""
    for at, cell in enumerate(cells, start=len(body[0]) - len(cells)):
        ending = _ENDING.fullmatch(cell)
        below = [_ENDING.fullmatch(str(row[at]).strip()) for row in body]
        if ending and all(below) and ending[1].lower() in {m[1].lower() for m in below if m}:
            return cell
    return None


def _is_sentences(cells: Sequence[str], columns: Sequence[Sequence[str]]) -> bool:
    """Whether a first row is texts like those below: of several words each, and not far shorter."""

    def alike(cell: str, column: Sequence[str]) -> bool:
        lengths = sorted(map(len, column))
        words = sorted(len(one.split()) for one in column)
        middle = len(column) // 2
        return len(cell.split()) >= _WORDS <= words[middle] and 2 * len(cell) >= lengths[middle]

    return all(map(alike, cells, columns))


def _stands_below(
    cells: Sequence[str], first: Sequence[Any], body: Sequence[Sequence[Any]]
) -> str | None:
    """A cell of a first row that is a value of its column: a relation, a label; not its name.

    Tables that were joined with their rows of names have these again, whole; of one column that
    cannot be told from a value.
    """
    offset = len(first) - len(cells)
    others = [row for row in body if len(first) == 1 or list(row) != list(first)]
    least = max(1, _AGAIN * len(others))
    for at, cell in enumerate(cells):
        if cell and sum(str(row[at + offset]).strip() == cell for row in others) >= least:
            return cell
    return None


def _asks(cells: Sequence[str], body: Sequence[Sequence[Any]]) -> bool:
    """Whether a first row holds questions above answers."""
    marked = [cell.endswith(("?", ":", "？", "：")) for cell in cells]
    below = [str(cell).strip() for row in body for cell in row]
    below = [cell for cell in below if cell]
    asked = sum(cell.endswith(("?", ":", "？", "：")) for cell in below)
    distinct = len(set(cells)) == len(cells) and all(cells)
    return 2 * sum(marked) > len(cells) and distinct and 5 * asked < len(below)


def _is_name(cell: str) -> bool:
    number = any(map(str.isdigit, cell)) and not any(map(str.isalpha, cell))
    short = len(cell) <= 12 and " " not in cell and cell[-1:] == "."  # Nr., Bew.
    return 0 < len(cell) <= 40 and (short or cell[-1] not in ".!?") and not number


def _short(cell: Any) -> str:
    line = " ".join(str(cell).split())
    return line if len(line) <= 30 else line[:29] + "…"
