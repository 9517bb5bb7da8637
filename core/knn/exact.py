"""Exact search by comparing with every vector: the reference all other indexes are held to."""

from __future__ import annotations

import numpy as np

from core.base.types import FloatArray, IntArray
from core.knn.top_k import top_k


class ExactIndex:
    """Cosine similarity of unit rows by one matrix product (BLAS)."""

    def __init__(self, vectors: FloatArray) -> None:
        self.vectors = vectors

    def search(self, queries: FloatArray, k: int) -> tuple[FloatArray, IntArray]:
        """Scores and row ids ``(m, min(k, n))``, best first; equal scores by lower row."""
        scores = queries @ self.vectors.T
        ids = top_k(scores, k)
        return np.take_along_axis(scores, ids, axis=1), ids
