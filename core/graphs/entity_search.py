"""Finding entities: by words, by formulas over entities, and what is near in the graph and by name.

A formula such as ``paris - france + germany`` adds the unit vectors of the graph's own space; its
words are entities. What is no formula is looked up by its letters, then by text embeddings.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

import numpy as np

from core.base import vectors as vec
from core.base.errors import InputError
from core.base.types import FloatArray, Term
from core.formula.resolve import ResolvedQuery, ResolvedTerm, add_up
from core.graphs import scoring
from core.graphs.graph import Graph
from core.graphs.models import GraphModel
from core.graphs.sentence_query import letters
from core.knn.top_k import top_k


@dataclass(frozen=True, slots=True)
class Hit:
    """An entity that was found by words.

    Attributes:
        by_name: whether the words stand in its id or readable name.
        score: the cosine of the text embeddings; 0 where there are none.
    """

    row: int
    score: float
    by_name: bool


def unit_entities(model: GraphModel) -> FloatArray:
    """The entities ``(n, numbers)`` at unit length, complex ones as real and imaginary parts."""
    return vec.normalize(scoring.real_view(model.vectors.entities))


def search(graph: Graph, words: str, similar: FloatArray | None = None, k: int = 10) -> list[Hit]:
    """The ``k`` best entities: those whose name has the words, then by meaning.

    Args:
        similar: ``(n,)`` cosines of the words with the entities' names; ``None``: by name alone.

    Raises:
        InputError: there is no letter or digit in the words, or ``k`` is below 1.
    """
    wanted = letters(words)
    if not wanted or k < 1:
        raise InputError(
            "There is nothing to search for." if k >= 1 else f"{k} results were asked for.",
            "Words, and at least 1 result.",
            "Type a name or a description.",
        )
    count = len(graph.entities)
    scores = np.zeros(count, dtype=np.float32) if similar is None else similar
    named = np.zeros(count, dtype=np.float32)
    for row, name in enumerate(graph.entities):
        for one in (letters(name), letters(graph.labels.get(name, ""))):
            if wanted in one:  # whole names before such that have more
                named[row] = max(named[row], len(wanted) / len(one))
    order = top_k(np.where(named > 0, 2 + named, scores), k)
    return [
        Hit(row, float(scores[row]), bool(named[row]))
        for row in order.tolist()
        if named[row] > 0 or similar is not None
    ]


def add_entities(model: GraphModel, terms: Sequence[Term]) -> ResolvedQuery:
    """The weighted sum of the entities that a formula names, in the graph's space.

    Raises:
        UnknownTermError: a term is no entity; near names are told.
        FormulaError: the sum has no direction.
    """
    units = unit_entities(model)
    rows = [model.graph.entity(term.text) for term in terms]
    return add_up(
        [
            ResolvedTerm(term, units[row], row, encoded=False)
            for term, row in zip(terms, rows, strict=True)
        ]
    )


def nearest_to(
    model: GraphModel, place: FloatArray, k: int = 10, leave_out: Collection[int] = ()
) -> list[tuple[int, float]]:
    """The entities most similar to a vector ``(numbers,)`` of the graph's space, with cosines.

    Raises:
        InputError: ``k`` is below 1.
    """
    if k < 1:
        raise InputError(f"{k} results were asked for.", "At least 1 result.", "Ask for more.")
    similar = unit_entities(model) @ vec.normalize(place[None].astype(np.float32))[0]
    similar[list(leave_out)] = -np.inf
    best = top_k(similar, min(k, len(similar) - len(leave_out)))
    return [(row, float(similar[row])) for row in best.tolist()]
