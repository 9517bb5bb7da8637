"""Link prediction for an entity that the graph has never seen, from its text alone.

A linear map is learnt from the vectors of the entities' texts to their vectors in the graph, by
ridge regression (Hoerl & Kennard 1970) in closed form. Where it sends the text of a new entity,
there the model is asked as for any other (so for zero-shot entities by Xie et al. 2016, DKRL, and
Daza et al. 2021, BLP, who train the text encoder instead). Complex vectors are mapped as real and
imaginary parts, so every model whose entity has one vector can be asked.

How well that works is measured on entities that were held out of the fit: their triples are ranked
from their texts. The vectors of the others were trained beside theirs, so that they know a little
of the entities held out: the figures are those of a model that was not trained again without them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from core.base.errors import InputError, counted
from core.base.types import (
    BoolArray,
    FloatArray,
    IntArray,
    Progress,
    TextEncoder,
    no_progress,
)
from core.graphs import scoring, text_start
from core.graphs.models import GraphModel
from core.graphs.prediction import Answer, Asked
from core.graphs.ranking import Figures, Known, Scorer, figures, filtered_ranks, frequency_counts
from core.graphs.scoring import GraphVectors, Vectors
from core.knn.top_k import top_k

LEAST = 10  # entities with texts below which nothing is learnt
RIDGES = (1e-4, 1e-3, 1e-2, 1e-1, 1.0, 10.0)  # of the number of entities
_FOLDS = 5
_SPLIT_FROM = 2_000  # entities from which on one part is held out, not each of five in turn
_HELD = 200  # entities of that part at most, to choose by, and as many to measure on
_BATCH = 256  # triples that are ranked at a time
_RANKED = 1_000  # triples of a held-out part, of each side, at most


@dataclass(frozen=True, slots=True)
class TextMap:
    """A linear map from vectors of texts to those of entities.

    Attributes:
        weights: ``(dim of texts, numbers of an entity)``.
        text_mean, entity_mean: what is taken off before and put on after.
        ridge: its penalty, in parts of the number of entities.
    """

    weights: FloatArray
    text_mean: FloatArray
    entity_mean: FloatArray
    ridge: float

    def apply(self, texts: FloatArray) -> FloatArray:
        """Entities as real numbers ``(m, numbers)``, of texts ``(m, dim)``."""
        found = (texts - self.text_mean) @ self.weights + self.entity_mean
        return np.asarray(found, dtype=np.float32)


@dataclass(frozen=True, slots=True)
class Unseen:
    """A map with how well entities are ranked that it was not fitted on.

    Attributes:
        fitted: entities that it was fitted on in the end.
        held_out: entities that were held out in turn to measure.
        mapped: figures of their triples by their texts alone.
        frequency: the same by how often an entity is at that end in the relation.
        trained: the same by their own vectors, which were trained on most of these triples.
    """

    map: TextMap
    fitted: int
    held_out: int
    mapped: Figures
    frequency: Figures
    trained: Figures


def fit_ridges(texts: FloatArray, entities: FloatArray, ridges: Sequence[float]) -> list[TextMap]:
    """The map of each penalty: ``W = (X'X + ridge n I)^-1 X'Y``, of centered ``X`` and ``Y``.

    One decomposition of ``X'X`` serves all.

    Args:
        texts: ``X``, ``(n, dim)``.
        entities: ``Y``, ``(n, numbers)``.
        ridges: penalties, in parts of ``n``.
    """
    text_mean, entity_mean = texts.mean(axis=0), entities.mean(axis=0)
    x, y = (texts - text_mean).astype(np.float64), (entities - entity_mean).astype(np.float64)
    values, basis = np.linalg.eigh(x.T @ x)
    turned = basis.T @ (x.T @ y)
    return [
        TextMap(
            (basis @ (turned / (np.maximum(values, 0) + ridge * len(x))[:, None])).astype(
                np.float32
            ),
            text_mean,
            entity_mean,
            ridge,
        )
        for ridge in ridges
    ]


def learn(
    model: GraphModel, texts: FloatArray, has_text: BoolArray, progress: Progress = no_progress
) -> Unseen:
    """Learns the map; its penalty is chosen on entities that are neither fitted nor measured on.

    Args:
        texts: ``(n, dim)`` vectors of the entities' texts; rows without a text are not looked at.
        has_text: ``(n,)`` which entities have one.

    Raises:
        InputError: fewer than ``LEAST`` entities have a text.
        Cancelled: by ``progress``.
    """
    rows = np.flatnonzero(has_text)
    if len(rows) < LEAST:
        raise InputError(
            f"Of {counted(len(has_text), 'entity')} only {len(rows)} have a text.",
            f"At least {LEAST} entities with a readable name or a description.",
            "Give readable names or descriptions of the entities.",
        )
    entities = scoring.real_view(model.vectors.entities)
    parts = _parts(rows)
    chosen = np.zeros(len(RIDGES))
    ranks: dict[str, list[FloatArray]] = {"mapped": [], "frequency": [], "trained": []}
    steps = len(parts) * len(RIDGES)
    for number, (choose, test) in enumerate(parts):
        fit = np.setdiff1d(rows, np.concatenate([choose, test]))
        maps = fit_ridges(texts[fit], entities[fit], RIDGES)
        by_ridge = []
        for at, one in enumerate(maps):
            progress(number * len(RIDGES) + at, steps, "penalties tried")
            moved_there = moved(model.vectors, choose, one, texts)
            by_ridge.append(figures(HeldOut(model, choose).ranks(moved_there)).mrr)
        chosen += by_ridge
        held = HeldOut(model, test)
        best = maps[int(np.argmax(by_ridge))]
        ranks["mapped"].append(held.ranks(moved(model.vectors, test, best, texts)))
        ranks["trained"].append(held.ranks(model.vectors))
        ranks["frequency"].append(held.frequency_ranks())
    progress(steps, steps, "penalties tried")
    [final] = fit_ridges(texts[rows], entities[rows], [RIDGES[int(np.argmax(chosen))]])
    return Unseen(
        final,
        len(rows),
        len(np.unique(np.concatenate([test for _, test in parts]))),
        **{name: figures(np.concatenate(found)) for name, found in ranks.items()},
    )


def encode_and_learn(
    model: GraphModel,
    texts: Sequence[str],
    encoder: TextEncoder,
    folder: Path,
    progress: Progress = no_progress,
) -> Unseen:
    """The same from texts, "" where an entity has none; their vectors are kept in ``folder``.

    Raises:
        InputError: as ``learn``.
        Cancelled: by ``progress``.
    """
    has_text = np.array([bool(text) for text in texts], dtype=np.bool_)
    return learn(model, text_start.encode(texts, encoder, folder, progress), has_text, progress)


def _parts(rows: IntArray) -> list[tuple[IntArray, IntArray]]:
    """Entities to choose by and to measure on, in each turn."""
    order = np.random.default_rng(0).permutation(rows)
    if len(rows) >= _SPLIT_FROM:
        return [(order[:_HELD], order[_HELD : 2 * _HELD])]
    folds = np.array_split(order, _FOLDS)
    return [(folds[at - 1], folds[at]) for at in range(_FOLDS)]


def moved(vectors: GraphVectors, rows: IntArray, map_: TextMap, texts: FloatArray) -> GraphVectors:
    """Vectors with entities ``rows`` where their texts ``(n, dim)``, of all entities, are sent."""
    entities = vectors.entities.copy()
    entities[rows] = _like(map_.apply(texts[rows]), entities)
    return replace(vectors, entities=entities)


def _like(real: FloatArray, vectors: Vectors) -> Vectors:
    """The opposite of ``scoring.real_view``: ``(m, 2 dim)`` as ``(m, dim)`` where complex."""
    if not np.iscomplexobj(vectors):
        return real.astype(vectors.dtype)
    dim = vectors.shape[1]
    whole: Vectors = (real[:, :dim] + 1j * real[:, dim:]).astype(vectors.dtype)
    return whole


class HeldOut:
    """The triples of held-out entities ``rows`` with others; the others are ranked, filtered."""

    def __init__(self, model: GraphModel, rows: IntArray) -> None:
        self._graph, self._rows = model.graph, rows
        triples = model.graph.triples
        out = np.zeros(len(model.graph.entities), dtype=np.bool_)
        out[rows] = True
        self._out = out
        self._known = Known(triples, len(model.graph.relations))
        starts, ends = out[triples[:, 0]], out[triples[:, 2]]
        self._asked = {True: _some(triples[starts & ~ends]), False: _some(triples[ends & ~starts])}

    def ranks(self, vectors: GraphVectors) -> FloatArray:
        """Realistic ranks ``(m,)`` of the others, asked for by the held-out in these vectors."""

        def score(rows: IntArray, tails: bool) -> FloatArray:
            if tails:
                return scoring.tail_scores(vectors, rows[:, 0], rows[:, 1])
            return scoring.head_scores(vectors, rows[:, 1], rows[:, 2])

        return self._rank(score)

    def frequency_ranks(self) -> FloatArray:
        """The same ``(m,)`` by how often others are at that end, in triples without held-out."""
        train = self._graph.train
        others = train[~self._out[train[:, 0]] & ~self._out[train[:, 2]]]
        return self._rank(frequency_counts(self._graph, others))

    def _rank(self, score: Scorer) -> FloatArray:
        """One side of each triple alone, among the entities that are not held out."""
        found: list[FloatArray] = []
        for tails, triples in self._asked.items():
            given, open_ = (0, 2) if tails else (2, 0)
            for start in range(0, len(triples), _BATCH):
                rows = triples[start : start + _BATCH]
                scores = score(rows, tails)
                scores[:, self._out] = -np.inf
                true = self._known.answers(rows[:, given], rows[:, 1], tails=tails)
                found.append(filtered_ranks(scores, rows[:, open_], true)[0])
        return np.concatenate(found) if found else np.empty(0, dtype=np.float32)


def _some(triples: IntArray) -> IntArray:
    """``_RANKED`` of the triples at most, by chance but always the same."""
    if len(triples) <= _RANKED:
        return triples
    return triples[np.random.default_rng(0).permutation(len(triples))[:_RANKED]]


def predict(
    model: GraphModel, new: FloatArray, relation: int, asked: Asked, k: int = 10
) -> list[Answer]:
    """The ``k`` best entities at the other end of a relation of an entity that is text alone.

    Args:
        new: where its text is sent, real numbers ``(numbers,)`` of ``TextMap.apply``.
        asked: ``TAIL`` where the new entity is the head, ``HEAD`` where it is the tail.

    Raises:
        InputError: ``k`` is below 1, or the relation is asked for.
    """
    if k < 1 or asked is Asked.RELATION:
        raise InputError(
            f"{k} predictions were asked for."
            if k < 1
            else "A relation cannot be predicted with one end.",
            "At least 1, of heads or tails.",
            "Ask for more." if k < 1 else "Ask for heads or tails.",
        )
    vectors, graph = model.vectors, model.graph
    added = _like(new[None], vectors.entities)
    whole = replace(vectors, entities=np.concatenate([vectors.entities, added]))
    row, step = np.array([len(graph.entities)]), np.array([relation])
    if asked is Asked.TAIL:
        scores = scoring.tail_scores(whole, row, step)[0, :-1]
    else:
        scores = scoring.head_scores(whole, step, row)[0, :-1]
    return [
        Answer(at, graph.entities[at], graph.label(at), float(scores[at]), "")
        for at in top_k(scores, k).tolist()
    ]
