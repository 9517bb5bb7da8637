"""How well a space tells the classes of a labelled gallery apart.

Every picture asks for its ``k`` nearest others (leave-one-out). Precision at k is the share of
these that are of its own class; it is confused with the class that most of them are of.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from core.errors import InputError
from core.neighbors import find_neighbors
from core.types import Encoded, FloatArray, IntArray, Progress, no_progress
from core.zero_shot import class_names

PAIRS = 200_000  # pairs of pictures whose similarities are drawn
BINS = 80


@dataclass(frozen=True, slots=True)
class GalleryReport:
    """Figures of a labelled gallery.

    Attributes:
        classes: the labels, in the order of the alphabet.
        counts: ``(c,)`` pictures of each class.
        precision: ``(n,)`` of each picture: the share of its ``k`` nearest that are of its class.
        accuracy: how often the vote of the ``k`` nearest is right; equal votes go to the nearer.
        confusion: ``(c, c)`` pictures of a class (row) by what the vote said (column).
        labels: ``(n,)`` the number of each picture's class.
        voted: ``(n,)`` what the vote said of each.
        nearest: ``(n, k)`` rows.
    """

    k: int
    classes: list[str]
    counts: IntArray
    precision: FloatArray
    accuracy: float
    confusion: IntArray
    labels: IntArray
    voted: IntArray
    nearest: IntArray

    @property
    def mean_precision(self) -> float:
        """Over all pictures."""
        return float(self.precision.mean())

    def per_class(self) -> FloatArray:
        """Mean precision of each class, ``(c,)``."""
        sums = np.bincount(self.labels, self.precision, len(self.classes))
        return (sums / self.counts).astype(np.float32)

    def confused(self) -> list[tuple[str, str, int]]:
        """Pairs of classes with how often the first was taken for the second, most often first."""
        off = self.confusion.copy()
        np.fill_diagonal(off, 0)
        rows, columns = np.nonzero(off)
        order = np.argsort(-off[rows, columns], kind="stable")
        return [
            (self.classes[rows[at]], self.classes[columns[at]], int(off[rows[at], columns[at]]))
            for at in order
        ]


def report(
    vectors: FloatArray, labels: Sequence[str], k: int, progress: Progress = no_progress
) -> GalleryReport:
    """The figures of unit vectors ``(n, dim)`` with a label each.

    Raises:
        InputError: there are fewer than two classes, or not more than ``k`` pictures.
        Cancelled: by ``progress``.
    """
    classes = class_names(labels)
    if not 1 <= k < len(vectors):
        raise InputError(
            f"{k} nearest of {len(vectors):,} pictures were asked for.",
            "At least 1, and fewer than there are pictures.",
            "Change k.",
        )
    numbers = np.searchsorted(classes, np.array(labels)).astype(np.int64)
    plain = Encoded(
        vectors,
        np.ones(len(vectors), dtype=np.float32),
        np.zeros(len(vectors), dtype=np.bool_),
    )
    nearest = find_neighbors(plain, k, progress=progress).rows
    theirs = numbers[nearest]
    precision = (theirs == numbers[:, None]).mean(axis=1).astype(np.float32)
    voted = _vote(theirs, len(classes))
    confusion = np.zeros((len(classes), len(classes)), dtype=np.int64)
    np.add.at(confusion, (numbers, voted), 1)
    return GalleryReport(
        k,
        classes,
        np.bincount(numbers, minlength=len(classes)),
        precision,
        float((voted == numbers).mean()),
        confusion,
        numbers,
        voted,
        nearest,
    )


def _vote(theirs: IntArray, count: int) -> IntArray:
    """The commonest of each row ``(n, k)``; of equally common ones that which comes first."""
    n, k = theirs.shape
    weights = np.zeros((n, count))
    # A nearer neighbour's vote counts a little more, too little to outweigh a whole vote.
    ballots = 1 + (k - np.arange(k)) / (2 * k * k)
    np.add.at(weights, (np.arange(n)[:, None], theirs), ballots[None, :])
    voted: IntArray = weights.argmax(axis=1)
    return voted


@dataclass(frozen=True, slots=True)
class SimilarityHistogram:
    """Densities of cosine similarities of pairs of pictures, ``(BINS,)`` between ``edges``."""

    edges: npt.NDArray[np.float64]
    within: npt.NDArray[np.float64]
    between: npt.NDArray[np.float64]
    pairs: int


def similarity_histogram(
    vectors: FloatArray, labels: Sequence[str], seed: int = 0
) -> SimilarityHistogram:
    """Similarities within classes and between them, of up to ``PAIRS`` pairs drawn by chance.

    As many pairs of either kind are drawn, so that the two can be compared.

    Raises:
        InputError: there are fewer than two classes, or no class has two pictures.
    """
    classes = class_names(labels)
    numbers = np.searchsorted(classes, np.array(labels))
    random = np.random.default_rng(seed)
    order = np.argsort(numbers, kind="stable")
    starts = np.searchsorted(numbers[order], np.arange(len(classes)))
    counts = np.bincount(numbers, minlength=len(classes))
    able = np.flatnonzero(counts[numbers] > 1)
    if not len(able):
        raise InputError(
            "Every class has one picture.",
            "Similarities within classes need two of a class.",
            "Choose another column.",
        )
    first = random.choice(able, PAIRS // 2)
    mine = numbers[first]
    step = random.integers(1, counts[mine])
    place = np.empty(len(numbers), dtype=np.int64)
    place[order] = np.arange(len(numbers)) - starts[numbers[order]]
    second = order[starts[mine] + (place[first] + step) % counts[mine]]
    others = random.integers(0, len(numbers), (2, PAIRS))
    apart = numbers[others[0]] != numbers[others[1]]
    others = others[:, apart][:, : PAIRS // 2]
    edges = np.linspace(-1, 1, BINS + 1)
    within, between = (
        np.histogram(np.clip(_products(vectors, *pairs), -1, 1), edges, density=True)[0]
        for pairs in ((first, second), (others[0], others[1]))
    )
    return SimilarityHistogram(edges, within, between, len(first) + others.shape[1])


def _products(vectors: FloatArray, first: IntArray, second: IntArray) -> FloatArray:
    found = [
        np.einsum("nd,nd->n", vectors[first[at : at + 10_000]], vectors[second[at : at + 10_000]])
        for at in range(0, len(first), 10_000)
    ]
    return np.concatenate(found)
