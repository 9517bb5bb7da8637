"""Texts, their vectors, and what was found among them."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import streamlit as st

from core.base.types import Encoded, Metric, Progress, TextEncoder
from core.cache.digests import DIGESTS
from core.export import tensorboard
from core.export.projector import CONFIG, write_projector
from core.export.tensorboard import ProjectorServer
from core.knn.all_pairs import Neighbors, as_distances, find_neighbors, has_unit_length
from core.knn.serving import Served, serve_as
from core.readers import isolated, tables, vector_files
from core.readers.table_layout import Given
from core.readers.tables import Table
from core.readers.word_rows import WordRows, find_words
from core.review.near_duplicates import Group, find_groups
from core.review.nearest import nearest_others
from core.review.review import Limits, Review, review
from core.sentences import datasets, own_vectors, review as text_review
from core.sentences.dataset import EncodedTexts, TextDataset
from core.sentences.datasets import DatasetEntry
from core.sentences.search import KeywordIndex
from core.spaces import text_vectors
from core.spaces.entry import SpaceEntry
from core.storage import data_home


@st.cache_resource(max_entries=8, hash_funcs=DIGESTS, show_spinner="Reading the texts …")
def texts(entry: DatasetEntry, column: str | None) -> TextDataset:
    """The texts of a column of a dataset; ``None`` takes the likeliest column.

    Raises:
        StorageError, TableError: as ``datasets.load_texts``.
    """
    return datasets.load_texts(entry, column)


@st.cache_resource(max_entries=8, hash_funcs=DIGESTS, show_spinner=False)
def text_columns(entry: DatasetEntry) -> list[str]:
    """The columns of a dataset that hold text, the likeliest first.

    Raises:
        StorageError: the dataset cannot be read, or is not what was written.
    """
    frame = datasets.read_table(entry).frame
    found = tables.text_columns(frame)
    chosen = entry.roles.get("text")
    if chosen is None or chosen not in frame.columns:
        return found
    return [chosen, *(name for name in found if name != chosen)]


@st.cache_resource(max_entries=4, hash_funcs=DIGESTS, show_spinner=False)
def preview(
    digest: str,
    layout: str,
    _files: Sequence[tuple[str, bytes | Path]],
    _given: Given,
    _progress: Progress,
) -> Table:
    """The table in a file, or in several; ``digest`` and ``layout`` stand for the rest.

    Raises:
        InputError, TableError: as ``tables.read_parts``.
        Cancelled: by the progress.
    """
    return tables.read_parts(_files, given=_given, progress=_progress)


@st.cache_resource(max_entries=2, hash_funcs=DIGESTS, show_spinner=False)
def preview_vectors(
    digest: str,
    limit: int | None,
    _vectors: tuple[str, bytes | Path],
    _beside: tuple[str, bytes | Path] | None,
    _progress: Progress,
) -> tuple[Table, WordRows | None]:
    """A file of vectors with the table beside it as a table, read to be looked at.

    Which of its rows can be words comes along, where something names them.

    Raises:
        VectorFileError: as ``vector_files.read_rows``.
        Cancelled: by the progress.
    """
    given = [_vectors] if _beside is None else [_vectors, _beside]
    names = [data_home.safe_name(name, fallback="vectors") for name, _ in given]
    held = {
        name: data for name, (_, data) in zip(names, given, strict=True) if isinstance(data, bytes)
    }
    with isolated.folder_with(held) as folder:
        paths = [
            data if isinstance(data, Path) else folder / name
            for name, (_, data) in zip(names, given, strict=True)
        ]
        rows = vector_files.read_rows(*paths, limit=limit, progress=_progress)
    words = find_words(rows.labels, rows.vectors) if rows.label else None
    return vector_files.as_table(rows), words


@st.cache_resource(max_entries=4, hash_funcs=DIGESTS, show_spinner="Reading the vectors …")
def own(dataset: TextDataset, model: SpaceEntry | None, key: str) -> EncodedTexts:
    """A dataset in the vectors that it came with.

    Args:
        model: what they are said to be of, as it is now: once it is ready, it is asked.
        key: of a service that it is.

    Raises:
        InputError: as ``own_vectors.open_own``.
    """
    return own_vectors.open_own(dataset, key, strict=False)


@st.cache_resource(max_entries=6, hash_funcs=DIGESTS, show_spinner=False)
def encoded(
    entry: SpaceEntry, dataset: TextDataset, _encoder: TextEncoder, _progress: Progress
) -> Encoded:
    """The vectors ``(n, dim)`` of a dataset in a space; for a job, since it may encode."""
    folder = entry.text_folder
    return text_vectors.load_or_encode(dataset.texts, _encoder, folder, _progress)


@st.cache_resource(max_entries=12, hash_funcs=DIGESTS, show_spinner=False)
def neighbors(texts: EncodedTexts, k: int, metric: Metric, _progress: Progress) -> Neighbors:
    """The nearest rows of each row; meant to be called in a job.

    Raises:
        InputError: ``k`` is below 1, or there are fewer than two texts.
        Cancelled: by the progress.
    """
    if metric is Metric.EUCLIDEAN and has_unit_length(texts.vectors):
        return as_distances(neighbors(texts, k, Metric.COSINE, _progress), texts.vectors.vectors)
    return find_neighbors(texts.vectors, k, metric, _progress)


@st.cache_resource(max_entries=4, hash_funcs=DIGESTS, show_spinner=False)
def groups(texts: EncodedTexts, threshold: float, _progress: Progress) -> list[Group]:
    """The groups of near-duplicates; meant to be called in a job."""
    return find_groups(texts.vectors.vectors, threshold, _progress)


@st.cache_resource(max_entries=4, hash_funcs=DIGESTS, show_spinner=False)
def near(texts: EncodedTexts, k: int, _progress: Progress) -> Neighbors:
    """The nearest others of each row by cosine; meant to be called in a job.

    Raises:
        InputError: there is one text.
        Cancelled: by the progress.
    """
    return nearest_others(texts.vectors.vectors, "text", k, _progress)


@st.cache_resource(max_entries=2, hash_funcs=DIGESTS, show_spinner=False)
def served_index(texts: EncodedTexts, settings: str, _progress: Progress) -> Served:
    """An index over the rows that answers their searches; meant to be called in a job.

    Args:
        settings: as ``index_settings.read_settings`` takes them.

    Raises:
        InputError: the settings do not fit the rows.
        Cancelled: by the progress.
    """
    return serve_as(texts.vectors.vectors, settings, _progress)


@st.cache_resource(max_entries=4, hash_funcs=DIGESTS, show_spinner=False)
def kinds(dataset: TextDataset) -> dict[str, list[str]]:
    """The columns that tell kinds apart, with their values."""
    return text_review.kinds(dataset)


@st.cache_resource(max_entries=8, hash_funcs=DIGESTS, show_spinner=False)
def review_of_texts(
    texts: EncodedTexts,
    labels: str,
    splits: str,
    limits: tuple[float, float, int, str],
    _near: Neighbors,
    _progress: Progress,
) -> Review:
    """What was found of the rows; meant to be called in a job.

    Args:
        labels: the column of these, and of the ``splits``; "" for none.
        limits: as of ``core.review.review.Limits``.

    Raises:
        Cancelled: by the progress.
    """
    items = text_review.items_of(texts.dataset, texts.vectors.vectors, labels, splits)
    return review(items, _near, Limits(*limits), _progress)


@st.cache_resource(
    max_entries=4, hash_funcs=DIGESTS, show_spinner="Reading the words of the texts …"
)
def keywords(dataset: TextDataset) -> KeywordIndex:
    """BM25 over a dataset."""
    return KeywordIndex(dataset.texts)


@st.cache_resource(max_entries=500, hash_funcs=DIGESTS, show_spinner="Encoding the query …")
def question(entry: SpaceEntry, text: str, _encoder: TextEncoder) -> Encoded:
    """The vector ``(1, dim)`` of a question."""
    return _encoder.encode_query(text)


@st.cache_resource(max_entries=100, hash_funcs=DIGESTS, show_spinner="Encoding the sentences …")
def sentences(entry: SpaceEntry, lines: Sequence[str], _encoder: TextEncoder) -> Encoded:
    """The vectors ``(len(lines), dim)`` of a few sentences."""
    return _encoder.encode_texts(lines)


def _serves(server: ProjectorServer) -> bool:
    """Whether it still does; what is left of one that has ended is put away."""
    if not server.running:
        server.stop()
    return server.running


@st.cache_resource(
    max_entries=2,
    hash_funcs=DIGESTS,
    validate=_serves,
    on_release=ProjectorServer.stop,
    show_spinner=False,
)
def projector(folder: Path, name: str, texts: EncodedTexts) -> ProjectorServer:
    """TensorBoard's projector on an export, written and started once; again if it has ended.

    Raises:
        InputError, StorageError: as ``write_projector``.
        NotReadyError, ServiceError: as ``tensorboard.start``.
    """
    if not (folder / CONFIG).is_file():  # the last of the files to be written
        write_projector(folder, name, texts.vectors.vectors, texts.dataset.columns())
    return tensorboard.start(folder)
