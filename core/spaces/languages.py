"""Whether an English model is asked for texts that it cannot read."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Iterable
from functools import cache
from itertools import islice

_SAMPLE = 200  # texts
_WORD = re.compile(r"[^\W\d_]{3,}")
_FEWEST = 12  # words from which a share says something
_KNOWN = 0.4  # of the words; below it a text is hardly English
# By the first word of a letter's name in Unicode, where it is not the name of the script.
_SCRIPTS = {"CJK": "Chinese characters", "HIRAGANA": "Japanese", "KATAKANA": "Japanese"}


def not_english(texts: Iterable[str]) -> str:
    """Why texts are hardly English, as the end of a sentence; ``""`` where they may be.

    More than half of the letters are of another script, or less than two fifths of the words are
    among the 30,000 most frequent English ones (``wordfreq``, Speer 2022).
    """
    sample = [text[:2_000] for text in islice(texts, _SAMPLE)]
    letters = Counter(
        unicodedata.name(char, "").partition(" ")[0]
        for text in sample
        for char in text
        if char.isalpha()
    )
    if not letters:
        return ""
    script = letters.most_common(1)[0][0]
    foreign = sum(letters.values()) - letters["LATIN"]
    if foreign > letters["LATIN"]:
        shown = script if script != "LATIN" else letters.most_common(2)[1][0]
        return f"are mostly written in {_SCRIPTS.get(shown, shown.capitalize())}"
    words = {word.lower() for text in sample for word in _WORD.findall(text)}
    if len(words) < _FEWEST:
        return ""
    known = sum(word in _english() for word in words)
    if known >= _KNOWN * len(words):
        return ""
    return f"have {len(words) - known:,} of {len(words):,} words that English hardly has"


@cache
def _english() -> frozenset[str]:
    from wordfreq import iter_wordlist

    return frozenset(iter_wordlist("en", "small"))
