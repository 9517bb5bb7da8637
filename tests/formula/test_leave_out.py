"""Leaving terms and words out of a query."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest

from core.base import vectors as vec
from core.base.types import Encoded, FloatArray, Modality, Space, Term, TermKind
from core.formula.leave_out import leave_out, with_term
from core.formula.question import resolve_query

DIRECTIONS = {"red": [1, 0, 0], "apple": [0, 1, 0], "sky": [0, 0, 1]}
PICTURE = np.array([0, 0, 1], np.float32)


class Sums:
    """A text is the sum of its words' directions."""

    space = Space("sums", "Sums", 3, (Modality.TEXT,))
    chunk = 8

    def encode_texts(self, texts: Sequence[str]) -> Encoded:
        rows = [np.sum([DIRECTIONS[word] for word in text.split()], axis=0) for text in texts]
        vectors = vec.normalize(np.array(rows, np.float32))
        return Encoded(vectors, np.ones(len(rows), np.float32), np.zeros(len(rows), np.bool_))

    def encode_query(self, text: str) -> Encoded:
        return self.encode_texts([text])


def find(name: str) -> FloatArray:
    return PICTURE


def test_the_word_that_points_to_the_result_carries_it() -> None:
    query = resolve_query([Term(1.0, "red apple")], Sums(), find)
    parts = leave_out(query, Sums(), np.array([0, 1, 0], np.float32))
    assert [one.text for one in parts] == ["red", "apple"]
    half = np.sqrt(0.5)
    assert [one.drop for one in parts] == pytest.approx([half - 1, half], abs=1e-6)
    assert parts[1].span == (4, 9)


def test_terms_are_left_out_whole_and_words_within_them() -> None:
    terms = [Term(1.0, "red apple"), Term(2.0, "p.jpg", TermKind.ITEM)]
    query = resolve_query(terms, Sums(), find)
    parts = leave_out(query, Sums(), PICTURE)
    assert [(one.text, one.term, one.span is None) for one in parts] == [
        ("red apple", 0, True),
        ("red", 0, False),
        ("apple", 0, False),
        ("2*[p.jpg]", 1, True),
    ]
    whole = 2 / np.sqrt(5)
    assert parts[0].drop == pytest.approx(whole - 1, abs=1e-6)
    assert parts[3].drop == pytest.approx(whole, abs=1e-6)


def test_what_leaves_nothing_has_no_similarity() -> None:
    terms = [Term(1.0, "red"), Term(-1.0, "red"), Term(1.0, "sky")]
    query = resolve_query(terms, Sums(), find)
    nothing = np.zeros((1, 3), np.float32)
    assert with_term(query, 2, nothing).tolist() == [[0, 0, 0]]
    assert leave_out(query, Sums(), PICTURE)[2].drop == pytest.approx(1)
