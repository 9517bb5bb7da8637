"""Which rows of a file of vectors can be words: those with a word of their own and a direction."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from core.base import vectors as vec
from core.base.errors import counted, shorten
from core.base.types import BoolArray, FloatArray
from core.readers.table_layout import LeftOut


@dataclass(frozen=True, slots=True)
class WordRows:
    """The rows that can be words, and why others cannot.

    Attributes:
        keep: ``(n,)``, which rows they are.
        left_out: how many rows are not among them, by their reasons.
        notes: the same with an example of each, a sentence a reason.
    """

    keep: BoolArray
    left_out: tuple[LeftOut, ...]
    notes: tuple[str, ...]

    @property
    def count(self) -> int:
        """How many rows can be words."""
        return int(self.keep.sum())


def find_words(words: Sequence[str], vectors: FloatArray) -> WordRows:
    """Looks at each row: its word, and its vector ``(n, dim)``. A row is told of once."""
    finite, zero = _directions(vectors)
    first = np.zeros(len(words), dtype=bool)
    first[list({word: row for row, word in reversed(list(enumerate(words)))}.values())] = True
    named = np.array([bool(word.strip()) for word in words], dtype=bool)
    told = np.zeros(len(words), dtype=bool)
    left_out, notes = [], []
    for mask, what in (
        (~finite, "with NaN or infinite numbers"),
        (zero, "of zeros only, which have no direction"),
        (~first & named, "whose word had come before (the first is kept)"),
        (~named, "with no word"),
    ):
        own = mask & ~told
        told |= mask
        if own.any():
            count = int(own.sum())
            example = shorten(words[int(np.argmax(own))], 20)
            left_out.append(LeftOut(count, f"rows {what}"))
            notes.append(f"Left out {counted(count, 'row')} (such as “{example}”) {what}.")
    return WordRows(~told, tuple(left_out), tuple(notes))


def _directions(vectors: FloatArray) -> tuple[BoolArray, BoolArray]:
    """Which rows have finite numbers only, and which of these only zeros; a block at a time."""
    finite = vec.finite_rows(vectors)
    zero = np.empty(len(vectors), dtype=bool)
    for at in range(0, len(vectors), vec.BLOCK):
        rows = slice(at, at + vec.BLOCK)
        zero[rows] = finite[rows] & ~(vectors[rows] != 0).any(axis=1)
    return finite, zero
