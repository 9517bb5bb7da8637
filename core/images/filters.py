"""Filters over what is known of a gallery's pictures: ``color=red|blue``, ``year=1900..1950``.

Several are joined by ``;``. A value that would be read otherwise stands in quotation marks, those
in it doubled: ``kind="cats|dogs"``. So may a column. Marks that do not enclose all of it are a part
of it, as in ``size=5" disk``.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from core.base.errors import InputError, shorten
from core.images.gallery import require_column

if TYPE_CHECKING:
    import pandas as pd

    from core.base.types import BoolArray, IntArray

_QUOTED = r'"(?:[^"]|"")*+"'


def _value(ends: str) -> str:
    """The pattern of a value before one of some signs or the end: enclosed, or all up to there."""
    return rf"(?:\s*{_QUOTED}\s*(?=[{ends}]|\Z)|[^{ends}]*)"


def _column(ends: str) -> str:
    return rf"(?:\s*{_QUOTED}\s*(?==)|[^{ends}]*)"


_JOINED = re.compile(rf"({_column('=;')}(?:={_value('|;')}(?:\|{_value('|;')})*)?)(?:;|\Z)")
# Alone, as on the command line, a filter may hold semicolons.
_ALONE = re.compile(rf"({_column('=')})=(.*)", re.DOTALL)
_PART = re.compile(rf"({_value('|')})(\||\Z)")
_EQUAL = (
    "A database is asked for rows with one value in a field: FIELD=VALUE. A field with = in it, "
    'and a value with | or two dots, stand in quotation marks: "a=b"="1..2".'
)
_EXACT = 10**15  # whole numbers below it are written without a point
MAX_VALUES = 200  # a column with more distinct texts tells pictures apart rather than kinds


@dataclass(frozen=True, slots=True)
class Filter:
    """Keeps the pictures whose ``column`` is one of ``values``, or from ``low`` to ``high``."""

    column: str
    values: tuple[str, ...] = ()
    low: float | None = None
    high: float | None = None


def parse_filter(text: str) -> Filter:
    """A filter as it is written: ``COLUMN=VALUE``, ``COLUMN=A|B``, ``COLUMN=LOW..HIGH``.

    Raises:
        InputError: it is none of these.
    """
    found = _ALONE.fullmatch(text)
    if found is None or not (found[1].strip() and found[2].strip()):
        raise InputError(
            f"“{shorten(text)}” is no filter.",
            "Filters are written COLUMN=VALUE, COLUMN=A|B or COLUMN=LOW..HIGH.",
            "For example: baseColour=Red",
        )
    column, _ = _unquoted(found[1])
    parts = list(_parts(found[2]))
    low, dots, high = found[2].partition("..")
    if dots and not any(quoted for _, quoted in parts):
        return Filter(column, low=_number(low, text), high=_number(high, text))
    return Filter(column, tuple(part for part, _ in parts))


def read_equal(texts: Iterable[str]) -> list[tuple[str, str]]:
    """Columns and the one value each must have, as ``parse_filter`` reads them.

    Raises:
        InputError: one is no filter, or not for one value.
    """
    pairs = []
    for text in texts:
        try:
            one = parse_filter(text)
        except InputError as error:
            raise InputError(error.given, _EQUAL, "For example: year=1999") from error
        if len(one.values) != 1:
            given = f"The filter by “{shorten(one.column)}” is not one value."
            raise InputError(given, _EQUAL, "Name one value.")
        pairs.append((one.column, one.values[0]))
    return pairs


def split_filters(text: str) -> list[str]:
    """The filters that are joined by ``;``, each as ``parse_filter`` reads it."""
    parts = (found[1].strip() for found in _JOINED.finditer(text))
    return [part for part in parts if part]


def _parts(text: str) -> Iterator[tuple[str, bool]]:
    """Values between bars, each with whether marks enclosed it."""
    for found in _PART.finditer(text):
        yield _unquoted(found[1])
        if not found[2]:  # the end; there is an empty match behind it
            return


def format_filter(one: Filter) -> str:
    """A filter as it is written, which reads back as the same."""
    column = one.column
    if column != column.strip() or not column or column[0] == '"' or set(column) & set("=;"):
        column = _quote(column)
    if one.values:
        return f"{column}={'|'.join(map(_format_value, one.values))}"
    return f"{column}={_told(one)}"


def _format_value(value: str) -> str:
    clear = value and value == value.strip() and value[0] != '"'
    return value if clear and ".." not in value and not set(value) & set("|;") else _quote(value)


def _quote(text: str) -> str:
    doubled = text.replace('"', '""')
    return f'"{doubled}"'


def _unquoted(text: str) -> tuple[str, bool]:
    """A column or a value without what encloses it, and whether marks did."""
    bare = text.strip()
    if re.fullmatch(_QUOTED, bare):
        return bare[1:-1].replace('""', '"'), True
    return bare, False


def _number(text: str, whole: str) -> float | None:
    if not text.strip():
        return None
    try:
        return float(text)
    except ValueError as error:
        raise InputError(
            f"“{shorten(text)}” in “{shorten(whole)}” is no number.",
            "The ends of a range are numbers; either may be left out. Text with two dots stands in "
            'quotation marks: title="to be..."',
            "For example: year=1990..2010",
        ) from error


def apply_filters(name: str, frame: pd.DataFrame, filters: Iterable[Filter]) -> IntArray:
    """Rows ``(m,)`` of ``frame`` that pass all filters, in their order.

    Raises:
        InputError: there is no such column, or no row passes.
    """
    kept = np.ones(len(frame), dtype=np.bool_)
    asked = list(filters)
    for one in asked:
        require_column(name, frame, one.column)
        kept &= _passes(frame[one.column], one)
    rows: IntArray = np.flatnonzero(kept)
    if not len(rows):
        told = "; ".join(map(format_filter, asked))
        raise InputError(
            f"No picture of “{shorten(name)}” passes the filter {shorten(told, 200)}.",
            "",
            "Take a filter away, or choose other values.",
        )
    return rows


def _passes(column: pd.Series[Any], one: Filter) -> BoolArray:
    import pandas as pd

    if one.values:
        passed: BoolArray = cells(column).isin(one.values).to_numpy(dtype=np.bool_)
        return passed
    numbers = pd.to_numeric(column, errors="coerce").to_numpy(dtype=np.float64)
    low = -np.inf if one.low is None else one.low
    high = np.inf if one.high is None else one.high
    between: BoolArray = (numbers >= low) & (numbers <= high)
    return between


def _told(one: Filter) -> str:
    """What is asked of a column, as it is written."""
    if one.values:
        return "|".join(map(_format_value, one.values))
    return "..".join("" if end is None else _exactly(end) for end in (one.low, one.high))


def _exactly(number: float) -> str:
    """A number that reads back as itself."""
    if number.is_integer() and abs(number) < _EXACT:
        return str(int(number))
    return repr(float(number))


def cells(column: pd.Series[Any]) -> pd.Series[Any]:
    """A column as the text that filters compare with: whole numbers without a point."""

    def told(value: Any) -> str:
        if value is None or (isinstance(value, float) and np.isnan(value)):
            return ""
        if isinstance(value, float) and value.is_integer():
            return str(int(value))
        return str(value)

    return column.map(told).astype("object")


def facets(frame: pd.DataFrame) -> dict[str, list[str]]:
    """Columns that tell kinds apart, with their values, the commonest first.

    These are columns with 2 to ``MAX_VALUES`` distinct values, fewer than there are rows.
    """
    found = {}
    for name in map(str, frame.columns):
        counts = cells(frame[name]).value_counts()
        values = [str(value) for value in counts.index if value != ""]
        if 2 <= len(values) <= MAX_VALUES and len(values) < len(frame):
            found[name] = values
    return found


def ranges(frame: pd.DataFrame) -> dict[str, tuple[float, float]]:
    """Columns of numbers, with their lowest and highest."""
    found = {}
    for name in map(str, frame.columns):
        if frame[name].dtype.kind in "iuf":
            numbers = frame[name].dropna()
            if len(numbers) and numbers.min() < numbers.max():
                found[name] = (float(numbers.min()), float(numbers.max()))
    return found
