"""Which words of a text carry its similarity: each is left out once (occlusion of text).

Li, Monroe & Jurafsky 2016, "Understanding neural networks through representation erasure"
(arXiv:1612.08220): the importance of a word is what is lost without it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from core.base.scripts import UNBROKEN
from core.base.types import FloatArray

MOST = 48  # parts that are left out one by one; of a longer text neighbouring words are one part
_WORD = re.compile(rf"[{UNBROKEN}]|[^\W{UNBROKEN}]+(?:['’\-][^\W{UNBROKEN}]+)*")
Score = Callable[[Sequence[str]], FloatArray]


@dataclass(frozen=True, slots=True)
class TextPart:
    """A word of a text, or several that follow each other.

    Attributes:
        start, end: where it stands in the text, in characters.
        drop: how much similarity is lost without it; below 0 where the rest is more alike.
    """

    text: str
    start: int
    end: int
    drop: float


def word_spans(text: str, most: int = MOST) -> list[tuple[int, int]]:
    """Where the parts of a text begin and end: its words, in ``most`` parts at most.

    Characters of scripts that put no blanks between words count as words.
    """
    words = [found.span() for found in _WORD.finditer(text)]
    size = -(-len(words) // most) if words else 1
    parts = [words[at : at + size] for at in range(0, len(words), size)]
    return [(part[0][0], part[-1][1]) for part in parts]


def without(text: str, start: int, end: int) -> str:
    """``text`` less the characters from ``start`` to ``end``, its blanks single."""
    return " ".join(f"{text[:start]} {text[end:]}".split())


def leave_out_words(text: str, similarity: float, score: Score) -> list[TextPart]:
    """What each part of a text carries, in the order of the text.

    Args:
        similarity: of the whole text.
        score: the similarities ``(m,)`` of ``m`` texts with what the text is compared with.

    Returns:
        Nothing for a text of one word: without it there is none to compare.
    """
    spans = word_spans(text)
    if len(spans) < 2:
        return []
    scores = score([without(text, start, end) for start, end in spans])
    return [
        TextPart(text[start:end], start, end, similarity - float(one))
        for (start, end), one in zip(spans, scores, strict=True)
    ]
