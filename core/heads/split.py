"""Which items train a head, which choose its best epoch, and which are held out."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from core.base.errors import InputError
from core.base.types import BoolArray, IntArray

CHOOSING = 0.1  # share of what is not held out


@dataclass(frozen=True, slots=True)
class Split:
    """Rows of three parts.

    Attributes:
        train: those that training sees.
        choosing: those by which the best epoch is chosen; empty where there are too few, and
            training then counts by its loss.
        held_out: those that neither saw, of which the figures are.
    """

    train: IntArray
    choosing: IntArray
    held_out: IntArray


def split(
    numbers: IntArray,
    share: float,
    seed: int,
    groups: IntArray | None = None,
    held_out: BoolArray | None = None,
) -> Split:
    """Draws the parts, a like share of each class (of the first column) in each.

    Args:
        numbers: ``(n, c)`` the class of each item in each column, -1 for none; with no column
            they are drawn alike.
        share: of the items that are held out.
        groups: ``(n,)`` numbers of what must not be on two sides, as of an artist's pictures.
        held_out: ``(n,)`` which items are held out, in place of drawing them.

    Raises:
        InputError: a part would have fewer than two items.
    """
    random = np.random.default_rng(seed)
    rows = np.arange(len(numbers))
    first = numbers[:, 0] if numbers.shape[1] else np.zeros_like(rows)
    held = _drawn(first, groups, share, random) if held_out is None else rows[held_out]
    rest = np.setdiff1d(rows, held)
    of_rest = None if groups is None else groups[rest]
    choosing = rest[_drawn(first[rest], of_rest, CHOOSING, random)] if len(rest) else rest
    train = np.setdiff1d(rest, choosing)
    if min(len(train), len(held)) < 2:
        raise InputError(
            f"Of {len(rows):,} items {len(held):,} are held out and {len(train):,} train.",
            "Each part needs two items or more.",
            "Take more items, hold out another share, or split by a column with more values.",
        )
    return Split(train, choosing, held)


def _drawn(
    classes: IntArray, groups: IntArray | None, share: float, random: np.random.Generator
) -> IntArray:
    """Rows of about ``share`` of each class, or of about ``share`` of the groups."""
    if groups is not None:
        names = random.permutation(np.unique(groups))
        return np.flatnonzero(np.isin(groups, names[: round(share * len(names))]))
    drawn = []
    order = random.permutation(len(classes))
    for at in np.split(
        order[np.argsort(classes[order], kind="stable")],
        np.cumsum(np.unique(classes, return_counts=True)[1])[:-1],
    ):
        # By chance up or down, so that many small classes give their share together.
        drawn.append(at[: int(share * len(at) + random.random())])
    return np.sort(np.concatenate(drawn)) if drawn else np.empty(0, dtype=np.int64)
