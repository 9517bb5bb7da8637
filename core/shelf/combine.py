"""Combining kept vectors by a formula over their names."""

from __future__ import annotations

from core.base.errors import InputError, shorten
from core.base.types import Term, TermKind
from core.formula.formula import format_formula, parse_formula
from core.formula.resolve import ResolvedTerm, add_up
from core.shelf.kept import Kept
from core.shelf.shelf import NEVER, Shelf


def combine(shelf: Shelf, formula: str, name: str = "") -> Kept:
    """Keeps the unit vector of a formula over names of one space: ``[a] + 0.5*[b] - [c]``.

    Its picture is that of the heaviest term that has one.

    Raises:
        FormulaError: the formula cannot be read, or its sum has no direction.
        InputError: it holds words, names that are not here, or names of two spaces.
    """
    terms = parse_formula(formula)
    named = [(term, _named(shelf, term)) for term in terms]
    first = named[0][1]
    for _, item in named[1:]:
        if (item.space, item.vector.shape) != (first.space, first.vector.shape):
            raise InputError(
                f"[{first.name}] is {_of(first)}, [{item.name}] {_of(item)}.",
                f"{NEVER} So they cannot be added either.",
                "Name vectors of one embedding model only.",
            )
    found = add_up([ResolvedTerm(term, item.vector, None, encoded=False) for term, item in named])
    heaviest = sorted(named, key=lambda pair: -pair[0].weight)
    pictures = [item.picture for term, item in heaviest if term.weight > 0 and item.picture]
    made = format_formula(terms)
    return shelf.keep(
        first.space, found.vector, made, name, title=first.title, picture=next(iter(pictures), b"")
    )


def _named(shelf: Shelf, term: Term) -> Kept:
    item = shelf.find(term.text)
    if term.kind is TermKind.WORD:
        raise InputError(
            f"“{shorten(term.text)}” is a word, and here saved vectors are combined.",
            "Their names stand in square brackets: [a] + 0.5*[b] - [c]",
            f"Write [{shorten(term.text)}] to mean what is saved."
            if item is not None
            else "Words and saved vectors are added on the page Words.",
        )
    if item is None:
        known = ", ".join(f"[{one.name}]" for one in shelf.items[:8])
        raise InputError(
            f"There is nothing called [{shorten(term.text)}] among the saved vectors.",
            f"Saved: {known or 'nothing yet'}.",
            "Check the name.",
        )
    return item


def _of(item: Kept) -> str:
    return f"of the embedding model {item.space_title} ({item.vector.size} numbers)"
