"""What the lessons computed of whole vocabularies."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import streamlit as st

from core.base.types import FloatArray
from core.cache import images as images_cache, jobs as jobs_cache
from core.cache.digests import DIGESTS
from core.cache.spaces import vocabulary, word_encoder
from core.images import galleries, openmoji
from core.lessons import dimensions
from core.lessons.dimensions import Components
from core.lessons.network import LayerKind, StagedNetwork, mean_colors, what_neighbors_share
from core.spaces.entry import SpaceEntry
from core.spaces.frequent_words import frequent_words

KINDS = (  # of emoji, in the sample that layers are compared on
    *("animal-mammal", "animal-bird", "food-fruit", "food-vegetable", "food-prepared"),
    *("clothing", "musical-instrument", "tool", "transport-ground", "sky-weather"),
    *("place-building", "mail"),
)
OF_KIND = 8  # of each
SAMPLE = 500  # words that stand for all, where these are not encoded yet
WORDS = 10_000  # the most frequent, of which a lesson takes components and neighbours


@st.cache_resource(max_entries=2, hash_funcs=DIGESTS, show_spinner=False)
def word_sample(entry: SpaceEntry) -> FloatArray:
    """Unit vectors ``(n, dim)`` of a space's words: all, or ``SAMPLE`` where they are not built."""
    encoder = word_encoder(entry)
    if entry.built or encoder is None:
        return vocabulary(entry)[0].vectors
    listed = frequent_words()
    rows = np.random.default_rng(0).choice(len(listed), SAMPLE, replace=False)
    return encoder.encode([listed[row] for row in rows.tolist()])


@st.cache_resource(max_entries=2, hash_funcs=DIGESTS, show_spinner=False)
def components(entry: SpaceEntry) -> Components:
    """Principal components of the most frequent words of a space that is built."""
    return dimensions.components(vocabulary(entry)[0].vectors[:WORDS])


@st.cache_resource(max_entries=8, hash_funcs=DIGESTS, show_spinner=False)
def kept_by_width(
    entry: SpaceEntry, widths: tuple[int, ...], count: int
) -> tuple[list[float], list[float]]:
    """As ``dimensions.kept_by_width`` of the same words."""
    vectors = vocabulary(entry)[0].vectors[:WORDS]
    return dimensions.kept_by_width(vectors, components(entry), widths, count)


@st.cache_resource(max_entries=1, show_spinner=False)
def staged_network() -> StagedNetwork:
    """EfficientNet-lite0, whose stages can be seen; it is opened when first run."""
    return StagedNetwork()


@st.cache_resource(show_spinner=False)
def warm_network() -> None:
    """Has the network opened in the background, once for the server."""
    network = staged_network()
    jobs_cache.jobs().start("warm network", "Opening the network", lambda _: network.warm())


@dataclass(frozen=True, slots=True)
class PictureSample:
    """Some emoji of several kinds, by several layers.

    Attributes:
        rows: in the gallery.
        vectors: for each layer unit rows ``(n, channels)``.
        shared: what neighbours share by each layer.
        kinds: how many kinds there are, as many pictures of each.
        chance: how likely any other picture is of the same kind.
    """

    rows: list[int]
    vectors: list[FloatArray]
    shared: list[LayerKind]
    kinds: int
    chance: float


@st.cache_resource(
    max_entries=1, hash_funcs=DIGESTS, show_spinner="Running the network over some emoji …"
)
def picture_sample(layers: tuple[str, ...]) -> PictureSample:
    """The sample, run through ``staged_network`` once."""
    entry = next(one for one in galleries.list_galleries() if one.name == openmoji.NAME)
    gallery = images_cache.gallery(entry, "en")
    column = list(gallery.frame["subgroup"])
    chosen = [
        [row for row, kind in enumerate(column) if kind == wanted][:OF_KIND] for wanted in KINDS
    ]
    rows = [row for of_kind in chosen for row in of_kind]
    pictures = [gallery.open(row) for row in rows]
    vectors = staged_network().means(pictures, layers)
    colors, kinds = mean_colors(pictures), [column[row] for row in rows]
    shared = [what_neighbors_share(one, colors, kinds, 5) for one in vectors]
    same = sum(len(of_kind) * (len(of_kind) - 1) for of_kind in chosen)
    return PictureSample(rows, vectors, shared, len(KINDS), same / (len(rows) * (len(rows) - 1)))
