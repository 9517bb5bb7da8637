"""Fast search in two stages: 4-bit codes choose candidates, the full vectors rank them.

Pairs of dimensions are product-quantized to 16 centroids each (Jégou et al. 2011) and scanned
from registers (André et al. 2015; FAISS ``IndexPQFastScan``): 24 times fewer bytes are read than
by comparing with every vector. The best ``depth`` candidates are then scored with the full
vectors, so the scores are exact; a true neighbour could be missing only if its code ranked it
below ``depth``. How often that happens is measured in benchmarks/ (``words_search.py``); whoever
wants certainty uses ``ExactIndex``.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from core.base.errors import StorageError
from core.base.types import FloatArray, IntArray
from core.knn.exact import ExactIndex
from core.knn.top_k import top_k

MIN_ROWS = 5_000  # below this, comparing with every vector is as quick
MIN_DEPTH = 256
ROWS_PER_CANDIDATE = 500
BATCH_LIMIT = 4  # more queries than this are faster as one matrix product
TRAINING_ROWS = 20_000


class FastScanIndex:
    """Cosine similarity of unit rows ``(n, dim)``, for a few queries at a time.

    Args:
        vectors: shared with the vocabulary, not copied.
        codes: the FAISS index of the codes; ``None`` builds it (about a second for 30,000 rows).
    """

    def __init__(self, vectors: FloatArray, codes: Any = None) -> None:
        self.vectors = vectors
        self.exact = ExactIndex(vectors)
        self.codes = _build(vectors) if codes is None else codes
        if (self.codes.ntotal, self.codes.d) != (len(vectors), _even(vectors.shape[1])):
            raise StorageError(
                f"The index holds {self.codes.ntotal:,} codes of {self.codes.d} dimensions.",
                f"The vectors are {vectors.shape[0]:,} of {vectors.shape[1]}.",
                "Delete it; it is built again.",
            )

    def search(self, queries: FloatArray, k: int) -> tuple[FloatArray, IntArray]:
        """Scores and row ids ``(m, min(k, n))``, best first; equal scores by lower row."""
        count = len(self.vectors)
        depth = max(MIN_DEPTH, count // ROWS_PER_CANDIDATE, 10 * k)
        if len(queries) > BATCH_LIMIT or depth > count // 4:  # so there are always enough codes
            return self.exact.search(queries, k)
        _, candidates = self.codes.search(_pad(queries), depth)
        scores = np.empty((len(queries), k), dtype=np.float32)
        ids = np.empty((len(queries), k), dtype=np.int64)
        for at, rows in enumerate(np.sort(candidates, axis=1)):
            exact = self.vectors[rows] @ queries[at]
            best = top_k(exact, k)
            scores[at], ids[at] = exact[best], rows[best]
        return scores, ids

    def save(self, path: Path) -> None:
        """Writes the codes in FAISS's own file format."""
        import faiss

        faiss.write_index(self.codes, str(path))


def build_index(vectors: FloatArray) -> ExactIndex | FastScanIndex:
    """The index that is quickest for these unit vectors ``(n, dim)``."""
    return FastScanIndex(vectors) if len(vectors) >= MIN_ROWS else ExactIndex(vectors)


def load_index(vectors: FloatArray, path: Path) -> ExactIndex | FastScanIndex:
    """The index of ``vectors`` ``(n, dim)`` saved at ``path``, or a new one where there is none.

    Raises:
        StorageError: what is saved there is not as FAISS wrote it.
    """
    if len(vectors) < MIN_ROWS or not path.is_file():
        return build_index(vectors)
    import faiss

    try:
        codes = faiss.read_index(str(path))
    except RuntimeError as error:
        raise StorageError(
            f"The index “{path.name}” could not be read.",
            "It must be as FAISS wrote it.",
            "Delete it; it is built again.",
        ) from error
    return FastScanIndex(vectors, codes)


def _build(vectors: FloatArray) -> Any:
    import faiss

    dim = _even(vectors.shape[1])
    codes = faiss.IndexPQFastScan(dim, dim // 2, 4, faiss.METRIC_INNER_PRODUCT)
    codes.pq.cp.niter = 8
    codes.pq.cp.max_points_per_centroid = 128
    codes.train(_pad(vectors[:: max(1, len(vectors) // TRAINING_ROWS)]))
    for at in range(0, len(vectors), 50_000):
        codes.add(_pad(vectors[at : at + 50_000]))
    return codes


def _even(dim: int) -> int:
    return dim + dim % 2


def _pad(rows: FloatArray) -> FloatArray:
    """``rows`` with a column of zeros where they have an odd number of columns."""
    padded = rows if rows.shape[1] % 2 == 0 else np.pad(rows, ((0, 0), (0, 1)))
    return np.ascontiguousarray(padded, dtype=np.float32)
