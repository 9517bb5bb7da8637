"""Answering a question from a dataset of texts: by meaning, by keywords, and by both.

Meaning is cosine similarity; keywords are BM25 (Robertson & Zaragoza 2009, in Lucene's form, by
the library bm25s); both are joined by their ranks: reciprocal rank fusion, 1 / (60 + rank)
(Cormack, Clarke & Büttcher 2009).
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

import numpy as np
import numpy.typing as npt

from core.base.scripts import UNBROKEN
from core.base.types import FloatArray, IntArray
from core.knn.top_k import top_k

Scores = npt.NDArray[np.float64]
_RANK_OFFSET = 60
# Texts in scripts without blanks are taken by one and two characters, as Lucene's
# CJKBigramFilter does.
_RUN = re.compile(f"[{UNBROKEN}]+")
# Single letters and digits count: "vitamin C".
_WORDS = rf"(?u)[{UNBROKEN}]+|[^\W{UNBROKEN}]+"


class SearchMode(StrEnum):
    """What decides the order of the answers."""

    SEMANTIC = "semantic"
    BM25 = "bm25"
    HYBRID = "hybrid"


@dataclass(frozen=True, slots=True)
class Hit:
    """A row that answers a question, with both scores whichever decided.

    Attributes:
        score: what it was ranked by: cosine similarity, BM25 or the sum of reciprocal ranks.
        similarity: cosine similarity with the question.
        keywords: BM25 score, 0 where no word of the question occurs.
    """

    row: int
    score: float
    similarity: float
    keywords: float


class KeywordIndex:
    """BM25 over the words of texts."""

    def __init__(self, texts: Sequence[str]) -> None:
        import bm25s

        self._count = len(texts)
        self._index: Any = None  # stays so where the texts hold no word
        tokens = bm25s.tokenize(
            [_plain(text, _all_grams) for text in texts],
            token_pattern=_WORDS,
            stopwords="en",
            show_progress=False,
        )
        if tokens.vocab:
            self._index = bm25s.BM25(method="lucene")
            self._index.index(tokens, show_progress=False)

    def scores(self, question: str) -> FloatArray:
        """The BM25 score of every text, ``(n,)``."""
        import bm25s

        words = bm25s.tokenize(
            _plain(question, _pairs),
            token_pattern=_WORDS,
            stopwords="en",
            return_ids=False,
            show_progress=False,
        )[0]
        known = [] if self._index is None else self._index.get_tokens_ids(words)
        if not known:
            return np.zeros(self._count, dtype=np.float32)
        found: FloatArray = self._index.get_scores_from_ids(known)
        return found.astype(np.float32, copy=False)


def _plain(text: str, grams: Callable[[str], list[str]]) -> str:
    """The text without differences of case and width, its runs without blanks as ``grams``."""
    folded = unicodedata.normalize("NFKC", text).casefold()
    return _RUN.sub(lambda run: f" {' '.join(grams(run[0]))} ", folded)


def _all_grams(run: str) -> list[str]:
    return [*run, *_pairs(run)] if len(run) > 1 else [run]


def _pairs(run: str) -> list[str]:
    """Two characters each that follow each other; one where there is one alone."""
    return [run[at : at + 2] for at in range(len(run) - 1)] or [run]


def rank_rows(similarity: FloatArray, keywords: FloatArray, mode: SearchMode, k: int) -> list[Hit]:
    """The ``k`` best rows by ``mode``, best first, equal scores by lower row.

    ``similarity`` and ``keywords`` are the scores of all rows, ``(n,)``. By keywords, rows without
    a word of the question are no answers.
    """
    scores: npt.NDArray[np.floating]
    if mode is SearchMode.SEMANTIC:
        rows, scores = top_k(similarity, k), similarity
    elif mode is SearchMode.BM25:
        rows, scores = top_k(keywords, k), keywords
        rows = rows[scores[rows] > 0]
    else:
        rows, scores = _fused(similarity, keywords, k)
    return [
        Hit(int(row), float(scores[row]), float(similarity[row]), float(keywords[row]))
        for row in rows
    ]


def as_hits(similarity: FloatArray, rows: IntArray, keywords: FloatArray) -> list[Hit]:
    """Rows ``(m,)`` that an index found, best first, with their ``similarity`` ``(m,)``.

    ``keywords`` are the scores of all rows, ``(n,)``.
    """
    return [
        Hit(int(row), float(score), float(score), float(keywords[row]))
        for row, score in zip(rows, similarity, strict=True)
    ]


def _fused(similarity: FloatArray, keywords: FloatArray, k: int) -> tuple[IntArray, Scores]:
    """The ``k`` best rows by both rankings, and scores that hold for these rows.

    Only rows with a keyword, and the ``k`` nearest in meaning, can be among them.
    """
    rows = np.union1d(np.flatnonzero(keywords > 0), top_k(similarity, k))
    scores = np.zeros(len(similarity))
    scores[rows] = _reciprocal_ranks(similarity, rows)
    scores[rows] += _reciprocal_ranks(keywords, rows) * (keywords[rows] > 0)
    return rows[top_k(scores[rows], k)], scores


def _reciprocal_ranks(scores: FloatArray, rows: IntArray) -> Scores:
    """1 / (60 + rank) of some rows among all, ranks from 1; equal scores share their best rank."""
    ranks = len(scores) - np.searchsorted(np.sort(scores), scores[rows], side="right") + 1
    reciprocal: Scores = 1 / (_RANK_OFFSET + ranks)
    return reciprocal
