"""Putting a graph in order: triples that a model does not believe, and such that may be missing.

Both look at one triple among its corruptions, as an evaluation does: all other entities in the
place of its head, then of its tail. What a knowledge graph states wrongly, or leaves out, is found
so in part only (Paulheim 2017, Knowledge graph refinement); the last word is a person's.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from core.base.columns import Columns
from core.base.errors import InputError, counted
from core.base.types import FloatArray, IntArray, Progress, no_progress
from core.graphs import scoring, training
from core.graphs.graph import PARTS, Graph
from core.graphs.models import GraphModel
from core.graphs.ranking import Evaluation, evaluate
from core.graphs.settings import Settings
from core.knn.top_k import top_k

MOST = 20_000  # triples that are ranked; of more a sample
HEADS = 300  # of a relation whose tails are looked at, those with most triples of it
FOLDS = 5  # parts of a cross-validation
_BATCH = 256


@dataclass(frozen=True, slots=True)
class Suspicious:
    """Triples of a graph, the least plausible first.

    Attributes:
        triples: ``(m, 3)``.
        parts: the split of each.
        head_ranks, tail_ranks: ``(m,)`` filtered realistic ranks among corruptions.
        percentiles: ``(m,)`` the mean share of corruptions of either side that the model finds more
            plausible: 0 where none is, 1 where all are.
        whole: how many triples there were, of which these are all or a sample.
    """

    triples: IntArray
    parts: list[str]
    head_ranks: FloatArray
    tail_ranks: FloatArray
    percentiles: FloatArray
    whole: int

    def of_relation(self, relation: int) -> Suspicious:
        """Those of one relation; ``whole`` stays."""
        rows = np.flatnonzero(self.triples[:, 1] == relation)
        return Suspicious(
            self.triples[rows],
            [self.parts[row] for row in rows.tolist()],
            self.head_ranks[rows],
            self.tail_ranks[rows],
            self.percentiles[rows],
            self.whole,
        )

    def table(self, graph: Graph, count: int) -> Columns:
        """The first ``count`` as columns."""
        return {
            **_names(graph, self.triples[:count]),
            "percentile": self.percentiles[:count].tolist(),
            "head rank": self.head_ranks[:count].tolist(),
            "tail rank": self.tail_ranks[:count].tolist(),
            "split": self.parts[:count],
        }


def find_suspicious(
    model: GraphModel,
    parts: Sequence[str] = PARTS,
    progress: Progress = no_progress,
    most: int = MOST,
) -> Suspicious:
    """Ranks the triples of ``parts`` by how little the model believes them.

    Of more than ``most`` a sample is ranked, by chance but always the same. Equal ones stay in the
    order of the graph.

    Raises:
        InputError: there is no triple in these parts, or memory does not suffice.
        Cancelled: by ``progress``.
    """
    graph = model.graph
    chosen = [part for part in PARTS if part in parts]
    counts = [len(graph.parts[part]) for part in chosen]
    if not sum(counts):
        raise InputError(
            "There is no triple in these splits.",
            f"Splits of the graph that have triples: {', '.join(PARTS)}.",
            "Choose another split.",
        )
    triples = np.concatenate([graph.parts[part] for part in chosen])
    of = np.repeat(np.arange(len(chosen)), counts)
    if len(triples) > most:
        rows = np.sort(np.random.default_rng(0).permutation(len(triples))[:most])
        triples, of = triples[rows], of[rows]
    found = evaluate(model.vectors, graph, triples, progress)
    return _ordered([found], [chosen[at] for at in of.tolist()], sum(counts))


def cross_validate(
    graph: Graph, settings: Settings, progress: Progress = no_progress, folds: int = FOLDS
) -> Suspicious:
    """Ranks the training triples, each by a model that was trained without it.

    A model has learnt the triples that it was trained on, wrong ones too. So the triples are parted
    at random, and each part is ranked by a model of the others, as confident learning does with
    labels (Northcutt et al. 2021). It takes as long as ``folds`` trainings, of fewer triples as
    long as one for each. They begin by chance, also where the model began with texts.

    Raises:
        InputError: ``folds`` is below 2, or as ``training.train``.
        Cancelled: by ``progress``.
    """
    folds = min(folds, len(graph.train))
    if folds < 2:
        raise InputError(
            f"{counted(folds, 'part')} of {counted(len(graph.train), 'training triple')}.",
            "At least 2 parts, and a triple in each.",
            "Take more.",
        )
    part_of = np.random.default_rng(0).permutation(len(graph.train)) % folds
    found: list[Evaluation] = []
    by_chance = replace(settings, start_from="")  # the texts are not at hand
    for number in range(folds):
        rest = replace(graph, train=graph.train[part_of != number])
        made = training.train(rest, by_chance, _share(progress, number, folds))
        found.append(evaluate(made.vectors, graph, graph.train[part_of == number], progress))
    return _ordered(found, ["train"] * len(graph.train), len(graph.train))


def _share(progress: Progress, number: int, folds: int) -> Progress:
    """Progress of one training of several as that of all."""

    def told(done: int, total: int, note: str = "") -> None:
        progress(number * total + done, folds * total, note)

    return told


def _ordered(found: Sequence[Evaluation], parts: Sequence[str], whole: int) -> Suspicious:
    """The triples of evaluations, one after another, the least plausible first."""
    ranks = np.concatenate([one.ranks for one in found])
    candidates = np.concatenate([one.candidates for one in found])
    triples = np.concatenate([one.triples for one in found])
    percentiles = ((ranks - 1) / np.maximum(candidates - 1, 1)).mean(axis=1)
    order = np.argsort(-percentiles, kind="stable")
    return Suspicious(
        triples[order],
        [parts[at] for at in order.tolist()],
        ranks[order, 0],
        ranks[order, 1],
        percentiles[order].astype(np.float32),
        whole,
    )


@dataclass(frozen=True, slots=True)
class Missing:
    """Triples that are not in training and score highest, by relation, the best of each first.

    Attributes:
        triples: ``(m, 3)``.
        scores: ``(m,)``; only those of one relation compare.
        above: ``(m,)`` the share of the relation's known training triples that score lower.
        parts: ``valid`` or ``test`` where the graph has the triple there, else "".
    """

    triples: IntArray
    scores: FloatArray
    above: FloatArray
    parts: list[str]

    def table(self, graph: Graph) -> Columns:
        """All as columns."""
        return {
            **_names(graph, self.triples),
            "score": self.scores.tolist(),
            "above known": self.above.tolist(),
            "split": self.parts,
        }


def find_missing(  # noqa: PLR0913
    model: GraphModel,
    relations: Sequence[int],
    k: int = 20,
    progress: Progress = no_progress,
    *,
    constrained: bool = True,
    held_out: bool = True,
) -> Missing:
    """The ``k`` triples of each relation that are not in training and score highest.

    The heads are those that the relation has in training, up to ``HEADS`` with most triples of it.
    A triple of an entity with itself is left out where the relation has none in training. What is
    in ``valid`` or ``test`` is among them, marked: the model has not seen it either, so how many
    come up tells how far the list can be trusted.

    Args:
        held_out: whether triples of ``valid`` and ``test`` are among them, or left out.
        constrained: take tails that the relation has in training alone (Krompaß et al. 2015).

    Raises:
        InputError: ``k`` is below 1, or no relation is named.
        Cancelled: by ``progress``.
    """
    if k < 1 or not relations:
        raise InputError(
            f"{k} candidates of {len(relations)} relations were asked for.",
            "At least 1 of each, of 1 relation or more.",
            "Ask for more.",
        )
    parts = {
        tuple(triple): part for part in PARTS[1:] for triple in model.graph.parts[part].tolist()
    }
    hidden = model.graph.train if held_out else model.graph.triples
    found = []
    for number, relation in enumerate(relations):
        progress(number, len(relations), "relations")
        found.append(_missing_of(model, hidden, relation, k, constrained=constrained))
    progress(len(relations), len(relations), "relations")
    triples = np.concatenate([one[0] for one in found])
    return Missing(
        triples,
        np.concatenate([one[1] for one in found]),
        np.concatenate([one[2] for one in found]),
        [parts.get(tuple(triple), "") for triple in triples.tolist()],
    )


def _missing_of(
    model: GraphModel, hidden: IntArray, relation: int, k: int, *, constrained: bool
) -> tuple[IntArray, FloatArray, FloatArray]:
    """Triples, scores, and the share of the known ones that score lower, of one relation."""
    train = model.graph.train
    known = train[train[:, 1] == relation]
    heads, counts = np.unique(known[:, 0], return_counts=True)
    heads = np.sort(heads[np.argsort(-counts, kind="stable")[:HEADS]])
    loops = bool((known[:, 0] == known[:, 2]).any())
    tails = np.unique(known[:, 2])
    out_of = hidden[hidden[:, 1] == relation]
    best: list[tuple[IntArray, FloatArray]] = []
    own: list[FloatArray] = []
    for start in range(0, len(heads), _BATCH):
        some = heads[start : start + _BATCH]
        scores = scoring.tail_scores(model.vectors, some, np.full(len(some), relation))
        inside = known[np.isin(known[:, 0], some)]
        at = np.searchsorted(some, inside[:, 0]), inside[:, 2]
        own.append(scores[at].copy())
        inside = out_of[np.isin(out_of[:, 0], some)]
        scores[np.searchsorted(some, inside[:, 0]), inside[:, 2]] = -np.inf
        if not loops:
            scores[np.arange(len(some)), some] = -np.inf
        if constrained:
            out = np.ones(scores.shape[1], dtype=np.bool_)
            out[tails] = False
            scores[:, out] = -np.inf
        rows = top_k(scores.ravel(), k)
        head, tail = np.divmod(rows, scores.shape[1])
        best.append((np.stack([some[head], tail], axis=1), scores.ravel()[rows]))
    pairs, values = (np.concatenate([one[side] for one in best]) for side in (0, 1))
    order = top_k(values, k)
    order = order[np.isfinite(values[order])]
    scores_of_known = np.sort(np.concatenate(own))
    above = np.searchsorted(scores_of_known, values[order], "left") / len(scores_of_known)
    triples = np.insert(pairs[order], 1, relation, axis=1)
    return triples, values[order], above.astype(np.float32)


def _names(graph: Graph, triples: IntArray) -> Columns:
    """The columns of head, relation and tail, by readable names."""
    return {
        "head": [graph.label(head) for head in triples[:, 0].tolist()],
        "relation": [graph.relations[relation] for relation in triples[:, 1].tolist()],
        "tail": [graph.label(tail) for tail in triples[:, 2].tolist()],
    }


def as_tsv(graph: Graph, triples: IntArray) -> bytes:
    """Triples ``(m, 3)`` by their ids, a line each: head, tab, relation, tab, tail.

    A tab or line end in a name becomes a space, as it would part the line.
    """
    lines = (
        (graph.entities[head], graph.relations[relation], graph.entities[tail])
        for head, relation, tail in triples.tolist()
    )
    text = "".join("\t".join(" ".join(name.split()) for name in line) + "\n" for line in lines)
    return text.encode("utf-8", "surrogatepass")
