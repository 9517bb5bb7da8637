"""Approximate indexes of FAISS, to see what each loses and gains (Douze et al. 2024).

Vectors have length 1, so inner product is cosine similarity, and Euclidean distance ranks as both
do: d² = 2 − 2 cos. Scores are cosine similarities, or distances with a minus sign.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

import numpy as np

from core.errors import InputError
from core.types import FloatArray, IntArray, Metric


class IndexKind(StrEnum):
    """How vectors are laid out for searching."""

    FLAT = "Flat"  # every vector is compared
    IVF_FLAT = "IVFFlat"  # lists around centres; only some lists are read
    IVF_PQ = "IVFPQ"  # the same, with vectors cut into pieces that are rounded
    HNSW = "HNSW"  # a graph of neighbours (Malkov & Yashunin 2016)
    LSH = "LSH"  # signs of random directions


@dataclass(frozen=True, slots=True)
class IndexSettings:
    """A kind with its parameters; those of other kinds are ignored.

    Attributes:
        lists, probes: of IVF: how many lists, and how many of them are read.
        pieces, piece_bits: of PQ: pieces of a vector, and bits of each.
        links, build_width, search_width: of HNSW: links of a vector, and candidates kept while
            building and while searching.
        signs: of LSH: bits of a code.
    """

    kind: IndexKind
    metric: Metric = Metric.COSINE
    lists: int = 32
    probes: int = 4
    pieces: int = 48
    piece_bits: int = 8
    links: int = 16
    build_width: int = 100
    search_width: int = 32
    signs: int = 512


class FaissIndex:
    """An index over unit vectors ``(n, dim)``.

    Raises:
        InputError: there are too few vectors for the parameters, or they do not fit the dimension.
    """

    def __init__(self, vectors: FloatArray, settings: IndexSettings) -> None:
        self.settings = settings
        _check(vectors, settings)
        self._index = _make(vectors.shape[1], settings)
        self._index.train(vectors)
        self._index.add(vectors)
        self.tune(settings)

    def tune(self, settings: IndexSettings) -> None:
        """Sets what only searching depends on: ``probes`` and ``search_width``."""
        if settings.kind in (IndexKind.IVF_FLAT, IndexKind.IVF_PQ):
            self._index.nprobe = settings.probes
        if settings.kind is IndexKind.HNSW:
            self._index.hnsw.efSearch = settings.search_width

    def search(self, queries: FloatArray, k: int) -> tuple[FloatArray, IntArray]:
        """Scores and rows ``(m, k)``, best first; row -1 where fewer were found."""
        scores, rows = self._index.search(np.ascontiguousarray(queries, dtype=np.float32), k)
        if self.settings.kind is IndexKind.LSH:
            scores = -scores  # Hamming distances
        elif self.settings.metric is Metric.EUCLIDEAN:
            scores = -np.sqrt(np.maximum(scores, 0))
        return scores, rows

    @property
    def size(self) -> int:
        """Bytes of the index as it is written to disk, its vectors or codes included."""
        import faiss

        return int(faiss.serialize_index(self._index).nbytes)


def piece_bits_for(count: int) -> int:
    """Bits of a piece that ``count`` vectors can teach: FAISS wants 39 for each of its centres."""
    return max(4, min(8, int(math.log2(max(count, 1) / 39)))) if count >= 39 * 16 else 4


def _make(dim: int, settings: IndexSettings) -> Any:
    import faiss

    euclidean = settings.metric is Metric.EUCLIDEAN
    metric = faiss.METRIC_L2 if euclidean else faiss.METRIC_INNER_PRODUCT
    flat: Any = faiss.IndexFlat(dim, metric)
    made: Any
    match settings.kind:
        case IndexKind.FLAT:
            return flat
        case IndexKind.LSH:
            return faiss.IndexLSH(dim, settings.signs)
        case IndexKind.HNSW:
            made = faiss.IndexHNSWFlat(dim, settings.links, metric)
            made.hnsw.efConstruction = settings.build_width
            return made
        case IndexKind.IVF_FLAT:
            made = faiss.IndexIVFFlat(flat, dim, settings.lists, metric)
        case IndexKind.IVF_PQ:
            made = faiss.IndexIVFPQ(
                flat, dim, settings.lists, settings.pieces, settings.piece_bits, metric
            )
    made.own_fields = True  # the index frees its quantizer, which Python must then not
    flat.this.disown()
    return made


def _check(vectors: FloatArray, settings: IndexSettings) -> None:
    count, dim = vectors.shape
    needed = 1
    if settings.kind in (IndexKind.IVF_FLAT, IndexKind.IVF_PQ):
        needed = settings.lists
    if settings.kind is IndexKind.IVF_PQ:
        needed = max(needed, 2**settings.piece_bits)
        if dim % settings.pieces:
            raise InputError(
                f"{dim} dimensions cannot be cut into {settings.pieces} pieces.",
                "The number of pieces divides the dimension.",
                f"Take one of {', '.join(map(str, divisors(dim)))}.",
            )
    if count < needed:
        raise InputError(
            f"There are {count:,} vectors.",
            f"{settings.kind.value} with these parameters needs {needed:,} or more.",
            "Take fewer lists or bits, or another kind.",
        )


def divisors(dim: int) -> list[int]:
    """The numbers of pieces that a vector of ``dim`` can be cut into, from 4 on."""
    return [number for number in range(4, dim + 1) if dim % number == 0]
