"""Queries to try on a gallery: they name what is in it."""

from __future__ import annotations

from collections.abc import Sequence

from core.images import galleries
from core.images.zero_shot import spoken

OPENMOJI = ("a musical instrument", "something to eat - meat", "cat + happy face", "[1F98A] + snow")


def example_queries(
    gallery: str, labels: Sequence[str], names: Sequence[str], *, takes_texts: bool
) -> tuple[str, ...]:
    """Up to four queries.

    Args:
        gallery: its name.
        labels: what is on its pictures, where that is known.
        names: of some of its pictures, as they stand in square brackets.
        takes_texts: whether the encoder takes words; it is asked with pictures alone otherwise.
    """
    pictures = tuple(f"[{name}]" for name in names)
    if not takes_texts:
        return pictures
    if gallery == galleries.OPENMOJI:
        return OPENMOJI
    words = tuple(spoken(label) for label in labels)
    mixed = (f"{pictures[0]} + ({words[-1]})",) if pictures and words else pictures[:1]
    return words + mixed
