"""Leaks between splits: items of one split whose duplicate is in another."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

import numpy as np

from core.base.errors import InputError
from core.base.types import FloatArray, Progress, no_progress
from core.review.findings import Action, Finding

MOST_SPLITS = 20  # a column with more values tells no splits
_CELLS = 16_000_000  # similarities that are held at a time


def find_leaks(
    vectors: FloatArray,
    splits: Sequence[str],
    ids: Sequence[str],
    threshold: float,
    progress: Progress = no_progress,
) -> list[Finding]:
    """Items with a cosine of ``threshold`` or more to one of another split, the nearest first.

    Of two such items the one in the larger split, mostly the training part, is to be dropped, so
    that what was set aside stays as it is; of equal splits the one later by name. Without all that
    is to be dropped no leak is left.

    Args:
        vectors: unit rows ``(n, dim)``.
        splits: of each row; "" for none, which leaks nowhere.

    Raises:
        InputError: there are fewer than two splits, or more than ``MOST_SPLITS``.
        Cancelled: by ``progress``.
    """
    counts = Counter(one for one in splits if one)
    if len(counts) < 2:
        raise InputError(
            f"There {'is one split' if counts else 'are no splits'}.",
            "Leaks are between two splits or more.",
            "Choose another column.",
        )
    if len(counts) > MOST_SPLITS:
        raise InputError(
            f"There are {len(counts):,} splits.",
            f"At most {MOST_SPLITS}, such as train and test.",
            "Choose another column.",
        )
    order = sorted(counts, key=lambda name: (counts[name], name))
    ranks = np.array([order.index(one) if one else -1 for one in splits], dtype=np.int64)
    threshold = min(threshold, 1 - 1e-6)  # the product of equal unit vectors is 1 but for rounding
    found: list[Finding] = []
    done = 0
    for rank in range(1, len(order)):
        own, smaller = np.flatnonzero(ranks == rank), np.flatnonzero((ranks >= 0) & (ranks < rank))
        height = max(1, _CELLS // len(smaller))
        for start in range(0, len(own), height):
            progress(done, len(splits), "items compared")
            rows = own[start : start + height]
            cosines = vectors[rows] @ vectors[smaller].T
            for at, row in enumerate(rows.tolist()):
                best = int(np.argmax(cosines[at]))
                if cosines[at, best] < threshold:
                    continue
                other, cosine = int(smaller[best]), min(1.0, float(cosines[at, best]))
                reason = (
                    f"leak: in “{splits[row]}”, its duplicate {ids[other]} in “{splits[other]}” "
                    f"(similarity {cosine:.3f})"
                )
                found.append(Finding(row, Action.DROP, reason, cosine, other))
            done += len(rows)
    return sorted(found, key=lambda one: (-one.score, one.row))
