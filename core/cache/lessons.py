"""What the lessons computed of whole vocabularies."""

from __future__ import annotations

import streamlit as st

from core.cache.digests import DIGESTS
from core.cache.spaces import vocabulary
from core.lessons import dimensions
from core.lessons.dimensions import Components
from core.spaces.entry import SpaceEntry

WORDS = 10_000  # the most frequent, of which a lesson takes components and neighbours


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
