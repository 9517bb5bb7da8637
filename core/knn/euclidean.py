"""Each row's nearest other rows, compared with all: for maps and what is asked of them.

``neighbors.find_neighbors`` tells a person neighbours, with ties in a fixed order. This is for
computing on: where FAISS multiplies each pair of rows twice, this does it once.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from core.base.types import FloatArray, IntArray, Progress, no_progress

_HELD = 1 << 25  # products held at a time: 128 MB
_ROWS = 2_048
_SPARE = 3  # candidates beyond k, since products of near rows differ in the last digits


def nearest_rows(
    vectors: FloatArray, k: int, progress: Progress = no_progress
) -> tuple[IntArray, FloatArray]:
    """The ``min(k, n - 1)`` nearest other rows of each of ``(n, dim)``, by Euclidean distance.

    Returns rows ``(n, k)`` and squared distances ``(n, k)``, nearest first. Candidates come from
    products in single precision, their order from exact differences, ties by row; for unit rows
    half of the squared distance is 1 - cosine.

    Raises:
        Cancelled: by ``progress``.
    """
    from core.knn import kernels

    count = len(vectors)
    k = min(k, count - 1)
    kept = min(k + _SPARE, count - 1)
    scores = np.full((count, kept), -np.inf, dtype=np.float32)
    rows = np.full((count, kept), -1, dtype=np.int64)
    halves = np.einsum("nd,nd->n", vectors, vectors) / 2
    for start, block in _blocks(vectors, progress):
        with kernels.TURN:
            kernels.keep_best(block, start, halves, scores, rows)
    with kernels.TURN:
        squares = kernels.squared_distances(vectors, vectors, rows)
    order = np.lexsort((rows, squares), axis=1)[:, :k]
    return np.take_along_axis(rows, order, 1), np.take_along_axis(squares, order, 1)


def nearest_to(queries: FloatArray, vectors: FloatArray, k: int) -> tuple[IntArray, FloatArray]:
    """The ``min(k, n)`` rows of ``(n, dim)`` nearest to each query ``(m, dim)``.

    Returns rows and squared distances ``(m, k)``, nearest first, as ``nearest_rows``.
    """
    import faiss

    from core.knn import kernels

    kept = min(k + _SPARE, len(vectors))
    _, rows = faiss.knn(
        np.ascontiguousarray(queries), np.ascontiguousarray(vectors), kept, metric=faiss.METRIC_L2
    )
    with kernels.TURN:
        squares = kernels.squared_distances(queries, vectors, rows)
    order = np.lexsort((rows, squares), axis=1)[:, : min(k, len(vectors))]
    return np.take_along_axis(rows, order, 1), np.take_along_axis(squares, order, 1)


def _blocks(vectors: FloatArray, progress: Progress) -> Iterator[tuple[int, FloatArray]]:
    """Products of each block of rows with its own and all later rows; one buffer serves for all."""
    count = len(vectors)
    height = max(1, min(_ROWS, _HELD // count))
    buffer = np.empty(height * count, dtype=np.float32)
    for start in range(0, count, height):
        progress(start, count, "rows compared")
        rows = min(height, count - start)
        block = buffer[: rows * (count - start)].reshape(rows, count - start)
        np.matmul(vectors[start : start + rows], vectors[start:].T, out=block)
        yield start, block
    progress(count, count, "rows compared")
