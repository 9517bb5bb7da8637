"""Graphs and models by hand, for the tests of graphs in all layers."""

from __future__ import annotations

import numpy as np

from core.graphs.graph import Graph, build_graph
from core.graphs.models import GraphModel, model_digest
from core.graphs.scoring import GraphVectors, Model
from core.graphs.settings import Settings
from core.graphs.training import Trained

FAMILY = {
    "train": [
        ("anna", "parent of", "ben"),
        ("anna", "parent of", "cora"),
        ("ben", "child of", "anna"),
        ("cora", "child of", "anna"),
        ("ben", "sibling of", "cora"),
        ("cora", "sibling of", "ben"),
        ("dora", "parent of", "emil"),
    ],
    "valid": [("emil", "child of", "dora")],
    "test": [("anna", "knows", "ben"), ("dora", "child of", "anna")],
}


def family() -> Graph:
    """Five people; "knows" is in the test part alone, so that triple is left out."""
    return build_graph("family", FAMILY)


def by_hand(model: Model, *, inverse: bool = False) -> GraphVectors:
    """Vectors of a graph of three entities and two relations, in two dimensions."""
    entities = np.array([[1, 0], [0, 2], [0.5, -1]], dtype=np.float32)
    relations = np.array([[0, 1], [2, 0.5]], dtype=np.float32)
    inverses = np.array([[1, 1], [-1, 0.5]], dtype=np.float32) if inverse else None
    if model in (Model.COMPLEX, Model.ROTATE):
        entities = entities + 1j * np.array([[1, 1], [0, -1], [2, 0]], dtype=np.float32)
        relations = np.exp(1j * relations).astype(np.complex64)
        entities = entities.astype(np.complex64)
        inverses = None if inverses is None else np.exp(1j * inverses).astype(np.complex64)
    if model is Model.TRANSH:  # normals as well, not at unit length
        relations = np.concatenate([relations, relations[::-1] / 2], axis=1)
        inverses = None if inverses is None else np.concatenate([inverses, -inverses], axis=1)
    return GraphVectors(model, entities, relations, inverses)


def random_model(
    graph: Graph, model: Model = Model.TRANSE, dim: int = 8, seed: int = 0
) -> GraphModel:
    """A model whose vectors are drawn, not trained."""
    random = np.random.default_rng(seed)
    width = 2 * dim if model is Model.TRANSH else dim
    shapes = (len(graph.entities), dim), (len(graph.relations), width)
    held = [random.normal(size=shape).astype(np.float32) for shape in shapes]
    if model in (Model.COMPLEX, Model.ROTATE):
        held = [(one + 1j * random.normal(size=one.shape)).astype(np.complex64) for one in held]
    if model is Model.ROTATE:
        held[1] = held[1] / np.abs(held[1])
    vectors = GraphVectors(model, held[0], held[1])
    settings = Settings(model, dim, 3, loss="softplus")
    trained = Trained(vectors, settings, 3, (1.0, 0.5, 0.2), (), 0.1)
    return GraphModel(graph, trained, {"mrr": 0.5}, model_digest(graph, vectors))
