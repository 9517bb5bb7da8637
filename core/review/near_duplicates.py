"""Near-duplicates among vectors: from which similarity on, and in which groups."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from core.base.types import BoolArray, FloatArray, IntArray, Progress, no_progress
from core.knn.nearest import product_blocks
from core.review.findings import Action, Finding

BLOCK = 256  # rows whose similarities with all are taken at a time
# Rows that are less alike are no duplicates, wherever the split lies: of the way from the mean
# similarity of two rows, which some models have at 0.8, to 1.
LOWEST = 0.5
COPIES = 0.95  # items of one kind may have a cosine of 0.9, copies have more
_ROUNDING = 1e-6  # the product of equal unit vectors is 1 but for it


@dataclass(frozen=True, slots=True)
class Group:
    """Rows that are all alike one of them, the medoid.

    Attributes:
        medoid: the row that has the most others near.
        rows: ``(m,)`` all rows, the medoid first, then by similarity to it.
        similarity: ``(m,)`` cosine similarity to the medoid.
    """

    medoid: int
    rows: IntArray
    similarity: FloatArray


def suggest_threshold(nearest: FloatArray, vectors: FloatArray) -> float:
    """The cosine that parts rows with a near twin from those without.

    Otsu's threshold (1979, "A threshold selection method from gray-level histograms") of each
    row's similarity ``(n,)`` to its nearest other row: the two parts differ as much as they can.
    It is half of the way from the mean similarity of unit rows ``(n, dim)`` to 1 at least, and
    rounded to two decimals.
    """
    middle = vectors.mean(axis=0)
    mean = float(middle @ middle)
    counts, edges = np.histogram(nearest, bins=100, range=(-1.0, 1.0))
    middles = (edges[:-1] + edges[1:]) / 2
    below = np.cumsum(counts)[:-1]
    above = counts.sum() - below
    sums = np.cumsum(counts * middles)[:-1]
    total = float((counts * middles).sum())
    with np.errstate(divide="ignore", invalid="ignore"):
        apart = below * above * (sums / below - (total - sums) / above) ** 2
    apart = np.nan_to_num(apart, nan=0.0)
    best = np.flatnonzero(apart >= apart.max() * (1 - 1e-12))  # an empty middle: all of it parts
    threshold = float(edges[1:-1][best].mean()) if apart.max() > 0 else 1.0
    return round(max(threshold, mean + LOWEST * (1 - mean)), 2)


def copies_threshold(nearest: FloatArray, vectors: FloatArray) -> float:
    """The cosine from which on items are advised to be dropped: ``COPIES``, or Otsu's if more.

    ``nearest`` ``(n,)`` and ``vectors`` ``(n, dim)`` as of ``suggest_threshold``, which may lie
    where items are merely of one kind.
    """
    return max(COPIES, suggest_threshold(nearest, vectors))


def find_groups(
    vectors: FloatArray, threshold: float, progress: Progress = no_progress
) -> list[Group]:
    """Groups of unit rows ``(n, dim)`` around a medoid, largest first; a row is in one at most.

    Each row of a group has a cosine of at least ``threshold`` with the medoid, so nothing chains.
    Rows become medoids in the order of how many others they have that near, and take those that no
    medoid before has taken.

    Raises:
        Cancelled: by ``progress``.
    """
    count = len(vectors)
    threshold = min(threshold, 1 - _ROUNDING)
    near = _count_near(vectors, threshold, lambda done, _, note="": progress(done, 2 * count, note))
    order = np.argsort(-near, kind="stable")
    order = order[near[order] > 0]
    free: BoolArray = np.ones(count, dtype=np.bool_)
    groups = []
    for start in range(0, len(order), BLOCK):
        progress(count + start, 2 * count, "rows compared")
        asking = order[start : start + BLOCK]
        asking = asking[free[asking]]
        similar = vectors[asking] @ vectors.T
        for row, cosines in zip(asking.tolist(), similar, strict=True):
            if not free[row]:  # taken by one of this block
                continue
            rows = np.flatnonzero(free & (cosines >= threshold))
            rows = rows[rows != row]
            if len(rows):
                rows = rows[np.argsort(-cosines[rows], kind="stable")]
                rows = np.concatenate([[row], rows])
                free[rows] = False
                found = np.clip(cosines[rows], -1, 1)
                found[0] = 1.0
                groups.append(Group(row, rows, found))
    progress(2 * count, 2 * count, "rows compared")
    return sorted(groups, key=lambda group: (-len(group.rows), group.medoid))


def _count_near(vectors: FloatArray, threshold: float, progress: Progress) -> IntArray:
    """How many other rows have a cosine of at least ``threshold`` with each, ``(n,)``."""
    near = np.zeros(len(vectors), dtype=np.int64)
    for start, block in product_blocks(vectors, vectors, progress):
        linked = block >= threshold
        height = len(block)
        np.fill_diagonal(linked, False)
        near[start : start + height] += linked.sum(axis=1)
        near[start + height :] += linked[:, height:].sum(axis=0)
    return near


def kept_rows(groups: Sequence[Group], choices: dict[int, bool], count: int) -> list[int]:
    """The rows of ``count`` that stay: those in no group, the medoids, and what was chosen else.

    ``choices`` says of single rows whether they stay.
    """
    dropped = {int(row) for group in groups for row in group.rows[1:]}
    return [row for row in range(count) if choices.get(row, row not in dropped)]


def find_duplicates(groups: Sequence[Group], ids: Sequence[str]) -> list[Finding]:
    """Of each group the medoid is kept, and the others are to be dropped."""
    findings = []
    for group in groups:
        medoid = ids[group.medoid]
        kept = f"kept of {len(group.rows)} near-duplicates"
        findings.append(Finding(group.medoid, Action.KEEP, kept, 1.0))
        for row, cosine in zip(group.rows[1:].tolist(), group.similarity[1:].tolist(), strict=True):
            reason = f"near-duplicate of {medoid} (similarity {cosine:.3f})"
            findings.append(Finding(row, Action.DROP, reason, cosine, group.medoid))
    return findings
