"""Questions to a model: (head, relation, ?), (?, relation, tail), (head, ?, tail)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

import numpy as np

from core.base.errors import InputError
from core.base.types import FloatArray, IntArray
from core.graphs import scoring
from core.graphs.graph import PARTS, Graph
from core.graphs.models import GraphModel
from core.knn.top_k import top_k


class Asked(StrEnum):
    """Which member of the triple is asked for."""

    TAIL = "tail"
    HEAD = "head"
    RELATION = "relation"


@dataclass(frozen=True, slots=True)
class Question:
    """A triple with one member open (``None``), the others by their numbers.

    Raises:
        InputError: not exactly one is open.
    """

    head: int | None = None
    relation: int | None = None
    tail: int | None = None

    def __post_init__(self) -> None:
        if sum(member is None for member in (self.head, self.relation, self.tail)) != 1:
            raise InputError(
                "A query leaves one member of the triple open.",
                "Head and relation, relation and tail, or head and tail.",
                "Give two of the three.",
            )

    @property
    def asked(self) -> Asked:
        """What is open."""
        if self.head is None:
            return Asked.HEAD
        return Asked.TAIL if self.tail is None else Asked.RELATION


@dataclass(frozen=True, slots=True)
class Answer:
    """One candidate.

    Attributes:
        row: its number, of an entity or relation.
        id, label: its names.
        score: higher is more plausible; only scores of one question compare.
        part: ``train``, ``valid`` or ``test`` where the triple is known, else "".
    """

    row: int
    id: str
    label: str
    score: float
    part: str


def read_question(graph: Graph, head: str = "", relation: str = "", tail: str = "") -> Question:
    """A question in the names of a graph; what is empty is asked for.

    Raises:
        UnknownTermError: a name is none of the graph's; near ones are told.
        InputError: not exactly one is empty.
    """
    return Question(
        graph.entity(head) if head.strip() else None,
        graph.relation(relation) if relation.strip() else None,
        graph.entity(tail) if tail.strip() else None,
    )


def answer(
    model: GraphModel, question: Question, k: int = 10, *, known: bool = True
) -> list[Answer]:
    """The ``k`` best answers, the best first; equal scores by their number.

    Args:
        known: whether triples of the graph are among the answers, marked, or left out.

    Raises:
        InputError: ``k`` is below 1.
    """
    if k < 1:
        raise InputError(f"{k} predictions were asked for.", "At least 1.", "Ask for more.")
    graph, asked = model.graph, question.asked
    scores = _scores(model, question)
    parts = known_parts(graph, question)
    if not known:
        scores[list(parts)] = -np.inf
    rows = top_k(scores, k)
    names = graph.relations if asked is Asked.RELATION else graph.entities
    return [
        Answer(
            row,
            names[row],
            names[row] if asked is Asked.RELATION else graph.label(row),
            float(scores[row]),
            parts.get(row, ""),
        )
        for row in rows.tolist()
        if np.isfinite(scores[row])
    ]


def known_parts(graph: Graph, question: Question) -> dict[int, str]:
    """The true answers of a question with the part of the graph that they are in."""
    members = (question.head, question.relation, question.tail)
    column = {Asked.HEAD: 0, Asked.RELATION: 1, Asked.TAIL: 2}[question.asked]
    found: dict[int, str] = {}
    for part in PARTS:
        triples: IntArray = getattr(graph, part)
        fits = np.ones(len(triples), dtype=np.bool_)
        for at, member in enumerate(members):
            if member is not None:
                fits &= triples[:, at] == member
        found |= dict.fromkeys(triples[fits, column].tolist(), part)
    return found


def open_relation(graph: Graph, entity: int, *, heads: bool = False) -> int:
    """The relation that an entity is most often the head of, and not yet with each other entity.

    Where it is the head of none, the one that it is most often the tail of.

    Args:
        heads: whether heads are asked for: then it is the other way round.
    """
    count = len(graph.relations)
    used, others = [], []
    for own, other in ((2, 0), (0, 2)) if heads else ((0, 2), (2, 0)):
        rows = graph.triples[graph.triples[:, own] == entity]
        used.append(np.bincount(rows[:, 1], minlength=count))
        met = np.unique(rows[rows[:, other] != entity][:, [1, other]], axis=0)
        others.append(np.bincount(met[:, 0], minlength=count))
    full = others[0] == len(graph.entities) - 1
    return int(np.lexsort((-used[1], -used[0], full))[0])


def _scores(model: GraphModel, question: Question) -> FloatArray:
    head, relation, tail = (
        np.array([0 if member is None else member])
        for member in (question.head, question.relation, question.tail)
    )
    if question.asked is Asked.TAIL:
        found = scoring.tail_scores(model.vectors, head, relation)
    elif question.asked is Asked.HEAD:
        found = scoring.head_scores(model.vectors, relation, tail)
    else:
        found = scoring.relation_scores(model.vectors, head, tail)
    scores: FloatArray = found[0]
    return scores


@dataclass(frozen=True, slots=True)
class Reason:
    """A known triple of the same relation that lies near an answer; cosine of both ends."""

    triple: tuple[int, int, int]
    part: str
    head_similarity: float
    tail_similarity: float

    @property
    def similarity(self) -> float:
        """The lesser of the two."""
        return min(self.head_similarity, self.tail_similarity)


def explain(model: GraphModel, triple: Sequence[int], k: int = 5) -> list[Reason]:
    """The training triples nearest to one: of the same relation, with the most similar ends.

    A triple is as near as the less similar of its two ends, by the cosine of the model's vectors
    (complex ones as real and imaginary parts). It shows what the model has seen that is like the
    answer; it is no proof that the answer came from it.
    """
    head, relation, tail = triple
    train = model.graph.train
    own = (train == np.array([head, relation, tail])).all(axis=1)
    rows = np.flatnonzero((train[:, 1] == relation) & ~own)
    if not len(rows):
        return []
    vectors = scoring.real_view(model.vectors.entities)
    ends = _cosines(vectors, head, train[rows, 0]), _cosines(vectors, tail, train[rows, 2])
    best = top_k(np.minimum(*ends), k)
    return [
        Reason(
            (int(train[rows[at], 0]), relation, int(train[rows[at], 2])),
            "train",
            float(ends[0][at]),
            float(ends[1][at]),
        )
        for at in best.tolist()
    ]


def _cosines(vectors: FloatArray, row: int, others: IntArray) -> FloatArray:
    lengths = np.linalg.norm(vectors[others], axis=1) * np.linalg.norm(vectors[row])
    similar: FloatArray = (vectors[others] @ vectors[row]) / np.maximum(lengths, 1e-12)
    return np.clip(similar, -1, 1)


def nearest_entities(model: GraphModel, entity: int, k: int = 10) -> list[tuple[int, float]]:
    """The other entities with the most similar vectors: their numbers and cosines, best first."""
    vectors = scoring.real_view(model.vectors.entities)
    similar = _cosines(vectors, entity, np.arange(len(vectors)))
    similar[entity] = -np.inf
    best = top_k(similar, min(k, len(vectors) - 1))
    return [(int(row), float(similar[row])) for row in best]
