"""Map: what is mapped. Words, texts, pictures, columns of numbers, or what lies on the shelf."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import streamlit as st

from core.base.errors import ExplorerError, counted
from core.base.types import Metric, Modality, Space
from core.cache import graphs as graphs_cache, map_items as items_cache
from core.graphs import models as model_files
from core.images.map_items import GalleryOrigin
from core.images.vectors import EncodedGallery
from core.maps import items
from core.maps.items import MapData, Origin
from core.maps.recipe import HELP
from core.readers import table_roles
from core.sentences.datasets import DatasetEntry
from core.sentences.map_items import TextOrigin
from core.shelf.kept import Kept
from core.spaces import registry
from core.spaces.entry import SpaceEntry
from core.spaces.own_vectors import known_name
from core.ui.choosers import (
    gallery as gallery_chooser,
    graph_model,
    texts as texts_chooser,
)
from core.ui.choosers.words import read_words, words_area
from core.ui.common import frame, keep, page, spaces
from core.ui.common.markdown import plain
from core.ui.session import link_values, link_vectors

SHELF = "Saved vectors"
KINDS = ("Words", "Custom words", "Texts", "Pictures", "Numeric columns", SHELF, "Graph model")
WORDS, MOST_WORDS = 5_000, 100_000
COMPARED = {"Euclidean distance": Metric.EUCLIDEAN, "Cosine": Metric.COSINE}
LIST = (
    "dog, cat, horse, cow, lion, wolf, apple, pear, plum, bread, cheese, soup, car, bus, train, "
    "ship, plane, bicycle, king, queen, prince, teacher, doctor, nurse, red, green, blue, yellow"
)


@dataclass(frozen=True, slots=True)
class ShelfOrigin(Origin):
    """Vectors that were kept: of one space for good."""


@dataclass(frozen=True, slots=True)
class ColumnsOrigin(Origin):
    """Columns of numbers of a table."""

    entry: DatasetEntry
    columns: tuple[str, ...]
    metric: Metric
    standardized: bool


def choose() -> MapData | None:
    """The items with their vectors; ``None`` while they are not there: the page says why."""
    settings = frame.settings()
    kind = link_values.one_of(
        settings, "Data source", KINDS, default="Pictures", key="of", bind="query-params", wrap=True
    )
    choosers = {
        "Words": _words,
        "Custom words": _word_list,
        "Texts": _texts,
        "Pictures": _pictures,
        "Numeric columns": _columns,
        SHELF: _shelf,
        "Graph model": _graph,
    }
    return choosers[str(kind)]([settings] * 4)


def _words(places: Any) -> MapData | None:
    space = spaces.choose_space(places[0], Modality.WORD)
    limit = int(
        places[1].number_input(
            "Words, the most frequent first",
            10,
            MOST_WORDS,
            WORDS,
            1_000,
            key="words",
            bind="query-params",
            help="Embeddings that you import on the page Words are an embedding model too.",
        )
    )
    if spaces.require_ready(space) is None or spaces.open_vocabulary(space) is None:
        return None
    return items_cache.words(space, limit)


def _word_list(places: Any) -> MapData | None:
    space = spaces.choose_space(places[0], Modality.WORD)
    with places[0]:
        text = words_area("Words or phrases", LIST, key="list")
    loaded = spaces.open_vocabulary(space) if spaces.require_ready(space) else None
    found = None if loaded is None else read_words(text, space, loaded[0])
    if found is None:
        return None
    data = items.from_vectors("custom words", found.words, found.vectors)
    return replace(data, space=space.space.name, modality=Modality.WORD)


def _texts(places: Any) -> MapData | None:
    entry = texts_chooser.choose_dataset(places[0])
    dataset = texts_chooser.open_texts(entry, places[2])
    own = texts_chooser.own_taken(dataset)
    space = spaces.choose_space(places[1], Modality.TEXT, instead=own)
    encoded = None if dataset is None else texts_chooser.open_vectors(space, dataset)
    return None if encoded is None else items_cache.texts(encoded)


def _pictures(places: Any) -> MapData | None:
    gallery = gallery_chooser.choose_gallery(places[0])
    space = gallery_chooser.choose_model(places[1], own=gallery)
    language = gallery_chooser.choose_language(gallery, places[2])
    space = gallery_chooser.choose_vectors(space, gallery, language, places[2])
    encoded = gallery_chooser.open_encoded(space, gallery, language, told=False)
    if encoded is None:
        return None
    with places[0]:
        gallery_chooser.tell_opened(space, gallery, language, encoded)
    share = gallery_chooser.choose_blend(encoded, places[3])
    return blended(encoded, space, GalleryOrigin(gallery, language, share))


def blended(encoded: EncodedGallery, space: SpaceEntry, origin: GalleryOrigin) -> MapData:
    """The pictures of a gallery in a space, blended with their captions as ``origin`` says."""
    choice = gallery_chooser.Choice(space, origin.entry, origin.language)
    return items_cache.pictures(choice.blended(encoded, origin.blend), known_name(space), origin)


def in_other_space(data: MapData, place: Any) -> MapData | None:
    """The same texts or pictures in a space chosen in ``place``, at first in that of ``data``."""
    origin = data.origin
    if not isinstance(origin, TextOrigin | GalleryOrigin) or data.modality is None:
        return data
    space = spaces.choose_space(
        place,
        data.modality,
        key="b-space",
        label="Embedding model of the right map",
        default=data.space,
    )
    if space.space.name == data.space:
        return data
    if isinstance(origin, TextOrigin):
        texts = texts_chooser.open_vectors(space, origin.dataset, key="b-key")
        return None if texts is None else items_cache.texts(texts)
    pictures = gallery_chooser.open_encoded(space, origin.entry, origin.language, told=False)
    if pictures is None:
        return None
    share = 0.0 if pictures.captions is None else origin.blend
    return blended(pictures, space, replace(origin, blend=share))


def _columns(places: Any) -> MapData | None:
    entry = texts_chooser.choose_dataset(places[0])
    with page.errors_shown():
        numeric = items_cache.numeric(entry)
        if not numeric:
            st.info(
                f"“{plain(entry.name)}” has no numeric columns. Bring a table with x "
                "and y, or with features, by “Add data” above."
            )
            return None
        ready = [entry.roles[role] for role in ("x", "y") if entry.roles.get(role) in numeric]
        ready = ready or table_roles.find_places(numeric)
        likely = [*ready, *(name for name in numeric if ready and name.lower() == "z")] or numeric
        chosen = places[1].multiselect(
            "Numeric columns",
            numeric,
            likely[:3],
            key=f"columns-{entry.digest[:8]}",
            help="Two or three are shown as they are; more are projected.",
        )
        by = places[2].selectbox(
            "Metric",
            list(COMPARED),
            key="columns-by",
            bind="query-params",
            help=HELP["metric"],
        )
        scaled = places[3].toggle(
            "Standardise (z-score)",
            key="columns-scaled",
            bind="query-params",
            help="Each column less its mean, divided by its standard deviation: for features in "
            "different units. Off for ready coordinates.",
        )
        if chosen:
            metric = COMPARED[str(by)]
            data = items_cache.columns(entry, chosen, metric, standardize=bool(scaled))
            return replace(data, origin=ColumnsOrigin(entry, tuple(chosen), metric, bool(scaled)))
        st.info("Choose one column or more.")
    return None


def _shelf(places: Any) -> MapData | None:
    kept = [*keep.shelf().items]
    known = {item.name for item in kept}
    kept += [
        Kept(term.name, term.space, term.vector, "a vector from the link")
        for term in link_vectors.held().values()
        if term.name not in known
    ]
    held_spaces = list(dict.fromkeys(item.space for item in kept))
    if not held_spaces:
        st.info(
            "Nothing is saved yet. On any page, “Save vector” keeps a result; a "
            "map of the saved vectors needs two or more."
        )
        return None
    space = places[0].selectbox(
        "Their embedding model", held_spaces, key="shelf-space", bind="query-params"
    )
    # One name may have stood for two spaces, an earlier file's and a later one's: the later counts.
    dim = next(item.vector.size for item in reversed(kept) if item.space == space)
    held = [item for item in kept if item.space == space and item.vector.size == dim]
    spaces.page_uses(Space(str(space), held[0].space_title, dim, ()))
    vectors = np.stack([item.vector for item in held])
    data = items.from_vectors(
        "saved vectors", [item.name for item in held], vectors, texts=[item.made for item in held]
    )
    here = _is_here(str(space), dim)
    gone = "" if here else " It is not here now: no new points can be projected."
    st.caption(f"{counted(len(held), 'vector')} of the embedding model {plain(str(space))}.{gone}")
    return replace(data, space=str(space) if here else "", origin=ShelfOrigin())


def _is_here(space: str, dim: int) -> bool:
    """Whether a space of kept vectors can still be used; they outlive it."""
    try:
        return registry.find_space(space).space.dim == dim
    except ExplorerError:
        return False


def _graph(places: Any) -> MapData | None:
    kept = model_files.list_kept()
    if not kept:
        st.info("No model of a graph is here yet: train one on the page Graph.")
        return None
    name = graph_model.choose_name(places[0], kept)
    try:
        return graphs_cache.map_data(graphs_cache.model(kept[name]))
    except ExplorerError as error:
        page.show_error(error)
        return None
