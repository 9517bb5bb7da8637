"""Entities as points, relations as arrows and angles, and names in the space of texts beside."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from core.base.types import Encoded, FloatArray, IntArray
from core.graphs import scoring
from core.graphs.graph import Graph
from core.graphs.models import GraphModel
from core.graphs.scoring import GraphVectors, Model
from core.knn.all_pairs import find_neighbors, shared_neighbors

ARROWS = 60  # of a relation that are drawn at most


def arrow_pairs(graph: Graph, relation: int, limit: int = ARROWS) -> IntArray:
    """Heads and tails ``(m, 2)`` of a relation's training triples, ``limit`` of them at most.

    Of more, a sample by chance that is always the same.
    """
    pairs = graph.train[graph.train[:, 1] == relation][:, [0, 2]]
    if len(pairs) > limit:
        rows = np.random.default_rng(0).permutation(len(pairs))[:limit]
        pairs = pairs[np.sort(rows)]
    found: IntArray = pairs
    return found


@dataclass(frozen=True, slots=True)
class Arrows:
    """How alike the steps from heads to tails of a relation are.

    Attributes:
        parallel: mean cosine of each step with the mean of all, in the model's own space; 1 where
            all are parallel.
        chance: the same for as many pairs of entities drawn by chance.
        on_map: the same on the map.
    """

    parallel: float
    chance: float
    on_map: float


def arrows(vectors: GraphVectors, pairs: IntArray, places: FloatArray) -> Arrows:
    """Measures the steps of ``pairs`` ``(m, 2)``; ``places`` are those of all entities on a map."""
    held = scoring.real_view(vectors.entities)
    random = np.random.default_rng(0).integers(len(held), size=(max(200, len(pairs)), 2))
    return Arrows(_parallel(held, pairs), _parallel(held, random), _parallel(places, pairs))


def with_relation(vectors: GraphVectors, pairs: IntArray, relation: int) -> float | None:
    """Mean cosine of a relation's vector with the steps of ``pairs`` ``(m, 2)``; TransE alone."""
    if vectors.model is not Model.TRANSE or not len(pairs):
        return None
    steps = vectors.entities[pairs[:, 1]] - vectors.entities[pairs[:, 0]]
    return float(_cosine(steps, vectors.relations[relation]).mean())


def _parallel(points: FloatArray, pairs: IntArray) -> float:
    steps = points[pairs[:, 1]] - points[pairs[:, 0]]
    lengths = np.linalg.norm(steps, axis=1, keepdims=True)
    steps = (steps / np.maximum(lengths, 1e-12))[lengths[:, 0] > 0]
    if not len(steps):
        return 0.0
    return float(_cosine(steps, steps.mean(axis=0)).mean())


def _cosine(rows: FloatArray, one: FloatArray) -> FloatArray:
    lengths = np.linalg.norm(rows, axis=1) * np.linalg.norm(one)
    found: FloatArray = (rows @ one) / np.maximum(lengths, 1e-12)
    return found


def relation_angles(vectors: GraphVectors, relation: int) -> FloatArray:
    """The angles ``(dim,)`` in degrees, -180 to 180, by which RotatE turns each complex number.

    About 0 or 180 everywhere for a symmetric relation, since turning twice leads back; those of
    inverse relations are each other's negatives (Sun et al. 2019).
    """
    angles: FloatArray = np.degrees(np.angle(vectors.relations[relation])).astype(np.float32)
    return angles


@dataclass(frozen=True, slots=True)
class TextJoin:
    """Neighbours of the entities in the graph's space and in that of their names.

    Attributes:
        graph_rows, text_rows: ``(n, k)`` nearest others, best first.
        shared: ``(n,)`` part of them that is the same.
    """

    graph_rows: IntArray
    text_rows: IntArray
    shared: FloatArray
    k: int

    @property
    def chance(self) -> float:
        """What neighbours drawn by chance would share."""
        return self.k / max(1, len(self.shared) - 1)


def readable(names: Sequence[str]) -> list[str]:
    """Names as a text encoder takes them: underscores are spaces."""
    return [name.replace("_", " ") for name in names]


def join_texts(model: GraphModel, texts: Encoded, k: int = 10) -> TextJoin:
    """How far entities that are near in the graph have names that mean nearly the same.

    Args:
        texts: vectors ``(n, dim)`` of the entities' names, in their order.

    Raises:
        InputError: there are fewer than two entities.
    """
    from core.base import vectors as vec

    held = vec.normalize(scoring.real_view(model.vectors.entities))
    count = len(held)
    ones = np.ones(count, dtype=np.float32)
    own = find_neighbors(Encoded(held, ones, np.zeros(count, dtype=np.bool_)), k)
    other = find_neighbors(texts, k)
    return TextJoin(own.rows, other.rows, shared_neighbors(own, other), own.rows.shape[1])
