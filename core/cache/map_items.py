"""The items of a map: words, texts, pictures and columns, parts of them, their names and tags."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from core.base.types import IntArray, Metric, Progress
from core.cache import spaces as spaces_cache
from core.cache.digests import DIGESTS
from core.cache.images import OpenGallery
from core.formula.names import PictureNames, name_pictures
from core.images import map_items as images_map_items
from core.images.gallery import Gallery
from core.images.map_items import GalleryOrigin
from core.images.verdict import Leave, leave_one_out
from core.maps import items, orphan_tags, project, row_ranges, tags
from core.maps.colors import numeric_columns
from core.maps.items import MapData
from core.sentences import datasets, map_items as sentences_map_items
from core.sentences.dataset import EncodedTexts
from core.sentences.datasets import DatasetEntry
from core.spaces.entry import SpaceEntry
from core.spaces.own_vectors import known_name
from core.storage.data_home import Stamp
from core.words import map_items


@st.cache_resource(max_entries=4, hash_funcs=DIGESTS, show_spinner="Taking the words …")
def words(entry: SpaceEntry, limit: int) -> MapData:
    """The first words of a space's vocabulary, which is built."""
    return map_items.from_vocabulary(spaces_cache.vocabulary(entry)[0], limit)


@st.cache_resource(max_entries=4, hash_funcs=DIGESTS, show_spinner=False)
def texts(encoded: EncodedTexts) -> MapData:
    """Texts with their vectors."""
    space = known_name(encoded.entry)
    return sentences_map_items.from_texts(encoded.dataset, encoded.vectors.vectors, space)


@st.cache_resource(max_entries=4, hash_funcs=DIGESTS, show_spinner=False)
def pictures(opened: OpenGallery, space: str, origin: GalleryOrigin) -> MapData:
    """A gallery's pictures with their vectors; ``origin`` is what was opened."""
    return images_map_items.from_gallery(opened.encoded, space, opened.blend, origin)


@st.cache_resource(max_entries=4, hash_funcs=DIGESTS, show_spinner="Reading the table …")
def columns(
    entry: DatasetEntry, chosen: Sequence[str], metric: Metric, *, standardize: bool
) -> MapData:
    """Columns of numbers of a dataset as vectors, as ``items.from_columns``.

    Raises:
        InputError: a column holds no number.
        StorageError: the dataset cannot be read, or is not what was written.
    """
    frame = datasets.read_table(entry).frame
    return items.from_columns(
        entry.name,
        frame,
        chosen,
        metric=metric,
        standardize=standardize,
        called=entry.roles.get("text"),
    )


@st.cache_resource(max_entries=8, hash_funcs=DIGESTS, show_spinner="Reading the table …")
def numeric(entry: DatasetEntry) -> list[str]:
    """The columns of numbers of a dataset.

    Raises:
        StorageError: the dataset cannot be read, or is not what was written.
    """
    return numeric_columns(datasets.read_table(entry).frame)


@st.cache_resource(max_entries=8, hash_funcs=DIGESTS, show_spinner=False)
def metrics(data: MapData) -> list[str]:
    """The names of umap-learn's metrics that the vectors can be compared by."""
    return [metric.value for metric in project.metrics_for(data.vectors)]


@st.cache_resource(max_entries=8, hash_funcs=DIGESTS, show_spinner=False)
def part(data: MapData, rows: IntArray) -> MapData:
    """The items of a source in ``rows`` ``(m,)``."""
    return data.take(rows)


@st.cache_resource(max_entries=4, hash_funcs=DIGESTS, show_spinner=False)
def names(data: MapData) -> PictureNames:
    """What the items are called in square brackets."""
    return name_pictures(data.ids)


@st.cache_resource(max_entries=2, hash_funcs=DIGESTS, show_spinner=False)
def leave(data: MapData, _progress: Progress) -> Leave:
    """Every picture of a gallery's map with its nearest others; meant to be called in a job.

    Raises:
        Cancelled: by the progress.
    """
    if not isinstance(data.gallery, Gallery):
        raise AssertionError  # only these are asked for
    return leave_one_out(data.gallery, data.vectors, progress=_progress)


@st.cache_resource(max_entries=8, hash_funcs=DIGESTS, show_spinner=False)
def items_digest(data: MapData) -> str:
    """Stands for the items, whatever space their vectors are of."""
    return row_ranges.items_digest(data.ids, data.texts)


@st.cache_resource(max_entries=4, hash_funcs=DIGESTS, show_spinner=False)
def tags_of(data: MapData, stamp: Stamp, browser: str) -> dict[str, IntArray]:
    """A browser's tags of items, rows ``(m,)`` by name, since ``stamp``, as ``tags.stamp`` gives.

    Raises:
        StorageError: they cannot be read, or are not what was written.
    """
    return {} if stamp is None else tags.load(data, items_digest(data), browser)


@st.cache_resource(max_entries=4, hash_funcs=DIGESTS, show_spinner=False)
def orphans(
    data: MapData, stamps: tuple[tuple[str, Stamp], ...], browser: str
) -> list[orphan_tags.Orphans]:
    """A browser's tags under other names of the items, since ``stamps``, as ``tags.stamps`` gives.

    Raises:
        StorageError: they cannot be read.
    """
    digest = items_digest(data)
    known = tags.load(data, digest, browser) if stamps else {}
    return orphan_tags.find(data, known, digest, browser)


@st.cache_resource(max_entries=4, hash_funcs=DIGESTS, show_spinner=False)
def tagged(data: MapData, stamp: Stamp, browser: str) -> MapData:
    """The items with a column of their tags; raises as ``tags_of``."""
    return tags.attach(data, tags_of(data, stamp, browser))
