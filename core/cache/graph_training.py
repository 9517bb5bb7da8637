"""Trainings of models of knowledge graphs, which all sessions watch."""

from __future__ import annotations

import streamlit as st

from core.base.jobs import Job
from core.base.types import FloatArray, Modality, Progress
from core.cache import jobs as jobs_cache, spaces as spaces_cache
from core.cache.digests import DIGESTS
from core.graphs import models, pipeline, text_start
from core.graphs.entity_texts import entity_texts
from core.graphs.graph import Graph
from core.graphs.settings import Settings
from core.graphs.training import Watch
from core.spaces import registry


def training_key(graph: Graph, settings: Settings, start: str = "") -> str:
    """Stands for a training, anew or from a model on that is kept under the name ``start``."""
    return f"{_training(graph)}{settings}{start}"


def _training(graph: Graph) -> str:
    return f"train {graph.digest} "


def trainings(graph: Graph) -> list[Job]:
    """The trainings of a graph that go on in this server, of any session."""
    return jobs_cache.jobs().running(_training(graph))


@st.cache_resource(max_entries=16, hash_funcs=DIGESTS, show_spinner=False)
def watch(key: str) -> Watch:
    """What is seen of a training, which all sessions watch."""
    return Watch()


def train(graph: Graph, settings: Settings, progress: Progress, start: str = "") -> str:
    """Trains and keeps a model; meant to be called in a job. The name of its folder.

    Args:
        start: the name of a kept model whose training was stopped, to go on with.

    Raises:
        InputError: as ``pipeline.make`` and ``models.load_to_resume``.
        DamagedError: what it would go on from is not what was written.
        StorageError: the model cannot be kept.
        Cancelled: by ``progress``; nothing is kept then, unless all who watched are gone.
    """
    key = training_key(graph, settings, start)
    stopped = models.load_to_resume(models.folder_of(start)).trained if start else None
    try:
        report = jobs_cache.keeping(key, progress, watch(key))
        texts = None if start else texts_to_start(graph, settings, progress)
        trained = pipeline.make(graph, settings, report, watch(key), stopped, texts)
    finally:
        watch.clear(key)
    folder = models.kept_folder(trained)
    models.save(trained, folder)
    return folder.name


def texts_to_start(graph: Graph, settings: Settings, progress: Progress) -> FloatArray | None:
    """Vectors ``(n, dim)`` of the entities' names, where the settings begin with them.

    Raises:
        InputError, NotReadyError: their model of texts is not there.
        Cancelled: by ``progress``.
    """
    if not settings.start_from:
        return None
    entry = registry.find_space(settings.start_from, Modality.TEXT)
    encoder = spaces_cache.text_encoder(entry)
    return text_start.encode(entity_texts(graph).texts, encoder, entry.text_folder, progress)
