"""What is selected on a map, as pure functions: from the mouse, by words, by nearness."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from core.base import vectors as vec
from core.base.types import FloatArray, IntArray, Metric
from core.knn.nearest import nearest_to
from core.maps import project
from core.maps.colors import NO_VALUE

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True, slots=True)
class Share:
    """How often a kind occurs in a selection, and in all."""

    kind: str
    count: int
    total: int


def rows_with_text(texts: Sequence[str], words: str) -> IntArray:
    """The rows ``(m,)`` whose text contains all the words, in upper or lower case."""
    wanted = [word.casefold() for word in words.split()]
    return np.array(
        [
            row
            for row, text in enumerate(texts)
            if wanted and all(word in text.casefold() for word in wanted)
        ],
        dtype=np.int64,
    )


def nearest_rows_to(
    vectors: FloatArray, query: FloatArray, k: int, metric: Metric = Metric.COSINE
) -> IntArray:
    """The ``k`` rows of ``(n, dim)`` nearest to one vector ``(dim,)``, nearest first.

    Rows with NaN or infinity, which are on no map, are not among them.
    """
    found: IntArray = _nearest(vectors, query[None, :], k, metric)[0]
    return found


def with_neighbors(
    vectors: FloatArray, rows: IntArray, k: int, metric: Metric = Metric.COSINE
) -> IntArray:
    """The rows, and the ``k`` nearest others of each among ``vectors`` ``(n, dim)``, ascending."""
    asked = rows[np.isfinite(vectors[rows]).all(axis=1)]
    found = set(rows.tolist())
    if len(asked):
        near = _nearest(vectors, vectors[asked], k + 1, metric)
        for row, others in zip(asked.tolist(), near.tolist(), strict=True):
            found.update([other for other in others if other != row][:k])
    return np.array(sorted(found), dtype=np.int64)


def _nearest(vectors: FloatArray, queries: FloatArray, k: int, metric: Metric) -> IntArray:
    """The rows ``(m, k)`` nearest to each query, among those that are finite."""
    usable = np.flatnonzero(np.isfinite(vectors).all(axis=1))
    unit = metric is Metric.COSINE
    compared = project.prepared(vectors[usable], unit=unit)
    found: IntArray = usable[nearest_to(project.prepared(queries, unit=unit), compared, k)[0]]
    return found


def shares(column: pd.Series[Any], rows: IntArray, limit: int = 20) -> list[Share]:
    """The most frequent kinds among the rows ``(m,)``, beside how often they occur in all."""
    told = column.astype(str).where(column.notna(), NO_VALUE)
    all_counts = told.value_counts()
    counts = told.iloc[rows].value_counts().head(limit)
    return [Share(str(kind), int(n), int(all_counts[kind])) for kind, n in counts.items()]


def mean_vector(vectors: FloatArray, rows: IntArray) -> FloatArray | None:
    """The direction of the rows' mean, unit length ``(dim,)``; ``None`` where they cancel out."""
    if not len(rows):
        return None
    mean: FloatArray = vectors[rows].mean(axis=0, dtype=np.float64).astype(np.float32)
    return vec.unit(mean) if float(np.linalg.norm(mean)) > vec.MIN_LENGTH else None
