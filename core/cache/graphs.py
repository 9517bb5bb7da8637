"""Knowledge graphs, models of them, and what was found of both."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import streamlit as st

from core.base.types import Encoded, FloatArray, Progress
from core.cache import images as images_cache, spaces as spaces_cache
from core.cache.digests import DIGESTS
from core.graphs import (
    detection,
    geometry,
    map_items,
    models,
    pictures as graph_pictures,
    ranking,
    review,
    sentence_query,
    sources,
    statistics as graph_statistics,
    store as graph_store,
    unseen,
)
from core.graphs.geometry import TextJoin
from core.graphs.graph import Graph
from core.graphs.models import GraphModel
from core.graphs.pictures import EntityPictures
from core.graphs.ranking import Evaluation, Figures
from core.graphs.review import Missing, Suspicious
from core.graphs.sentence_query import Offer
from core.graphs.statistics import RelationFacts
from core.graphs.unseen import Unseen
from core.images.galleries import GalleryEntry
from core.maps.items import MapData
from core.spaces import text_vectors
from core.spaces.entry import SpaceEntry
from core.storage import data_home


def _written(*files: Path) -> str:
    """Stands for what is in files that name the digests of all beside them."""
    return data_home.digest_bytes(*(file for file in files if file.is_file()))


@st.cache_data(max_entries=32, hash_funcs=DIGESTS, show_spinner=False)
def are_graph(names: tuple[str, ...], digest: str, _files: Mapping[str, bytes]) -> bool:
    """Whether files of these names and this ``digest`` are a graph, or an archive of one."""
    return detection.are_graph(_files)


@st.cache_resource(max_entries=4, hash_funcs=DIGESTS, show_spinner="Reading the graph …")
def _graph(name: str, written: str) -> Graph:
    return sources.load_named(name)


def graph(name: str) -> Graph:
    """A graph that is here, by its name.

    Raises:
        ExplorerError: it is not here, or damaged.
    """
    return _graph(name, _written(sources.graph_folder(name) / graph_store.ABOUT))


@st.cache_resource(max_entries=4, hash_funcs=DIGESTS, show_spinner="Opening the model …")
def _model(folder: Path, written: str) -> GraphModel:
    return models.load(folder)


def model(folder: Path) -> GraphModel:
    """A model in a folder of the data home.

    Raises:
        ExplorerError: it is not there, or damaged.
    """
    return _model(folder, _written(folder / models.ABOUT, folder / graph_store.ABOUT))


@st.cache_resource(max_entries=8, hash_funcs=DIGESTS, show_spinner="Counting …")
def relation_facts(graph: Graph) -> list[RelationFacts]:
    """What each relation of a graph is like."""
    return graph_statistics.relation_facts(graph)


@st.cache_resource(max_entries=4, hash_funcs=DIGESTS, show_spinner="Matching pictures …")
def entity_pictures(graph: Graph, entry: GalleryEntry, by: str) -> EntityPictures:
    """The pictures of a graph's entities from a gallery, matched ``by`` one of its fields.

    Raises:
        InputError, StorageError: as ``galleries.load`` and ``pictures.join``.
    """
    return graph_pictures.join(graph, images_cache.gallery(entry, "en"), by)


@st.cache_resource(max_entries=4, hash_funcs=DIGESTS, show_spinner=False)
def picture_vectors(pictures: EntityPictures, entry: SpaceEntry, _progress: Progress) -> FloatArray:
    """Vectors ``(n, dim)`` of the entities' pictures, zeros where one has none; in a job.

    Raises:
        PictureError: no picture could be opened.
        Cancelled: by the progress.
    """
    return graph_pictures.encode(pictures, entry, images_cache.picture_encoder(entry), _progress)


@st.cache_resource(max_entries=8, hash_funcs=DIGESTS, show_spinner=False)
def evaluation(model: GraphModel, _progress: Progress) -> Evaluation:
    """The ranks of the triples of ``graph.measured``; meant to be called in a job.

    Raises:
        InputError: the memory does not suffice for the scores of one question.
        Cancelled: by the progress.
    """
    triples = model.graph.parts[model.graph.measured]
    return ranking.evaluate(model.vectors, model.graph, triples, _progress)


@st.cache_resource(max_entries=8, hash_funcs=DIGESTS, show_spinner=False)
def frequency(graph: Graph, _progress: Progress) -> Figures:
    """The baseline by frequency; meant to be called in a job."""
    return ranking.frequency_figures(graph, graph.parts[graph.measured], _progress)


@st.cache_resource(max_entries=8, hash_funcs=DIGESTS, show_spinner=False)
def map_data(model: GraphModel) -> MapData:
    """The entities of a model as items of a map."""
    return map_items.map_data(model)


@st.cache_resource(max_entries=4, hash_funcs=DIGESTS, show_spinner=False)
def names(graph: Graph, entry: SpaceEntry, _progress: Progress) -> Encoded:
    """The vectors of the entities' names ``(n, dim)``; meant to be called in a job.

    Raises:
        Cancelled: by the progress.
    """
    return text_vectors.load_or_encode(
        geometry.readable(graph.all_labels()),
        spaces_cache.text_encoder(entry),
        entry.text_folder,
        _progress,
    )


@st.cache_resource(max_entries=4, hash_funcs=DIGESTS, show_spinner=False)
def join_texts(model: GraphModel, entry: SpaceEntry, k: int, _progress: Progress) -> TextJoin:
    """Neighbours by the graph and by the names; meant to be called in a job.

    Raises:
        InputError: there are fewer than two entities.
        Cancelled: by the progress.
    """
    return geometry.join_texts(model, names(model.graph, entry, _progress), k)


@st.cache_resource(max_entries=32, hash_funcs=DIGESTS, show_spinner=False)
def offers(
    graph: Graph, entry: SpaceEntry | None, sentence: str, _progress: Progress
) -> list[Offer]:
    """The queries that a sentence may ask, by a model of texts or by letters alone; in a job.

    Raises:
        InputError: as ``sentence_query.offer``.
        Cancelled: by the progress.
    """
    if entry is None:
        return sentence_query.offer(graph, sentence)
    encoder = spaces_cache.text_encoder(entry)
    encoders = sentence_query.encoders_of(encoder, entry.text_folder, _progress)
    return sentence_query.offer(graph, sentence, encoders)


@st.cache_resource(max_entries=4, hash_funcs=DIGESTS, show_spinner=False)
def learn_from_texts(
    model: GraphModel, entry: SpaceEntry, texts: tuple[str, ...], _progress: Progress
) -> Unseen:
    """The map from texts to a model's vectors; meant to be called in a job.

    Args:
        texts: one of each entity, "" where it has none.

    Raises:
        InputError: too few entities have a text.
        Cancelled: by the progress.
    """
    return unseen.encode_and_learn(
        model, texts, spaces_cache.text_encoder(entry), entry.text_folder, _progress
    )


@st.cache_resource(max_entries=4, hash_funcs=DIGESTS, show_spinner=False)
def suspicious(model: GraphModel, parts: tuple[str, ...], _progress: Progress) -> Suspicious:
    """The triples that a model believes least; meant to be called in a job.

    Raises:
        InputError: there is no triple in these parts, or memory does not suffice.
        Cancelled: by the progress.
    """
    return review.find_suspicious(model, parts, _progress)


@st.cache_resource(max_entries=4, hash_funcs=DIGESTS, show_spinner=False)
def cross_validated(model: GraphModel, _progress: Progress) -> Suspicious:
    """Training triples ranked by models that were trained without them; in a job.

    Raises:
        InputError: as ``review.cross_validate``.
        Cancelled: by the progress.
    """
    return review.cross_validate(model.graph, model.trained.settings, _progress)


@st.cache_resource(max_entries=8, hash_funcs=DIGESTS, show_spinner=False)
def missing(
    model: GraphModel,
    relations: tuple[int, ...],
    k: int,
    constrained: bool,
    held_out: bool,
    _progress: Progress,
) -> Missing:
    """The triples that may be missing; meant to be called in a job.

    Raises:
        Cancelled: by the progress.
    """
    return review.find_missing(
        model, relations, k, _progress, constrained=constrained, held_out=held_out
    )
