"""How well a model ranks what is true: filtered ranks, MRR and Hits@k, and baselines to compare.

For a test triple (h, r, t) all entities are ranked as tails of (h, r) and as heads of (r, t). The
other true answers are left out of the ranking (filtered, Bordes et al. 2013), whether they are
known from training, validation or testing. The rank is the realistic one: the mean of the best
and the worst place among equal scores (Berrendorf et al. 2020); the optimistic one, the best place,
is kept beside it, since older papers compare by it. MRR is the mean of 1 / rank over both sides,
Hits@k the share of ranks of at most k.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from core.base.errors import InputError, counted
from core.base.types import FloatArray, IntArray, Progress, no_progress
from core.graphs import scoring
from core.graphs.graph import Graph
from core.graphs.scoring import GraphVectors

HITS = (1, 3, 10)
_BATCH = 512
# Scores (b, n) of all entities for rows of triples: as tails where the flag is set, else as heads.
Scorer = Callable[[IntArray, bool], FloatArray]


@dataclass(frozen=True, slots=True)
class Figures:
    """Mean reciprocal rank and Hits@k, over ``count`` ranks."""

    mrr: float
    hits: dict[int, float]
    count: int


@dataclass(frozen=True, slots=True)
class Evaluation:
    """What was found on some triples.

    Attributes:
        ranks: ``(m, 2)`` realistic filtered ranks of head and tail.
        optimistic: ``(m, 2)`` the same, where the target comes first among equal scores.
        candidates: ``(m, 2)`` how many entities were ranked.
        triples: ``(m, 3)``.
        notes: what had to be adapted.
    """

    ranks: FloatArray
    optimistic: FloatArray
    candidates: IntArray
    triples: IntArray
    notes: tuple[str, ...] = ()

    @property
    def both(self) -> Figures:
        """Over both sides."""
        return figures(self.ranks)

    @property
    def at_best(self) -> Figures:
        """Over both sides, by optimistic ranks."""
        return figures(self.optimistic)

    @property
    def heads(self) -> Figures:
        """Where the head was asked for."""
        return figures(self.ranks[:, 0])

    @property
    def tails(self) -> Figures:
        """Where the tail was asked for."""
        return figures(self.ranks[:, 1])

    def of_relation(self, relation: int) -> Figures:
        """Over both sides of the triples of one relation."""
        return figures(self.ranks[self.triples[:, 1] == relation])


def figures(ranks: FloatArray) -> Figures:
    """MRR and Hits@k of ranks ``(…)`` of any shape; all 0 where there is none."""
    flat = np.asarray(ranks, dtype=np.float64).ravel()
    if not len(flat):
        return Figures(0.0, dict.fromkeys(HITS, 0.0), 0)
    hits = {k: float((flat <= k).mean()) for k in HITS}
    return Figures(float((1 / flat).mean()), hits, len(flat))


class Known:
    """Looks up the true answers of a graph: the tails of (head, relation), and the heads."""

    def __init__(self, triples: IntArray, relations: int) -> None:
        self._relations = relations
        self._sides = []
        for given, asked in ((2, 0), (0, 2)):  # of heads, of tails
            keys = triples[:, given] * relations + triples[:, 1]
            order = np.argsort(keys, kind="stable")
            self._sides.append((keys[order], triples[order, asked]))

    def answers(self, given: IntArray, relations: IntArray, *, tails: bool) -> list[IntArray]:
        """For each pair of entity and relation, both ``(m,)``, the entities that are true there."""
        keys, found = self._sides[int(tails)]
        wanted = given * self._relations + relations
        starts, ends = (np.searchsorted(keys, wanted, side) for side in ("left", "right"))
        return [found[start:end] for start, end in zip(starts, ends, strict=True)]


def evaluate(
    vectors: GraphVectors,
    graph: Graph,
    triples: IntArray,
    progress: Progress = no_progress,
    batch: int = _BATCH,
) -> Evaluation:
    """Ranks of ``triples`` ``(m, 3)`` of a graph by a model, filtered by all that is known.

    Where memory runs out the batch is halved.

    Raises:
        InputError: memory does not even suffice for one triple.
        Cancelled: by ``progress``.
    """

    def score(rows: IntArray, tails: bool) -> FloatArray:
        if tails:
            return scoring.tail_scores(vectors, rows[:, 0], rows[:, 1])
        return scoring.head_scores(vectors, rows[:, 1], rows[:, 2])

    return rank_all(score, graph, triples, progress, batch)


def rank_all(
    score: Scorer,
    graph: Graph,
    triples: IntArray,
    progress: Progress = no_progress,
    batch: int = _BATCH,
) -> Evaluation:
    """The same for ``triples`` ``(m, 3)`` by any way of scoring.

    Raises:
        InputError: the memory does not suffice for the scores of one question.
        Cancelled: by ``progress``.
    """
    known = Known(graph.triples, max(1, len(graph.relations)))
    count, at, halved = len(triples), 0, False
    ranks, optimistic = (np.empty((count, 2), dtype=np.float32) for _ in range(2))
    candidates = np.empty((count, 2), dtype=np.int64)
    while at < count:
        progress(at, count, "triples ranked")
        rows = triples[at : at + batch]
        try:
            for side, asked, given in ((0, 0, 2), (1, 2, 0)):
                true = known.answers(rows[:, given], rows[:, 1], tails=side == 1)
                scores = score(rows, side == 1)
                own = slice(at, at + batch), side
                ranks[own], optimistic[own], candidates[own] = filtered_ranks(
                    scores, rows[:, asked], true
                )
        except MemoryError as error:
            if batch == 1:
                raise InputError(
                    f"Memory does not suffice to rank {counted(len(graph.entities), 'entity')}.",
                    "The scores of one query must fit in.",
                    "Close other programs, or take a smaller graph.",
                ) from error
            batch, halved = batch // 2, True
            continue
        at += len(rows)
    progress(count, count, "triples ranked")
    note = f"Memory was short, so {counted(batch, 'triple')} were ranked at a time."
    return Evaluation(ranks, optimistic, candidates, triples, (note,) if halved else ())


def filtered_ranks(
    scores: FloatArray, targets: IntArray, true: list[IntArray]
) -> tuple[FloatArray, FloatArray, IntArray]:
    """Ranks ``(b,)`` of ``targets`` among scores ``(b, n)``, realistic and optimistic, and how many
    were ranked.

    ``true`` are the entities that are left out of each ranking, the target itself aside.
    """
    places = np.arange(len(targets))
    own = scores[places, targets][:, None]
    better, equal = scores > own, scores == own
    kept = np.full(len(targets), scores.shape[1])
    for at, others in enumerate(true):
        out = others[others != targets[at]]
        better[at, out] = equal[at, out] = False
        kept[at] -= len(out)
    # The best place is 1 + better, the worst better + equal, where equal counts the target itself.
    best = 1 + better.sum(axis=1)
    ranks = best + (equal.sum(axis=1) - 1) / 2
    return ranks.astype(np.float32), best.astype(np.float32), kept


def random_figures(evaluation: Evaluation) -> Figures:
    """What scores drawn by chance would come to: each of ``c`` places is as likely, for each rank.

    The mean of 1 / rank is then the c-th harmonic number over c, that of Hits@k is k / c.
    """
    places = evaluation.candidates.ravel()
    if not len(places):
        return Figures(0.0, dict.fromkeys(HITS, 0.0), 0)
    harmonic = np.concatenate([[0.0], np.cumsum(1 / np.arange(1, places.max() + 1))])
    hits = {k: float(np.minimum(1, k / places).mean()) for k in HITS}
    return Figures(float((harmonic[places] / places).mean()), hits, len(places))


def frequency_figures(graph: Graph, triples: IntArray, progress: Progress = no_progress) -> Figures:
    """Figures of ``triples`` ``(m, 3)`` by how often an entity is at that end in training.

    Raises:
        InputError: the memory does not suffice for the scores of one question.
        Cancelled: by ``progress``.
    """
    return rank_all(frequency_counts(graph, graph.train), graph, triples, progress).both


def frequency_counts(graph: Graph, counted_in: IntArray) -> Scorer:
    """Scores by how often an entity is at that end of the relation in triples ``(m, 3)``."""
    from scipy.sparse import csr_array

    shape = (len(graph.relations), len(graph.entities))
    ones = np.ones(len(counted_in), dtype=np.float32)
    counts = [
        csr_array((ones, (counted_in[:, 1], counted_in[:, column])), shape=shape)
        for column in (0, 2)
    ]

    def score(rows: IntArray, tails: bool) -> FloatArray:
        found: FloatArray = counts[int(tails)][rows[:, 1]].toarray()
        return found

    return score
