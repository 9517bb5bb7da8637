"""The characters of a formula, grouped into numbers, words, names, operators and brackets."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

from core.base.errors import FormulaError, shorten

MAX_CHARACTERS = 20_000

# People paste formulas from documents and phones: every dash that looks like a minus is one, with
# or without spaces; only the hyphens can be part of a word.
_SIGNS = str.maketrans(
    {
        **dict.fromkeys("\u2010\u2011", "-"),
        **dict.fromkeys("\u2012\u2013\u2014\u2212\ufe63\uff0d", " - "),
        **dict.fromkeys("\ufe62\uff0b", "+"),
        **dict.fromkeys("×⋅·∙∗＊", "*"),
        **dict.fromkeys("÷⁄∕", "/"),
        **dict.fromkeys("（", "("),
        **dict.fromkeys("）", ")"),
    }
)
_QUOTES = {'"': '"', "“": "”", "„": "“", "«": "»", "'": "'", "‘": "’"}
_NUMBER = re.compile(r"(?:\d+(?:[.,]\d+)?|\.\d+)(?:[eE][+-]?\d+)?(?![^\s+\-*/()\[\]])")
_THOUSANDS = re.compile(r"\d{1,3}(?:,\d{3})+(?![\d,])")
_RUN = re.compile(r"[^\s+*/()\[\]\"“„«»”]+")
_PATH = re.compile(r"/[^\s()+*\[\]\"“„«»”]+")  # ConceptNet's words are such: /c/en/tea
_QUOTED = re.compile(r"(\"[^\"]*\"|“[^”]*”|„[^“]*“|«[^»]*»|\[[^\]]*\])")
_SPACED_OPERATOR = re.compile(r"\s[+\-*/]|[+\-*/]\s")
# Marks that change the direction of text, and other invisible ones; the joiners that emoji and
# Persian need (U+200C, U+200D) stay.
_INVISIBLE = re.compile("[\u200b\u200e\u200f\u202a-\u202e\u2060\u2066-\u2069\ufeff]")


class Kind(StrEnum):
    """What a token is."""

    NUMBER = "number"
    WORD = "word"
    NAME = "name"
    SIGN = "sign"
    OPEN = "open"
    CLOSE = "close"


_SINGLE = dict.fromkeys("+-*/", Kind.SIGN) | {"(": Kind.OPEN, ")": Kind.CLOSE}


@dataclass(frozen=True, slots=True)
class Token:
    """One token; ``text`` is its content without quotes or square brackets."""

    kind: Kind
    text: str


def clean(text: str) -> str:
    """``text`` composed (NFC), without invisible marks, control characters as spaces.

    Halves of surrogate pairs, as in names of files that are not in UTF-8, become U+FFFD.
    """
    whole = text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
    text = unicodedata.normalize("NFC", _INVISIBLE.sub("", whole))
    return "".join(" " if unicodedata.category(c) == "Cc" else c for c in text)


def tokenize(formula: str, is_word: Callable[[str], bool]) -> list[Token]:
    """Tokens of ``formula``. ``is_word`` says whether a run with hyphens, or one that begins with a
    slash, is itself a known word.

    A hyphen without spaces belongs to the word (``mother-in-law``), unless the formula puts no
    spaces around any operator and has another operator or a bracket (``king-man+woman``).

    Raises:
        FormulaError: too long, or a quote or square bracket is never closed.
    """
    if len(formula) > MAX_CHARACTERS:
        raise FormulaError(
            f"The formula has {len(formula):,} characters.",
            f"At most {MAX_CHARACTERS:,} are read.",
            "Shorten it.",
        )
    text = clean(formula)
    pieces = _QUOTED.split(text)  # quoted parts stand at the odd places and are left alone
    pieces[::2] = [piece.translate(_SIGNS) for piece in pieces[::2]]
    text = "".join(pieces).strip()
    outside = "q".join(pieces[::2]).strip()
    tight = not _SPACED_OPERATOR.search(outside) and bool(re.search(r"[+*/()]", outside))
    tokens: list[Token] = []
    at = 0
    while at < len(text):
        at = at + 1 if text[at].isspace() else _read_one(text, at, tokens, tight, is_word)
    return tokens


def _read_one(
    text: str, at: int, tokens: list[Token], tight: bool, is_word: Callable[[str], bool]
) -> int:
    """Appends the token at ``at`` and returns where the next one begins."""
    char = text[at]
    if path := _known_path(text, at, is_word):
        tokens.append(Token(Kind.WORD, path))
        return at + len(path)
    if char in _SINGLE:
        tokens.append(Token(_SINGLE[char], char))
        return at + 1
    if char == "[":
        content, end = _until(text, at, "]", "square bracket")
        tokens.append(Token(Kind.NAME, " ".join(content.split())))
        return end
    if char in _QUOTES and not (char in "'‘" and _QUOTES[char] not in text[at + 1 :]):
        content, end = _until(text, at, _QUOTES[char], "quotation mark")
        tokens.append(Token(Kind.WORD, " ".join(content.split())))
        return end
    if thousands := _THOUSANDS.match(text, at):
        raise FormulaError(
            f"“{thousands.group()}” can be read as thousands or as a decimal.",
            "Weights are written without commas, as 1000 or 0.5.",
            "Write the number without the comma.",
        )
    if number := _NUMBER.match(text, at):
        tokens.append(Token(Kind.NUMBER, number.group().replace(",", ".")))
        return number.end()
    run = _RUN.match(text, at)
    if run is None:
        raise FormulaError(
            f"The formula has “{char}” where nothing was opened: “{shorten(text)}”.",
            "Brackets and quotation marks come in pairs.",
            "Remove it, or add the one that opens.",
        )
    _split_hyphens(run.group(), tokens, tight, is_word)
    return run.end()


def _known_path(text: str, at: int, is_word: Callable[[str], bool]) -> str:
    """The longest word at ``at`` that begins with a slash; a sign may follow it at once."""
    found = _PATH.match(text, at)
    run = "" if found is None else found.group()
    while run and not is_word(run):
        run = run[: max(run.rfind("/"), run.rfind("-"))]
    return run


def _until(text: str, at: int, closing: str, what: str) -> tuple[str, int]:
    """The content between the mark at ``at`` and ``closing``, and where it ends."""
    end = text.find(closing, at + 1)
    if end >= 0 and not text[at + 1 : end].strip():
        raise FormulaError(
            f"There is nothing inside the {what}s.",
            "They hold a word, a phrase or a name.",
            "Fill or remove them.",
        )
    if end < 0:
        raise FormulaError(
            f"A {what} is opened and never closed: “{shorten(text[at:])}”.",
            f"Every “{text[at]}” needs its “{closing}”.",
            f"Add “{closing}” where it ends.",
        )
    return text[at + 1 : end], end + 1


def _split_hyphens(
    run: str, tokens: list[Token], tight: bool, is_word: Callable[[str], bool]
) -> None:
    """Appends a run of characters as one word, or as words with minus signs between."""
    body = run.rstrip("-")
    if not tight or is_word(body):
        tokens.append(Token(Kind.WORD, body))
    else:
        pieces = body.split("-")
        while pieces:
            # The longest known word first: x-ray-doctor is x-ray minus doctor.
            length = next(
                (n for n in range(len(pieces), 1, -1) if is_word("-".join(pieces[:n]))), 1
            )
            word = "-".join(pieces[:length])
            number = bool(_NUMBER.fullmatch(word))
            if word:
                tokens.append(Token(Kind.NUMBER if number else Kind.WORD, word))
            pieces = pieces[length:]
            if pieces:
                tokens.append(Token(Kind.SIGN, "-"))
    tokens.extend(Token(Kind.SIGN, "-") for _ in range(len(run) - len(body)))
