"""The most frequent English words, from the installed package ``wordfreq`` (Speer 2022)."""

from __future__ import annotations

from functools import cache
from importlib import metadata

PACKAGE = "wordfreq"
COUNT = 30_000


@cache  # reading a version means reading a whole README
def recipe(count: int = COUNT) -> str:
    """What decides the list, as text: caches are keyed by it."""
    return f"{PACKAGE} {metadata.version(PACKAGE)} en top {count} letters only"


@cache
def frequent_words(count: int = COUNT) -> tuple[str, ...]:
    """``count`` lower-case English words made of letters only, most frequent first.

    Numbers, contractions ("it's") and abbreviations with dots are left out.
    """
    from wordfreq import iter_wordlist

    words: list[str] = []
    for word in iter_wordlist("en"):
        if word.isalpha():
            words.append(word)
            if len(words) == count:
                break
    return tuple(words)
