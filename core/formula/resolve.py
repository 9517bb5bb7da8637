"""A query: weighted terms resolved to one unit vector of a space."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from core.base import vectors as vec
from core.base.errors import FormulaError, InputError, UnknownTermError, shorten
from core.base.types import Encoder, FloatArray, Term, TermKind
from core.formula.formula import quote
from core.spaces.vocabulary import Vocabulary


@dataclass(frozen=True, slots=True)
class ResolvedTerm:
    """A term with its unit vector.

    Attributes:
        row: the vocabulary row it was found at, ``None`` if it was encoded or kept.
        encoded: true if the vocabulary does not have it and the encoder made its vector.
    """

    term: Term
    vector: FloatArray
    row: int | None
    encoded: bool


@dataclass(frozen=True, slots=True)
class ResolvedQuery:
    """Terms with their vectors, and the unit vector ``(dim,)`` of their weighted sum."""

    terms: tuple[ResolvedTerm, ...]
    sum: FloatArray
    vector: FloatArray

    @property
    def rows(self) -> tuple[int, ...]:
        """Vocabulary rows of the terms, for leaving the input words out of the answer."""
        return tuple(term.row for term in self.terms if term.row is not None)


def resolve(
    terms: tuple[Term, ...],
    vocabulary: Vocabulary,
    *,
    encoder: Encoder | None = None,
    items: Mapping[str, FloatArray] | None = None,
) -> ResolvedQuery:
    """Finds or encodes every term and adds them up: ``v = normalize(sum of weight * unit)``.

    Args:
        terms: what ``parse_formula`` gave.
        vocabulary: where words are looked up; its vectors may be centered.
        encoder: encodes words the vocabulary lacks; ``None`` makes those an error.
        items: unit vectors ``(dim,)`` by name, for ``[name]`` terms.

    Raises:
        UnknownTermError: a term is neither known nor can it be encoded.
        FormulaError: the weighted sum has no direction.
        InputError: a ``[name]`` is none of ``items``, or of another number of dimensions.
    """
    resolved = [_find(term, vocabulary, items or {}) for term in terms]
    missing = [at for at, found in enumerate(resolved) if found is None]
    if missing:
        texts = [terms[at].text for at in missing]
        if encoder is None:
            raise unknown_word(texts[0], vocabulary)
        for at, vector in zip(missing, encoder.encode(texts), strict=True):
            resolved[at] = ResolvedTerm(terms[at], vocabulary.shift(vector), None, encoded=True)
    return add_up([found for found in resolved if found is not None])


def add_up(known: Sequence[ResolvedTerm]) -> ResolvedQuery:
    """The weighted sum of terms: ``v = normalize(sum of weight * unit)``.

    Raises:
        FormulaError: the sum has no direction.
    """
    # Only the proportions of the weights matter; scaled, tiny ones do not vanish in the square.
    largest = max(abs(found.term.weight) for found in known)
    weights = np.array([found.term.weight / largest for found in known], dtype=np.float32)
    total = weights @ np.stack([found.vector for found in known])
    length = float(np.sqrt(total @ total))
    if length < vec.MIN_LENGTH:
        raise FormulaError(
            "The terms add up to a vector of length zero, which points nowhere.",
            "The terms must differ in direction.",
            "Change a sign or a weight.",
        )
    return ResolvedQuery(tuple(known), total * np.float32(largest), total / np.float32(length))


def unknown_word(word: str, vocabulary: Vocabulary) -> UnknownTermError:
    """The error for a word that ``vocabulary`` lacks, with near spellings."""
    near = vocabulary.suggest(word)
    remedy = spaced(word, vocabulary) or (
        f"Did you mean {', '.join(map(quote, near))}?"
        if near
        else "Try another word, or an embedding model that encodes any text."
    )
    return UnknownTermError(
        f"“{shorten(word)}” is not among the {len(vocabulary):,} words of "
        f"{vocabulary.space.title}.",
        "",
        remedy,
        word,
    )


def spaced(word: str, vocabulary: Vocabulary) -> str:
    """How to write ``king-man`` to mean a subtraction; empty where that cannot be meant."""
    pieces = word.split("-")
    if len(pieces) < 2 or not all(piece in vocabulary for piece in pieces):
        return ""
    return f"To subtract, put spaces around the sign: {' - '.join(pieces)}"


def _find(
    term: Term,
    vocabulary: Vocabulary,
    items: Mapping[str, FloatArray],
) -> ResolvedTerm | None:
    if term.kind is TermKind.ITEM:
        if term.text not in items:
            names = ", ".join(f"[{name}]" for name in list(items)[:8]) or "nothing yet"
            raise InputError(
                f"There is nothing called [{shorten(term.text)}] for this embedding model.",
                f"Saved here: {names}.",
                "Save a vector first, or leave the square brackets out to mean a word.",
            )
        vector = items[term.text]
        if vector.shape != (vocabulary.space.dim,):
            raise InputError(
                f"[{term.text}] has {vector.size} numbers.",
                f"{vocabulary.space.title} has vectors of {vocabulary.space.dim}.",
                "Use a vector of the same embedding model.",
            )
        return ResolvedTerm(term, vocabulary.shift(vector), None, encoded=False)
    row = vocabulary.row(term.text)
    if row is None:
        return None
    return ResolvedTerm(term, vocabulary.vectors[row], row, encoded=False)
