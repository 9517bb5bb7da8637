"""What a picture is, by its neighbours in a gallery: for each column of what is known of these.

A weighted k-nearest-neighbour vote (``core/knn/votes.py``). Its certainty is calibrated on the
gallery itself, where each picture is told by its nearest others (leave-one-out): among the pictures
whose vote was about as clear, the share that it was right of. Numbers, such as years, are told by
the weighted median.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from core.base.errors import PictureError
from core.base.types import Encoded, FloatArray, IntArray, Progress, no_progress
from core.images.gallery import Gallery
from core.images.metadata_columns import KindColumn, LeftOut, NumberColumn, usable
from core.knn.all_pairs import find_neighbors
from core.knn.exact import ExactIndex
from core.knn.votes import shares_of, weights_of

NEIGHBORS = 24
NOTHING_NEAR = 0.01  # of the gallery's own pictures so many have no nearer other: then nothing is
_ALIKE = 0.1  # of the gallery's votes those that were about as clear,
_AT_LEAST = 50  # and no fewer where there are as many
_APART = 0.1  # of the weights: votes that are further apart say nothing of each other
TOLD = 5  # values of a column
# Of the weights; a value with less is not told as the answer. Votes with less were right in 35 to
# 53 % of cases (`pictures_identify` of benchmarks/README.md).
MAJORITY = 0.5
NOT_SURE = "not sure"
_LONG = 100_000  # from here on numbers are written whole


@dataclass(frozen=True, slots=True)
class KindCheck:
    """A column of kinds, and how its votes come out for the gallery's own pictures.

    Attributes:
        classes: the values, and ``numbers`` ``(n,)`` the place of each picture's; -1 for none.
        clear: ``(m,)`` of the pictures that can be told: the share of the first value, and
            ``right`` ``(m,)`` whether it is theirs.
    """

    name: str
    classes: list[str]
    numbers: IntArray
    clear: npt.NDArray[np.float64]
    right: npt.NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class NumberCheck:
    """A column of numbers; ``error`` and ``guessing`` are those of ``NumberVerdict``."""

    column: NumberColumn
    error: float | None
    guessing: float


@dataclass(frozen=True, slots=True)
class Leave:
    """Every picture of a gallery told by its nearest others.

    Attributes:
        vectors: ``(n, dim)``, unit.
        similarities: ``(n, k)`` cosine of the nearest others of each, best first; ``k`` is 0 for
            one picture alone.
        checks: how far each column that can be told is told right.
        left_out: the other columns.
    """

    vectors: FloatArray
    similarities: FloatArray
    checks: list[KindCheck | NumberCheck]
    left_out: list[LeftOut]

    @property
    def threshold(self) -> float:
        """The similarity below which nothing is near; -1 where that cannot be known."""
        if not self.similarities.shape[1]:
            return -1.0
        return float(np.quantile(self.similarities[:, 0], NOTHING_NEAR))


@dataclass(frozen=True, slots=True)
class Vote:
    """A value, its share of the weights, and how many of the neighbours have it."""

    value: str
    share: float
    neighbors: int


@dataclass(frozen=True, slots=True)
class KindVerdict:
    """What the neighbours say of a column of kinds.

    Attributes:
        votes: the likeliest first; none where no neighbour has a value.
        asked: neighbours that have a value.
        certainty: share of the gallery's pictures with as clear a vote of which it was right;
            ``None`` where there are too few to tell.
        accuracy: of the gallery's pictures, told by their others; ``None`` for fewer than two.
        commonest: share of the commonest value in the gallery: what guessing it would reach.
        deciding: ``(m,)`` rows of the neighbours that have the first value, the nearest first.
    """

    name: str
    votes: list[Vote]
    asked: int
    certainty: float | None
    accuracy: float | None
    commonest: float
    deciding: IntArray

    @property
    def sure(self) -> bool:
        """Whether the likeliest value has half of the weights or more."""
        return bool(self.votes) and self.votes[0].share >= MAJORITY


@dataclass(frozen=True, slots=True)
class NumberVerdict:
    """What the neighbours say of a column of numbers.

    Attributes:
        median: by weight; ``None`` where no neighbour has a number. ``low`` and ``high`` are the
            quartiles.
        values, shares: ``(m,)`` of the neighbours that have one, the nearest first, and
            ``deciding`` ``(m,)`` their rows.
        error: median of how far off this is for the gallery's own pictures; ``None`` for fewer
            than two.
        guessing: the same of always saying the gallery's median.
    """

    name: str
    years: bool
    median: float | None
    low: float
    high: float
    values: npt.NDArray[np.float64]
    shares: npt.NDArray[np.float64]
    deciding: IntArray
    error: float | None
    guessing: float


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a gallery says of a picture.

    Attributes:
        rows, similarities: ``(k,)`` the nearest pictures, best first.
        near: whether the nearest is near enough to say anything; else it is none of these.
        threshold: the similarity for that.
        columns: a verdict for each column that can be told.
    """

    rows: IntArray
    similarities: FloatArray
    near: bool
    threshold: float
    columns: list[KindVerdict | NumberVerdict]
    left_out: list[LeftOut]


def leave_one_out(
    gallery: Gallery, vectors: FloatArray, k: int = NEIGHBORS, progress: Progress = no_progress
) -> Leave:
    """A gallery whose pictures have the unit ``vectors`` ``(n, dim)``, each told by its others.

    Raises:
        Cancelled: by ``progress``.
    """
    count = len(vectors)
    if count < 2:
        rows, similarities = np.empty((count, 0), np.int64), np.empty((count, 0), np.float32)
    else:
        plain = Encoded(vectors, np.ones(count, np.float32), np.zeros(count, np.bool_))
        near = find_neighbors(plain, k, progress=progress)
        rows, similarities = near.rows, near.scores
    columns, left_out = usable(gallery.frame)
    own = rows, weights_of(similarities)
    checks: list[KindCheck | NumberCheck] = [
        _check_kinds(one, own) if isinstance(one, KindColumn) else _check_numbers(one, own)
        for one in columns
    ]
    return Leave(vectors, similarities, checks, left_out)


def judge(
    gallery: Gallery,
    leave: Leave,
    query: FloatArray,
    *,
    itself: int | None = None,
    k: int = NEIGHBORS,
) -> Verdict:
    """What the pictures of a gallery say of a unit vector ``(dim,)``.

    Args:
        leave: of this gallery.
        itself: the row of the picture in question, where it is one of the gallery: left out.

    Raises:
        PictureError: there is no other picture.
    """
    vectors = leave.vectors
    asked = min(len(vectors), k + (itself is not None))
    scores, found = ExactIndex(vectors).search(query[None, :], asked)
    kept = np.ones(asked, np.bool_) if itself is None else found[0] != itself
    rows, similarities = found[0][kept][:k], np.clip(scores[0][kept][:k], -1, 1)
    if not len(rows):
        raise PictureError(
            f"{gallery.name} has no other picture.",
            "A picture is told by others that are near to it.",
            "Add pictures to the gallery, or choose another one.",
        )
    near = rows, weights_of(similarities[None, :])[0]
    return Verdict(
        rows,
        similarities.astype(np.float32),
        bool(similarities[0] >= leave.threshold),
        leave.threshold,
        [
            _judge_kinds(one, near) if isinstance(one, KindCheck) else _judge_numbers(one, near)
            for one in leave.checks
        ],
        leave.left_out,
    )


Near = tuple[IntArray, npt.NDArray[np.float64]]  # rows and their weights


def _check_kinds(column: KindColumn, own: Near) -> KindCheck:
    classes = sorted({str(one) for one in column.values if one})
    place = {name: number for number, name in enumerate(classes)}
    numbers = np.array([place.get(str(one), -1) for one in column.values], dtype=np.int64)
    return KindCheck(column.name, classes, numbers, *_leave_votes(numbers, own, len(classes)))


def _judge_kinds(check: KindCheck, near: Near) -> KindVerdict:
    classes, numbers = check.classes, check.numbers
    rows, weights = near
    shares = shares_of(numbers, rows[None, :], weights[None, :], len(classes))[0]
    counts = np.bincount(numbers[rows][numbers[rows] >= 0], minlength=len(classes))
    order = [int(at) for at in np.argsort(-shares, kind="stable") if counts[at]]
    certainty = None
    if order and len(classes) > 1:
        certainty = _calibrated(float(shares[order[0]]), check.clear, check.right)
    labelled = numbers[numbers >= 0]
    return KindVerdict(
        check.name,
        [Vote(classes[at], float(shares[at]), int(counts[at])) for at in order[:TOLD]],
        int((numbers[rows] >= 0).sum()),
        certainty,
        float(check.right.mean()) if len(check.right) else None,
        float(np.bincount(labelled).max() / len(labelled)),
        rows[numbers[rows] == order[0]] if order else rows[:0],
    )


def _leave_votes(
    numbers: IntArray, own: Near, count: int
) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.bool_]]:
    """Of the gallery's pictures that can be told: how clear their vote is, whether it is right."""
    rows, weights = own
    if not rows.shape[1]:
        return np.empty(0), np.empty(0, np.bool_)
    clear, right = np.zeros(len(rows)), np.zeros(len(rows), np.bool_)
    for at in range(0, len(rows), 4_096):  # classes may be a thousand
        part = slice(at, at + 4_096)
        shares = shares_of(numbers, rows[part], weights[part], count)
        clear[part] = shares.max(axis=1)
        right[part] = shares.argmax(axis=1) == numbers[part]
    told = (numbers >= 0) & (clear > 0)
    return clear[told], right[told]


def _calibrated(
    share: float, clear: npt.NDArray[np.float64], right: npt.NDArray[np.bool_]
) -> float | None:
    """How often votes about as clear as this one were right, with Laplace's rule.

    Half, where none was: of votes that are far clearer than this one it cannot be told.
    """
    if len(clear) < 2:
        return None
    count = min(len(clear), max(_AT_LEAST, round(_ALIKE * len(clear))))
    apart = np.abs(clear - share)
    alike = np.argsort(apart, kind="stable")[:count]
    alike = alike[apart[alike] <= _APART]
    return float((right[alike].sum() + 1) / (len(alike) + 2))


def _check_numbers(column: NumberColumn, own: Near) -> NumberCheck:
    filled = column.values[np.isfinite(column.values)]
    others, their = own
    errors = [
        abs(_quantile(column.values[others[at]], their[at], 0.5) - column.values[at])
        for at in np.flatnonzero(np.isfinite(column.values))
        if others.shape[1] and np.isfinite(column.values[others[at]]).any()
    ]
    error = float(np.median(errors)) if errors else None
    return NumberCheck(column, error, float(np.median(np.abs(filled - np.median(filled)))))


def _judge_numbers(check: NumberCheck, near: Near) -> NumberVerdict:
    column = check.column
    rows, weights = near
    given = np.isfinite(column.values[rows])
    values, kept = column.values[rows][given], weights[given]
    quartiles = [_quantile(values, kept, share) for share in (0.25, 0.5, 0.75)]
    return NumberVerdict(
        column.name,
        column.years,
        quartiles[1] if len(values) else None,
        quartiles[0],
        quartiles[2],
        values,
        kept / kept.sum() if len(kept) else kept,
        rows[given],
        check.error,
        check.guessing,
    )


def written(value: float) -> str:
    """A number of a verdict for a person: six digits, and none of millions is a power of ten."""
    return f"{value:,.0f}" if abs(value) >= _LONG else f"{value:g}"


def _quantile(
    values: npt.NDArray[np.float64], weights: npt.NDArray[np.float64], share: float
) -> float:
    """The value below which ``share`` of the weights lie; of missing ones nothing."""
    given = np.isfinite(values)
    if not given.any():
        return float("nan")
    order = np.argsort(values[given], kind="stable")
    sums = np.cumsum(weights[given][order])
    at = int(np.searchsorted(sums, share * sums[-1]))
    return float(values[given][order][min(at, len(order) - 1)])


def as_columns(found: Verdict) -> dict[str, list[Any]]:
    """What is told by each column of the gallery, as a table: a row a column.

    Where the vote is not sure, ``value`` is the likeliest one all the same.
    """
    rows: list[tuple[Any, ...]] = []
    for one in found.columns:
        if isinstance(one, NumberVerdict):
            rows.append((one.name, one.median, None, None, None, None, one.error))
        else:
            value = one.votes[0].value if one.votes else ""
            share = one.votes[0].share if one.votes else None
            sure = "sure" if one.sure else NOT_SURE
            rows.append((one.name, value, sure, share, one.certainty, one.accuracy, None))
    names = ("column", "value", "vote", "share", "certainty", "accuracy", "error")
    return {name: [row[at] for row in rows] for at, name in enumerate(names)}
