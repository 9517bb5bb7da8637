"""What can be asked of words: ranking, odd one out, axes, and the picture of an arithmetic."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from core.base import vectors as vec
from core.base.errors import InputError
from core.base.types import FloatArray, Index, Neighbor
from core.formula.resolve import ResolvedQuery
from core.spaces.vocabulary import Vocabulary
from core.words.inflections import Forms

CANDIDATES = 4  # words that are looked at for each neighbour that stands for its forms


@dataclass(frozen=True, slots=True)
class Ranking:
    """Neighbours of a query; where asked for, the input words with their rank among all words.

    Attributes:
        forms: other forms of a neighbour, by its row, nearest first; where forms were folded.
        input_forms: forms of the input words, which were left out with them.
        folded: whether forms were folded together.
    """

    neighbors: list[Neighbor]
    inputs: list[Neighbor]
    forms: dict[int, list[str]] = field(default_factory=dict)
    input_forms: list[str] = field(default_factory=list)
    folded: bool = False


def rank_words(  # noqa: PLR0913
    vocabulary: Vocabulary,
    index: Index,
    query: ResolvedQuery,
    k: int,
    *,
    include_inputs: bool = False,
    forms: Forms | None = None,
) -> Ranking:
    """The ``k`` words nearest to ``query`` by cosine similarity, best first.

    Input words are left out by their row; with ``include_inputs`` they stay, and ``inputs`` tells
    their ranks. Ranks count all words, so a gap in them is where an input word stands.

    With ``forms`` a neighbour stands for all its forms, and forms of the inputs are left out with
    them; not where the inputs themselves are forms of one word, since then a form is what is asked
    for (``biggest - big + small``).
    """
    inputs = sorted(set(query.rows))
    roots = [forms.root(vocabulary.words[row]) for row in inputs] if forms is not None else []
    folds = forms if len(set(roots)) == len(roots) else None
    count = (k * CANDIDATES if folds is not None else k) + len(inputs)
    scores, rows = index.search(query.vector[None, :], min(count, len(vocabulary)))
    found = zip(rows[0].tolist(), scores[0].tolist(), strict=True)
    neighbors = [
        Neighbor(vocabulary.words[row], score, rank, row)
        for rank, (row, score) in enumerate(found, start=1)
        if include_inputs or row not in inputs
    ]
    # Their ranks take a comparison with every word, so only where they are shown.
    places = _ranks(vocabulary, query.vector, inputs) if include_inputs else []
    if folds is None:
        return Ranking(neighbors[:k], places)
    shown = Ranking([], places, folded=True)
    return _fold(shown, neighbors, dict(zip(inputs, roots, strict=True)), folds, k)


def _fold(
    ranking: Ranking, neighbors: Sequence[Neighbor], roots: dict[int, str], forms: Forms, k: int
) -> Ranking:
    """``ranking`` with the first ``k`` of ``neighbors`` that are no forms of one before them.

    ``roots`` are those of the input words, by their rows.
    """
    heads: dict[str, int] = {}
    for found in neighbors:
        root = forms.root(found.id)
        if found.row in roots:
            if len(ranking.neighbors) < k:
                ranking.neighbors.append(found)
        elif root in roots.values():
            ranking.input_forms.append(found.id)
        elif root in heads:
            ranking.forms.setdefault(heads[root], []).append(found.id)
        elif len(ranking.neighbors) < k:
            heads[root] = found.row
            ranking.neighbors.append(found)
    return ranking


def _ranks(vocabulary: Vocabulary, vector: FloatArray, rows: Sequence[int]) -> list[Neighbor]:
    """Where ``rows`` stand among all words."""
    if not rows:
        return []
    scores = vocabulary.vectors @ vector
    return [
        Neighbor(
            vocabulary.words[row], float(scores[row]), int((scores > scores[row]).sum()) + 1, row
        )
        for row in rows
    ]


@dataclass(frozen=True, slots=True)
class OddOneOut:
    """Words with the mean similarity of each to the others; the lowest is the odd one."""

    words: list[str]
    similarity: FloatArray

    @property
    def word(self) -> str:
        """The odd one."""
        return self.words[int(np.argmin(self.similarity))]


def odd_one_out(words: Sequence[str], vectors: FloatArray) -> OddOneOut:
    """The word least like the others, by mean cosine similarity; ``vectors`` ``(n, dim)`` unit.

    Raises:
        InputError: fewer than three words.
    """
    if len(words) < 3:
        raise InputError(
            f"{len(words)} {'word was' if len(words) == 1 else 'words were'} given.",
            "At least three are needed to find an odd one.",
            "Add words.",
        )
    similar = vec.similarity(vectors, vectors)
    return OddOneOut(list(words), (similar.sum(axis=1) - np.diag(similar)) / (len(words) - 1))


@dataclass(frozen=True, slots=True)
class Picture:
    """Points of an arithmetic's picture and the arrows between them.

    Attributes:
        labels, kinds: what each point is: ``term``, ``result`` or ``neighbor``.
        points: ``(n, 3)`` coordinates on the first principal axes.
        shares: share of the points' variance on each axis ``(3,)``.
        arrows: pairs of places in ``points``; parallel arrows are an analogy's two steps.
    """

    labels: list[str]
    kinds: list[str]
    points: FloatArray
    shares: FloatArray
    arrows: list[tuple[int, int]]


def draw_arithmetic(query: ResolvedQuery, labels: Sequence[str], near: FloatArray) -> Picture:
    """The terms, the sum and the neighbours ``near`` ``(k, dim)`` on their principal axes.

    The projection is linear, so what is parallel among the vectors is parallel in the picture.
    The sum is drawn where it lies, not at unit length: ``a - b + c`` closes a parallelogram.
    """
    vectors = np.vstack([*(term.vector for term in query.terms), query.sum, near])
    mean, axes, shares = vec.principal_axes(vectors, 3)
    count = len(query.terms)
    return Picture(
        [*(term.term.text for term in query.terms), "result", *labels],
        ["term"] * count + ["result"] + ["neighbor"] * len(near),
        (vectors - mean) @ axes.T,
        shares,
        _arrows([term.term.weight for term in query.terms]),
    )


def _arrows(weights: Sequence[float]) -> list[tuple[int, int]]:
    """For ``a - b + c`` the steps b to a and c to the result; else from each term to the result."""
    result = len(weights)
    if sorted(weights) == [-1, 1, 1]:
        minus = weights.index(-1)
        a, c = (at for at in range(3) if at != minus)
        return [(minus, a), (c, result), (minus, c), (a, result)]
    return [(at, result) for at in range(result) if result > 1]
