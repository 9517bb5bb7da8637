"""Measuring a vocabulary: analogy questions and word-similarity judgements."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from core.base.errors import InputError, shorten
from core.base.types import IntArray, Progress, no_progress
from core.spaces.vocabulary import Vocabulary

BATCH = 512
SCORES = 50_000_000  # held at a time: 200 MB
MAX_QUESTIONS = 1_000_000

Question = tuple[str, str, str, str]


@dataclass(slots=True)
class SectionResult:
    """Right answers and covered questions of one section."""

    right: int = 0
    covered: int = 0
    total: int = 0

    @property
    def accuracy(self) -> float | None:
        """Share of covered questions answered right; ``None`` where none is covered."""
        return self.right / self.covered if self.covered else None


@dataclass(slots=True)
class AnalogyResult:
    """Results by section, the words that were not covered, and some wrong answers to look at."""

    sections: dict[str, SectionResult]
    missing: dict[str, int] = field(default_factory=dict)
    mistakes: list[tuple[Question, str]] = field(default_factory=list)

    @property
    def overall(self) -> SectionResult:
        """All sections together."""
        parts = self.sections.values()
        return SectionResult(
            sum(part.right for part in parts),
            sum(part.covered for part in parts),
            sum(part.total for part in parts),
        )


def read_questions(text: str) -> dict[str, list[Question]]:
    """Questions by section of a file in the form of word2vec's ``questions-words.txt``.

    A line ``: name`` begins a section; every other line holds four words "a b c d", which asks:
    a is to b as c is to d.

    Raises:
        InputError: a line with another number of words, no question, or too many.
    """
    sections: dict[str, list[Question]] = {}
    name, count = "questions", 0
    for number, line in enumerate(text.removeprefix("\ufeff").splitlines(), start=1):
        parts = line.split()
        if not parts or parts[0].startswith("#"):
            continue
        if parts[0].startswith(":"):
            name = line.strip().lstrip(":").strip() or f"section {len(sections) + 1}"
            continue
        if len(parts) != 4:
            raise InputError(
                f"Line {number} of the questions has {len(parts)} words: “{shorten(line)}”.",
                "Every question is four words “a b c d”, every section line begins with “:”.",
                "Mend the line; write a phrase with “_” for spaces.",
            )
        sections.setdefault(name, []).append((parts[0], parts[1], parts[2], parts[3]))
        count += 1
        if count > MAX_QUESTIONS:
            raise InputError(
                f"There are more than {MAX_QUESTIONS:,} questions.",
                "That many are read at most.",
                "Split the file.",
            )
    if not count:
        raise InputError(
            "There is no question in the file.",
            "Every question is four words “a b c d” on a line.",
            "Choose another file.",
        )
    return sections


def read_pairs(text: str) -> dict[str, list[Question]]:
    """Questions of a file of word pairs: any two pairs of a section ask one question each way."""
    sections: dict[str, list[list[str]]] = {}
    for line in text.splitlines():
        parts = line.split()
        if line.startswith(":"):
            sections[line[1:].strip()] = []
        elif len(parts) == 2 and not line.startswith("#"):
            sections[next(reversed(sections))].append(parts)
    return {
        name: [(*one, *two) for one in pairs for two in pairs if one is not two]  # type: ignore[misc]
        for name, pairs in sections.items()
    }


def evaluate_analogies(
    vocabulary: Vocabulary,
    questions: dict[str, list[Question]],
    progress: Progress = no_progress,
    mistakes: int = 200,
) -> AnalogyResult:
    """Share of questions whose fourth word is nearest to ``b - a + c`` (3CosAdd, Mikolov et al.
    2013; Levy & Goldberg 2014), the three given words left out.

    A question is covered when all four words are in the vocabulary, as written or ignoring case.
    """
    result = AnalogyResult({name: SectionResult() for name in questions})
    total = sum(len(asked) for asked in questions.values())
    done = 0
    for name, asked in questions.items():
        section = result.sections[name]
        section.total = len(asked)
        covered: list[tuple[Question, list[int]]] = []
        for question in asked:
            rows = [vocabulary.row(word) for word in question]
            known = [row for row in rows if row is not None]
            if len(known) == len(question):
                covered.append((question, known))
            for word, row in zip(question, rows, strict=True):
                if row is None:
                    result.missing[word] = result.missing.get(word, 0) + 1
        section.covered = len(covered)
        size = max(1, min(BATCH, SCORES // len(vocabulary)))
        for at in range(0, len(covered), size):
            progress(done + at, total, f"questions, now {name}")
            batch = covered[at : at + size]
            found = _answer(vocabulary, np.array([known for _, known in batch]))
            for (question, known), answer in zip(batch, found, strict=True):
                if answer == known[3]:
                    section.right += 1
                elif len(result.mistakes) < mistakes:
                    result.mistakes.append((question, vocabulary.words[answer]))
        done += len(asked)
    progress(total, total, "questions")
    return result


def _answer(vocabulary: Vocabulary, rows: IntArray) -> IntArray:
    """Rows of the nearest words to ``b - a + c`` for questions ``(n, 4)``."""
    vectors = vocabulary.vectors
    wanted = vectors[rows[:, 1]] - vectors[rows[:, 0]] + vectors[rows[:, 2]]
    scores = wanted @ vectors.T
    np.put_along_axis(scores, rows[:, :3], -np.inf, axis=1)
    best: IntArray = scores.argmax(axis=1)
    return best


@dataclass(frozen=True, slots=True)
class SimilarityResult:
    """Spearman's rank correlation of cosine similarity with people's judgements."""

    spearman: float
    covered: int
    total: int


def read_judgements(text: str) -> list[tuple[str, str, float]]:
    """Lines of word, word and a number, separated by tabs, commas or spaces; a header is skipped.

    Raises:
        InputError: a line that is not two words and a number, or no line at all.
    """
    rows: list[tuple[str, str, float]] = []
    for number, line in enumerate(text.removeprefix("\ufeff").splitlines(), start=1):
        parts = [part for part in line.replace(",", " ").split() if part]
        if not parts or line.startswith("#"):
            continue
        try:
            row = (parts[0], parts[1], float(parts[2]))
            if not math.isfinite(row[2]):
                raise ValueError(parts[2])
            rows.append(row)
        except (IndexError, ValueError) as error:
            if number == 1:
                continue  # a header
            raise InputError(
                f"Line {number} of the judgements is “{shorten(line)}”.",
                "Every line holds two words and a number.",
                "Mend the line.",
            ) from error
    if len(rows) < 2:
        raise InputError(
            f"The file has {len(rows)} judgements.",
            "At least two lines of word, word, number are needed.",
            "Choose another file.",
        )
    return rows


def evaluate_similarity(
    vocabulary: Vocabulary, judgements: Sequence[tuple[str, str, float]]
) -> SimilarityResult:
    """Spearman correlation over the pairs whose words are both in the vocabulary.

    Raises:
        InputError: fewer than two pairs are covered.
    """
    from scipy.stats import spearmanr

    pairs = [(vocabulary.row(a), vocabulary.row(b), score) for a, b, score in judgements]
    covered = [(a, b, score) for a, b, score in pairs if a is not None and b is not None]
    if len(covered) < 2:
        raise InputError(
            f"{len(covered)} of {len(judgements)} pairs are in {vocabulary.space.title}.",
            "At least two are needed.",
            "Choose another embedding model or file.",
        )
    left = vocabulary.vectors[[a for a, _, _ in covered]]
    right = vocabulary.vectors[[b for _, b, _ in covered]]
    cosine = np.einsum("ij,ij->i", left, right)
    scores = [score for _, _, score in covered]
    if len(set(scores)) < 2 or float(np.ptp(cosine)) == 0:
        raise InputError(
            f"All {len(covered)} covered pairs have the same score.",
            "A rank correlation needs scores that differ.",
            "Choose another file.",
        )
    spearman = spearmanr(cosine, scores).statistic
    return SimilarityResult(float(spearman), len(covered), len(judgements))
