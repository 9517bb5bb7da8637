"""What all sessions share, loaded once, in Streamlit's caches; ``resources_*`` share the rest.

Keys are names and content digests, never arrays. What is handed out is read-only.
"""

from __future__ import annotations

import threading
from collections.abc import Sequence
from pathlib import Path
from typing import cast

import streamlit as st

from core.base.jobs import Jobs
from core.base.types import Encoded, Encoder, IntArray, Metric, Progress, TextEncoder
from core.export import tensorboard
from core.export.projector import CONFIG, write_projector
from core.export.tensorboard import ProjectorServer
from core.knn.all_pairs import Neighbors, as_distances, find_groups, find_neighbors, has_unit_length
from core.knn.exact import ExactIndex
from core.knn.fast_scan import build_index
from core.readers import tables
from core.sentences import datasets
from core.sentences.dataset import TextDataset
from core.sentences.datasets import DatasetEntry
from core.sentences.encoded_texts import EncodedTexts
from core.sentences.search import KeywordIndex
from core.spaces import registry, text_vectors, texts as text_spaces
from core.spaces.catalog import Source
from core.spaces.entry import SpaceEntry
from core.spaces.registry import Loaded
from core.spaces.vocabulary import Vocabulary
from core.words.analogies import AnalogyResult, Question, evaluate_analogies

VOCABULARIES = 4  # with their indexes in memory at a time


@st.cache_resource
def jobs() -> Jobs:
    """The server's long work, which is stopped when the server is."""
    made = Jobs()
    made.stop_at_exit()
    return made


@st.cache_resource(max_entries=VOCABULARIES, show_spinner="Loading the words …")
def _vocabulary(name: str, digest: str, _entry: SpaceEntry) -> Loaded:
    return registry.load(_entry)


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
    return registry.word_encoder(_entry)


def text_encoder(entry: SpaceEntry) -> TextEncoder:
    """The encoder of texts of a space on this computer, one for the whole server."""
    if entry.source is Source.MINILM:
        return cast(TextEncoder, word_encoder(entry))
    encoder: TextEncoder = _text_encoder(entry.space.name, entry.digest, entry)
    return encoder


@st.cache_resource(max_entries=2, show_spinner=False)
def _text_encoder(name: str, digest: str, _entry: SpaceEntry) -> TextEncoder:
    return text_spaces.open_encoder(_entry)


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
    from core.spaces.encoders.spacy_vectors import export_package

    with _export_lock():
        if not target.exists():
            export_package(words, target)


@st.cache_resource(max_entries=8, show_spinner="Reading the texts …")
def _texts(name: str, digest: str, column: str | None, _entry: DatasetEntry) -> TextDataset:
    return datasets.load_texts(_entry, column)


def texts(entry: DatasetEntry, column: str | None) -> TextDataset:
    """The texts of a column of a dataset; ``None`` takes the likeliest column."""
    found: TextDataset = _texts(entry.name, entry.digest, column, entry)
    return found


@st.cache_resource(max_entries=8, show_spinner=False)
def text_columns(name: str, digest: str, _entry: DatasetEntry) -> list[str]:
    """The columns of a dataset that hold text, the likeliest first."""
    return tables.text_columns(datasets.read_table(_entry).frame)


@st.cache_resource(max_entries=6, show_spinner=False)
def _encoded(
    space_digest: str,
    dataset_digest: str,
    _texts: list[str],
    _entry: SpaceEntry,
    _encoder: TextEncoder,
    _progress: Progress,
) -> Encoded:
    folder = text_spaces.vectors_folder(_entry)
    return text_vectors.load_or_encode(_texts, _encoder, folder, _progress)


def encoded(
    entry: SpaceEntry, dataset: TextDataset, encoder: TextEncoder, progress: Progress
) -> Encoded:
    """The vectors of a dataset in a space; meant to be called in a job, since it may encode."""
    found: Encoded = _encoded(entry.digest, dataset.digest, dataset.texts, entry, encoder, progress)
    return found


@st.cache_resource(max_entries=12, show_spinner=False)
def _neighbors(
    key: str, k: int, metric: Metric, _texts: EncodedTexts, _progress: Progress
) -> Neighbors:
    if metric is Metric.EUCLIDEAN and has_unit_length(_texts.vectors):
        cosine: Neighbors = _neighbors(key, k, Metric.COSINE, _texts, _progress)
        return as_distances(cosine, _texts.vectors.vectors)
    return find_neighbors(_texts.vectors, k, metric, _progress)


def neighbors(texts: EncodedTexts, k: int, metric: Metric, progress: Progress) -> Neighbors:
    """The nearest rows of each row, compared once; meant to be called in a job."""
    found: Neighbors = _neighbors(texts.key, k, metric, texts, progress)
    return found


@st.cache_resource(max_entries=4, show_spinner=False)
def _groups(
    key: str, threshold: float, _texts: EncodedTexts, _progress: Progress
) -> list[IntArray]:
    return find_groups(_texts.vectors.vectors, threshold, _progress)


def groups(texts: EncodedTexts, threshold: float, progress: Progress) -> list[IntArray]:
    """Groups of near-duplicates, found once; meant to be called in a job."""
    found: list[IntArray] = _groups(texts.key, threshold, texts, progress)
    return found


@st.cache_resource(max_entries=4, show_spinner="Reading the words of the texts …")
def _keywords(dataset_digest: str, _texts: list[str]) -> KeywordIndex:
    return KeywordIndex(_texts)


def keywords(dataset: TextDataset) -> KeywordIndex:
    """BM25 over a dataset."""
    found: KeywordIndex = _keywords(dataset.digest, dataset.texts)
    return found


@st.cache_resource(max_entries=500, show_spinner="Encoding the question …")
def _question(space_digest: str, text: str, _encoder: TextEncoder) -> Encoded:
    return _encoder.encode_query(text)


def question(entry: SpaceEntry, text: str, encoder: TextEncoder) -> Encoded:
    """The vector of a question, encoded once."""
    found: Encoded = _question(entry.digest, text, encoder)
    return found


@st.cache_resource(max_entries=100, show_spinner="Encoding the sentences …")
def _sentences(space_digest: str, lines: tuple[str, ...], _encoder: TextEncoder) -> Encoded:
    return _encoder.encode_texts(lines)


def sentences(entry: SpaceEntry, lines: Sequence[str], encoder: TextEncoder) -> Encoded:
    """The vectors of a few sentences, encoded once."""
    found: Encoded = _sentences(entry.digest, tuple(lines), encoder)
    return found


@st.cache_resource
def _projector_lock() -> threading.Lock:
    return threading.Lock()


@st.cache_resource(max_entries=2, on_release=lambda served: served.stop(), show_spinner=False)
def _projector(folder: str) -> ProjectorServer:
    return tensorboard.start(Path(folder))


def projector(folder: Path, name: str, texts: EncodedTexts) -> ProjectorServer:
    """TensorBoard's projector on an export, written and started once; again if it has ended."""
    with _projector_lock():
        if not (folder / CONFIG).is_file():  # the last of the files to be written
            write_projector(folder, name, texts.vectors.vectors, texts.dataset.columns())
        served: ProjectorServer = _projector(str(folder))
        if not served.running:
            _projector.clear(str(folder))
            served = _projector(str(folder))
        return served
