"""What FAISS's indexes are made of: HNSW's graph, IVF's lists, PQ's codes, LSH's bits."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from core.base.types import FloatArray, IntArray


@dataclass(frozen=True, slots=True)
class HnswGraph:
    """The layers of a graph of ``n`` vectors (Malkov & Yashunin 2016); all stand in layer 0.

    Attributes:
        levels: ``(n,)`` the highest layer of each.
        entry: the row where each search begins; it is in the highest layer.
        top: the number of that layer.
    """

    levels: IntArray
    entry: int
    top: int
    _offsets: IntArray
    _neighbors: IntArray
    _before: IntArray

    def links(self, row: int, level: int) -> IntArray:
        """The rows ``(m,)`` that ``row`` is linked to in a layer it is in, in FAISS's order."""
        first = self._offsets[row] + self._before[level]
        links = self._neighbors[first : self._offsets[row] + self._before[level + 1]]
        missing = np.flatnonzero(links < 0)
        return links[: missing[0]] if len(missing) else links


def hnsw_graph(index: Any) -> HnswGraph:
    """The graph of FAISS's ``IndexHNSW``."""
    import faiss

    hnsw = index.hnsw
    parts = [
        faiss.vector_to_array(part).astype(np.int64)
        for part in (hnsw.offsets, hnsw.neighbors, hnsw.cum_nneighbor_per_level)
    ]
    levels = faiss.vector_to_array(hnsw.levels).astype(np.int64) - 1  # FAISS counts layers
    return HnswGraph(levels, int(hnsw.entry_point), int(hnsw.max_level), *parts)


@dataclass(frozen=True, slots=True)
class Cells:
    """The lists of an IVF index.

    Attributes:
        centers: ``(lists, dim)``.
        cell: ``(n,)`` the list that each vector lies in.
    """

    centers: FloatArray
    cell: IntArray


def cells(index: Any) -> Cells:
    """The lists of FAISS's ``IndexIVF``."""
    import faiss

    cell = np.full(index.ntotal, -1, dtype=np.int64)
    for number in range(index.nlist):
        size = index.invlists.list_size(number)
        if size:
            cell[faiss.rev_swig_ptr(index.invlists.get_ids(number), size)] = number
    return Cells(index.quantizer.reconstruct_n(0, index.nlist), cell)


def probed(index: Any, query: FloatArray, probes: int) -> IntArray:
    """The lists ``(probes,)`` that FAISS's ``IndexIVF`` reads for ``(dim,)``, nearest first."""
    _, lists = index.quantizer.search(query[None], probes)
    rows: IntArray = lists[0]
    return rows


@dataclass(frozen=True, slots=True)
class Codes:
    """Vectors as product quantization keeps them (Jégou et al. 2011).

    Attributes:
        books: ``(pieces, centers, dim / pieces)`` what each number of a code stands for.
        codes: ``(n, pieces)`` the numbers.
    """

    books: FloatArray
    codes: NDArray[np.uint8]

    def decoded(self) -> FloatArray:
        """The vectors ``(n, dim)`` that the codes stand for."""
        pieces = [book[column] for book, column in zip(self.books, self.codes.T, strict=True)]
        return np.concatenate(pieces, axis=1)


def product_codes(vectors: FloatArray, pieces: int, bits: int) -> Codes:
    """Vectors ``(n, dim)`` by FAISS's product quantizer, which learns from them.

    ``pieces`` divides ``dim``; there are ``2 ** bits`` vectors or more; ``bits`` is 8 at most.
    """
    import faiss

    quantizer = faiss.ProductQuantizer(vectors.shape[1], pieces, bits)
    quantizer.verbose = False
    quantizer.train(vectors)
    books = faiss.vector_to_array(quantizer.centroids).reshape(
        pieces, 2**bits, vectors.shape[1] // pieces
    )
    if bits == 8:
        return Codes(books, quantizer.compute_codes(vectors))
    nearest = [
        np.square(part[:, None] - book[None]).sum(axis=2).argmin(axis=1)
        for part, book in zip(np.split(vectors, pieces, axis=1), books, strict=True)
    ]
    return Codes(books, np.stack(nearest, axis=1).astype(np.uint8))


@dataclass(frozen=True, slots=True)
class Signs:
    """On which side of some hyperplanes through the origin ``n`` vectors lie (Charikar 2002).

    Attributes:
        normals: ``(planes, dim)`` a vector at a right angle to each hyperplane.
        bits: ``(n, planes)`` 1 on the side that the normal points to, else 0.
    """

    normals: FloatArray
    bits: NDArray[np.uint8]

    def of(self, query: FloatArray) -> NDArray[np.uint8]:
        """The bits ``(planes,)`` of a vector ``(dim,)``."""
        return (self.normals @ query >= 0).astype(np.uint8)


def signs(index: Any) -> Signs:
    """The hyperplanes and the codes of FAISS's ``IndexLSH`` with rotation and no thresholds."""
    import faiss

    normals = faiss.vector_to_array(index.rrot.A).reshape(index.nbits, index.d)
    codes = faiss.vector_to_array(index.codes).reshape(index.ntotal, index.code_size)
    return Signs(normals, np.unpackbits(codes, axis=1, count=index.nbits, bitorder="little"))
