"""Vocabularies and encoders in memory, one for the whole server."""

from __future__ import annotations

from pathlib import Path
from typing import cast

import streamlit as st

from core.base.types import Encoder, Modality, TextEncoder
from core.cache.digests import DIGESTS
from core.knn.fast_scan import build_index
from core.spaces.encoders import spacy_vectors
from core.spaces.entry import SpaceEntry
from core.spaces.vocabulary import Vocabulary
from core.spaces.vocabulary_files import Loaded


@st.cache_resource(max_entries=4, hash_funcs=DIGESTS, show_spinner="Loading the words …")
def vocabulary(entry: SpaceEntry) -> Loaded:
    """The vocabulary of a space that is built, and an index over it."""
    return entry.vocabulary()


@st.cache_resource(max_entries=2, hash_funcs=DIGESTS, show_spinner="Centering the vectors …")
def centered_vocabulary(entry: SpaceEntry) -> Loaded:
    """The same less the mean of its vectors."""
    words = vocabulary(entry)[0].centered
    return words, build_index(words.vectors)


@st.cache_resource(max_entries=2, hash_funcs=DIGESTS, show_spinner=False)
def _word_encoder(entry: SpaceEntry) -> Encoder | None:
    return entry.word_encoder()


def word_encoder(entry: SpaceEntry) -> Encoder | None:
    """The encoder of words of a space, which loads its model when first used."""
    # A space that has none takes no place: it would have a model let go.
    return None if entry.word_encoder() is None else _word_encoder(entry)


@st.cache_resource(max_entries=2, hash_funcs=DIGESTS, show_spinner=False)
def _text_encoder(entry: SpaceEntry) -> TextEncoder:
    return entry.text_encoder()


def text_encoder(entry: SpaceEntry) -> TextEncoder:
    """The encoder of texts of a space on this computer; that of its words, where it has one."""
    words = word_encoder(entry) if Modality.WORD in entry.space.modalities else None
    return _text_encoder(entry) if words is None else cast(TextEncoder, words)


@st.cache_resource(hash_funcs=DIGESTS, validate=Path.exists, show_spinner=False)
def export_spacy(_words: Vocabulary, target: Path) -> Path:
    """Writes words as a spaCy package into ``target``, whose name says which, once."""
    if not target.exists():
        spacy_vectors.export_package(_words, target)
    return target
