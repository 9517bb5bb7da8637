"""Map: new rows. A dataset or gallery that has grown, or another one alike, on a kept map."""

from __future__ import annotations

from dataclasses import replace

import streamlit as st

from core.base.errors import ExplorerError, InputError, listed
from core.cache import map_items as items_cache, maps as maps_cache, sentences as sentences_cache
from core.cache.maps import Made
from core.images import galleries
from core.images.galleries import GalleryEntry
from core.images.map_items import GalleryOrigin
from core.maps import growth, items
from core.maps.growth import Grown
from core.maps.items import MapData
from core.maps.recipe import Recipe
from core.maps.store import StoredMap
from core.sentences import datasets
from core.sentences.datasets import DatasetEntry
from core.sentences.map_items import TextOrigin
from core.spaces import registry
from core.ui.choosers import gallery as gallery_chooser, map_method, texts as texts_chooser
from core.ui.common import frame, jobs, page
from core.ui.common.markdown import plain
from core.ui.map.source import ColumnsOrigin, blended

NOTHING, KEY = "no others", "more-rows"


def choose(source: MapData) -> Grown | None:
    """The items with new ones behind them, where others were chosen that are to be placed."""
    origin = source.origin
    entries: dict[str, DatasetEntry | GalleryEntry]
    if isinstance(origin, GalleryOrigin) and source.space:
        entries = {entry.name: entry for entry in galleries.list_galleries()}
        own, of = origin.entry.name, "Place the pictures of"
    elif isinstance(origin, TextOrigin | ColumnsOrigin):
        entries = {entry.name: entry for entry in datasets.list_datasets()}
        own = origin.entry.name if isinstance(origin, ColumnsOrigin) else origin.dataset.name
        of = "Place the rows of"
    else:
        return None
    names = [NOTHING, *(name for name in entries if name != own)]
    if st.session_state.get(KEY) not in (None, *names):
        del st.session_state[KEY]
    with frame.group("New rows"):
        chosen = str(
            st.selectbox(
                of,
                names,
                key=KEY,
                bind="query-params",
                on_change=_show_which,
                help="A dataset or gallery that has grown since, or another one like it: what is "
                "not here yet is placed on the map, whose points stay.",
            )
        )
    if chosen == NOTHING:
        return None
    try:
        entry = entries[chosen]
        if isinstance(entry, GalleryEntry):
            other = _pictures(entry, source)
        elif isinstance(origin, ColumnsOrigin):
            other = _columns(entry, origin)
        else:
            other = _texts(entry, source)
        return None if other is None else maps_cache.grown(source, other)
    except ExplorerError as error:
        page.show_error(error)
        return None


def _show_which() -> None:
    """New points are told from old ones, whatever the colours were before."""
    st.session_state["color"] = growth.COLUMN


def _texts(entry: DatasetEntry, source: MapData) -> MapData | None:
    columns = sentences_cache.text_columns(entry)
    column = st.session_state.get("column")
    dataset = sentences_cache.texts(
        entry, column if column in columns else next(iter(columns), None)
    )
    space = registry.find_space(source.space)
    encoded = texts_chooser.open_vectors(space, dataset, key="new-key")
    return None if encoded is None else items_cache.texts(encoded)


def _pictures(entry: GalleryEntry, source: MapData) -> MapData | None:
    """The pictures of another gallery, blended with their captions as those of the map are."""
    origin = source.origin
    if not isinstance(origin, GalleryOrigin):
        raise AssertionError  # only then galleries are offered
    space = registry.find_space(source.space)
    encoded = gallery_chooser.open_encoded(space, entry, origin.language, told=False)
    if encoded is None:
        return None
    share = 0.0 if encoded.captions is None else origin.blend
    return blended(encoded, space, replace(origin, entry=entry, blend=share))


def _columns(entry: DatasetEntry, origin: ColumnsOrigin) -> MapData:
    """The rows of another table, standardised as those of the map are.

    Raises:
        InputError: it has not the map's columns.
        StorageError: it cannot be read.
    """
    try:
        other = items_cache.columns(entry, origin.columns, origin.metric, standardize=False)
    except InputError as error:
        raise InputError(
            error.given,
            f"New rows are placed by the columns of this map: {listed(origin.columns)}.",
            "Choose a dataset that has them, or other columns for the map.",
        ) from error
    if not origin.standardized:
        return other
    plain_ones = items_cache.columns(origin.entry, origin.columns, origin.metric, standardize=False)
    return items.standardized_as(other, plain_ones.vectors)


def make(grown: Grown, data: MapData, recipe: Recipe) -> Made | None:
    """The map of the old items with the new ones on it; ``None`` while it is not there.

    ``data`` are all of them, as they are shown.
    """
    made = map_method.make(grown.old, recipe)
    if made is None:
        return None
    placed: StoredMap | None = jobs.run_job(
        f"grown {made.key} {grown.data.digest}",
        "Placing new rows",
        lambda progress: maps_cache.placed(grown, made, progress),
        slot="new rows",
    )
    if placed is None:
        return None
    return Made(data, placed)


def below(grown: Grown, made: Made) -> Made:
    """The map as it was made of the old items alone, which is what is made again."""
    return Made(grown.old, made.stored)


def tell(grown: Grown, made: Made) -> None:
    """What placing cost, against a map of all rows made anew."""
    recipe = made.stored.projection.recipe
    fresh: StoredMap | None = jobs.run_job(
        maps_cache.job_key(grown.data, recipe),
        "A fresh map of all rows, to compare with",
        lambda progress: maps_cache.stored_map(grown.data, recipe, progress),
        seconds=lambda: maps_cache.seconds_to_make(grown.data, recipe),
        begin="Compare with a fresh map",
        slot="fresh map",
    )
    told = f"{grown.added:,} rows are new; the points of {plain(grown.old.name)} stay."
    loss = None if fresh is None else growth.compare(grown, made.stored, fresh)
    if loss is not None:
        told += (
            f" k-NN preservation (recall@{loss.k}) of the new points: **{loss.placed:.0%}** as "
            f"placed, **{loss.fresh:.0%}** on a fresh map of all rows."
        )
    st.caption(told)
