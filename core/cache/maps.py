"""What maps are of, the maps, and what was found on them."""

from __future__ import annotations

from contextlib import nullcontext
from dataclasses import dataclass
from typing import Any

import numpy as np
import streamlit as st

from core.base import durations, queue as base_queue
from core.base.queue import Queue
from core.base.types import FloatArray, IntArray, Progress
from core.cache import jobs as jobs_cache
from core.cache.digests import DIGESTS
from core.charts import scatter, small_map
from core.images import sheets
from core.maps import growth, project, store as map_store, tags
from core.maps.clusters import Grouping, NamedClusters, map_clusters
from core.maps.colors import NO_TAG, PLAIN, Coloring, by_names, color_by, columns_to_color
from core.maps.export import map_columns
from core.maps.growth import Grown
from core.maps.items import MapData
from core.maps.keywords import Counted
from core.maps.recipe import Recipe
from core.maps.store import StoredMap
from core.maps.sweep import MOST
from core.maps.targets import target_of
from core.storage import data_home

CHART_COLUMNS = 24  # that a map's chart can be filtered by


@st.cache_resource(show_spinner=False)
def warm() -> None:
    """Has the loops of maps compiled in the background, once for the server."""
    jobs_cache.jobs().start("warm maps", "Preparing maps", lambda _: project.warm())


@dataclass(frozen=True, slots=True)
class Made:
    """A map with what it is of."""

    data: MapData
    stored: StoredMap

    @property
    def rows(self) -> IntArray:
        """Which items of the data the points stand for, ``(n,)``."""
        return self.stored.projection.rows

    def points_of(self, items: IntArray) -> IntArray:
        """The points ``(k,)`` of ``items`` ``(m,)``, in their order; some may be on no map."""
        place = np.full(len(self.data), -1, dtype=np.int64)
        place[self.rows] = np.arange(len(self.rows))
        points: IntArray = place[items]
        return points[points >= 0]

    @property
    def key(self) -> str:
        """Stands for the map as it came out, which differs from time to time without a seed."""
        projection = self.stored.projection
        came_out = data_home.digest_bytes(np.ascontiguousarray(projection.coordinates).tobytes())
        return f"{job_key(self.data, projection.recipe)} {came_out}"


def job_key(data: MapData, recipe: Recipe) -> str:
    """Stands for a map."""
    return f"map {data.digest} {recipe}"


@dataclass(slots=True)
class Preview:
    """The coordinates so far of a map that is being made; ``None`` where the method tells none."""

    coordinates: FloatArray | None = None


@st.cache_resource(max_entries=8, hash_funcs=DIGESTS, show_spinner=False)
def preview(data: MapData, recipe: Recipe) -> Preview:
    """What all sessions see of a map that is being made."""
    return Preview()


@st.cache_resource(max_entries=6, hash_funcs=DIGESTS, show_spinner=False)
def stored_map(data: MapData, recipe: Recipe, _progress: Progress) -> StoredMap:
    """A map, opened or made; meant to be called in a job.

    Raises:
        InputError, OutOfMemoryError: as ``project.project``.
        StorageError: a map that is there cannot be read.
        Cancelled: by the progress; nothing of the map is kept then.
    """
    seen = preview(data, recipe)

    def show(coordinates: FloatArray) -> None:
        seen.coordinates = coordinates

    # Short ones pass by: they would wait for what takes minutes.
    alone = seconds_to_make(data, recipe) > durations.UNASKED
    line = _queue().turn(
        job_key(data, recipe), lambda place: _progress(0, 0, base_queue.place_note(place))
    )
    try:
        target = target_of(data, recipe)
        with line if alone else nullcontext():
            return map_store.load_or_project(data.vectors, recipe, _progress, show, target)
    finally:
        preview.clear(data, recipe)


@st.cache_resource
def _queue() -> Queue:
    """Who makes a map and who waits: one long map at a time on this computer's processor."""
    return Queue()


def seconds_to_make(data: MapData, recipe: Recipe) -> float:
    """About how long a map takes that is not on the disk; 0 for one that is.

    Raises:
        InputError: the recipe does not suit the data.
    """
    if map_store.map_folder(data.vectors, recipe, target_of(data, recipe)).is_dir():
        return 0
    rows, dim = data.vectors.shape
    return durations.of_map(
        recipe.method.value, rows, dim, dims=recipe.dims, neighbors=recipe.neighbors
    )


@st.cache_resource(max_entries=4, hash_funcs=DIGESTS, show_spinner=False)
def grown(old: MapData, other: MapData) -> Grown:
    """Items with the new ones among others; raises as ``growth.join``."""
    return growth.join(old, other)


@st.cache_resource(max_entries=4, hash_funcs=DIGESTS, show_spinner=False)
def placed(grown: Grown, made: Made, _progress: Progress) -> StoredMap:
    """The map of the old items with the new ones on it; meant to be called in a job.

    Raises:
        InputError: they cannot be placed.
        Cancelled: by the progress.
    """
    return growth.place_new(grown, made.stored, _progress)


@st.cache_resource(max_entries=2 * MOST, hash_funcs=DIGESTS, show_spinner=False)
def small_picture(data: MapData, made: Made, column: str, theme: str) -> bytes:
    """A map of ``data`` as a small picture, coloured by a column; "" for one colour.

    ``data`` is asked for beside the map, which is the same whatever its items' tags are.
    """
    coloring = colored(data, column).take(made.rows) if column else PLAIN
    colors = small_map.colors_of(coloring, len(made.rows), theme)
    return small_map.picture(made.stored.projection.coordinates, colors)


def forget_map(data: MapData, recipe: Recipe) -> None:
    """Deletes a map, so that it is made again."""
    map_store.forget(data.vectors, recipe, target_of(data, recipe))
    stored_map.clear()


@st.cache_resource(max_entries=8, hash_funcs=DIGESTS, show_spinner=False)
def colorable(data: MapData) -> list[str]:
    """The columns that the points of a map can be coloured by; tags come last."""
    found = [name for name in columns_to_color(data.frame) if name != data.tag_column]
    return [*found, data.tag_column] if data.tag_column else found


@st.cache_resource(max_entries=12, hash_funcs=DIGESTS, show_spinner=False)
def colored(data: MapData, column: str) -> Coloring:
    """All items coloured by a column."""
    if data.tag_column and column == data.tag_column:
        cells = [[one for one in cell.split(tags.SEPARATOR) if one] for cell in data.frame[column]]
        return by_names(column, cells, none=NO_TAG)
    return color_by(column, data.frame[column])


@st.cache_resource(max_entries=6, hash_funcs=DIGESTS, show_spinner=False)
def chart_texts(data: MapData, rows: IntArray) -> bytes:
    """The texts of the points that stand for ``rows`` ``(m,)``, as the chart takes them."""
    return scatter.chart_texts([data.texts[row] for row in rows])


@st.cache_resource(max_entries=6, hash_funcs=DIGESTS, show_spinner=False)
def chart_columns(data: MapData, rows: IntArray) -> dict[str, Coloring]:
    """What the chart can be filtered by, for the points that stand for ``rows`` ``(m,)``."""
    known = colorable(data)
    names = [*known[: CHART_COLUMNS - 1], *known[CHART_COLUMNS - 1 :][-1:]]  # tags are the last
    return {name: colored(data, name).take(rows) for name in names}


@st.cache_resource(max_entries=2, hash_funcs=DIGESTS, show_spinner=False)
def counted_words(data: MapData, rows: IntArray) -> Counted:
    """The words of the points that stand for ``rows`` ``(m,)``: any selection is told by them."""
    return Counted([data.texts[row] for row in rows])


@st.cache_resource(max_entries=8, hash_funcs=DIGESTS, show_spinner=False)
def table(data: MapData, made: Made, points: IntArray) -> Any:
    """Some ``points`` ``(m,)`` as ``map_columns`` has them, without clusters: a data frame.

    ``data`` is asked for beside the map, as by ``small_picture``.
    """
    import pandas as pd

    quality = made.stored.quality
    lost = None if quality is None else quality.lost
    return pd.DataFrame(map_columns(data, made.stored.projection, lost, points))


@st.cache_resource(max_entries=64, hash_funcs=DIGESTS, show_spinner=False)
def sheet(data: MapData, rows: IntArray) -> bytes:
    """The pictures of up to 256 items ``(m,)`` of a gallery as one."""
    return sheets.sheet(data.gallery, rows.tolist()) if data.gallery is not None else b""


@st.cache_resource(max_entries=8, hash_funcs=DIGESTS, show_spinner=False)
def clusters(made: Made, grouping: Grouping, _progress: Progress) -> NamedClusters:
    """The clusters of a map and their names; meant to be called in a job.

    Raises:
        InputError: they cannot be found in so few points.
        Cancelled: by the progress.
    """
    return map_clusters(made.data, made.stored.projection, grouping, _progress)
