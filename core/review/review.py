"""A dataset put in order: all checks, and what each has found."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from core.base.errors import InputError
from core.base.types import FloatArray, IntArray, Progress, no_progress
from core.knn.all_pairs import Neighbors
from core.review.findings import Finding
from core.review.label_errors import find_label_errors, vote
from core.review.leaks import find_leaks
from core.review.near_duplicates import Group, find_duplicates, find_groups
from core.review.outliers import find_outliers, typicality
from core.review.subsets import choose_subset

DUPLICATES, OUTLIERS, LABELS, LEAKS = "near-duplicates", "outliers", "labels", "leaks"
CHECKS = (DUPLICATES, OUTLIERS, LABELS, LEAKS)
MARGIN = 0.5  # of a likely wrong label, at least
SUBSET = 24  # items


@dataclass(frozen=True, slots=True)
class Items:
    """What is reviewed.

    Attributes:
        ids: what the ``n`` items are called.
        vectors: ``(n, dim)``, unit.
        copies: ``(n, m)``, unit: vectors that tell near-duplicates; often the same.
        labels: of each item, "" for none; ``None``: they are not checked.
        splits: the same of the part that each item is in.
        titles: what the items are called where they are shown; by default their ids.
    """

    ids: Sequence[str]
    vectors: FloatArray
    copies: FloatArray
    labels: Sequence[str] | None = None
    splits: Sequence[str] | None = None
    titles: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class Limits:
    """From where on something is found.

    Attributes:
        threshold: the cosine of near-duplicates.
        margin: of a wrong label.
        count: items of the subset, chosen by ``method`` (``core/review/subsets.py``).
    """

    threshold: float
    margin: float
    count: int
    method: str


@dataclass(frozen=True, slots=True)
class Review:
    """What was found.

    Attributes:
        groups: of near-duplicates among what does not leak, the largest first.
        typical: ``(n,)`` mean similarity of each item to its nearest.
        findings: by their check, the clearest first; near-duplicates by their group.
        subset: ``(m,)`` rows, in the order of their choice.
        failed: why a check could not be made, by its name.
    """

    groups: list[Group]
    typical: FloatArray
    findings: dict[str, list[Finding]]
    subset: IntArray
    failed: dict[str, InputError]


def review(
    items: Items, near: Neighbors, limits: Limits, progress: Progress = no_progress
) -> Review:
    """Makes all checks of items whose nearest others by cosine are ``near``.

    A check that cannot be made, for labels that tell nothing, leaves the others.

    Raises:
        InputError: the subset is to have no item.
        Cancelled: by ``progress``.
    """
    typical = typicality(near.scores)
    findings = {OUTLIERS: find_outliers(typical)}
    failed: dict[str, InputError] = {}
    if items.labels is not None:
        try:
            findings[LABELS] = find_label_errors(vote(items.labels, near), limits.margin)
        except InputError as error:
            failed[LABELS] = error
    if items.splits is not None:
        try:
            findings[LEAKS] = find_leaks(
                items.copies, items.splits, items.ids, limits.threshold, progress
            )
        except InputError as error:
            failed[LEAKS] = error
    leaking = [one.row for one in findings.get(LEAKS, [])]
    groups = _find_groups_but(items.copies, limits.threshold, leaking, progress)
    findings[DUPLICATES] = find_duplicates(groups, items.ids)
    subset = choose_subset(items.vectors, limits.count, limits.method, progress)
    return Review(groups, typical, findings, subset, failed)


def _find_groups_but(
    vectors: FloatArray, threshold: float, rows: Sequence[int], progress: Progress
) -> list[Group]:
    """Groups of ``vectors`` ``(n, dim)`` without the ``rows`` that leak.

    These are dropped for what is near them elsewhere. Were one kept as the medoid of a group, the
    others of it would be dropped for nothing.
    """
    if not rows:
        return find_groups(vectors, threshold, progress)
    rest = np.delete(np.arange(len(vectors)), rows)
    return [
        Group(int(rest[one.medoid]), rest[one.rows], one.similarity)
        for one in find_groups(vectors[rest], threshold, progress)
    ]
