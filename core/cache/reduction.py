"""Toy sets and words on maps, for the lesson on reduction."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import streamlit as st

from core.base.types import FloatArray, Metric
from core.cache.digests import DIGESTS
from core.cache.spaces import vocabulary, word_encoder
from core.lessons import reduction
from core.maps import project
from core.maps.quality import Quality, map_quality
from core.maps.recipe import Method, Recipe
from core.spaces.entry import SpaceEntry
from core.words.word_list import resolve_words

WORDS = 400  # of the model, beside the learner's
NEAR = 10


def _recipe(method: Method, number: int) -> Recipe:
    """``number`` is the perplexity of t-SNE, or the neighbours of UMAP."""
    return replace(
        Recipe(method, seed=0), perplexity=float(max(2, number)), neighbors=max(2, number)
    )


@st.cache_resource(max_entries=32, hash_funcs=DIGESTS, show_spinner="Drawing the maps …")
def toy_map(name: str, method: Method, number: int) -> FloatArray:
    """Coordinates ``(n, 2)`` of a toy set on a map, by Euclidean distance."""
    points, _ = reduction.TOYS[name]()
    recipe = replace(_recipe(method, number), metric=Metric.EUCLIDEAN)
    return project.project(points, recipe).coordinates


@st.cache_resource(max_entries=8, hash_funcs=DIGESTS, show_spinner=False)
def word_set(entry: SpaceEntry, words: tuple[str, ...]) -> tuple[tuple[str, ...], FloatArray]:
    """The learner's words, then the model's most frequent others, with vectors ``(n, dim)``.

    Raises:
        UnknownTermError: a word is not in the vocabulary and the model cannot encode it.
    """
    held = vocabulary(entry)[0]
    own = resolve_words(words, held, word_encoder(entry)).vectors
    taken = {held.row(word) for word in words}
    rows = [row for row in range(min(WORDS, len(held))) if row not in taken]
    names = (*words, *(held.words[row] for row in rows))
    return names, np.concatenate([own, held.vectors[rows]])


@st.cache_resource(max_entries=16, hash_funcs=DIGESTS, show_spinner="Drawing the maps …")
def words_map(
    entry: SpaceEntry, words: tuple[str, ...], method: Method, number: int
) -> tuple[FloatArray, Quality]:
    """Coordinates ``(n, 2)`` of these words on a map, and what it keeps.

    Raises:
        UnknownTermError: as ``word_set``.
    """
    _, vectors = word_set(entry, words)
    coordinates = project.project(vectors, _recipe(method, number)).coordinates
    return coordinates, map_quality(vectors, coordinates, NEAR)
