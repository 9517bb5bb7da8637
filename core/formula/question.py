"""Questions to a gallery: words, pictures, and formulas over both, as one vector.

``a red apple`` is text and taken whole. What holds square brackets, quotation marks, or a sign
between spaces is a formula: ``[photo.jpg] + night - people``. Names in brackets stand for pictures
and for kept vectors.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from core.base.errors import InputError, shorten
from core.base.types import FloatArray, Term, TermKind, TextEncoder
from core.formula.formula import parse_formula
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
    if _FORMULA.search(text):
        return parse_formula(text)
    return (Term(1.0, " ".join(text.split())),)


def says_nothing(text: str) -> bool:
    """Whether there are only spaces and marks, such as ``()``; an emoji says something."""
    return all(unicodedata.category(one)[0] in "PZC" for one in clean(text))


def bracket_name(name: str) -> str:
    """A name as it stands between square brackets, which it may not hold itself."""
    return " ".join(clean(name).replace("[", "(").replace("]", ")").split())


@dataclass(frozen=True, slots=True)
class PictureNames:
    """What the pictures of a gallery are called in square brackets.

    Attributes:
        names: of each row; no two are the same.
        rows: by these names, and by the ids.
    """

    names: list[str]
    rows: dict[str, int]

    def find(self, name: str) -> int | None:
        """The row of a picture by its name or its id, however its spaces and accents are typed."""
        row = self.rows.get(name)
        return self.rows.get(bracket_name(name)) if row is None else row


def name_pictures(ids: Sequence[str]) -> PictureNames:
    """Names for square brackets: an id that can stand there is its own name.

    Of several that would be called the same, such as ``a[1].jpg`` and ``a(1).jpg``, all but one
    get a number: ``a(1).jpg (2)``.
    """
    wanted = [bracket_name(one) or "picture" for one in ids]
    owners: dict[str, int] = {}
    for row, (one, name) in enumerate(zip(ids, wanted, strict=True)):
        if one == name:
            owners.setdefault(name, row)
    for row, name in enumerate(wanted):
        owners.setdefault(name, row)
    taken, numbers, names = set(wanted), dict.fromkeys(wanted, 1), []
    for row, name in enumerate(wanted):
        chosen = name
        while owners[name] != row and chosen in taken:
            numbers[name] += 1
            chosen = f"{name} ({numbers[name]})"
        taken.add(chosen)
        names.append(chosen)
    by_id = {one: row for row, one in enumerate(ids)}
    return PictureNames(names, by_id | {name: row for row, name in enumerate(names)})


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
            f"“{shorten(words[0])}” is text, and this space takes pictures only.",
            "Here a question is a picture, or a formula over pictures: [photo.jpg].",
            "Ask with a picture, or choose a space that takes texts too, such as minilm.",
        )
    encoded = iter([] if texts is None else [texts.encode_query(word).vectors[0] for word in words])
    resolved = []
    for term in terms:
        if term.kind is TermKind.WORD:
            resolved.append(ResolvedTerm(term, next(encoded), None, encoded=True))
            continue
        vector = find(term.text)
        if vector is None:
            raise InputError(
                f"There is no picture or kept vector called [{shorten(term.text)}] here.",
                "Names in square brackets stand for pictures of yours by their files' names, "
                "pictures of the gallery by their id, and kept vectors.",
                "Check the name; a picture of yours has to be given too.",
            )
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
