"""How well vectors keep items of one class together: of held-out items among training items."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from core.base.types import FloatArray, IntArray, Progress, no_progress
from core.heads.data import Data
from core.heads.label_texts import zero_shot
from core.heads.split import Split
from core.spaces.encoders.head import Head

K = 10
WORSE = 0.005  # by which a figure falls where that is told
_BLOCK = 2_000  # items that ask at a time
_POOL = 10_000  # items that are asked at a time
_STEPS, _MEASURING = 3, "figures of the head measured"  # steps of a column: before, after, by heart


def nearest_classes(
    vectors: FloatArray, among: FloatArray, numbers: IntArray, k: int = K
) -> IntArray:
    """The classes ``(q, k)`` of the nearest of ``among`` ``(m, dim)``, the nearest first.

    Args:
        vectors: ``(q, dim)``, unit.
        numbers: ``(m,)`` classes of ``among``, -1 for none; such items do not answer.
    """
    import torch

    answering = np.flatnonzero(numbers >= 0)
    # By PyTorch, whose threads are those of its caller: numpy's wait for each other by spinning.
    found = []
    for asking in np.array_split(vectors, max(1, -(-len(vectors) // _BLOCK))):
        scores, classes = torch.empty((len(asking), 0)), np.empty((len(asking), 0), np.int64)
        for start in range(0, len(answering), _POOL):  # no second copy of all is held
            rows = answering[start : start + _POOL]
            own = torch.from_numpy(asking) @ torch.from_numpy(among[rows]).T
            near = own.topk(min(k, len(rows)))
            both = torch.cat([scores, near.values], dim=1)
            scores, order = both.topk(min(k, both.shape[1]))
            named = np.concatenate([classes, numbers[rows][near.indices.numpy()]], axis=1)
            classes = np.take_along_axis(named, order.numpy(), axis=1)
        found.append(classes)
    return np.concatenate(found)


@dataclass(frozen=True, slots=True)
class Figures:
    """Of ``q`` held-out items in one space, by one column.

    Attributes:
        precision: ``(q,)`` the share of the 10 nearest training items that are of the same class.
        nearest: the share of items whose nearest one is.
        vote: the share of items of which the commonest class of the 10 is right; of equally common
            ones the nearer counts.
        voted: ``(q,)`` that class.
    """

    precision: FloatArray
    nearest: float
    vote: float
    voted: IntArray

    @property
    def mean(self) -> float:
        """P@10 over all items."""
        return float(self.precision.mean()) if len(self.precision) else 0.0


def figures(classes: IntArray, numbers: IntArray) -> Figures:
    """Of items of classes ``numbers`` ``(q,)`` by their ``nearest_classes`` ``(q, k)``."""
    same = classes == numbers[:, None]
    if not same.size:
        return Figures(np.zeros(len(numbers), np.float32), 0.0, 0.0, np.full(len(numbers), -1))
    # Each neighbour by how many of the others are of its class: the first of the most is the vote.
    votes = (classes[:, :, None] == classes[:, None, :]).sum(axis=2)
    voted = np.take_along_axis(classes, votes.argmax(axis=1)[:, None], axis=1)[:, 0]
    return Figures(
        same.mean(axis=1).astype(np.float32),
        float(same[:, 0].mean()),
        float((voted == numbers).mean()),
        voted,
    )


def own_view(first: FloatArray, second: FloatArray) -> tuple[float, float]:
    """How often a view finds the other view of its picture: among the nearest 10, and nearest.

    Args:
        first: ``(q, dim)`` unit vectors of one view of each picture, which ask.
        second: ``(q, dim)`` of another, which are asked.
    """
    near = nearest_classes(first, second, np.arange(len(second)))
    found = near == np.arange(len(first))[:, None]
    return float(found.any(axis=1).mean()), float(found[:, 0].mean())


@dataclass(frozen=True, slots=True)
class Compared:
    """A column before and after.

    Attributes:
        rows: ``(q,)`` the held-out rows of the data that have a value.
        numbers: ``(q,)`` their classes.
        learnt: P@10 after, of training items among the others: far above that of held-out ones
            the head knows the items by heart.
        zero_shot: where texts were trained along, the share of the held-out items of which the
            name of the class is the nearest of all classes' names, before and after.
    """

    column: str
    classes: tuple[str, ...]
    rows: IntArray
    numbers: IntArray
    before: Figures
    after: Figures
    learnt: float
    zero_shot: tuple[float, float] | None = None

    def per_class(self) -> list[tuple[str, int, float, float]]:
        """Of each class with held-out items: its name, how many, P@10 before and after."""
        found = []
        for at in np.unique(self.numbers):
            own = self.numbers == at
            before, after = (float(one.precision[own].mean()) for one in (self.before, self.after))
            found.append((self.classes[at], int(own.sum()), before, after))
        return found

    def confused(self, most: int = 20) -> list[tuple[str, str, int, int]]:
        """Pairs of classes, the first taken for the second: how often after, and before."""
        pairs = [
            np.stack([self.numbers, one.voted], axis=1)[one.voted != self.numbers]
            for one in (self.after, self.before)
        ]
        if not len(pairs[0]):
            return []
        kinds, counts = np.unique(pairs[0], axis=0, return_counts=True)
        order = np.argsort(-counts, kind="stable")[:most]
        return [
            (
                self.classes[kinds[at, 0]],
                self.classes[kinds[at, 1]],
                int(counts[at]),
                int((pairs[1] == kinds[at]).all(axis=1).sum()),
            )
            for at in order
        ]

    def moved(self, most: int = 8) -> tuple[IntArray, IntArray]:
        """The rows ``(m,)`` whose P@10 rose most, and those where it fell most."""
        change = self.after.precision - self.before.precision
        order = np.argsort(-change, kind="stable")
        risen, fallen = order[:most], order[::-1][:most]
        return self.rows[risen[change[risen] > 0]], self.rows[fallen[change[fallen] < 0]]


def zero_shot_of(
    data: Data, rows: IntArray, vectors: FloatArray, text_head: Head | None
) -> list[float | None]:
    """Zero-shot accuracy by each column; ``None`` where no item has a value in it.

    Args:
        rows: ``(q,)`` the items that are asked about.
        vectors: ``(q, dim)`` of these in one space.
        text_head: what the names go through; ``None`` for the base.
    """
    if data.texts is None:
        return [None] * len(data.labels)
    found = []
    for at, labels in enumerate(data.labels):
        names = data.texts.of_column(at)
        names = names if text_head is None else text_head.apply(names)
        known = labels.numbers[rows] >= 0
        found.append(zero_shot(vectors[known], labels.numbers[rows][known], names))
    return found


def compare(
    data: Data,
    parts: Split,
    head: Head,
    text_head: Head | None = None,
    progress: Progress = no_progress,
) -> tuple[Compared, ...]:
    """Each column before and after: held-out items among those that trained or chose.

    Raises:
        Cancelled: by ``progress``.
    """
    steps = _STEPS * len(data.labels)
    progress(0, steps, _MEASURING)
    pool = np.zeros(len(data), np.bool_)
    pool[parts.train] = pool[parts.choosing] = True
    some = np.sort(np.random.default_rng(0).permutation(parts.train)[:_BLOCK])
    made = head.apply(data.vectors)
    held = parts.held_out
    named = zip(
        zero_shot_of(data, held, data.vectors[held], None),
        zero_shot_of(data, held, made[held], text_head),
        strict=True,
    )
    found = []
    for at, (labels, (base, own)) in enumerate(zip(data.labels, named, strict=True)):
        rows = parts.held_out[labels.numbers[parts.held_out] >= 0]
        numbers = labels.numbers[rows]
        of_pool = np.where(pool, labels.numbers, -1)  # others do not answer
        both = []
        for number, space in enumerate((data.vectors, made)):
            progress(_STEPS * at + number, steps, _MEASURING)
            both.append(figures(nearest_classes(space[rows], space, of_pool), numbers))
        before, after = both
        progress(_STEPS * at + len(both), steps, _MEASURING)
        learning = some[labels.numbers[some] >= 0]
        # Each is its own nearest, so one more is asked for and the first left out.
        near = nearest_classes(made[learning], made, of_pool, K + 1)[:, 1:]
        learnt = figures(near, labels.numbers[learning]).mean
        told = None if base is None or own is None else (base, own)
        found.append(
            Compared(labels.column, labels.classes, rows, numbers, before, after, learnt, told)
        )
    return tuple(found)


def verdict(
    compared: tuple[Compared, ...],
    own_view: tuple[tuple[float, float], tuple[float, float]] | None = None,
) -> tuple[str, ...]:
    """Where the head does not help, a sentence each; none where all is well.

    Args:
        own_view: what ``own_view`` gives before and after, where views were trained on.
    """
    told = []
    if own_view is not None:
        (before, _), (after, _) = own_view
        if after < before - WORSE:
            told.append(
                "By augmented views the head is worse than its base: of the ten nearest of a view "
                f"one is the other of its picture for {after:.3f} of the pictures, after "
                f"{before:.3f}."
            )
    for one in compared:
        before, after = one.before.mean, one.after.mean
        if not len(one.rows):
            told.append(f"No held-out item has a value in {one.column}: there are no figures.")
            continue
        if after < before - WORSE:
            told.append(
                f"By {one.column} the head is worse than its base: P@10 {after:.3f} after "
                f"{before:.3f}."
            )
        elif after < before + WORSE:
            told.append(f"By {one.column} the head changes next to nothing: P@10 {after:.3f}.")
        elif one.after.vote < one.before.vote:
            told.append(
                f"By {one.column} more of the ten nearest are right, yet their vote is right less "
                f"often: {one.after.vote:.3f} after {one.before.vote:.3f}. For naming a class the "
                "base is as good."
            )
        if one.zero_shot is not None and one.zero_shot[1] < one.zero_shot[0] - WORSE:
            told.append(
                f"By {one.column} fewer held-out items are nearest to the name of their class: "
                f"zero-shot accuracy {one.zero_shot[1]:.3f} after {one.zero_shot[0]:.3f}. For "
                "questions in words the base is better."
            )
        if one.learnt > after + 0.2:
            told.append(
                f"By {one.column} it knows its training items by heart: their P@10 is "
                f"{one.learnt:.3f}, that of held-out ones {after:.3f}. More items, more dropout or "
                "fewer epochs help."
            )
        fewest = np.median(np.bincount(one.numbers)[np.unique(one.numbers)])
        if fewest < 3:
            told.append(
                f"Half the classes of {one.column} have fewer than three held-out items: its "
                "figures are rough."
            )
    return tuple(told)
