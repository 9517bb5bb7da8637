"""What each term and each word of a query carries of its similarity: each is left out once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from core.attribution.words import leave_out_words
from core.base import vectors as vec
from core.base.types import FloatArray, Term, TermKind, TextEncoder
from core.formula.formula import format_formula
from core.formula.resolve import ResolvedQuery


@dataclass(frozen=True, slots=True)
class QueryPart:
    """A term of a query, or a word of one.

    Attributes:
        text: as it is written.
        term: the number of the term.
        span: where the word stands in the term's text; ``None``: the whole term is left out.
        drop: how much similarity is lost without it; below 0 where the rest is more alike.
    """

    text: str
    term: int
    span: tuple[int, int] | None
    drop: float


def with_term(query: ResolvedQuery, at: int, vectors: FloatArray) -> FloatArray:
    """The unit vectors ``(m, dim)`` of a query whose term ``at`` has each of ``vectors`` instead.

    ``vectors`` is ``(m, dim)``; one of zeros leaves the term out. Where nothing is left, the row is
    zero.
    """
    others = [one for number, one in enumerate(query.terms) if number != at]
    rest = np.zeros_like(query.sum)
    for one in others:
        rest += np.float32(one.term.weight) * one.vector
    weight = query.terms[at].term.weight
    sums = (rest + np.float32(weight) * vectors).astype(np.float32)
    largest = max(abs(one.term.weight) for one in query.terms)
    sums[vec.lengths(sums) < vec.MIN_LENGTH * largest] = 0  # rounding noise, not a direction
    return vec.normalize(sums)


def leave_out(
    query: ResolvedQuery, texts: TextEncoder | None, target: FloatArray
) -> list[QueryPart]:
    """What each part of a query carries of its cosine with a unit vector ``(dim,)``.

    Args:
        texts: encodes the words; needed where a term has several.

    Returns:
        In the order of the query: of each term the whole, where there are several, then its words,
        where it has several.
    """
    whole = float(query.vector @ target)
    nothing = np.zeros((1, len(target)), dtype=np.float32)
    parts: list[QueryPart] = []
    for at, found in enumerate(query.terms):
        if len(query.terms) > 1:
            left = float((with_term(query, at, nothing) @ target)[0])
            parts.append(QueryPart(format_formula([found.term]), at, None, whole - left))
        if found.term.kind is not TermKind.WORD or texts is None:
            continue
        parts += _words(query, at, found.term, texts, target)
    return parts


def _words(
    query: ResolvedQuery, at: int, term: Term, texts: TextEncoder, target: FloatArray
) -> list[QueryPart]:
    def score(variants: Sequence[str]) -> FloatArray:
        encoded = np.concatenate([texts.encode_query(one).vectors for one in variants])
        scores: FloatArray = with_term(query, at, encoded) @ target
        return scores

    whole = float(query.vector @ target)
    return [
        QueryPart(one.text, at, (one.start, one.end), one.drop)
        for one in leave_out_words(term.text, whole, score)
    ]
