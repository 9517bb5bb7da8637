"""How well vectors keep items of one class together."""

from __future__ import annotations

import numpy as np

from core.base.types import FloatArray, IntArray
from core.knn.exact import ExactIndex


def neighbors_alike(
    vectors: FloatArray,
    numbers: IntArray,
    k: int,
    among: FloatArray | None = None,
    among_numbers: IntArray | None = None,
) -> tuple[FloatArray, FloatArray]:
    """Of each item with a class: the share of its ``k`` nearest that are of it, and of the first.

    Args:
        vectors: ``(n, dim)``, unit.
        numbers: ``(n,)`` classes, -1 for none; such items neither ask nor answer.
        among: ``(m, dim)`` with ``among_numbers`` ``(m,)``: the items that are asked for, in place
            of the others of ``vectors``.

    Returns:
        Both ``(q,)``, of the ``q`` items that have a class; with fewer than ``k`` others, of those.
    """
    asking = numbers >= 0
    if among is None or among_numbers is None:
        among, among_numbers, own = vectors, numbers, 1
    else:
        own = 0
    answering = among_numbers >= 0
    pool, classes = among[answering], among_numbers[answering]
    count = min(k, len(pool) - own)
    if count < 1 or not asking.any():
        return np.zeros(0, np.float32), np.zeros(0, np.float32)
    _, rows = ExactIndex(pool).search(vectors[asking], count + own)
    if own:
        rows = _without_self(rows)
    same = classes[rows] == numbers[asking][:, None]
    return same.mean(axis=1).astype(np.float32), same[:, 0].astype(np.float32)


def _without_self(rows: IntArray) -> IntArray:
    """Each row's neighbours without itself; where it is not among them, without the last."""
    own = rows == np.arange(len(rows))[:, None]
    own[~own.any(axis=1), -1] = True
    others: IntArray = rows[~own].reshape(len(rows), -1)
    return others
