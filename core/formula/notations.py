"""Other ways to write a formula, read as what they mean.

An analogy (Mikolov et al. 2013) asks for *b − a + c*, however it is put: ``a : b :: c : ?``,
``a is to b as c is to what?``. Around a formula people leave what stands around one elsewhere:
``= king - man + woman`` of a spreadsheet, ``king - man + woman = ?`` of a text.
"""

from __future__ import annotations

import re

from core.base.errors import FormulaError, shorten

# Quoted parts and names in square brackets hold whatever they hold: none of it is a sign here.
_QUOTED = re.compile(r"\"[^\"]*\"|“[^”]*”|„[^“]*“|«[^»]*»|\[[^\]]*\]")
_ASKED = r"(?:\?+|_+|…|\.{3}|what\s*\??|x\s*\?)?"
_ANALOGIES = (
    re.compile(rf"\s*(.+?)\s*:\s*(.+?)\s*(?:::|=|∷)\s*(.+?)\s*:\s*{_ASKED}\s*", re.IGNORECASE),
    re.compile(
        rf"\s*(.+?)\s+is\s+to\s+(.+?)\s*,?\s+(?:as|like)\s+(.+?)\s+is\s+to\s*{_ASKED}\s*",
        re.IGNORECASE,
    ),
)
_AROUND = re.compile(r"\s*=?(.*?)(?:=\s*(?:\?+|_+|…|\.{3}|what\s*\??|x\s*\?)?\s*)?", re.DOTALL)
_RESULT = re.compile(r"(?:^|\s)=(?:\s|$)|\s=|=\s")


def is_analogy(text: str) -> bool:
    """Whether ``text`` asks for an analogy in words or by colons."""
    return _analogy(text) is not None


def as_formula(text: str) -> str:
    """``text`` as a formula with signs; what is one already stays as it is.

    Raises:
        FormulaError: a result stands behind ``=``, which is what the formula is asked for.
    """
    if (found := _analogy(text)) is not None:
        a, b, c = (f"({part})" for part in found)
        return f"{b} - {a} + {c}"
    masked = _masked(text)
    around = _AROUND.fullmatch(masked)
    if around is None:
        return text
    start, end = around.span(1)
    if (equals := _RESULT.search(masked, start, end)) is not None:
        after = text[equals.end() : end].strip()
        raise FormulaError(
            f"“=” is followed by “{shorten(after)}”.",
            "The result is what a formula is asked for.",
            f"Leave out what follows: {shorten(text[start : equals.start()].strip())}",
        )
    return text[start:end]


def _masked(text: str) -> str:
    """``text``, as long as before, with nothing inside of quotes and brackets."""
    return _QUOTED.sub(lambda found: "q" * len(found.group()), text)


def _analogy(text: str) -> tuple[str, str, str] | None:
    """The three given parts ``a, b, c`` of an analogy; ``None`` where it is none."""
    masked = _masked(text)
    for pattern in _ANALOGIES:
        found = pattern.fullmatch(masked)
        if found is not None and not any(":" in found[part] for part in (1, 2, 3)):
            a, b, c = (text[slice(*found.span(part))] for part in (1, 2, 3))
            return a, b, c
    return None
