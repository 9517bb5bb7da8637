"""About how long work takes here: what is long does not begin by a visit or a link alone.

The constants are seconds of one core. They were taken from the times in ``benchmarks/README.md``
(2 cores of an AMD EPYC) where these are there, else measured on the same kind of machine while it
was busy and scaled by what both have; they are divided by the cores there are, up to
``MOST_CORES``. They answer a question, they promise nothing: on another processor they are wrong
by a factor of two, and on a busy one by more. ``python3 run.py bench durations`` compares.
Vectors are of 384 numbers where nothing else is said.
"""

from __future__ import annotations

import os

from core.base.errors import counted

UNASKED = 5.0  # seconds that work may take without being asked for by a click
MOST_CORES = 8  # the loops gain little from more

_DIM = 384
_PAIRS = 0.0026, 0.0034  # of each million pairs of vectors: the nearest of them, and a product
_JUDGED = 2.0  # times the pairs, where a map is judged whose method needs no neighbors
PAIRS_UP_TO = 50_000  # vectors; of more, a graph finds the nearest, and some points are judged
# Of a thousand vectors: to find the nearest by a graph, and to judge the map at some points. Short
# vectors save little of it: of 60,000 the nearest took 0.07, 0.19 and 0.28 with 8, 32 and 128
# numbers, since a walk through the graph waits for memory; longer ones are walked by 128 components
# (0.13 of processor time with 384 numbers). Judging orders as many distances.
_GRAPH = 0.2, 0.08
_PCA = 0.02  # of a thousand vectors
_UMAP = 0.08  # of a thousand points on a plane, with 15 neighbors each
_SPACE = 2.4  # times as long where a map is in space
_UMAP_LEARN = 4.0  # times as long as ours
_TSNE = 0.7, 0.11  # of a thousand points, and of each million pairs of them
_TSNE_ROWS = 10_000  # from which on a grid takes the place of the pairs
_KMEANS = 0.4  # of a thousand vectors
_HDBSCAN = 0.6  # of each million pairs of vectors
_CHARACTERS = 0.09  # of a thousand characters, by MiniLM
_PICTURE = 0.003  # by our own encoder
_OTHER_PICTURE = 0.09  # by CLIP or a classifier
_VIEW = 0.005  # drawing an augmented view, beside encoding it
_INDEX = 0.19, 1.32  # of a thousand vectors in a graph of HNSW, and the power of their number
_RANKED = 0.1  # of each million scores of a model of dimension 64
OF_VOCABULARY = 200.0  # of the words of a space, each in nine templates


def phrase(seconds: float) -> str:
    """A guess for a person: seconds, minutes or hours."""
    for size, unit in ((3_600, "hour"), (60, "minute")):
        if seconds >= 1.5 * size:
            return f"about {counted(round(seconds / size), unit)}"
    return f"about {counted(max(1, round(seconds)), 'second')}"


def of_pairs(rows: int, dim: int) -> float:
    """Comparing ``rows`` vectors of ``dim`` numbers, each with each."""
    nearest, product = _PAIRS
    return _here((nearest + product * dim / _DIM) * (rows / 1_000) ** 2)


def of_map(method: str, rows: int, dim: int, *, dims: int = 2, neighbors: int = 15) -> float:
    """A map of ``rows`` vectors of ``dim`` numbers, with how it is judged.

    Args:
        method: ``pca``, ``tsne`` or ``umap``; others are taken for a slow UMAP.
        dims: of the map.
        neighbors: of UMAP.
    """
    if dim <= dims:  # shown as they are
        return 0
    thousands = rows / 1_000
    pairs, judging = of_pairs(rows, dim), 0.0
    if rows > PAIRS_UP_TO:
        near, judged = _GRAPH
        pairs, judging = _here(near * thousands * max(1, dim / _DIM)), _here(judged * thousands)
    if method == "pca":
        return _here(_PCA * thousands * dim / _DIM) + (judging or _JUDGED * pairs)
    if method == "tsne":
        each, pair = _TSNE
        work = each * thousands + pair * thousands * min(rows, _TSNE_ROWS) / 1_000
    else:
        work = _UMAP * thousands * neighbors / 15
        work *= 1 if method == "umap" else _UMAP_LEARN
    return _here(work * (_SPACE if dims == 3 else 1)) + pairs + judging


def of_clusters(kind: str, rows: int, dim: int) -> float:
    """Clusters of ``rows`` points of ``dim`` numbers by ``k-means`` or HDBSCAN."""
    thousands = rows / 1_000
    work = _KMEANS * thousands if kind == "k-means" else _HDBSCAN * thousands**2
    return _here(work * dim / _DIM)


def of_texts(characters: float, dim: int) -> float:
    """Encoding texts of so many characters in all; larger networks have longer vectors."""
    return _here(_CHARACTERS * characters / 1_000 * (dim / _DIM) ** 3)


def of_pictures(count: int, *, own: bool) -> float:
    """Encoding ``count`` pictures by our own encoder or another one."""
    return _here((_PICTURE if own else _OTHER_PICTURE) * count)


def of_views(count: int, *, own: bool) -> float:
    """Drawing and encoding ``count`` augmented views of pictures."""
    return _here(_VIEW * count) + of_pictures(count, own=own)


def of_index(rows: int, dim: int) -> float:
    """Building an index over ``rows`` vectors; HNSW, which takes longest, is taken for any."""
    each, power = _INDEX  # 5,000, 20,000 and a million vectors lie on this curve
    return _here(each * (rows / 1_000) ** power * dim / _DIM)


def of_ranking(triples: int, entities: int, dim: int) -> float:
    """Ranking triples of a graph among all entities, once for heads and once for tails."""
    return _here(_RANKED * 2 * triples * entities / 1e6 * dim / 64)


def _here(work: float) -> float:
    return work / min(MOST_CORES, os.cpu_count() or 1)
