"""The words that tell a group of texts from the others: class-based TF-IDF (Grootendorst 2022).

A word's weight in a group is its share of the group's words times log(1 + A / f), with f how often
the word stands in all groups and A the mean number of words in a group. How often is counted in
texts, so that one long text does not speak for its group.

Words are runs of letters of any script, digits in them included; scripts without spaces (Chinese,
Japanese, Thai) are cut into pairs of letters. Of languages only the function words of English are
known, *the* or *with*, which name nothing; what stands in every group alike weighs little anyway.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from core.base.types import BoolArray, FloatArray, IntArray

_WORD = re.compile(r"[^\W_]+(?:['’-][^\W_]+)*")
_UNSPACED = re.compile(
    "[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff]+"
)
_LONGEST = 20_000  # letters of a text that are read: a text of megabytes tells no more
_LEAST_LETTERS = 2
_MORE = 1.5
# Nothman, Qin & Yurchak 2018, "Stop Word Lists in Free Open-source Software Packages", on
# scikit-learn's list: some of its words name things, and some function words are not in it.
_NAMES = {
    *("bill", "cry", "describe", "detail", "fill", "find", "fire", "found", "interest", "mill"),
    *("sincere", "system", "thick", "thin"),
}
_NOT_LISTED = {
    *("did", "does", "doing", "just", "make", "quite", "really", "regarding", "say", "unless"),
    *("used", "using", "various"),
}


def read_words(text: str) -> list[str]:
    """The words of a text, case-folded, in their order; numbers and single letters left out."""
    text = text[:_LONGEST].casefold()
    unspaced = _UNSPACED.search(text) is not None
    words: list[str] = []
    for word in _WORD.findall(text):
        if unspaced and _UNSPACED.search(word):
            for run in _UNSPACED.findall(word):
                words += [run[at : at + 2] for at in range(max(1, len(run) - 1))]
        elif len(word) >= _LEAST_LETTERS and not word.isdigit():
            words.append(word)
    return words


def cluster_words(
    texts: Sequence[str], labels: IntArray, top: int = 3, *, away: FloatArray | None = None
) -> dict[int, list[str]]:
    """The ``top`` words of each cluster, the most telling first; noise (-1) has none.

    Args:
        labels: ``(n,)`` the cluster of each text.
        away: ``(n,)`` how far each text is from the middle of its cluster. Of words that tell alike
            those of the middle come first; else those that are first in the alphabet.
    """
    inside = np.flatnonzero(labels >= 0)
    clusters, groups = np.unique(labels[inside], return_inverse=True)
    counts = _count([texts[row] for row in inside.tolist()], groups, len(clusters))
    names = {}
    for group, cluster in enumerate(clusters.tolist()):
        ranked = counts.ranked(group, apart=True) or counts.ranked(group)
        if away is not None:
            rows = inside[groups == group]
            ranked = _by_middle(ranked, top, texts, rows[np.argsort(away[rows], kind="stable")])
        names[cluster] = [word for word, _ in ranked[:top]]
    return names


def telling_words(
    texts: Sequence[str], selected: Sequence[int] | IntArray, top: int = 10
) -> list[tuple[str, float]]:
    """The words that set the ``selected`` rows ``(m,)`` apart from the rest, with their weights.

    Only words that stand ``_MORE`` times as often in a selected text as in one of the rest: what is
    in most texts outweighs all else in a large selection, and tells nothing.
    """
    return Counted(texts).telling(selected, top)


@dataclass(frozen=True, slots=True)
class _Counts:
    """In how many texts of each group each word stands, and what that weighs.

    Attributes:
        words: ``(v,)`` in the order of the alphabet.
        counts: sparse ``(groups, v)``.
        weights: of the same entries.
        sizes: ``(groups,)`` how many texts they have.
        function_words: ``(v,)`` which name nothing.
    """

    words: Sequence[str]
    counts: Any
    weights: FloatArray
    sizes: IntArray
    function_words: BoolArray

    def ranked(self, group: int, *, apart: bool = False) -> list[tuple[str, float]]:
        """The words of a group with their weights, the heaviest first.

        Args:
            apart: only those that the group has more of than the rest, function words left out.
        """
        own = slice(*self.counts.indptr[group : group + 2])
        columns, weights = self.counts.indices[own], self.weights[own]
        if apart:
            inside = self.counts.data[own]
            outside = self.counts.sum(axis=0)[columns] - inside
            size = int(self.sizes[group])
            rest = max(1, int(self.sizes.sum()) - size)
            more = inside / max(1, size) > _MORE * outside / rest
            kept = more & ~self.function_words[columns]
            columns, weights = columns[kept], weights[kept]
        order = np.lexsort((columns, -weights))
        return [
            (self.words[column], float(weight))
            for column, weight in zip(columns[order], weights[order], strict=True)
        ]


class Counted:
    """The words of ``n`` texts, read once for several groupings of them."""

    def __init__(self, texts: Sequence[str]) -> None:
        from sklearn.feature_extraction.text import CountVectorizer

        self._count = len(texts)
        vectorizer = CountVectorizer(analyzer=read_words, binary=True, dtype=np.int64)
        try:
            self._in_texts: Any = vectorizer.fit_transform(texts)
        except ValueError:  # it refuses texts of which none has a word
            self._in_texts, self._columns, self._words = None, {}, []
        else:
            self._columns = vectorizer.vocabulary_
            self._words = vectorizer.get_feature_names_out()

    def words(self, labels: IntArray, top: int) -> dict[int, list[str]]:
        """The ``top`` words of each group of the texts, as ``cluster_words``.

        Args:
            labels: ``(n,)``, -1 for texts that are in none.
        """
        groups, of_group = np.unique(labels, return_inverse=True)
        counts = self.grouped(of_group, len(groups))
        return {
            int(label): [
                word for word, _ in (counts.ranked(group, apart=True) or counts.ranked(group))[:top]
            ]
            for group, label in enumerate(groups)
            if label >= 0
        }

    def telling(self, selected: Sequence[int] | IntArray, top: int = 10) -> list[tuple[str, float]]:
        """The words that set the ``selected`` rows ``(m,)`` apart, as ``telling_words``."""
        groups = np.ones(self._count, dtype=np.int64)
        groups[np.asarray(selected, dtype=np.int64)] = 0
        return self.grouped(groups, 2).ranked(0, apart=True)[:top]

    def grouped(self, groups: IntArray, count: int) -> _Counts:
        """The words by the group ``(n,)``, one of ``count``, that each text is in."""
        from scipy.sparse import csr_array
        from sklearn.feature_extraction.text import ENGLISH_STOP_WORDS

        sizes = np.bincount(groups, minlength=count)
        if self._in_texts is None:
            none = csr_array((count, 0), dtype=np.int64)
            return _Counts([], none, np.empty(0, np.float32), sizes, np.empty(0, np.bool_))
        members = csr_array(
            (np.ones(self._count, dtype=np.int64), (groups, np.arange(self._count))),
            shape=(count, self._count),
        )
        counts = members @ self._in_texts
        totals, whole = counts.sum(axis=1), counts.sum(axis=0)
        share = counts.data / np.repeat(totals, np.diff(counts.indptr))
        weights = share * np.log1p(totals.mean() / whole[counts.indices])
        function_words = np.zeros(len(self._columns), dtype=np.bool_)
        listed = (ENGLISH_STOP_WORDS | _NOT_LISTED) - _NAMES
        function_words[[self._columns[word] for word in listed if word in self._columns]] = True
        return _Counts(self._words, counts, weights, sizes, function_words)


def _count(texts: Sequence[str], groups: IntArray, count: int) -> _Counts:
    """The words of texts, by the group ``(n,)`` of each."""
    return Counted(texts).grouped(groups, count)


def _by_middle(
    ranked: Sequence[tuple[str, float]], top: int, texts: Sequence[str], rows: IntArray
) -> list[tuple[str, float]]:
    """Those of ``ranked`` that weigh enough for the first ``top``, in the order they shall have.

    Of equals those come first that stand first in the texts ``rows``.
    """
    least = min((weight for _, weight in ranked[:top]), default=0.0)
    wanted = {word: weight for word, weight in ranked if weight >= least}
    tied = {word for word, weight in wanted.items() if weight == least}
    missing = min(top - len(wanted), 0) + len(tied)
    order: dict[str, int] = {}
    for row in rows.tolist():  # few of them, where nearly each text has one
        for word in read_words(texts[row]):
            if word in wanted and word not in order:
                order[word] = len(order)
                missing -= word in tied
        if missing <= 0:
            break
    return sorted(wanted.items(), key=lambda one: (-one[1], order.get(one[0], len(order)), one[0]))
