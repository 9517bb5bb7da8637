"""Filters over what is known of a gallery's pictures (``core.base.filters``)."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

import numpy as np

from core.base.errors import InputError, shorten
from core.base.filters import Filter, format_filter
from core.images.gallery import require_column

if TYPE_CHECKING:
    import pandas as pd

    from core.base.types import BoolArray, IntArray

MAX_VALUES = 200  # a column with more distinct texts tells pictures apart rather than kinds


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
