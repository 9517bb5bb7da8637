"""The nearest rows of many vectors by a graph of HNSW (Malkov & Yashunin 2016), in FAISS.

Comparing all with all grows with the square of their number: a map of 200,000 vectors would wait
minutes for it, and one of a million more than an hour. The graph finds most of the nearest in
about linear time; how many is measured, against comparing some rows with all, and told.

A graph reads vectors here and there, which is what takes its time. So that of long vectors is made
of their first principal components, a third of the reading for 384 numbers, and finds more rows
than are wanted, which are ranked by the vectors themselves.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import numpy as np

from core.base.durations import PAIRS_UP_TO
from core.base.types import FloatArray, IntArray, Progress, no_progress
from core.knn.nearest import nearest_among, nearest_rows, other_rows

FROM = PAIRS_UP_TO  # rows from which on the graph is asked; below, all are compared
WANTED = 0.95  # recall; the search is widened until it is reached
ASKED = 500  # rows at which it is measured
_BLOCK = 4_096  # rows between two reports of progress
_LINKS, _BUILD_WIDTH = 16, 40
_WIDTHS = (32, 64, 128, 256)
_COMPONENTS = 128  # of longer vectors, where they hold enough of the variance
_KEPT = 0.6
_LEARNT_FROM = 20_000  # rows
_RANKED = 2  # times as many as are wanted at first, where the graph knows components alone


@dataclass(frozen=True, slots=True)
class Near:
    """The nearest other rows of each row.

    Attributes:
        rows: ``(n, k)``, nearest first.
        squares: ``(n, k)`` squared Euclidean distances.
        recall: the share of the true ``k`` nearest among them; ``None`` where all were compared.
    """

    rows: IntArray
    squares: FloatArray
    recall: float | None = None


def near_rows(
    vectors: FloatArray,
    k: int,
    progress: Progress = no_progress,
    *,
    threads: int | None = None,
    start: int = FROM,
) -> Near:
    """The ``min(k, n - 1)`` nearest other rows of each of ``(n, dim)``, by Euclidean distance.

    Up to ``start`` rows they are exact, as ``nearest_rows``; of more, and where the graph reaches
    the recall that is wanted, approximate. By one thread the same rows have the same neighbours
    each time; several build the graph in an order of chance.

    Raises:
        Cancelled: by ``progress``.
    """
    vectors = np.ascontiguousarray(vectors, dtype=np.float32)
    count = len(vectors)
    if count > max(start, k + 1):
        with _threads(threads):
            found = _by_graph(vectors, k, progress)
        if found is not None:
            return found
    return Near(*nearest_rows(vectors, k, progress))


def _by_graph(vectors: FloatArray, k: int, progress: Progress) -> Near | None:
    """``None`` where the graph misses too many, as of rows that stand there many times."""
    count = len(vectors)
    graph = _build(vectors, progress)
    some = np.random.default_rng(0).choice(count, min(ASKED, count), replace=False)
    _, exact = nearest_among(vectors, some, k)
    limits = exact[:, -1:] * (1 + 1e-5) + 1e-12  # any of equally far ones is a right one
    for width in _WIDTHS:
        rows, squares = _search(graph, vectors, some, k, width)
        recall = float(((squares <= limits) & (rows >= 0)).mean())
        if recall >= WANTED:
            break
    else:
        return None
    near, apart = np.empty((count, k), np.int64), np.empty((count, k), np.float32)
    for at in range(0, count, _BLOCK):
        progress(at, count, "rows searched")
        own = np.arange(at, min(at + _BLOCK, count))
        near[own], apart[own] = _search(graph, vectors, own, k, width)
    short = np.flatnonzero((near < 0).any(axis=1))  # rows that the graph does not lead to
    for at in range(0, len(short), _BLOCK):
        own = short[at : at + _BLOCK]
        near[own], apart[own] = nearest_among(vectors, own, k)
    progress(count, count, "rows searched")
    return Near(near, apart, recall)


def _build(vectors: FloatArray, progress: Progress) -> Any:
    import faiss

    count, dim = vectors.shape
    components = _components(vectors)
    length = _COMPONENTS if components is not None else dim
    # Half precision takes half the memory and finds as many; distances are measured on the rows.
    half: Any = faiss.ScalarQuantizer.QT_fp16
    graph: Any = faiss.IndexHNSWSQ(length, half, _LINKS)
    graph.hnsw.efConstruction = _BUILD_WIDTH
    index = graph if components is None else faiss.IndexPreTransform(components, graph)
    for at in range(0, count, _BLOCK):
        progress(at, count, "rows linked")
        index.add(vectors[at : at + _BLOCK])
    return index


def _components(vectors: FloatArray) -> Any:
    """FAISS's PCA of long vectors; ``None`` where it would lose too much, or save too little."""
    import faiss

    count, dim = vectors.shape
    if dim < 2 * _COMPONENTS:
        return None
    some = vectors[:: max(1, count // _LEARNT_FROM)]
    made = faiss.PCAMatrix(dim, _COMPONENTS)
    made.train(some)
    variances = faiss.vector_to_array(made.eigenvalues)
    return made if variances[:_COMPONENTS].sum() >= _KEPT * variances.sum() else None


def _search(
    graph: Any, vectors: FloatArray, own: IntArray, k: int, width: int
) -> tuple[IntArray, FloatArray]:
    """Rows and squared distances ``(m, k)`` of the nearest others of rows ``(m,)``; -1 for none.

    Args:
        width: candidates that are followed; with it grows how many are ranked, where the graph
            knows components alone.
    """
    import faiss

    from core.knn import kernels

    reduced = isinstance(graph, faiss.IndexPreTransform)
    wanted = (k + 1) * (_RANKED * width // _WIDTHS[0] if reduced else 1)
    faiss.ParameterSpace().set_index_parameter(graph, "efSearch", max(width, wanted))
    (rows,) = other_rows(graph.search(vectors[own], wanted)[1], own)
    with kernels.TURN:
        squares = kernels.squared_distances(vectors, own, rows).astype(np.float32)
    order = np.argsort(squares, axis=1, kind="stable")[:, :k]
    return np.take_along_axis(rows, order, axis=1), np.take_along_axis(squares, order, axis=1)


@contextmanager
def _threads(wanted: int | None) -> Iterator[None]:
    """How many threads FAISS works in; OpenMP keeps that number for each caller by itself."""
    import faiss

    before = faiss.omp_get_max_threads()
    faiss.omp_set_num_threads(wanted or before)
    try:
        yield
    finally:
        faiss.omp_set_num_threads(before)
