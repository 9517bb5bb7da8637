"""Filters over what is known of a gallery's pictures: ``color=red|blue``, ``year=1900..1950``."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from core.errors import InputError, shorten
from core.galleries import require_column

if TYPE_CHECKING:
    import pandas as pd

    from core.types import BoolArray, IntArray

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
    column, sign, value = text.partition("=")
    if not (sign and column.strip() and value.strip()):
        raise InputError(
            f"“{shorten(text)}” is no filter.",
            "Filters are written COLUMN=VALUE, COLUMN=A|B or COLUMN=LOW..HIGH.",
            "For example: baseColour=Red",
        )
    low, dots, high = value.partition("..")
    if dots:
        return Filter(column.strip(), low=_number(low, text), high=_number(high, text))
    return Filter(column.strip(), tuple(part.strip() for part in value.split("|")))


def _number(text: str, whole: str) -> float | None:
    if not text.strip():
        return None
    try:
        return float(text)
    except ValueError as error:
        raise InputError(
            f"“{shorten(text)}” in “{shorten(whole)}” is no number.",
            "The ends of a range are numbers; either may be left out.",
            "For example: year=1990..2010",
        ) from error


def apply_filters(name: str, frame: pd.DataFrame, filters: Iterable[Filter]) -> IntArray:
    """Rows of ``frame`` that pass all filters, in their order.

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
        told = ", ".join(f"{one.column}={_told(one)}" for one in asked)
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
    if one.values:
        return "|".join(one.values)
    return f"{'' if one.low is None else one.low:}..{'' if one.high is None else one.high:}"


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
