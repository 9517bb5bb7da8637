"""Exact search by comparing with every vector: the reference all other indexes are held to."""

from __future__ import annotations

import numpy as np

from core.base.types import FloatArray, IntArray


class ExactIndex:
    """Cosine similarity of unit rows by one matrix product (BLAS)."""

    def __init__(self, vectors: FloatArray) -> None:
        self.vectors = vectors

    def search(self, queries: FloatArray, k: int) -> tuple[FloatArray, IntArray]:
        """Scores and row ids ``(m, min(k, n))``, best first; equal scores by lower row."""
        return top_k(queries @ self.vectors.T, k)


def top_k(scores: FloatArray, k: int) -> tuple[FloatArray, IntArray]:
    """The ``k`` highest of each row of ``(m, n)``, and where they stand; ties by lower column."""
    count = scores.shape[1]
    k = min(k, count)
    if k < count:
        # Every column that ties with the k-th is a candidate, so that the order is defined.
        kth = np.partition(scores, count - k, axis=1)[:, count - k, None]
        rows = [np.flatnonzero(row >= limit) for row, limit in zip(scores, kth, strict=True)]
    else:
        rows = [np.arange(count)] * len(scores)
    ids = np.empty((len(scores), k), dtype=np.int64)
    for at, candidates in enumerate(rows):
        ids[at] = candidates[np.argsort(-scores[at, candidates], kind="stable")[:k]]
    return np.take_along_axis(scores, ids, axis=1), ids
