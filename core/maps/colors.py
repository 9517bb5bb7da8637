"""What the points of a map are coloured by: kinds, numbers or dates of their metadata."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from core.base.errors import shorten
from core.base.types import FloatArray, IntArray
from core.maps import list_columns

if TYPE_CHECKING:
    import pandas as pd

KINDS = 1_000  # with a line each in the legend; what is rarer counts as “others”
FEW = 12  # different whole numbers up to here are kinds, such as classes or stars
NO_VALUE, OTHERS, NO_TAG = "no value", "others", "no tag"
BEFORE, NEW = "before", "new"  # the kinds of rows where some were placed on a map later
_NAME = 40


@dataclass(frozen=True, slots=True)
class Coloring:
    """A colour for each of ``n`` points.

    Attributes:
        title: what it stands for; "" for one colour.
        codes: ``(n,)`` of kinds, into ``names``; ``None`` for numbers.
        names: of the kinds, the most frequent first; "no value" and "others" come last.
        numbers: ``(n,)``, NaN where there is none; ``None`` for kinds.
        ticks: where the colour bar is marked, and with what; empty for plain numbers.
        blank: the code of those that are of no kind.
        members: what the kinds are made of, where a point may have several, such as its tags.
        parts: of each kind the codes of its ``members``.
    """

    title: str = ""
    codes: IntArray | None = None
    names: tuple[str, ...] = ()
    numbers: FloatArray | None = None
    ticks: tuple[tuple[float, str], ...] = ()
    blank: int | None = None
    members: tuple[str, ...] = ()
    parts: tuple[tuple[int, ...], ...] = ()

    def take(self, rows: IntArray) -> Coloring:
        """The colours of some of the points, in the order of ``rows`` ``(m,)``."""
        return replace(
            self,
            codes=None if self.codes is None else self.codes[rows],
            numbers=None if self.numbers is None else self.numbers[rows],
        )


PLAIN = Coloring()


def columns_to_color(frame: pd.DataFrame) -> list[str]:
    """The columns that say something about several points: not those whose texts all differ.

    Whole numbers that all differ, such as ids, come last: the first column is chosen at first.
    """
    from pandas.api import types

    found: list[str] = []
    last: list[str] = []
    for name in frame.columns:
        column = frame[name]
        numeric = types.is_numeric_dtype(column) or types.is_datetime64_any_dtype(column)
        kinds = _kinds(column)
        if kinds <= (len(frame) if numeric else _most(frame)):
            numbered = types.is_integer_dtype(column) and kinds == len(frame)
            (last if numbered else found).append(str(name))
    return found + last


def _kinds(column: pd.Series[object]) -> int:
    """How many different values a column has; of lists, how many different names."""
    lists = list_columns.names_in(column)
    if lists is not None:
        return len({name for names in lists for name in names})
    return int(column.map(_hashable).nunique(dropna=True))


def numeric_columns(frame: pd.DataFrame) -> list[str]:
    """The columns of numbers, those of true and false aside."""
    from pandas.api import types

    return [
        str(name)
        for name in frame.columns
        if types.is_numeric_dtype(frame[name]) and not types.is_bool_dtype(frame[name])
    ]


def _most(frame: pd.DataFrame) -> int:
    return max(1, min(1_000, len(frame) // 2))


def color_by(title: str, column: pd.Series[object]) -> Coloring:
    """The colouring by a column: numbers and dates on a scale, all else by kind.

    Of lists the kinds are the sets of names that occur, and each point has several ``members``.
    """
    import pandas as pd
    from pandas.api import types

    if types.is_datetime64_any_dtype(column):
        return _by_date(title, column)
    if (lists := list_columns.names_in(column)) is not None:
        return by_names(title, lists)
    if types.is_bool_dtype(column) or not types.is_numeric_dtype(column):
        return by_kind(
            title, ["" if pd.isna(cell) else str(cell) for cell in map(_hashable, column)]
        )
    numbers = pd.to_numeric(column).to_numpy(dtype=np.float64, na_value=np.nan)
    numbers = np.where(np.isfinite(numbers), numbers, np.nan)
    held = numbers[np.isfinite(numbers)]
    if len(np.unique(held)) <= FEW and (held == np.round(held)).all():
        return by_kind(title, ["" if np.isnan(n) else f"{n:.0f}" for n in numbers])
    return by_number(title, numbers)


def by_number(title: str, numbers: Sequence[float] | FloatArray) -> Coloring:
    """Numbers ``(n,)`` on a scale."""
    return Coloring(title, numbers=np.asarray(numbers, dtype=np.float32))


def by_kind(
    title: str, kinds: Sequence[str], *, others: str = OTHERS, none: str = NO_VALUE
) -> Coloring:
    """The most frequent kinds by colour and shape; empty texts are of none."""
    counts = Counter(kind for kind in kinds if kind)
    kept = [kind for kind, _ in sorted(counts.items(), key=lambda pair: (-pair[1], pair[0]))]
    rare = len(kept) - KINDS
    kept = kept[: KINDS - 1] if rare > 0 else kept
    place = {kind: code for code, kind in enumerate(kept)}
    names = [shorten(kind, _NAME) for kind in kept]
    if rare > 0:
        names.append(f"{others} ({rare + 1:,} kinds)")
    if "" in kinds:
        place[""] = len(names)
        names.append(none)
    return Coloring(
        title,
        np.array([place.get(kind, len(kept)) for kind in kinds], dtype=np.int64),
        tuple(names),
        blank=place.get(""),
    )


def by_names(title: str, cells: Sequence[Sequence[str]], *, none: str = NO_VALUE) -> Coloring:
    """By what each point has of several, such as tags: a kind for each set of them that occurs.

    Args:
        cells: the names of each point; empty for none.
    """
    # Different sets are never told alike.
    between = " · " if any(", " in name for names in cells for name in names) else ", "
    texts = [between.join(names) for names in cells]
    found = by_kind(title, texts, none=none)
    if found.codes is None:
        raise AssertionError  # by_kind has them
    sets: dict[int, Sequence[str]] = {}
    for code, names in zip(found.codes.tolist(), cells, strict=True):
        sets.setdefault(code, names)
    if _has_rare(texts):
        sets[KINDS - 1] = [found.names[KINDS - 1]]  # which are told by that alone
    sets = {code: names or [none] for code, names in sets.items()}
    members = sorted({name for names in sets.values() for name in names} - {none})
    members += [none] if found.blank is not None else []
    place = {name: code for code, name in enumerate(members)}
    return replace(
        found,
        members=tuple(members),
        parts=tuple(tuple(place[name] for name in sets[code]) for code in range(len(found.names))),
    )


def _has_rare(kinds: Sequence[str]) -> bool:
    """Whether ``by_kind`` has a kind for others."""
    return len({kind for kind in kinds if kind}) > KINDS


def _by_date(title: str, column: pd.Series[object]) -> Coloring:
    import pandas as pd

    stamps = pd.to_datetime(column, utc=True)
    days = (stamps - pd.Timestamp("1970-01-01", tz="UTC")) / pd.Timedelta(days=1)
    numbers = days.to_numpy(dtype=np.float64, na_value=np.nan)
    if not np.isfinite(numbers).any():
        return by_kind(title, [""] * len(numbers))
    marks = np.linspace(np.nanmin(numbers), np.nanmax(numbers), 5)
    told = [pd.Timestamp(mark, unit="D").strftime("%Y-%m-%d") for mark in marks]
    ticks = tuple(zip(marks.tolist(), told, strict=True))
    return Coloring(title, numbers=numbers.astype(np.float32), ticks=ticks)


def _hashable(cell: object) -> object:
    """Cells of lists and arrays are told by their text."""
    return cell if cell is None or isinstance(cell, str | int | float | bool) else str(cell)
