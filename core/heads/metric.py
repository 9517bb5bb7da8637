r"""A linear metric from a few marked pairs, which stays near the space that it begins with.

A map :math:`L = I + U^T K U` is learnt, where the rows of ``U`` ``(r, d)`` span the marked items:
what is orthogonal to all of them stays as it was. Least is made of

.. math:: \sum_{alike} f((t_{near} - s_{ij}) / g) + \sum_{not} f((s_{ij} - t_{far}) / g)
          + \lambda \lVert K \rVert_F^2

with the cosine :math:`s_{ij}` after the map, :math:`f(x) = \log(1 + e^{bx})`, and two levels of the
space itself, as in information-theoretic metric learning (Davis et al. 2007,
doi:10.1145/1273496.1273523): what is alike shall be as near as neighbours are, what is not as far
as items by chance, with :math:`g` between the two. Learning a metric from marked pairs is of Xing
et al. 2002 (NIPS 15), the linear map and its gradient as of Goldberger et al. 2004 (NIPS 17). By
the penalty every optimum lies in the span of the marked items, so a few marks are a small problem.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from core.base import vectors as vec
from core.base.errors import InputError
from core.base.types import FloatArray, IntArray
from core.base.validation import require_in_ranges
from core.heads.marks import Pairs
from core.spaces.encoders.head import Head

NEIGHBORS = 10  # the level of neighbours is the similarity of this one
STRENGTH = 0.3
STRENGTHS = (0.01, 100.0)
_SAMPLE, _ASKING = 1_000, 200  # items of the levels, and those of which the neighbours count
_STEEP = 4.0
_STEPS = 30  # of L-BFGS
_SPANNED = 1e-5  # of the largest singular value

Doubles = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Levels:
    """Cosines of a space: of items by chance, and of the tenth neighbour; medians of a sample."""

    far: float
    near: float

    @property
    def gap(self) -> float:
        """From one to the other."""
        return max(self.near - self.far, 0.01)

    @property
    def middle(self) -> float:
        """A pair that is nearer counts as alike."""
        return (self.near + self.far) / 2


def sample(vectors: FloatArray) -> FloatArray:
    """Some of ``(n, d)`` vectors by chance, but always the same, of which the levels are told."""
    return vectors[np.random.default_rng(0).permutation(len(vectors))[:_SAMPLE]]


def levels(vectors: FloatArray) -> Levels:
    """The levels of unit vectors ``(n, d)``, such as a ``sample``.

    Raises:
        InputError: there are fewer than three.
    """
    count = len(vectors)
    if count < 3:
        raise InputError(
            f"There are {count} items.", "Three or more are needed.", "Choose other data."
        )
    cosines = vectors[:_ASKING] @ vectors.T
    np.fill_diagonal(cosines, -np.inf)
    k = min(NEIGHBORS, max(1, count // 10))
    nearest = np.partition(cosines, -k, axis=1)[:, -k]
    others = cosines[np.isfinite(cosines)]
    return Levels(float(np.median(others)), float(np.median(nearest)))


@dataclass(frozen=True, slots=True)
class Metric:
    """The map ``I + span.T @ change @ span``.

    Attributes:
        span: ``(r, d)`` orthonormal rows.
        change: ``(r, r)``.
    """

    span: FloatArray
    change: FloatArray

    def apply(self, vectors: FloatArray) -> FloatArray:
        """Unit vectors ``(n, d)`` of unit vectors ``(n, d)``."""
        moved = vectors + (vectors @ self.span.T) @ self.change.T @ self.span
        return vec.normalize(moved.astype(np.float32, copy=False))

    def head(self) -> Head:
        """The same as a head of one layer."""
        size = self.span.shape[1]
        whole = np.eye(size, dtype=np.float32) + self.span.T @ self.change @ self.span
        zeros = np.zeros(size, dtype=np.float32)
        return Head(zeros, ((whole.astype(np.float32), zeros),))


def learn(vectors: FloatArray, pairs: Pairs, at: Levels, strength: float = STRENGTH) -> Metric:
    """The metric of some pairs of unit vectors ``(n, d)``; without a pair it changes nothing.

    Args:
        at: the levels of ``vectors``.
        strength: how much the marks count against the space as it was; 1 / lambda.

    Raises:
        InputError: the strength is outside its range.
    """
    require_in_ranges(_Strength(strength), "the metric", {"strength": STRENGTHS}, ())
    size = vectors.shape[1]
    if not len(pairs):
        nothing = np.zeros((0, size), np.float32)
        return Metric(nothing, np.zeros((0, 0), np.float32))
    from scipy.optimize import minimize

    rows, places = np.unique(pairs.rows, return_inverse=True)
    marked = vectors[rows].astype(np.float64)
    _, singular, axes = np.linalg.svd(marked, full_matrices=False)
    span = axes[singular > _SPANNED * singular[0]]
    work = _Objective(marked @ span.T, places.reshape(-1, 2), pairs, at, strength)
    start = np.zeros(len(span) ** 2)
    found = minimize(work, start, jac=True, method="L-BFGS-B", options={"maxiter": _STEPS})
    change = found.x.reshape(len(span), len(span))
    return Metric(span.astype(np.float32), change.astype(np.float32))


@dataclass(frozen=True, slots=True)
class _Strength:
    strength: float


class _Objective:
    """What is made least, and its gradient, for the numbers of ``K`` ``(r * r,)``."""

    def __init__(
        self,
        marked: Doubles,
        places: IntArray,
        pairs: Pairs,
        at: Levels,
        strength: float,
    ) -> None:
        self.marked, self.places = marked, places
        self.sign = np.where(pairs.alike, -1.0, 1.0)  # of the cosine in the loss
        self.target = np.where(pairs.alike, at.near, at.far)
        self.slope, self.penalty = _STEEP / at.gap, 1 / strength

    def __call__(self, numbers: Doubles) -> tuple[float, Doubles]:
        size = self.marked.shape[1]
        change = numbers.reshape(size, size)
        moved = self.marked + self.marked @ change.T
        lengths = np.maximum(np.linalg.norm(moved, axis=1, keepdims=True), 1e-12)
        unit = moved / lengths
        first, second = self.places.T
        cosines = np.einsum("pd,pd->p", unit[first], unit[second])
        wrong = self.slope * self.sign * (cosines - self.target)
        value = np.logaddexp(0, wrong).sum() + self.penalty * (change**2).sum()
        # 1 / (1 + exp(-x)) by tanh, which does not overflow.
        by_cosine = self.slope * self.sign * (0.5 + 0.5 * np.tanh(wrong / 2))
        by_moved = np.zeros_like(moved)
        for one, other in ((first, second), (second, first)):
            along = (unit[other] - cosines[:, None] * unit[one]) / lengths[one]
            np.add.at(by_moved, one, by_cosine[:, None] * along)
        gradient = by_moved.T @ self.marked + 2 * self.penalty * change
        return float(value), gradient.ravel()
