"""Labels that are likely wrong: the neighbours agree on another one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from core.base.errors import InputError
from core.base.types import BoolArray, FloatArray
from core.knn.all_pairs import Neighbors
from core.knn.votes import shares_of, weights_of
from core.review.findings import Action, Finding

_CELLS = 4_000_000  # shares that are held at a time


@dataclass(frozen=True, slots=True)
class LabelVotes:
    """What the nearest others of each item say of its label.

    Attributes:
        labels: of each item, "" for none.
        suggested: the label with the largest share of the neighbours' weights; "" where no
            neighbour has one.
        margin: ``(n,)`` that share less the share of the item's own label: from 0, where the
            neighbours agree, to 1, where none has the item's label; 0 for an item not judged.
        judged: ``(n,)`` whether it has a label that another item has too. Of others no neighbour
            can agree.
    """

    labels: Sequence[str]
    suggested: list[str]
    margin: FloatArray
    judged: BoolArray


def vote(labels: Sequence[str], near: Neighbors) -> LabelVotes:
    """Leave-one-out votes of the neighbours, by cosine, weighted as ``core.knn.votes`` does.

    An item whose neighbours disagree is one that the edited nearest-neighbour rule would take out
    (Wilson 1972, "Asymptotic properties of nearest neighbor rules using edited data"); the margin
    is as in Northcutt et al. 2021, "Confident learning", with votes in place of a classifier's
    probabilities.

    Raises:
        InputError: there are fewer than two labels, or no label that two items have.
    """
    names, inverse = np.unique(np.asarray(labels, dtype=np.str_), return_inverse=True)
    counts = np.bincount(inverse, minlength=len(names))
    classes = [str(name) for name in names if name]
    shift = len(names) - len(classes)  # "" is the first
    numbers = inverse.astype(np.int64) - shift
    judged: BoolArray = (numbers >= 0) & (counts[inverse] > 1)
    if len(classes) < 2:
        raise InputError(
            f"There {'is one label' if classes else 'are no labels'}.",
            "Neighbours can disagree where there are two or more.",
            "Choose another column.",
        )
    if not judged.any():
        raise InputError(
            f"Each of the {len(classes):,} labels is of one item alone.",
            "Neighbours can agree on a label that two items have.",
            "Choose a column of kinds, not of names.",
        )
    weights = weights_of(near.scores)
    best = np.full(len(labels), -1, dtype=np.int64)
    margin = np.zeros(len(labels), dtype=np.float32)
    height = max(1, _CELLS // len(classes))
    for start in range(0, len(labels), height):
        part = slice(start, start + height)
        shares = shares_of(numbers, near.rows[part], weights[part], len(classes))
        first = shares.argmax(axis=1)
        own = shares[np.arange(len(shares)), numbers[part]]
        voted = shares.max(axis=1) > 0
        best[part] = np.where(voted, first, -1)
        margin[part] = np.where(voted & judged[part], shares.max(axis=1) - own, 0)
    suggested = ["" if at < 0 else classes[at] for at in best.tolist()]
    return LabelVotes(labels, suggested, margin, judged)


def find_label_errors(votes: LabelVotes, least: float) -> list[Finding]:
    """The items whose margin is ``least`` or more and not 0, the clearest first."""
    rows = np.flatnonzero((votes.margin >= least) & (votes.margin > 0))
    return [
        Finding(
            row,
            Action.LOOK,
            f"label “{votes.labels[row]}”, neighbours say “{votes.suggested[row]}” "
            f"(margin {votes.margin[row]:.2f})",
            float(votes.margin[row]),
        )
        for row in rows[np.argsort(-votes.margin[rows], kind="stable")].tolist()
    ]
