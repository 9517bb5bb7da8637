"""What all sessions share of maps, made once, in Streamlit's caches.

Keys are names and content digests, never arrays. What is handed out is read-only.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import streamlit as st

from core.base.types import FloatArray, IntArray, Metric, Progress
from core.cache import jobs as jobs_cache, spaces as spaces_cache
from core.cache.images import OpenGallery
from core.formula.names import PictureNames, name_pictures
from core.images import map_items as images_map_items
from core.maps import items, project, store as map_store
from core.maps.clusters import Clustering, Clusters, find_clusters, name_clusters
from core.maps.colors import Coloring, color_by, columns_to_color, numeric_columns
from core.maps.items import MapData
from core.maps.recipe import Placement, Recipe
from core.maps.store import StoredMap
from core.sentences import datasets, map_items as sentences_map_items
from core.sentences.dataset import EncodedTexts
from core.sentences.datasets import DatasetEntry
from core.spaces.entry import SpaceEntry
from core.storage import data_home
from core.words import map_items

PREVIEWS = 8  # of maps that are being made


@st.cache_resource(show_spinner=False)
def warm() -> None:
    """Has the loops of maps compiled in the background, once for the server."""
    jobs_cache.jobs().start("warm maps", "Preparing maps", lambda _: project.warm())


@st.cache_resource(max_entries=4, show_spinner="Taking the words …")
def _words(name: str, digest: str, limit: int, _entry: SpaceEntry) -> MapData:
    return map_items.from_vocabulary(spaces_cache.vocabulary(_entry)[0], limit)


def words(entry: SpaceEntry, limit: int) -> MapData:
    """The first words of a space's vocabulary, which is built."""
    found: MapData = _words(entry.space.name, entry.digest, limit, entry)
    return found


@st.cache_resource(max_entries=4, show_spinner=False)
def _texts(key: str, _encoded: EncodedTexts) -> MapData:
    space = _encoded.entry.space.name
    return sentences_map_items.from_texts(_encoded.dataset, _encoded.vectors.vectors, space)


def texts(encoded: EncodedTexts) -> MapData:
    """Texts with their vectors."""
    found: MapData = _texts(encoded.key, encoded)
    return found


@st.cache_resource(max_entries=4, show_spinner=False)
def _pictures(key: str, space: str, _opened: OpenGallery) -> MapData:
    return images_map_items.from_gallery(_opened.encoded, space, _opened.blend)


def pictures(opened: OpenGallery, space: str) -> MapData:
    """A gallery's pictures with their vectors."""
    found: MapData = _pictures(opened.key, space, opened)
    return found


@st.cache_resource(max_entries=4, show_spinner="Reading the table …")
def _columns(
    name: str,
    digest: str,
    columns: tuple[str, ...],
    metric: Metric,
    standardize: bool,
    _entry: DatasetEntry,
) -> MapData:
    frame = datasets.read_table(_entry).frame
    return items.from_columns(name, frame, columns, metric=metric, standardize=standardize)


def columns(
    entry: DatasetEntry, chosen: Sequence[str], metric: Metric, *, standardize: bool
) -> MapData:
    """Columns of numbers of a dataset as vectors, as ``items.from_columns``.

    Raises:
        InputError: a column holds no number.
    """
    found: MapData = _columns(entry.name, entry.digest, tuple(chosen), metric, standardize, entry)
    return found


@st.cache_resource(max_entries=8, show_spinner="Reading the table …")
def _numeric(name: str, digest: str, _entry: DatasetEntry) -> list[str]:
    return numeric_columns(datasets.read_table(_entry).frame)


def numeric(entry: DatasetEntry) -> list[str]:
    """The columns of numbers of a dataset."""
    found: list[str] = _numeric(entry.name, entry.digest, entry)
    return found


@st.cache_resource(max_entries=8, show_spinner=False)
def _part(digest: str, rows_digest: str, _data: MapData, _rows: IntArray) -> MapData:
    return _data.take(_rows)


def part(data: MapData, rows: IntArray) -> MapData:
    """Some items of a source."""
    found: MapData = _part(data.digest, data_home.digest_bytes(rows.tobytes()), data, rows)
    return found


@st.cache_resource(max_entries=4, show_spinner=False)
def _names(digest: str, _data: MapData) -> PictureNames:
    return name_pictures(_data.ids)


def names(data: MapData) -> PictureNames:
    """What the items are called in square brackets."""
    found: PictureNames = _names(data.digest, data)
    return found


@st.cache_resource
def _previews() -> dict[str, FloatArray]:
    return {}


def preview(key: str) -> FloatArray | None:
    """The coordinates so far of a map that is being made, where the method tells them."""
    return _previews().get(key)


@dataclass(frozen=True, slots=True)
class Made:
    """A map with what it is of."""

    data: MapData
    stored: StoredMap

    @property
    def rows(self) -> IntArray:
        """Which items of the data the points stand for."""
        return self.stored.projection.rows

    @property
    def key(self) -> str:
        """Stands for the map as it came out, which differs from time to time without a seed."""
        projection = self.stored.projection
        came_out = data_home.digest_bytes(np.ascontiguousarray(projection.coordinates).tobytes())
        return f"{job_key(self.data, projection.recipe)} {came_out}"


def job_key(data: MapData, recipe: Recipe) -> str:
    """Stands for a map."""
    return f"map {data.digest} {recipe}"


@st.cache_resource(max_entries=6, show_spinner=False)
def _map(key: str, _data: MapData, _recipe: Recipe, _progress: Progress) -> StoredMap:
    held = _previews()

    def keep(coordinates: FloatArray) -> None:
        while len(held) >= PREVIEWS:
            held.pop(next(iter(held)), None)
        held[key] = coordinates

    try:
        return map_store.load_or_project(_data.vectors, _recipe, _progress, keep)
    finally:
        held.pop(key, None)


def stored_map(data: MapData, recipe: Recipe, progress: Progress) -> StoredMap:
    """A map, opened or made; meant to be called in a job."""
    found: StoredMap = _map(job_key(data, recipe), data, recipe, progress)
    return found


def forget_map(data: MapData, recipe: Recipe) -> None:
    """Deletes a map, so that it is made again."""
    map_store.forget(data.vectors, recipe)
    _map.clear()


@st.cache_resource(max_entries=8, show_spinner=False)
def _colorable(digest: str, _data: MapData) -> list[str]:
    return columns_to_color(_data.frame)


def colorable(data: MapData) -> list[str]:
    """The columns that the points of a map can be coloured by, looked for once."""
    found: list[str] = _colorable(data.digest, data)
    return found


@st.cache_resource(max_entries=12, show_spinner=False)
def _colored(digest: str, column: str, _data: MapData) -> Coloring:
    return color_by(column, _data.frame[column])


def colored(data: MapData, column: str) -> Coloring:
    """All items coloured by a column."""
    found: Coloring = _colored(data.digest, column, data)
    return found


@st.cache_resource(max_entries=8, show_spinner=False)
def _clusters(
    key: str,
    kind: Clustering,
    on_map: bool,
    count: int,
    least: int,
    _data: MapData,
    _stored: StoredMap,
    _progress: Progress,
) -> tuple[Clusters, list[str]]:
    projection = _stored.projection
    points = projection.coordinates if on_map else _data.vectors[projection.rows]
    metric = Metric.EUCLIDEAN if on_map else projection.recipe.metric
    found = find_clusters(
        points, kind, count=min(count, len(points)), least=least, metric=metric, progress=_progress
    )
    return found, name_clusters(found, [_data.texts[row] for row in projection.rows])


def clusters(  # noqa: PLR0913, PLR0917
    made: Made, kind: Clustering, on_map: bool, count: int, least: int, progress: Progress
) -> tuple[Clusters, list[str]]:
    """The clusters of a map and their names, found once; meant to be called in a job.

    Raises:
        InputError: they cannot be found in so few points.
    """
    found: tuple[Clusters, list[str]] = _clusters(
        made.key, kind, on_map, count, least, made.data, made.stored, progress
    )
    return found


def place(made: Made, new: FloatArray) -> Placement:
    """Where new vectors land on a map."""
    return project.place(made.stored.projection, made.data.vectors, new)
