"""The words of texts as numbers, for training word vectors on them.

One rule for all languages: text in Unicode's NFC and in small letters; a word is a run of letters,
marks and digits of any script, with apostrophes and hyphens inside. Scripts without spaces between
words (Chinese, Japanese, Thai, Lao, Burmese, Khmer) are cut into overlapping pairs of characters.
Each text stands for itself: no word is the context of one in another text.
"""

from __future__ import annotations

import unicodedata
from array import array
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from core.base.errors import InputError, counted
from core.base.types import IntArray, Progress, no_progress

_APOSTROPHES = str.maketrans({"’": "'", "ʼ": "'", "‐": "-", "‑": "-", "\u00ad": None})
_REPORT = 1_000  # texts between two reports


@dataclass(frozen=True, slots=True)
class Corpus:
    """Texts as rows of a vocabulary.

    Attributes:
        words: ``(v,)`` distinct, the most frequent first, of equals the one that came first.
        counts: ``(v,)`` how often each occurs.
        ids: ``(n,)`` int32, the row of each word of the texts, one text after another.
        ends: ``(t,)`` where each text ends in ``ids``.
    """

    words: tuple[str, ...]
    counts: IntArray
    ids: NDArray[np.int32]
    ends: IntArray

    def trimmed(self, least: int) -> Corpus:
        """The same without words that occur fewer than ``least`` times, as if never written.

        Raises:
            InputError: fewer than two words are left, or no text has two words.
        """
        kept = int(np.count_nonzero(self.counts >= least))  # they are in order
        if kept < 2:
            often = int(self.counts[0])
            raise InputError(
                f"{counted(kept, 'word')} of {len(self.words):,} "
                f"{'occurs' if kept == 1 else 'occur'} {counted(least, 'time')} or more.",
                f"At least two must; the most frequent one occurs {counted(often, 'time')}.",
                "Lower the minimum count, or take more text.",
            )
        mask = self.ids < kept
        ends = np.concatenate([[0], np.cumsum(mask)])[self.ends]
        corpus = Corpus(self.words[:kept], self.counts[:kept], self.ids[mask], ends)
        if int(corpus.lengths.max()) < 2:
            raise InputError(
                "No text has two words that are frequent enough.",
                "Words are learnt from the words around them in the same text.",
                "Take longer texts, or lower the minimum count.",
            )
        return corpus

    @property
    def lengths(self) -> IntArray:
        """``(t,)`` how many words each text has."""
        return np.diff(self.ends, prepend=0)

    def suggested(self, count: int = 5) -> list[str]:
        """Words whose neighbours are worth a look: the most frequent that are not in most texts."""
        seldom = self.counts <= max(2.0, len(self.ids) / 3_000)
        rows = np.flatnonzero(seldom)
        chosen = [row for row in rows.tolist() if len(self.words[row]) > 3] or rows.tolist()
        return [self.words[row] for row in chosen[:count]]


def split_words(text: str) -> list[str]:
    """The words of a text by the module's rule, in their order."""
    words, unspaced, cluster = _patterns()
    plain = unicodedata.normalize("NFC", text).lower().translate(_APOSTROPHES)
    found: list[str] = []
    for word in words.findall(plain):
        at = 0
        for run in unspaced.finditer(word):
            letters = cluster.findall(run[0])
            pairs = ["".join(letters[n : n + 2]) for n in range(max(1, len(letters) - 1))]
            found += [word[at : run.start()], *pairs]
            at = run.end()
        found.append(word[at:])
    return [word for part in found if (word := part.strip("-'"))]


def read_corpus(texts: Sequence[str], progress: Progress = no_progress) -> Corpus:
    """The words of texts, counted.

    Raises:
        InputError: there is no word, or one word only.
        Cancelled: by ``progress``.
    """
    rows: dict[str, int] = {}
    found, ends = array("i"), array("q")
    for number, text in enumerate(texts):
        if number % _REPORT == 0:
            progress(number, len(texts), "texts read")
        found.extend(rows.setdefault(word, len(rows)) for word in split_words(text))
        ends.append(len(found))
    if len(rows) < 2:
        only = f"The only word of the texts is “{next(iter(rows))}”." if rows else ""
        raise InputError(
            only or f"There is no word in {counted(len(texts), 'text')}.",
            "Words are learnt from the words around them: at least two are needed.",
            "Give more text.",
        )
    ids = np.frombuffer(found, dtype=np.int32)
    counts = np.bincount(ids, minlength=len(rows))
    order = np.argsort(-counts, kind="stable")
    place = np.empty(len(order), dtype=np.int32)
    place[order] = np.arange(len(order), dtype=np.int32)
    words = list(rows)
    return Corpus(
        tuple(words[row] for row in order.tolist()),
        counts[order],
        place[ids],
        np.frombuffer(ends, dtype=np.int64),
    )


@cache
def _patterns() -> tuple[Any, Any, Any]:
    """A word, a run of a script without spaces, and a character with its marks."""
    import regex  # Python's re knows no marks: it cuts words of Hindi at their vowels

    letters = r"[\p{L}\p{M}\p{N}]+"
    scripts = "".join(
        rf"\p{{Script={name}}}"
        for name in ("Han", "Hiragana", "Katakana", "Thai", "Lao", "Myanmar", "Khmer")
    )
    return (
        regex.compile(rf"{letters}(?:['-]{letters})*"),
        regex.compile(rf"[{scripts}ー]+"),
        regex.compile(r"\X"),
    )
