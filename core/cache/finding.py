"""Words on a map and in FAISS's structures, for the lesson on finding."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import streamlit as st

from core.base.types import FloatArray
from core.cache.digests import DIGESTS
from core.cache.spaces import vocabulary
from core.knn import index_comparison, index_parts
from core.knn.faiss_indexes import FaissIndex, IndexKind, IndexSettings
from core.knn.index_comparison import Trial
from core.knn.index_parts import Codes, HnswGraph
from core.lessons.finding import walk
from core.maps import project
from core.maps.recipe import Method, Projection, Recipe
from core.spaces.entry import SpaceEntry

SIZES = (500, 1_000, 2_000, 4_000)
QUESTIONS = 20


def word_vectors(entry: SpaceEntry, count: int) -> FloatArray:
    """The first ``count`` words of a space that is built, unit rows ``(count, dim)``."""
    return vocabulary(entry)[0].vectors[:count]


@st.cache_resource(max_entries=4, hash_funcs=DIGESTS, show_spinner="Drawing the map …")
def word_map(entry: SpaceEntry, count: int) -> Projection:
    """A map of these words by UMAP, or by PCA where they are few."""
    method = Method.UMAP if count > 50 else Method.PCA
    return project.project(word_vectors(entry, count), Recipe(method, seed=0))


@st.cache_resource(max_entries=12, hash_funcs=DIGESTS, show_spinner="Building the index …")
def word_index(entry: SpaceEntry, count: int, kind: IndexKind, size: int) -> FaissIndex:
    """An index over these words; ``size`` is the number of lists, of links, or of signs."""
    settings = replace(IndexSettings(kind), lists=size, links=size, signs=size)
    return FaissIndex.build(word_vectors(entry, count), settings)


@st.cache_resource(max_entries=12, hash_funcs=DIGESTS, show_spinner=False)
def word_graph(entry: SpaceEntry, count: int, links: int) -> HnswGraph:
    """The graph of HNSW over these words."""
    return index_parts.hnsw_graph(word_index(entry, count, IndexKind.HNSW, links).inner)


@st.cache_resource(max_entries=8, hash_funcs=DIGESTS, show_spinner="Learning the codes …")
def word_codes(entry: SpaceEntry, count: int, pieces: int, bits: int) -> Codes:
    """These words by product quantization."""
    return index_parts.product_codes(word_vectors(entry, count), pieces, bits)


@st.cache_resource(max_entries=4, hash_funcs=DIGESTS, show_spinner="Searching …")
def comparisons(entry: SpaceEntry, links: int, width: int) -> dict[int, float]:
    """By how many words HNSW searches, with how many of them it compares a question on average.

    Questions are vectors of words with noise, the same for all sizes.
    """
    found = {}
    sizes = [size for size in SIZES if size <= len(vocabulary(entry)[0])]
    if not sizes:
        return {}
    questions = index_comparison.ask_near(word_vectors(entry, sizes[0]), QUESTIONS)
    for size in sizes:
        graph, vectors = word_graph(entry, size, links), word_vectors(entry, size)
        walks = [walk(graph, vectors, one, width, 1) for one in questions]
        found[size] = float(np.mean([one.compared for one in walks]))
    return found


@st.cache_resource(max_entries=4, hash_funcs=DIGESTS, show_spinner="Trying each kind …")
def trials(entry: SpaceEntry, count: int) -> list[Trial]:
    """How each kind of index does on these words, by its default parameters."""
    vectors = word_vectors(entry, count)
    dim = vectors.shape[1]
    pieces = max(number for number in index_comparison.divisors(dim) if number <= 48)
    bits = index_comparison.piece_bits_for(count)
    lists = max(1, min(32, count // 40))
    return [
        index_comparison.try_index(
            vectors, IndexSettings(kind, lists=lists, pieces=pieces, piece_bits=bits), 10
        )
        for kind in IndexKind
    ]
