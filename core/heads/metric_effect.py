"""What marks change: a metric learnt from them, how well it tells marks that it has not seen.

Each held-out pair gets a score, its cosine between two levels of the space itself: of items by
chance, and of neighbours. As many pairs as are marked alike are called alike, the nearest ones; the
rule is the same before and after, so that only the order counts. Marks are held out one by one; of
many, a fifth of them at a time.
"""

from __future__ import annotations

import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from core.base.types import BoolArray, FloatArray, IntArray
from core.heads import metric
from core.heads.labels import Labels
from core.heads.marks import Pairs
from core.heads.measures import K, figures, nearest_classes
from core.heads.metric import Levels, Metric
from core.heads.store import Origin
from core.spaces.sources import head as head_source
from core.spaces.sources.head import HeadFile

ONE_BY_ONE, PARTS = 20, 5  # marks that are held out one by one, at most; parts of more
ASKING = 1_000  # items without a mark that P@10 is of, at most
_ALONE = threading.Lock()
COLUMNS = ("marked pairs",)  # what the list of spaces says that it was trained on


@dataclass(frozen=True, slots=True)
class Precision:
    """P@10 of a column before and after, of ``items`` that no mark has."""

    column: str
    items: int
    before: float
    after: float


@dataclass(frozen=True, slots=True)
class Effect:
    """A metric, with what it changes.

    Attributes:
        told, told_before: ``(p,)`` which of the pairs are told right, by a metric that did not see
            them and by the space as it was; empty where not both kinds are marked.
        fitted: ``(p,)`` which are told right by the metric that saw all.
        cosines, before: ``(p,)`` of the pairs after and before.
        precisions: by columns of labels, where there are any.
    """

    metric: Metric
    strength: float
    pairs: Pairs
    told: BoolArray
    told_before: BoolArray
    fitted: BoolArray
    cosines: FloatArray
    before: FloatArray
    precisions: tuple[Precision, ...]

    @property
    def notes(self) -> tuple[str, ...]:
        """What the figures do not say, and where the metric does not help; a sentence each."""
        found = []
        after, before = int(self.told.sum()), int(self.told_before.sum())
        kinds = set(self.pairs.alike.tolist())
        if len(kinds) == 1:
            missing = "not alike" if kinds == {True} else "alike"
            found.append(
                f"No pair is marked {missing}: mark some, so that both sides are known and "
                "held-out marks can be told."
            )
        elif after < before:
            found.append(
                f"Held out, {after} of {len(self.told)} marks are told right, before {before}: the "
                "marks do not agree with one another, or are too few to carry over."
            )
        elif kinds and after == before:
            found.append("Held out, as many marks are told right as before.")
        found += [
            f"By {one.column} the new space is worse: P@10 {one.after:.3f} after {one.before:.3f}."
            for one in self.precisions
            if one.after < one.before - 0.005
        ]
        return tuple(found)

    def as_dict(self) -> dict[str, Any]:
        """Figures as plain values."""
        tested = len(self.told)
        return {
            "held_out": {
                "marks": tested,
                "right_before": int(self.told_before.sum()),
                "right_after": int(self.told.sum()),
            },
            "fitted": int(self.fitted.sum()),
            "precision_at_10": {
                one.column: {"items": one.items, "before": one.before, "after": one.after}
                for one in self.precisions
            },
        }


def measure(
    vectors: FloatArray,
    pairs: Pairs,
    labels: Sequence[Labels] = (),
    strength: float = metric.STRENGTH,
) -> Effect:
    """The metric of all pairs of unit vectors ``(n, d)``, and what it changes.

    Raises:
        InputError: there are fewer than three items, or the strength is outside its range.
    """
    from threadpoolctl import threadpool_limits

    # Beside other work the threads of numpy's products wait for each other by spinning: twenty
    # marks took 23 s. The limit is the process's, so one at a time sets it and takes it back.
    with _ALONE, threadpool_limits(1):
        return _measure(vectors, pairs, labels, strength)


def _measure(
    vectors: FloatArray, pairs: Pairs, labels: Sequence[Labels], strength: float
) -> Effect:
    pool = metric.sample(vectors)
    before = metric.levels(pool)
    learnt = metric.learn(vectors, pairs, before, strength)
    cosines, after = _of(learnt, vectors, pool, pairs)
    base = _cosines(vectors[pairs.rows[:, 0]], vectors[pairs.rows[:, 1]])
    tested = 0 < pairs.alike.sum() < len(pairs)
    scores = np.zeros(len(pairs), np.float32)
    for part in _parts(len(pairs)) if tested else ():
        others = np.setdiff1d(np.arange(len(pairs)), part)
        other = metric.learn(vectors, pairs.take(others), before, strength)
        found, at = _of(other, vectors, pool, pairs.take(part))
        scores[part] = (found - at.far) / at.gap
    moved = learnt.apply(vectors) if labels else vectors
    none = np.zeros(0, np.bool_)
    return Effect(
        learnt,
        strength,
        pairs,
        _right(scores, pairs) if tested else none,
        _right(base, pairs) if tested else none,
        (cosines > after.middle) == pairs.alike,
        cosines,
        base,
        tuple(_precision(vectors, moved, one, pairs.rows) for one in labels),
    )


def _parts(count: int) -> list[IntArray]:
    order = np.random.default_rng(0).permutation(count)
    return np.array_split(order, count if count <= ONE_BY_ONE else PARTS)


def _of(
    learnt: Metric, vectors: FloatArray, pool: FloatArray, pairs: Pairs
) -> tuple[FloatArray, Levels]:
    """Cosines ``(p,)`` of some pairs after a metric, and the levels of its space."""
    first, second = (learnt.apply(vectors[rows]) for rows in pairs.rows.T)
    return _cosines(first, second), metric.levels(learnt.apply(pool))


def _cosines(first: FloatArray, second: FloatArray) -> FloatArray:
    found: FloatArray = np.einsum("pd,pd->p", first, second)
    return found


def _right(scores: FloatArray, pairs: Pairs) -> BoolArray:
    """Which of ``(p,)`` pairs are told right where the nearest are called alike."""
    called = np.zeros(len(scores), np.bool_)
    called[np.argsort(-scores, kind="stable")[: int(pairs.alike.sum())]] = True
    right: BoolArray = called == pairs.alike
    return right


def _precision(
    before: FloatArray, after: FloatArray, labels: Labels, marked: IntArray
) -> Precision:
    """P@10 of items without a mark among all others."""
    asking = np.flatnonzero(labels.numbers >= 0)
    asking = np.setdiff1d(asking, marked)
    asking = np.sort(np.random.default_rng(0).permutation(asking)[:ASKING])
    numbers = labels.numbers[asking]
    found = []
    for vectors in (before, after):
        # Each is its own nearest, so one more is asked for and the first left out.
        near = nearest_classes(vectors[asking], vectors, labels.numbers, K + 1)[:, 1:]
        found.append(figures(near, numbers).mean)
    return Precision(labels.column, len(asking), found[0], found[1])


def head_file(effect: Effect, name: str, origin: Origin) -> HeadFile:
    """The metric as a head of one layer, with all that is told of it."""
    alike = int(effect.pairs.alike.sum())
    about: Mapping[str, Any] = {
        "data": origin.data,
        "settings": {"strength": effect.strength},
        "marks": {"alike": alike, "not_alike": len(effect.pairs) - alike},
        "figures": effect.as_dict(),
        "notes": list(effect.notes),
    }
    return HeadFile(
        name,
        effect.metric.head(),
        origin.base.space.name,
        head_source.digests_of(origin.base),
        origin.modality,
        COLUMNS,
        about,
    )
