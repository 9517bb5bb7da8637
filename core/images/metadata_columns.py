"""Which columns of a gallery can be told of another picture by its neighbours: kinds and numbers.

A column whose values hardly repeat tells pictures apart, not kinds of them: no neighbour can say
such a value of another picture.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from core.base.errors import counted
from core.images.filters import cells

if TYPE_CHECKING:
    import pandas as pd

MOST_VALUES = 1_000
_REPEATED = 0.5  # of the values at most so many may be distinct
_YEAR = re.compile(r"(?<!\d)(?:1\d{3}|20\d{2})(?!\d)")
_YEAR_NAME = re.compile(r"(year|date)", re.IGNORECASE)
_ID_NAME = re.compile(r"(.*[_\- ])?(id|uuid|index|number|no)", re.IGNORECASE)
_MOSTLY = 0.8  # of the texts hold a year, where a column of dates is taken for years
_FEW = 20  # numbers with at most so many distinct values are kinds


@dataclass(frozen=True, slots=True)
class KindColumn:
    """Kinds: ``values`` ``(n,)`` as text, "" where a picture has none."""

    name: str
    values: npt.NDArray[np.object_]


@dataclass(frozen=True, slots=True)
class NumberColumn:
    """Numbers: ``values`` ``(n,)``, NaN where a picture has none; ``years`` are a timeline."""

    name: str
    values: npt.NDArray[np.float64]
    years: bool


@dataclass(frozen=True, slots=True)
class LeftOut:
    """A column that no neighbour can tell, and why."""

    name: str
    reason: str


def usable(frame: pd.DataFrame) -> tuple[list[KindColumn | NumberColumn], list[LeftOut]]:
    """The columns that can be told, and those that are left out, in the order of ``frame``."""
    columns: list[KindColumn | NumberColumn] = []
    left_out: list[LeftOut] = []
    for name in map(str, frame.columns):
        found = _read(name, frame[name])
        if isinstance(found, LeftOut):
            left_out.append(found)
        else:
            columns.append(found)
    return columns, left_out


def _read(name: str, column: pd.Series) -> KindColumn | NumberColumn | LeftOut:
    texts = cells(column).to_numpy(dtype=object)
    filled = sum(bool(text) for text in texts)
    distinct = len({text for text in texts if text})
    numbers = _numbers(name, column, texts) if distinct > _FEW else None
    if why := _unfit(name, filled, distinct, numbers):
        return LeftOut(name, why)
    return KindColumn(name, texts) if numbers is None else numbers


def _unfit(name: str, filled: int, distinct: int, numbers: NumberColumn | None) -> str:
    """Why no neighbour can tell a column; "" where one can."""
    if not filled:
        return "no picture has a value"
    own = distinct == filled > 1
    if own and (numbers is None or _ID_NAME.fullmatch(name)):
        return "an id: each picture has its own value"
    if numbers is not None:
        dated = numbers.years and _YEAR_NAME.search(name)  # a picture of each year is no numbering
        return "" if dated or not _counts_up(numbers.values) else "an id: the pictures are numbered"
    if distinct > MOST_VALUES:
        return f"{counted(distinct, 'distinct value')}, more than {MOST_VALUES:,}"
    if distinct > max(2, _REPEATED * filled):
        return f"{counted(distinct, 'distinct value')} in {counted(filled, 'picture')}"
    return ""


def _numbers(name: str, column: pd.Series, texts: npt.NDArray[np.object_]) -> NumberColumn | None:
    if column.dtype.kind in "iuf":
        values = column.to_numpy(dtype=np.float64, na_value=np.nan)
        given = values[np.isfinite(values)]
        whole = bool(len(given)) and bool(((given >= 1000) & (given < 2100)).all())
        years = whole and bool((given == np.round(given)).all())
        return NumberColumn(name, np.where(np.isfinite(values), values, np.nan), years)
    if not _YEAR_NAME.search(name):
        return None
    found = [_YEAR.search(str(text)) for text in texts]
    values = np.array([np.nan if one is None else float(one[0]) for one in found])
    filled = sum(bool(text) for text in texts)
    if np.isfinite(values).sum() < _MOSTLY * filled:
        return None
    return NumberColumn(name, values, years=True)


def _counts_up(values: npt.NDArray[np.float64]) -> bool:
    given = np.sort(values[np.isfinite(values)])
    return len(given) > 1 and bool((np.diff(given) == 1).all())
