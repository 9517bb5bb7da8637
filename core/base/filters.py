"""Filters over the columns of rows, as they are written: ``color=red|blue``, ``year=1900..1950``.

Several are joined by ``;``. A value that would be read otherwise stands in quotation marks, those
in it doubled: ``kind="cats|dogs"``. So may a column. Marks that do not enclose all of it are a part
of it, as in ``size=5" disk``.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from core.base.errors import InputError, shorten

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
_EXACT = 10**15  # whole numbers below it are written without a point

_EXAMPLE = "colour=red|blue"


@dataclass(frozen=True, slots=True)
class Filter:
    """Keeps the rows whose ``column`` is one of ``values``, or from ``low`` to ``high``."""

    column: str
    values: tuple[str, ...] = ()
    low: float | None = None
    high: float | None = None


def parse_filter(text: str, example: str = _EXAMPLE) -> Filter:
    """A filter as it is written: ``COLUMN=VALUE``, ``COLUMN=A|B``, ``COLUMN=LOW..HIGH``.

    Args:
        example: of a filter, for whoever wrote none; best of the columns that are there.

    Raises:
        InputError: it is none of these, or a range that ends before it begins.
    """
    found = _ALONE.fullmatch(text)
    if found is None or not (found[1].strip() and found[2].strip()):
        raise InputError(
            f"“{shorten(text)}” is no filter.",
            "Filters are written COLUMN=VALUE, COLUMN=A|B or COLUMN=LOW..HIGH.",
            f"For example: {example}",
        )
    column, _ = _unquoted(found[1])
    parts = list(_parts(found[2]))
    low, dots, high = found[2].partition("..")
    if dots and not any(quoted for _, quoted in parts):
        return _range(column, _number(low, text), _number(high, text))
    return Filter(column, tuple(part for part, _ in parts))


def _range(column: str, low: float | None, high: float | None) -> Filter:
    if low is not None and high is not None and low > high:
        given = format_filter(Filter(column, low=low, high=high))
        turned = format_filter(Filter(column, low=high, high=low))
        raise InputError(
            f"“{shorten(given)}” has its lower end, {_exactly(low)}, above its upper one, "
            f"{_exactly(high)}.",
            "A range goes from its lower end to its upper one.",
            f"Write {turned}",
        )
    return Filter(column, low=low, high=high)


def example_filters(columns: Mapping[str, Sequence[object]]) -> str:
    """Filters as they may be written of these columns: one by its text, one by its numbers.

    Args:
        columns: names, and some values of each.
    """
    kinds: list[tuple[int, str, str]] = []
    spans: list[Filter] = []
    for name, held in columns.items():
        if texts := [one for one in held if isinstance(one, str) and one.strip()]:
            kinds.append((len({*texts}), name, min(texts, key=len)))
        elif numbers := list(_finite(held)):
            spans.append(Filter(name, low=min(numbers), high=max(numbers)))
    # The column of the fewest values tells kinds apart rather than rows.
    shown = [Filter(name, (value,)) for _, name, value in sorted(kinds)[:1]] + spans[:1]
    return "; ".join(map(format_filter, shown)) or _EXAMPLE


def _finite(values: Sequence[object]) -> Iterator[float]:
    for value in values:
        if isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value):
            yield float(value)


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
    ends = ("" if end is None else _exactly(end) for end in (one.low, one.high))
    return f"{column}={'..'.join(ends)}"


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


def _exactly(number: float) -> str:
    """A number that reads back as itself."""
    if number.is_integer() and abs(number) < _EXACT:
        return str(int(number))
    return repr(float(number))
