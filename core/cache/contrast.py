"""Emoji in the vectors of several picture encoders, for the lesson on contrast."""

from __future__ import annotations

import streamlit as st

from core.base.types import FloatArray
from core.cache.digests import DIGESTS
from core.cache.images import picture_encoder
from core.images import openmoji
from core.images.openmoji import Emoji
from core.spaces.entry import SpaceEntry

SIDE = 128  # pixels


def emoji_of(kinds: tuple[str, ...], count: int) -> list[list[Emoji]]:
    """The first ``count`` emoji of each kind (Unicode's subgroups)."""
    emoji = openmoji.list_emoji()
    return [[one for one in emoji if one.subgroup == kind][:count] for kind in kinds]


@st.cache_resource(max_entries=8, hash_funcs=DIGESTS, show_spinner="Encoding the pictures …")
def emoji_vectors(entry: SpaceEntry, kinds: tuple[str, ...], count: int) -> FloatArray:
    """Their vectors ``(n, dim)``, kind by kind."""
    chosen = [one for group in emoji_of(kinds, count) for one in group]
    pictures = (openmoji.draw(one.id, SIDE) for one in chosen)
    return picture_encoder(entry).encode_pictures(pictures)
