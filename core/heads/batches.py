"""Batches in which classes have a like share, so that each has positives; and those of views."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from core.base.types import IntArray

PER_CLASS = 8  # items that a class has in a batch, if it has so many


def epoch(
    numbers: IntArray, size: int, balance: float, random: np.random.Generator
) -> Iterator[IntArray]:
    """The rows of each batch of an epoch, which has about as many rows as there are items.

    Args:
        numbers: ``(n, c)`` the class of each item in each column, -1 for none. Batches are drawn
            by the columns in turn.
        size: rows of a batch; of fewer items all of them.
        balance: 0 draws a class as often as it has items, 1 all classes equally often.
    """
    members = [_members(column) for column in numbers.T]
    chances = [_chances(classes, balance) for classes in members]
    count = max(1, round(len(numbers) / size))
    for at in range(count):
        which = at % len(members)
        yield _batch(members[which], chances[which], min(size, len(numbers)), random)


def of_views(
    count: int, size: int, views: int, random: np.random.Generator
) -> Iterator[tuple[IntArray, IntArray]]:
    """Each batch of an epoch over all items: their rows ``(b,)``, and two views of each ``(b, 2)``.

    Args:
        size: views of a batch, two an item; at least two items are in one.
    """
    order = random.permutation(count)
    for rows in np.array_split(order, max(1, round(count / max(2, size // 2)))):
        yield rows, np.argsort(random.random((len(rows), views)), axis=1)[:, :2]


def _members(column: IntArray) -> list[IntArray]:
    """The rows of each class that has two or more."""
    order = np.argsort(column, kind="stable")
    starts = np.flatnonzero(np.diff(column[order], prepend=-2))
    groups = np.split(order, starts[1:]) if len(starts) else []
    return [rows for rows in groups if len(rows) > 1 and column[rows[0]] >= 0]


def _chances(members: Sequence[IntArray], balance: float) -> np.ndarray:
    counts = np.array([len(rows) for rows in members], dtype=np.float64) ** (1 - balance)
    chances: np.ndarray = counts / counts.sum()
    return chances


def _batch(
    members: Sequence[IntArray], chances: np.ndarray, size: int, random: np.random.Generator
) -> IntArray:
    """Rows of several classes, ``PER_CLASS`` of each or more where there are few classes."""
    wanted = min(len(members), max(2, size // PER_CLASS))
    drawn = random.choice(len(members), wanted, replace=False, p=chances)
    share = max(2, size // wanted)
    rows = [random.permutation(members[at])[:share] for at in drawn]
    return np.concatenate(rows)[:size]
