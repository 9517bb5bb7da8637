"""How well a space tells the classes of a labelled gallery apart.

Every picture asks for its ``k`` nearest others (leave-one-out). Precision at k is the share of
these that are of its own class; it is confused with the class that most of them are of.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from core.base.errors import InputError
from core.base.types import Encoded, FloatArray, IntArray, Progress, no_progress
from core.images.zero_shot import class_names
from core.knn.all_pairs import find_neighbors

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
    votes = np.zeros((len(theirs), count), dtype=np.int64)
    np.add.at(votes, (np.arange(len(theirs))[:, None], theirs), 1)
    # Each neighbour by the votes of its class: the first of the highest is the nearest of them.
    first = np.take_along_axis(votes, theirs, axis=1).argmax(axis=1)
    voted: IntArray = np.take_along_axis(theirs, first[:, None], axis=1)[:, 0]
    return voted


@dataclass(frozen=True, slots=True)
class SimilarityHistogram:
    """Densities of cosine similarities of pairs of pictures, ``(BINS,)`` between ``edges``.

    Attributes:
        pairs_within, pairs_between: drawn of either kind; one pair may be drawn twice.
    """

    edges: npt.NDArray[np.float64]
    within: npt.NDArray[np.float64]
    between: npt.NDArray[np.float64]
    pairs_within: int
    pairs_between: int


def similarity_histogram(
    vectors: FloatArray, labels: Sequence[str], seed: int = 0
) -> SimilarityHistogram:
    """Similarities of unit rows ``(n, dim)`` within classes and between them.

    They are of ``PAIRS`` pairs drawn by chance.

    Half of them are of either kind, so that the two can be compared; of each kind every pair is
    equally likely.

    Raises:
        InputError: there are fewer than two classes, or no class has two pictures.
    """
    classes = class_names(labels)
    numbers = np.searchsorted(classes, np.array(labels)).astype(np.int64)
    if np.bincount(numbers).max() < 2:
        raise InputError(
            "Every class has one picture.",
            "Similarities within classes need two of a class.",
            "Choose another column.",
        )
    random = np.random.default_rng(seed)
    drawn = (_pairs_within(numbers, random), _pairs_between(numbers, random))
    edges = np.linspace(-1, 1, BINS + 1)
    within, between = (
        np.histogram(np.clip(_products(vectors, *pairs), -1, 1), edges, density=True)[0]
        for pairs in drawn
    )
    return SimilarityHistogram(edges, within, between, len(drawn[0][0]), len(drawn[1][0]))


def _pairs_within(numbers: IntArray, random: np.random.Generator) -> tuple[IntArray, IntArray]:
    """``PAIRS // 2`` pairs of two pictures of one class, as rows; each pair is equally likely."""
    order, starts, counts, place = _sorted(numbers)
    others = counts[numbers] - 1  # a class of m has m (m - 1) pairs: each picture m - 1
    first = random.choice(len(numbers), PAIRS // 2, p=others / others.sum())
    mine = numbers[first]
    step = random.integers(1, counts[mine])
    return first, order[starts[mine] + (place[first] + step) % counts[mine]]


def _pairs_between(numbers: IntArray, random: np.random.Generator) -> tuple[IntArray, IntArray]:
    """``PAIRS // 2`` pairs of pictures of two classes, as rows; each pair is equally likely."""
    order, starts, counts, _ = _sorted(numbers)
    others = len(numbers) - counts[numbers]
    first = random.choice(len(numbers), PAIRS // 2, p=others / others.sum())
    mine = numbers[first]
    at = random.integers(0, others[first])
    return first, order[np.where(at < starts[mine], at, at + counts[mine])]  # its own are skipped


def _sorted(numbers: IntArray) -> tuple[IntArray, IntArray, IntArray, IntArray]:
    """Rows by class, where each class begins there, its size, and each row's place in its class."""
    order = np.argsort(numbers, kind="stable")
    counts = np.bincount(numbers)
    starts = np.cumsum(counts) - counts
    place = np.empty(len(numbers), dtype=np.int64)
    place[order] = np.arange(len(numbers)) - starts[numbers[order]]
    return order, starts, counts, place


def _products(vectors: FloatArray, first: IntArray, second: IntArray) -> FloatArray:
    found = [
        np.einsum("nd,nd->n", vectors[first[at : at + 10_000]], vectors[second[at : at + 10_000]])
        for at in range(0, len(first), 10_000)
    ]
    return np.concatenate(found)
