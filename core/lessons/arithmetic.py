"""Lesson 3: what analogies by vectors answer, and what answers without any arithmetic."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import astuple, dataclass

import numpy as np

from core.base.errors import InputError
from core.base.types import BoolArray, IntArray
from core.spaces.vocabulary import Vocabulary
from core.words.analogies import SCORES, Question

BANDS = 3


@dataclass(frozen=True, slots=True)
class Answered:
    """Questions *a is to b as c is to d*, each answered in three ways; arrays are ``(n,)``.

    Attributes:
        frequency: rank by frequency of the right answer, from 1.
        offset: whether the nearest word to ``b - a + c``, the three left out, is d.
        inputs_kept: the same with none left out.
        third_alone: whether the nearest word to c alone, the three left out, is d (Linzen 2016).
        first_is_input: whether, with none left out, one of a, b and c is nearest.
    """

    frequency: IntArray
    offset: BoolArray
    inputs_kept: BoolArray
    third_alone: BoolArray
    first_is_input: BoolArray

    def __len__(self) -> int:
        return len(self.offset)

    def by_frequency(self) -> list[tuple[int, int, float]]:
        """Three bands of questions by how frequent their answer is, the most frequent first.

        Each is the least and the highest rank by frequency, and the share answered by the offset.
        Questions of one answer stay in one band.
        """
        bands = []
        for ranks in np.array_split(np.unique(self.frequency), BANDS):
            if len(ranks):
                chosen = np.isin(self.frequency, ranks)
                share = float(self.offset[chosen].mean())
                bands.append((int(ranks[0]), int(ranks[-1]), share))
        return bands


def together(parts: Sequence[Answered]) -> Answered:
    """Several groups of questions as one; there is one at least."""
    columns = zip(*(astuple(part) for part in parts), strict=True)
    return Answered(*map(np.concatenate, columns))


def answer(vocabulary: Vocabulary, questions: Sequence[Question]) -> Answered:
    """Answers the questions whose four words are known, in all three ways.

    Raises:
        InputError: none is known.
    """
    found = [[vocabulary.row(word) for word in question] for question in questions]
    known = [[row for row in rows if row is not None] for rows in found]
    rows = np.array([four for four in known if len(four) == 4], dtype=np.int64)
    if not len(rows):
        raise InputError(
            "This embedding model knows none of the questions' words.",
            "All four words of a question must be among its words.",
            "Choose another embedding model.",
        )
    step = max(1, SCORES // len(vocabulary))
    parts = [_answer(vocabulary, rows[at : at + step]) for at in range(0, len(rows), step)]
    return Answered(
        rows[:, 3] + 1, *(np.concatenate(columns) for columns in zip(*parts, strict=True))
    )


def _answer(vocabulary: Vocabulary, rows: IntArray) -> tuple[BoolArray, ...]:
    """For questions ``(n, 4)`` the columns of ``Answered`` after the first, ``(n,)`` each."""
    vectors, right = vocabulary.vectors, rows[:, 3]
    wanted = vectors[rows[:, 1]] - vectors[rows[:, 0]] + vectors[rows[:, 2]]
    scores = wanted @ vectors.T
    kept = scores.argmax(axis=1)
    np.put_along_axis(scores, rows[:, :3], -np.inf, axis=1)
    offset = scores.argmax(axis=1)
    alone = vectors[rows[:, 2]] @ vectors.T
    np.put_along_axis(alone, rows[:, :3], -np.inf, axis=1)
    third = alone.argmax(axis=1)
    is_input = (rows[:, :3] == kept[:, None]).any(axis=1)
    return offset == right, kept == right, third == right, is_input
