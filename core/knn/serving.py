"""An index that answers searches in place of comparing with all, and its recall."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from core.base.types import FloatArray, IntArray, Progress, no_progress
from core.knn import index_store
from core.knn.faiss_indexes import FaissIndex, IndexSettings
from core.knn.index_comparison import Trial, measure
from core.knn.index_settings import read_settings

MEASURED = 10  # neighbours that recall is measured at


@dataclass(frozen=True, slots=True)
class Served:
    """An index over unit vectors ``(n, dim)``, and how it does on them.

    Attributes:
        trial: its recall and times, by queries near the vectors.
    """

    index: FaissIndex
    vectors: FloatArray
    trial: Trial

    def search(self, query: FloatArray, k: int) -> tuple[FloatArray, IntArray]:
        """Cosines and rows ``(m,)`` of what the index finds for a unit ``query`` ``(dim,)``.

        At most ``k``, best first, equal ones by row. The index only proposes rows: their cosines
        are those of the vectors themselves, whatever it rounds.
        """
        _, found = self.index.search(query[None, :], min(k, len(self.vectors)))
        rows = np.unique(found[0][found[0] >= 0])
        scores = self.vectors[rows] @ query
        order = np.argsort(-scores, kind="stable")
        return scores[order], rows[order]


def serve(
    key: str, vectors: FloatArray, settings: IndexSettings, progress: Progress = no_progress
) -> Served:
    """Builds an index over unit vectors ``(n, dim)``, or opens a kept one, and measures it.

    Args:
        key: stands for the vectors.

    Raises:
        InputError: the parameters do not fit the vectors.
        Cancelled: by ``progress``.
    """
    made = index_store.open_or_build(key, vectors, settings, progress)
    return Served(made.index, vectors, measure(made, vectors, MEASURED, progress))


def serve_as(vectors: FloatArray, settings: str, progress: Progress = no_progress) -> Served:
    """The same of ``settings`` as ``read_settings`` takes them, for unit vectors ``(n, dim)``.

    Raises:
        InputError: the settings cannot be read, or do not fit the vectors.
        Cancelled: by ``progress``.
    """
    wanted = read_settings(settings, len(vectors))
    return serve(index_store.key_of(vectors), vectors, wanted, progress)
