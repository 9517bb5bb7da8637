"""Work without a page, until it is killed: `python -m benchmarks.faults_work indexing`."""

from __future__ import annotations

import itertools
import sys

import numpy as np


def indexing() -> None:
    """Builds and keeps one index after another, as the page Images does, in the same function."""
    from core.knn import index_store
    from core.knn.faiss_indexes import IndexKind, IndexSettings

    made = np.random.default_rng(0).normal(size=(20_000, 64)).astype(np.float32)
    vectors = made / np.linalg.norm(made, axis=1, keepdims=True)
    for number in itertools.count():
        settings = IndexSettings(IndexKind.HNSW, links=8 + 2 * (number % 20))
        found = index_store.open_or_build("trial", vectors, settings, long=0.0)
        print("opened" if found.kept else "built", flush=True)


def training() -> None:
    """Trains and keeps one model after another, as the page Graph does, by the same functions."""
    from core.graphs import models as graph_models, pipeline as graph_pipeline, sources
    from core.graphs.settings import defaults

    graph = sources.load_graph("nations")
    for seed in itertools.count(len(graph_models.list_kept())):
        import dataclasses

        settings = dataclasses.replace(defaults("nations"), epochs=5, seed=seed)
        made = graph_pipeline.make(graph, settings)
        graph_models.save(made, graph_models.kept_folder(made))
        print("built", flush=True)


if __name__ == "__main__":
    {"indexing": indexing, "training": training}[sys.argv[1]]()
