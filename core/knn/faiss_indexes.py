"""Approximate indexes of FAISS, to see what each loses and gains (Douze et al. 2024).

FAISS knows inner products and Euclidean distances; cosine similarity is the inner product of
vectors brought to length 1. Of vectors that have length 1 all three rank alike: d² = 2 − 2 cos.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any

import numpy as np

from core.base import vectors as vec
from core.base.errors import InputError
from core.base.types import FloatArray, IntArray, Progress, no_progress

BLOCK = 5_000  # vectors taken in between two reports of progress


class IndexMetric(StrEnum):
    """How vectors are compared. A score is higher for nearer ones; distances have a minus sign."""

    COSINE = "cosine"
    INNER_PRODUCT = "inner product"
    EUCLIDEAN = "Euclidean"


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
    metric: IndexMetric = IndexMetric.COSINE
    lists: int = 32
    probes: int = 4
    pieces: int = 48
    piece_bits: int = 8
    links: int = 16
    build_width: int = 100
    search_width: int = 32
    signs: int = 512


class FaissIndex:
    """An index over vectors ``(n, dim)``; ``build`` and ``open`` make one."""

    def __init__(self, index: Any, settings: IndexSettings) -> None:
        self._index = index
        self.settings = settings
        self.tune(settings)

    @classmethod
    def build(
        cls, vectors: FloatArray, settings: IndexSettings, progress: Progress = no_progress
    ) -> FaissIndex:
        """Learns from the vectors ``(n, dim)`` and takes them in, block by block.

        Raises:
            InputError: there are too few for the parameters, or these do not fit the dimension.
            Cancelled: by ``progress``.
        """
        _check(vectors, settings)
        progress(0, len(vectors), "vectors taken in")
        index = _make(vectors.shape[1], settings)
        if not index.is_trained:
            index.train(_given(vectors, settings))
        for at in range(0, len(vectors), BLOCK):
            index.add(_given(vectors[at : at + BLOCK], settings))
            progress(min(len(vectors), at + BLOCK), len(vectors), "vectors taken in")
        return cls(index, settings)

    @classmethod
    def open(cls, path: Path, settings: IndexSettings) -> FaissIndex:
        """The index in a file of ours, by memory map: the system reads of it what is searched.

        The caller has checked the file's digest, since FAISS trusts what it reads.
        """
        import faiss

        return cls(faiss.read_index(str(path), faiss.IO_FLAG_MMAP_IFC), settings)

    def save(self, path: Path) -> None:
        """Writes the index as a file that ``open`` takes.

        Raises:
            OSError: it cannot be written.
        """
        with path.open("wb") as stream:  # Python writes, so that a full disk is an OSError
            self.write(stream.write)

    def write(self, take: Callable[[bytes], int]) -> None:
        """Hands over the index in FAISS's format, in pieces; ``take`` says how much it took."""
        import faiss

        faiss.write_index(self._index, _writer(take))

    def tune(self, settings: IndexSettings) -> None:
        """Sets what only searching depends on: ``probes`` and ``search_width``."""
        if settings.kind in (IndexKind.IVF_FLAT, IndexKind.IVF_PQ):
            self._index.nprobe = settings.probes
        if settings.kind is IndexKind.HNSW:
            self._index.hnsw.efSearch = settings.search_width
        self.settings = settings

    def search(self, queries: FloatArray, k: int) -> tuple[FloatArray, IntArray]:
        """Scores and rows ``(m, k)``, best first; row -1 where fewer were found."""
        scores, rows = self._index.search(_given(queries, self.settings), k)
        if self.settings.kind is IndexKind.LSH:
            scores = -scores  # Hamming distances
        elif self.settings.metric is IndexMetric.EUCLIDEAN:
            scores = -np.sqrt(np.maximum(scores, 0))
        return scores, rows

    @property
    def inner(self) -> Any:
        """FAISS's own index, for looking at what it is made of."""
        return self._index

    @property
    def size(self) -> int:
        """Bytes of the index as it is written to disk, its vectors or codes included."""
        written = 0

        def count(part: bytes) -> int:
            nonlocal written
            written += len(part)
            return len(part)

        self.write(count)
        return written


def _writer(write: Callable[[bytes], int]) -> Any:
    import faiss

    made: Any = vars(faiss)["PyCallbackIOWriter"](write)  # FAISS's stubs lack it
    return made


def _given(vectors: FloatArray, settings: IndexSettings) -> FloatArray:
    """Vectors as FAISS takes them for this metric."""
    if settings.metric is IndexMetric.COSINE:
        vectors = vec.normalize(vectors)
    return np.ascontiguousarray(vectors, dtype=np.float32)


def links_for(count: int) -> int:
    """HNSW's links of a vector among ``count``: log2 of their number, from 4 to 64.

    A graph of N vectors needs some log2 N links at each for all to be reached in few steps.
    """
    return max(4, min(64, round(math.log2(max(count, 2)))))


def piece_bits_for(count: int) -> int:
    """Bits of a piece that ``count`` vectors can teach: FAISS wants 39 for each of its centres."""
    return max(4, min(8, int(math.log2(max(count, 1) / 39)))) if count >= 39 * 16 else 4


def _make(dim: int, settings: IndexSettings) -> Any:
    import faiss

    euclidean = settings.metric is IndexMetric.EUCLIDEAN
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
