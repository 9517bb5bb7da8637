"""Formulas as people write them, read into weighted terms (grammar: ``formula_reader``)."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable

from core.base.errors import FormulaError, shorten
from core.base.types import Term, TermKind
from core.formula.grammar import Reader
from core.formula.notations import as_formula
from core.formula.tokens import Kind, Token, tokenize


def parse_formula(
    formula: str, is_word: Callable[[str], bool] = lambda text: False
) -> tuple[Term, ...]:
    """Terms of ``formula`` in the order they first appear; equal terms are added up.

    An analogy, such as ``man : king :: woman : ?``, is read as what it asks for (``notations``).

    ``is_word`` tells whether a run with hyphens or slashes is a word of the vocabulary.

    Raises:
        FormulaError: the formula is empty, unbalanced, too long, or multiplies two words.
    """
    tokens = tokenize(as_formula(formula), is_word)
    if not tokens:
        raise FormulaError(
            "The formula is empty.",
            "It needs at least one word.",
            "Type, for example: king - man + woman",
        )
    if not any(token.kind in (Kind.WORD, Kind.NAME) for token in tokens):
        raise _no_word(formula, tokens)
    total = Reader(tokens).read()
    terms = tuple(Term(weight, text, kind) for (kind, text), weight in total.items() if weight != 0)
    if not terms:
        raise FormulaError(
            f"The terms of “{shorten(formula)}” cancel out, which leaves no direction.",
            "At least one term must remain.",
            "Change a sign or a weight.",
        )
    return terms


def format_formula(terms: Iterable[Term]) -> str:
    """``terms`` as a formula that ``parse_formula`` reads back to the same terms."""
    parts: list[str] = []
    for term in terms:
        size = abs(term.weight)
        text = f"[{term.text}]" if term.kind is TermKind.ITEM else quote(term.text)
        body = text if size == 1 else f"{format_weight(size)}*{text}"
        sign = "-" if term.weight < 0 else "+"
        parts.append(f"{sign} {body}" if parts else (f"-{body}" if sign == "-" else body))
    return " ".join(parts)


def format_weight(weight: float) -> str:
    """The shortest decimal that reads back as the same number."""
    return repr(weight).removesuffix(".0")


def quote(text: str) -> str:
    """``text`` in quotation marks where it would not be read as plain words."""
    plain = re.fullmatch(r"[^\W\d_][\w’]*(?:'[\w’]+)*(?: [^\W\d_][\w’]*)*", text)
    if plain:
        return text
    return f'"{text}"' if '"' not in text else f"«{text}»"


def _no_word(formula: str, tokens: list[Token]) -> FormulaError:
    if any(token.kind is Kind.NUMBER for token in tokens):
        return FormulaError(
            f"“{shorten(formula)}” has only numbers.",
            "A number is the weight of a word, as in 0.5*cat.",
            f"Add a word; to look a number up as a word, put it in quotes: "
            f'"{next(t.text for t in tokens if t.kind is Kind.NUMBER)}".',
        )
    return FormulaError(
        f"“{shorten(formula)}” has no word in it.",
        "Signs and brackets need words between them.",
        "Type, for example: king - man + woman",
    )
