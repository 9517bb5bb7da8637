"""What all sessions share, loaded once: the only module with Streamlit's caches.

Keys are names and content digests, never arrays. What is handed out is read-only.
"""

from __future__ import annotations

import threading
from pathlib import Path

import streamlit as st

from core import spaces
from core.analogies import AnalogyResult, Question, evaluate_analogies
from core.indexes.exact import ExactIndex
from core.indexes.fast_scan import build_index
from core.jobs import Jobs
from core.spaces import Loaded, SpaceEntry
from core.types import Encoder, Progress
from core.vocabulary import Vocabulary

VOCABULARIES = 4  # with their indexes in memory at a time


@st.cache_resource
def jobs() -> Jobs:
    """The server's long work."""
    return Jobs()


@st.cache_resource(max_entries=VOCABULARIES, show_spinner="Loading the words …")
def _vocabulary(name: str, digest: str, _entry: SpaceEntry) -> Loaded:
    return spaces.load(_entry)


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
    return spaces.word_encoder(_entry)


def word_encoder(entry: SpaceEntry) -> Encoder | None:
    """The encoder of a space, one for the whole server; it loads its model when first used."""
    encoder: Encoder | None = _encoder(entry.space.name, entry.digest, entry)
    return encoder


@st.cache_resource(max_entries=20, show_spinner=False)
def _analogies(
    space_digest: str,
    questions_digest: str,
    _vocabulary: Vocabulary,
    _questions: dict[str, list[Question]],
    _progress: Progress,
) -> AnalogyResult:
    return evaluate_analogies(_vocabulary, _questions, _progress)


def analogies(
    entry: SpaceEntry,
    questions: dict[str, list[Question]],
    questions_digest: str,
    progress: Progress,
) -> AnalogyResult:
    """The result of these questions in this space, measured once; meant to be called in a job."""
    words = vocabulary(entry)[0]
    result: AnalogyResult = _analogies(entry.digest, questions_digest, words, questions, progress)
    return result


@st.cache_resource
def _export_lock() -> threading.Lock:
    return threading.Lock()


def export_spacy(words: Vocabulary, target: Path) -> None:
    """Writes ``words`` as a spaCy package, once; spaCy takes seconds to import."""
    from core.encoders.spacy_vectors import export_package

    with _export_lock():
        if not target.exists():
            export_package(words, target)
