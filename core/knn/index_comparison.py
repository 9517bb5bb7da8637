"""What an approximate index loses and gains on the vectors at hand: recall, time, memory."""

from __future__ import annotations

import time
from dataclasses import dataclass

import numpy as np

from core.base import vectors as vec
from core.base.types import FloatArray, IntArray, Progress, no_progress
from core.knn import index_store
from core.knn.exact import ExactIndex
from core.knn.faiss_indexes import (
    FaissIndex,
    IndexKind,
    IndexMetric,
    IndexSettings,
    divisors,
    links_for,
    piece_bits_for,
)
from core.knn.index_store import FoundIndex

__all__ = [
    "IndexKind",
    "IndexMetric",
    "IndexSettings",
    "Trial",
    "ask_near",
    "divisors",
    "links_for",
    "measure",
    "piece_bits_for",
    "try_index",
]

QUESTIONS = 200
TIE = 1e-6  # what equal similarities may differ by
NOISE = 0.6  # length of what is added to a vector to make a question of it


@dataclass(frozen=True, slots=True)
class Trial:
    """How an index did.

    Attributes:
        recall: the share of the ``k`` exact neighbours that it finds, mean over the questions.
        milliseconds: the median time of one question.
        exact_milliseconds: the same by comparing with all, in the same run.
        size: bytes, vectors or codes included.
        build_seconds: that learning from the vectors and taking them in took, now or, where the
            index was ``kept`` on the disk, then.
    """

    settings: IndexSettings
    k: int
    recall: float
    milliseconds: float
    exact_milliseconds: float
    size: int
    build_seconds: float
    kept: bool


def ask_near(vectors: FloatArray, count: int = QUESTIONS, seed: int = 0) -> FloatArray:
    """Questions ``(count, dim)``: rows drawn by chance with noise added, at unit length."""
    random = np.random.default_rng(seed)
    rows = random.integers(0, len(vectors), count)
    noise = random.normal(size=(count, vectors.shape[1])) * NOISE / np.sqrt(vectors.shape[1])
    return vec.normalize((vectors[rows] + noise).astype(np.float32))


def try_index(
    vectors: FloatArray,
    settings: IndexSettings,
    k: int,
    progress: Progress = no_progress,
    *,
    key: str = "",
) -> Trial:
    """Builds an index over unit vectors ``(n, dim)`` and compares its answers with exact ones.

    Args:
        key: stands for the vectors; with it, an index that took long to build is kept on the disk.

    Raises:
        InputError: the parameters do not fit the vectors.
        StorageError: the index cannot be kept.
        Cancelled: by ``progress``.
    """
    return measure(
        index_store.open_or_build(key, vectors, settings, progress), vectors, k, progress
    )


def measure(
    made: FoundIndex, vectors: FloatArray, k: int, progress: Progress = no_progress
) -> Trial:
    """How an index over unit vectors ``(n, dim)`` answers, beside comparing with all.

    Raises:
        Cancelled: by ``progress``.
    """
    index = made.index
    k = min(k, len(vectors))
    questions = ask_near(vectors)
    exact = ExactIndex(vectors)
    progress(1, 3, "parts: comparing with all")
    right, exact_times = _ask(exact, questions, k)
    progress(2, 3, "parts: asking the index")
    found, times = _ask(index, questions, k)
    recall = _recall(vectors, questions, found, right)
    progress(3, 3, "parts")
    return Trial(
        index.settings,
        k,
        recall,
        1_000 * float(np.median(times)),
        1_000 * float(np.median(exact_times)),
        index.size,
        made.build_seconds,
        made.kept,
    )


def _recall(vectors: FloatArray, questions: FloatArray, found: IntArray, right: IntArray) -> float:
    """The share of found rows that are as near as the last of the right ones: ties count."""
    last = np.einsum("md,md->m", questions, vectors[right[:, -1]])
    scores = np.einsum("md,mkd->mk", questions, vectors[found])
    return float(((scores >= last[:, None] - TIE) & (found >= 0)).mean())


def _ask(
    index: ExactIndex | FaissIndex, questions: FloatArray, k: int
) -> tuple[IntArray, list[float]]:
    rows, times = [], []
    for question in questions:
        began = time.perf_counter()
        _, found = index.search(question[None, :], k)
        times.append(time.perf_counter() - began)
        rows.append(found[0])
    return np.stack(rows), times
