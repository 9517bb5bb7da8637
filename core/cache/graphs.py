"""What all sessions share of knowledge graphs, made once, in Streamlit's caches.

Keys are names and content digests, never arrays. What is handed out is read-only.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import streamlit as st

from core.base.jobs import Job
from core.base.types import Progress
from core.cache import jobs as jobs_cache
from core.graphs import (
    geometry,
    map_items,
    models,
    pipeline,
    ranking,
    sources,
    statistics as graph_statistics,
    store as graph_store,
)
from core.graphs.catalog import KNOWN
from core.graphs.geometry import TextJoin
from core.graphs.graph import Graph
from core.graphs.models import GraphModel
from core.graphs.ranking import Evaluation, Figures
from core.graphs.settings import Settings
from core.graphs.statistics import RelationFacts
from core.graphs.training import Watch
from core.maps.items import MapData
from core.spaces import text_vectors
from core.spaces.entry import SpaceEntry
from core.storage import data_home

WATCHES = 16  # trainings whose curves are held


def names() -> dict[str, str]:
    """The graphs that can be chosen, and the state of each: known ones, then those brought."""
    found = {known.name: sources.state(known) for known in KNOWN.values()}
    return found | dict.fromkeys(sources.list_own(), "ready")


@st.cache_resource(max_entries=4, show_spinner="Reading the graph …")
def _graph(name: str, written: str) -> Graph:
    return sources.load_named(name)


def graph(name: str) -> Graph:
    """A graph that is here, by its name.

    Raises:
        ExplorerError: it is not here, or damaged.
    """
    about = sources.graph_folder(name) / graph_store.ABOUT
    written = data_home.digest_file(about) if about.is_file() else ""
    found: Graph = _graph(name, written)
    return found


@st.cache_resource(max_entries=4, show_spinner="Opening the model …")
def _model(folder: str, written: str) -> GraphModel:
    return models.load(Path(folder))


def model(folder: Path) -> GraphModel:
    """A model in a folder of the data home.

    Raises:
        ExplorerError: it is not there, or damaged.
    """
    about = folder / models.ABOUT
    found: GraphModel = _model(str(folder), data_home.digest_file(about) if about.is_file() else "")
    return found


@st.cache_resource(max_entries=8, show_spinner="Counting …")
def _facts(digest: str, _graph: Graph) -> list[RelationFacts]:
    return graph_statistics.relation_facts(_graph)


def relation_facts(held: Graph) -> list[RelationFacts]:
    """What each relation of a graph is like."""
    found: list[RelationFacts] = _facts(held.digest, held)
    return found


@st.cache_resource
def _watches() -> dict[str, Watch]:
    return {}


def training_key(held: Graph, settings: Settings) -> str:
    """Stands for a training."""
    return f"{_training(held)}{settings}"


def _training(held: Graph) -> str:
    return f"train {held.digest} "


def trainings(held: Graph) -> list[Job]:
    """The trainings of a graph that go on in this server, of any session."""
    return jobs_cache.jobs().running(_training(held))


def watch(key: str) -> Watch:
    """What is seen of a training, which all sessions watch; a new one where there is none."""
    held = _watches()
    while len(held) > WATCHES:
        held.pop(next(iter(held)), None)
    return held.setdefault(key, Watch())


def train(held: Graph, settings: Settings, progress: Progress) -> str:
    """Trains and keeps a model; meant to be called in a job. The name of its folder."""
    key = training_key(held, settings)
    seen = watch(key)
    try:
        made = pipeline.make(held, settings, progress, seen)
    finally:
        _watches().pop(key, None)
    folder = models.kept_folder(made)
    models.save(made, folder)
    return folder.name


@st.cache_resource(max_entries=8, show_spinner=False)
def _evaluation(digest: str, _model: GraphModel, _progress: Progress) -> Evaluation:
    triples = _model.graph.parts[_model.graph.measured]
    return ranking.evaluate(_model.vectors, _model.graph, triples, _progress)


def evaluation(held: GraphModel, progress: Progress) -> Evaluation:
    """The ranks of the triples of ``graph.measured``; meant to be called in a job."""
    found: Evaluation = _evaluation(held.digest, held, progress)
    return found


@st.cache_resource(max_entries=8, show_spinner=False)
def _frequency(digest: str, _graph: Graph, _progress: Progress) -> Figures:
    return ranking.frequency_figures(_graph, _graph.parts[_graph.measured], _progress)


def frequency(held: Graph, progress: Progress) -> Figures:
    """The baseline by frequency; meant to be called in a job."""
    found: Figures = _frequency(held.digest, held, progress)
    return found


@st.cache_resource(max_entries=8, show_spinner=False)
def _map_data(digest: str, _model: GraphModel) -> MapData:
    return map_items.map_data(_model)


def map_data(held: GraphModel) -> MapData:
    """The entities of a model as items of a map."""
    found: MapData = _map_data(held.digest, held)
    return found


@st.cache_resource(max_entries=4, show_spinner=False)
def _join(
    digest: str, space: str, k: int, _entry: SpaceEntry, _model: GraphModel, _progress: Progress
) -> TextJoin:
    held = _model.graph
    texts = geometry.readable([held.label(at) for at in range(len(held.entities))])
    encoded = text_vectors.load_or_encode(
        texts, _entry.text_encoder(), _entry.text_folder, _progress
    )
    return geometry.join_texts(_model, encoded, k)


def join_texts(held: GraphModel, entry: SpaceEntry, k: int, progress: Progress) -> TextJoin:
    """Neighbours by the graph and by the names; meant to be called in a job."""
    found: TextJoin = _join(held.digest, entry.digest, k, entry, held, progress)
    return found


def keep_graph(name: str, files: Mapping[str, bytes], labels: bytes | None) -> str:
    """Keeps a graph that a person brought, and tells its name.

    Raises:
        InputError: it cannot be read.
        StorageError: it cannot be written.
    """
    return sources.keep_own(name, files, labels)
