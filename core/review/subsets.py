"""Subsets of n items that stand for all: representative, or as diverse as can be."""

from __future__ import annotations

import math

import numpy as np

from core.base.errors import InputError
from core.base.types import FloatArray, IntArray, Progress, no_progress

REPRESENTATIVE, DIVERSE = "representative", "diverse"
METHODS = (REPRESENTATIVE, DIVERSE)
EXACT = 1_000  # rows up to which each choice is among all
LOSS = 0.01
_CELLS = 4_000_000  # similarities that are held at a time


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
    maximizing submodular set functions"): the objective of k-medoids, with similarities. Above
    ``EXACT`` rows each choice is among n/m ln(1/``LOSS``) random ones, the same in each run, which
    costs ``LOSS`` of that share at most on average (Mirzasoleiman et al. 2015, "Lazier than lazy
    greedy").

    Raises:
        Cancelled: by ``progress``.
    """
    total = len(vectors)
    random = np.random.default_rng(0)
    sampled = total if total <= EXACT else math.ceil(total / count * math.log(1 / LOSS))
    height = max(1, _CELLS // total)
    chosen = [int(np.argmax(vectors @ vectors.mean(axis=0)))]
    covered = vectors @ vectors[chosen[0]]  # the highest cosine with a chosen row
    while len(chosen) < count:
        rest = np.delete(np.arange(total), chosen)
        if sampled < len(rest):
            rest = np.sort(random.choice(rest, sampled, replace=False))
        gains = []
        for start in range(0, len(rest), height):
            progress(len(chosen), count, "items chosen")
            cosines = vectors[rest[start : start + height]] @ vectors.T
            cosines -= covered
            gains.append(np.maximum(cosines, 0, out=cosines).mean(axis=1))
        chosen.append(int(rest[np.argmax(np.concatenate(gains))]))
        np.maximum(covered, vectors @ vectors[chosen[-1]], out=covered)
    return np.array(chosen, dtype=np.int64)
