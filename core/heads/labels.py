"""Characteristics: columns that say of each item which class it is of."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from core.base.errors import InputError, shorten
from core.base.types import IntArray
from core.images.filters import cells

if TYPE_CHECKING:
    import pandas as pd

MAX_CLASSES = 10_000


@dataclass(frozen=True, slots=True)
class Labels:
    """The classes of ``n`` items by one column.

    Attributes:
        classes: the column's values, in the order of the alphabet.
        numbers: ``(n,)`` each item's place in ``classes``; -1 where the column has no value.
    """

    column: str
    classes: tuple[str, ...]
    numbers: IntArray

    @property
    def missing(self) -> int:
        """How many items have no value."""
        return int((self.numbers < 0).sum())

    @property
    def counts(self) -> IntArray:
        """``(c,)`` items of each class."""
        return np.bincount(self.numbers[self.numbers >= 0], minlength=len(self.classes))

    def take(self, rows: IntArray) -> Labels:
        """Of some items ``(m,)``; the classes stay as they are."""
        return Labels(self.column, self.classes, self.numbers[rows])


def read_labels(frame: pd.DataFrame, column: str) -> Labels:
    """The classes that a column of a table gives its rows; empty cells and NaN give none.

    Raises:
        InputError: there is no such column.
    """
    if column not in frame.columns:
        known = ", ".join(shorten(str(name), 30) for name in frame.columns[:30]) or "none"
        raise InputError(
            f"There is no column “{shorten(column)}”.", f"There are: {known}.", "Name one of these."
        )
    return label(column, [str(value).strip() for value in cells(frame[column])])


def label(column: str, values: Sequence[str]) -> Labels:
    """The classes of items by one text each; an empty one is no value."""
    given = np.array(values, dtype=np.str_)
    classes, numbers = np.unique(given, return_inverse=True)
    numbers = numbers.astype(np.int64)
    if len(classes) and classes[0] == "":
        classes, numbers = classes[1:], numbers - 1  # no value is -1
    return Labels(column, tuple(classes.tolist()), numbers)


def require_trainable(labels: Labels) -> None:
    """Refuses a column that nothing can be learnt from.

    Raises:
        InputError: it has one class, more than ``MAX_CLASSES``, or no class twice.
    """
    name, counts = shorten(labels.column), labels.counts[labels.counts > 0]
    if len(counts) < 2:
        raise InputError(
            f"“{name}” has {'one' if len(counts) else 'no'} class.",
            "At least two classes are needed, so that there is something to tell apart.",
            "Choose another column.",
        )
    if (counts > 1).sum() == 0:
        raise InputError(
            f"Each of the {len(counts):,} values of “{name}” occurs once.",
            "Classes with two items or more are needed: what is alike is learnt from pairs.",
            "Choose a column whose values repeat.",
        )
    if len(counts) > MAX_CLASSES:
        raise InputError(
            f"“{name}” has {len(counts):,} classes.",
            f"At most {MAX_CLASSES:,} can be trained on.",
            "Choose another column.",
        )


def usable_columns(frame: pd.DataFrame) -> dict[str, Labels]:
    """The columns of a table that ``require_trainable`` takes, by name."""
    usable = {}
    for name in frame.columns:
        labels = read_labels(frame, name)
        try:
            require_trainable(labels)
        except InputError:
            continue
        usable[str(name)] = labels
    return usable
