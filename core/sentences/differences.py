"""What one text has otherwise than another."""

from __future__ import annotations

import re
from difflib import SequenceMatcher

_PIECES = re.compile(r"\s+|\w+|[^\w\s]+")


def mark_differences(text: str, other: str) -> list[tuple[str, bool]]:
    """``text`` in pieces, each with whether ``other`` does not have it in that place.

    Words are compared without their case (longest common runs, Ratcliff & Metzener 1988).
    """
    pieces, others = _PIECES.findall(text), _PIECES.findall(other)
    folded = [piece.casefold() for piece in pieces]
    matcher = SequenceMatcher(None, [one.casefold() for one in others], folded, autojunk=False)
    found: list[tuple[str, bool]] = []
    for kind, _, _, low, high in matcher.get_opcodes():
        if low < high:
            found.append(("".join(pieces[low:high]), kind != "equal"))
    return found
