"""Questions to a gallery: words, pictures, and formulas over both, as one vector.

``a red apple`` is text and taken whole. What holds square brackets, quotation marks, or a sign
between spaces is a formula: ``[photo.jpg] + night - people``; an analogy is one too. Names in
brackets stand for pictures and for kept vectors.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Sequence

import numpy as np

from core.base.errors import InputError, shorten
from core.base.types import FloatArray, Term, TermKind, TextEncoder
from core.formula.formula import parse_formula
from core.formula.names import unknown_name
from core.formula.notations import is_analogy
from core.formula.resolve import ResolvedQuery, ResolvedTerm, add_up
from core.formula.tokens import clean

_FORMULA = re.compile(r"[\[\]\"“”«»]|\s[-+*/−–](\s|$)|^\s*[-+−]|\d\s*\*")
Find = Callable[[str], FloatArray | None]
# Rocchio's weights as the field uses them (Manning, Raghavan & Schütze 2008, section 9.1.1).
MORE, LESS = 0.75, 0.15


def read_query(text: str) -> tuple[Term, ...]:
    """The terms of a question.

    Raises:
        InputError: it is empty.
        FormulaError: it is a formula that cannot be read.
    """
    if says_nothing(text) and not _FORMULA.search(text):
        raise InputError(
            "There is nothing to search for.", "Words or a picture are needed.", "Type some words."
        )
    if is_formula(text):
        return parse_formula(text)
    return (Term(1.0, " ".join(text.split())),)


def is_formula(text: str) -> bool:
    """Whether ``read_query`` takes it apart: it has signs, brackets or quotation marks."""
    return bool(_FORMULA.search(text)) or is_analogy(text)


def says_nothing(text: str) -> bool:
    """Whether there are only spaces and marks, such as ``()``; an emoji says something."""
    return all(unicodedata.category(one)[0] in "PZC" for one in clean(text))


def resolve_query(terms: Sequence[Term], texts: TextEncoder | None, find: Find) -> ResolvedQuery:
    """Encodes the words, finds the names, and adds them up.

    Args:
        texts: encodes the words; ``None`` where the space takes pictures only.
        find: the unit vector ``(dim,)`` of what a name in brackets stands for, ``None`` where it
            stands for nothing.

    Raises:
        InputError: a name stands for nothing, or there are words and the space takes none.
        FormulaError: the weighted sum has no direction.
    """
    words = [term.text for term in terms if term.kind is TermKind.WORD]
    if words and texts is None:
        raise InputError(
            f"“{shorten(words[0])}” is text, and this embedding model takes pictures only.",
            "Here a query is a picture, or a formula over pictures: [photo.jpg].",
            "Ask with a picture, or choose a model that takes texts too, such as minilm.",
        )
    encoded = iter([] if texts is None else [texts.encode_query(word).vectors[0] for word in words])
    resolved = []
    for term in terms:
        if term.kind is TermKind.WORD:
            resolved.append(ResolvedTerm(term, next(encoded), None, encoded=True))
            continue
        vector = find(term.text)
        if vector is None:
            raise unknown_name(term.text)
        resolved.append(ResolvedTerm(term, vector, None, encoded=False))
    return add_up(resolved)


def move(base: ResolvedQuery, more: Sequence[str], less: Sequence[str]) -> tuple[Term, ...]:
    """A question moved towards some pictures and away from others, as terms.

    ``unit(q) + 0.75 * mean(more) - 0.15 * mean(less)`` (Rocchio 1971), where each picture is named
    by its id. The terms of the question are scaled so that they add up to length 1.
    """
    length = float(np.linalg.norm(base.sum))
    weights: dict[tuple[TermKind, str], float] = {}

    def add(kind: TermKind, text: str, weight: float) -> None:
        weights[kind, text] = weights.get((kind, text), 0.0) + weight

    for found in base.terms:
        add(found.term.kind, found.term.text, found.term.weight / length)
    for names, weight in ((more, MORE), (less, -LESS)):
        for name in names:
            add(TermKind.ITEM, name, weight / len(names))
    rounded = {key: float(f"{weight:.4g}") for key, weight in weights.items()}
    return tuple(Term(weight, text, kind) for (kind, text), weight in rounded.items() if weight)
