"""What all sessions share, loaded once, in Streamlit's caches; ``resources_*`` share the rest.

Keys are names and content digests, never arrays. What is handed out is read-only.
"""

from __future__ import annotations

import threading
from collections.abc import Sequence
from pathlib import Path

import streamlit as st

from core.base.types import Encoded, IntArray, Metric, Progress, TextEncoder
from core.export import tensorboard
from core.export.projector import CONFIG, write_projector
from core.export.tensorboard import ProjectorServer
from core.knn.all_pairs import Neighbors, as_distances, find_groups, find_neighbors, has_unit_length
from core.readers import tables
from core.sentences import datasets
from core.sentences.dataset import EncodedTexts, TextDataset
from core.sentences.datasets import DatasetEntry
from core.sentences.search import KeywordIndex
from core.spaces import text_vectors
from core.spaces.entry import SpaceEntry


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
    folder = _entry.text_folder
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
