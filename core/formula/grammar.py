"""The grammar of formulas, read by recursive descent into sums of weighted terms.

    sum     := [sign] product (sign product)*
    product := factor (("*" | "/") factor)*      one factor at most is not a number
    factor  := number [factor] | phrase | "[" name "]" | "(" sum ")" | "-" factor

A phrase is one or more words side by side, or quoted text. ``0.5 cat`` means ``0.5*cat``.
"""

from __future__ import annotations

import math

from core.base.errors import FormulaError, shorten
from core.base.types import TermKind
from core.formula.tokens import Kind, Token

MAX_TERMS = 500
MAX_DEPTH = 50
MAX_WEIGHT = 1e6

# Weights by term; a bare float is a number that has not met its word yet.
Sum = dict[tuple[TermKind, str], float]


class Reader:
    """Recursive descent over the tokens; each method reads one rule of the grammar."""

    def __init__(self, tokens: list[Token]) -> None:
        self.tokens = tokens
        self.at = 0
        self.depth = 0
        self.count = 0

    def read(self) -> Sum:
        """The whole formula as one sum."""
        total = self._sum()
        token = self._peek()
        if token is not None:
            raise self._unexpected(token)
        return total

    def _peek(self) -> Token | None:
        return self.tokens[self.at] if self.at < len(self.tokens) else None

    def _take_sign(self, signs: str) -> str | None:
        token = self._peek()
        if token is not None and token.kind is Kind.SIGN and token.text in signs:
            self.at += 1
            return token.text
        return None

    def _sum(self) -> Sum:
        total: Sum = {}
        sign = self._take_sign("+-") or "+"
        while True:
            part = self._product()
            if isinstance(part, float):
                raise FormulaError(
                    f"The number {part:g} stands alone in the formula.",
                    "A number is the weight of a word: write 0.5*cat, not 0.5 + cat.",
                    f'Put “*” between it and its word; to mean the word, quote it: "{part:g}".',
                )
            for key, weight in part.items():
                total[key] = _finite(total.get(key, 0.0) + (weight if sign == "+" else -weight))
            following = self._take_sign("+-")
            if following is None:
                return total
            sign = following

    def _product(self) -> Sum | float:
        left = self._factor()
        while sign := self._take_sign("*/"):
            right = self._factor()
            left = _divide(left, right) if sign == "/" else _multiply(left, right)
        return left

    def _factor(self) -> Sum | float:
        token = self._peek()
        if token is None:
            raise FormulaError(
                "The formula ends with a sign.",
                "A word must follow the last sign.",
                "Add the word, or remove the sign.",
            )
        if token.kind is Kind.SIGN:
            previous = self.tokens[self.at - 1] if self.at else None
            if token.text == "-" and previous is not None and previous.text in "*/":
                self.at += 1
                return _multiply(-1.0, self._factor())
            raise self._two_signs(token)
        if token.kind is Kind.NUMBER:
            return self._number(token)
        if token.kind is Kind.OPEN:
            return self._brackets()
        if token.kind is Kind.CLOSE:
            raise self._unexpected(token)
        return self._phrase()

    def _number(self, token: Token) -> Sum | float:
        self.at += 1
        value = float(token.text)
        following = self._peek()
        if following is not None and following.kind in (Kind.WORD, Kind.NAME, Kind.OPEN):
            return _multiply(_finite(value), self._factor())
        return _finite(value)

    def _brackets(self) -> Sum:
        self.at += 1
        self.depth += 1
        if self.depth > MAX_DEPTH:
            raise FormulaError(
                f"The formula has brackets more than {MAX_DEPTH} deep.",
                f"At most {MAX_DEPTH} levels are read.",
                "Write it with fewer brackets.",
            )
        inside = self._sum()
        token = self._peek()
        if token is None:
            raise FormulaError(
                "A bracket “(” is never closed.", "Every “(” needs a “)”.", "Add the missing “)”."
            )
        if token.kind is not Kind.CLOSE:
            raise self._unexpected(token)
        self.at += 1
        self.depth -= 1
        return inside

    def _phrase(self) -> Sum:
        token = self.tokens[self.at]
        self.at += 1
        self.count += 1
        if self.count > MAX_TERMS:
            raise FormulaError(
                f"The formula has more than {MAX_TERMS} terms.",
                f"At most {MAX_TERMS} are read.",
                "Shorten it.",
            )
        if token.kind is Kind.NAME:
            return {(TermKind.ITEM, token.text): 1.0}
        words = [token.text]
        # "windows 95" is a phrase; "0.5 cat" was taken as a weight before coming here.
        while (nxt := self._peek()) is not None and nxt.kind in (Kind.WORD, Kind.NUMBER):
            words.append(nxt.text)
            self.at += 1
        return {(TermKind.WORD, " ".join(words)): 1.0}

    def _two_signs(self, token: Token) -> FormulaError:
        before = self.tokens[self.at - 1].text if self.at else ""
        return FormulaError(
            f"The sign “{token.text}” follows “{before}” with no word between."
            if before
            else f"The formula begins with “{token.text}”.",
            "Signs stand between words.",
            "Remove one, or add the missing word.",
        )

    def _unexpected(self, token: Token) -> FormulaError:
        if token.kind is Kind.CLOSE:
            opened = self.at > 0 and self.tokens[self.at - 1].kind in (Kind.OPEN, Kind.SIGN)
            return FormulaError(
                "A bracket “)” comes where a word was expected."
                if opened
                else "A bracket “)” has no “(” before it.",
                "Brackets come in pairs with words inside.",
                "Remove it, or add what is missing.",
            )
        return FormulaError(
            f"There is no sign before “{shorten(token.text)}”.",
            "Terms are joined by +, - or *.",
            "Add the sign that is meant.",
        )


def _finite(value: float) -> float:
    if math.isfinite(value) and abs(value) <= MAX_WEIGHT:
        return value
    raise FormulaError(
        f"The weight {value:g} is too large.",
        f"A weight is a number between -{MAX_WEIGHT:,.0f} and {MAX_WEIGHT:,.0f}.",
        "Only the proportions matter: use smaller weights.",
    )


def _multiply(left: Sum | float, right: Sum | float) -> Sum | float:
    if isinstance(left, float) and isinstance(right, float):
        return _finite(left * right)
    if isinstance(right, float):
        left, right = right, left
    if isinstance(left, float) and isinstance(right, dict):
        return {key: _finite(left * weight) for key, weight in right.items()}
    first = next(iter(left))[1] if isinstance(left, dict) else ""
    number = first.casefold() in ("nan", "inf", "infinity")
    raise FormulaError(
        f"“*” stands between two words, the first is “{shorten(first)}”.",
        "A word is multiplied by a finite number, as in 0.5*cat.",
        "Give a number as its weight." if number else "Use + to mix two words.",
    )


def _divide(left: Sum | float, right: Sum | float) -> Sum | float:
    if isinstance(right, float) and right != 0:
        return _multiply(left, 1.0 / right)
    raise FormulaError(
        "“/” is followed by zero." if right == 0 else "“/” is followed by a word.",
        "A word is divided by a number that is not zero, as in (cat + dog)/2.",
        "Change what follows “/”; a word with a slash in it goes in quotes.",
    )
