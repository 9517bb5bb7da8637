"""Vocabularies and encoders in memory."""

from __future__ import annotations

import threading
from pathlib import Path
from typing import cast

import streamlit as st

from core.base.types import Encoder, Modality, TextEncoder
from core.knn.exact import ExactIndex
from core.knn.fast_scan import build_index
from core.spaces.entry import SpaceEntry
from core.spaces.vocabulary import Vocabulary
from core.spaces.vocabulary_files import Loaded

VOCABULARIES = 4  # with their indexes in memory at a time


@st.cache_resource(max_entries=VOCABULARIES, show_spinner="Loading the words …")
def _vocabulary(name: str, digest: str, _entry: SpaceEntry) -> Loaded:
    return _entry.vocabulary()


@st.cache_resource(max_entries=2, show_spinner="Taking the mean away …")
def _centered(name: str, digest: str, _entry: SpaceEntry) -> Loaded:
    vocabulary = _vocabulary(name, digest, _entry)[0].centered
    return vocabulary, build_index(vocabulary.vectors)


def vocabulary(entry: SpaceEntry, *, centered: bool = False, exact: bool = False) -> Loaded:
    """The vocabulary of a space that is built, and an index over it."""
    load = _centered if centered else _vocabulary
    loaded: Loaded = load(entry.space.name, entry.digest, entry)
    return (loaded[0], ExactIndex(loaded[0].vectors)) if exact else loaded


@st.cache_resource(max_entries=2, show_spinner=False)
def _encoder(name: str, digest: str, _entry: SpaceEntry) -> Encoder | None:
    return _entry.word_encoder()


def text_encoder(entry: SpaceEntry) -> TextEncoder:
    """The encoder of texts of a space on this computer, one for the whole server."""
    words = word_encoder(entry) if Modality.WORD in entry.space.modalities else None
    if words is not None:  # one model for its words and its texts
        return cast(TextEncoder, words)
    encoder: TextEncoder = _text_encoder(entry.space.name, entry.digest, entry)
    return encoder


@st.cache_resource(max_entries=2, show_spinner=False)
def _text_encoder(name: str, digest: str, _entry: SpaceEntry) -> TextEncoder:
    return _entry.text_encoder()


def word_encoder(entry: SpaceEntry) -> Encoder | None:
    """The encoder of a space, one for the whole server; it loads its model when first used."""
    encoder: Encoder | None = _encoder(entry.space.name, entry.digest, entry)
    return encoder


@st.cache_resource
def _export_lock() -> threading.Lock:
    return threading.Lock()


def export_spacy(words: Vocabulary, target: Path) -> None:
    """Writes ``words`` as a spaCy package, once; spaCy takes seconds to import."""
    from core.spaces.encoders.spacy_vectors import export_package

    with _export_lock():
        if not target.exists():
            export_package(words, target)
