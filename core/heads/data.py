"""What a head is trained on: vectors with their labels, of which those without any are left out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from core.base.errors import InputError
from core.base.types import BoolArray, FloatArray, IntArray
from core.heads.label_texts import LabelTexts
from core.heads.labels import Labels, require_trainable
from core.storage import data_home


@dataclass(frozen=True, slots=True)
class Data:
    """Items with a vector and one label or more each, or with views of each.

    Attributes:
        vectors: ``(n, d)`` float32, unit, of the base.
        labels: a characteristic each, of ``n`` items; with views there may be none.
        rows: ``(n,)`` where each item stands in what it was taken from.
        left_out: items that have no label in any column, or no finite vector.
        groups: ``(n,)`` numbers of what must not be on two sides of the split, if anything.
        held_out: ``(n,)`` which items are held out, where that is not drawn.
        texts: of pictures, what is trained along, where the base takes texts too.
        views: ``(n, v, d)`` unit vectors of augmented views of pictures, where these are what a
            head is trained on; labels are then for figures alone.
    """

    vectors: FloatArray
    labels: tuple[Labels, ...]
    rows: IntArray
    left_out: int = 0
    groups: IntArray | None = None
    held_out: BoolArray | None = None
    texts: LabelTexts | None = None
    views: FloatArray | None = None

    def __len__(self) -> int:
        return len(self.vectors)

    @property
    def numbers(self) -> IntArray:
        """``(n, c)`` the class of each item in each column, -1 for none."""
        return _numbers(self.labels, len(self))

    @property
    def first(self) -> Labels:
        """The first column, which colours and sorts what is shown; one class without any."""
        return (
            self.labels[0]
            if self.labels
            else Labels("", ("all",), np.zeros(len(self), dtype=np.int64))
        )

    @property
    def digest(self) -> str:
        """Stands for vectors, labels and how they are parted."""
        parts: list[bytes | memoryview] = [self.vectors.data, self.numbers.tobytes()]
        for labels in self.labels:
            parts += data_home.as_bytes([labels.column, *labels.classes])
        parts += [b"" if one is None else one.tobytes() for one in (self.groups, self.held_out)]
        parts += [] if self.texts is None else [self.texts.digest]
        parts += [] if self.views is None else [np.ascontiguousarray(self.views).data]
        return data_home.digest_bytes(*parts)


def prepare(  # noqa: PLR0913
    vectors: FloatArray,
    labels: Sequence[Labels],
    groups: Labels | None = None,
    held_out: BoolArray | None = None,
    texts: LabelTexts | None = None,
    *,
    label_free: bool = False,
) -> Data:
    """The items that a head can be trained on; an item needs a label in one of the columns.

    Args:
        vectors: ``(n, d)``, unit.
        groups: a column whose values must not be on two sides; who has none is its own group.
        held_out: ``(n,)`` which items are held out, where that is not drawn.
        texts: of pictures, what is trained along; captions are of all ``n``.
        label_free: whether views will be trained on, so that no label is needed.

    Raises:
        InputError: no column is given, or nothing can be learnt from one of them.
    """
    if not (labels or label_free):
        raise InputError(
            "No column is chosen.", "At least one says what is alike.", "Choose a column."
        )
    for one in labels:
        require_trainable(one)
    numbers = _numbers(labels, len(vectors))
    wanted = label_free | (numbers >= 0).any(axis=1)
    rows = np.flatnonzero(wanted & np.isfinite(vectors).all(axis=1))
    kept = tuple(one.take(rows) for one in labels)
    for one in kept:
        require_trainable(one)
    every = len(rows) == len(vectors)  # they are large, and copied only where some are left out
    return Data(
        np.ascontiguousarray(vectors if every else vectors[rows], np.float32),
        kept,
        rows,
        len(vectors) - len(rows),
        None if groups is None else _groups(groups.numbers)[rows],
        None if held_out is None else held_out[rows],
        None if texts is None else texts.take(rows),
    )


def _numbers(labels: Sequence[Labels], count: int) -> IntArray:
    """``(count, c)`` the class of each item in each of ``c`` columns."""
    none = np.zeros((count, 0), dtype=np.int64)
    return np.stack([one.numbers for one in labels], axis=1) if labels else none


def _groups(numbers: IntArray) -> IntArray:
    """Numbers of groups, where -1 stood one of its own for each."""
    alone = numbers.max(initial=-1) + 1 + np.arange(len(numbers))
    return np.where(numbers >= 0, numbers, alone)
