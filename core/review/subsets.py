"""Subsets of n items that stand for all: representative, or as diverse as can be."""

from __future__ import annotations

import heapq

import numpy as np

from core.base.errors import InputError
from core.base.types import FloatArray, IntArray, Progress, no_progress

REPRESENTATIVE, DIVERSE = "representative", "diverse"
METHODS = (REPRESENTATIVE, DIVERSE)


def choose_subset(
    vectors: FloatArray, count: int, method: str, progress: Progress = no_progress
) -> IntArray:
    """``min(count, n)`` of the unit rows ``(n, dim)``, ``(m,)``, in the order of their choice.

    ``representative``: ``facility_location``, the medoids that all items have near;
    ``diverse``: ``k_center``, which takes outliers too.

    Raises:
        InputError: ``count`` is below 1.
        Cancelled: by ``progress``.
    """
    if count < 1:
        raise InputError(f"A subset of {count} was asked for.", "At least 1.", "Ask for more.")
    count = min(count, len(vectors))
    choose = facility_location if method == REPRESENTATIVE else k_center
    return choose(vectors, count, progress)


def k_center(vectors: FloatArray, count: int, progress: Progress = no_progress) -> IntArray:
    """``count`` of unit rows ``(n, dim)``, ``(m,)``: each the farthest from those before it.

    The greedy answer to min over S of max over i of min over j in S of d(i, j), at most twice the
    best (Gonzalez 1985, "Clustering to minimize the maximum intercluster distance"; as a core-set:
    Sener & Savarese 2018). It begins with the row nearest to the mean.

    Raises:
        Cancelled: by ``progress``.
    """
    chosen = [int(np.argmax(vectors @ vectors.mean(axis=0)))]
    nearest = vectors @ vectors[chosen[0]]
    nearest[chosen[0]] = np.inf
    while len(chosen) < count:
        progress(len(chosen), count, "items chosen")
        row = int(np.argmin(nearest))
        chosen.append(row)
        np.maximum(nearest, vectors @ vectors[row], out=nearest)
        nearest[row] = np.inf
    return np.array(chosen, dtype=np.int64)


def facility_location(
    vectors: FloatArray, count: int, progress: Progress = no_progress
) -> IntArray:
    """``count`` of unit rows ``(n, dim)``, ``(m,)``: each adds the most to how near all are.

    Greedily raises the sum over i of max over j in S of (1 + cos(i, j)), which reaches 1 - 1/e of
    the best at least (Nemhauser, Wolsey & Fisher 1978, "An analysis of approximations for
    maximizing submodular set functions"): the objective of k-medoids, with similarities. A gain
    can only fall, so only the row that was best last is measured again (Minoux 1978).

    Raises:
        Cancelled: by ``progress``.
    """
    total = len(vectors)
    gains = (1 + vectors @ vectors.sum(axis=0, dtype=np.float64) / total).tolist()
    waiting = [(-gain, row) for row, gain in enumerate(gains)]
    heapq.heapify(waiting)
    covered = np.full(total, -1.0, dtype=np.float32)  # the highest cosine with a chosen row
    chosen: list[int] = []
    measured = -1  # the row whose gain is that of now
    while len(chosen) < count:
        progress(len(chosen), count, "items chosen")
        row = heapq.heappop(waiting)[1]
        cosines = vectors @ vectors[row]
        if row == measured or not chosen:
            chosen.append(row)
            np.maximum(covered, cosines, out=covered)
            measured = -1
            continue
        gain = float(np.maximum(cosines - covered, 0).mean(dtype=np.float64))
        heapq.heappush(waiting, (-gain, row))
        measured = row
    return np.array(chosen, dtype=np.int64)
