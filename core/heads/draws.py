"""Which pairs of items a person is asked about: not the ones that are plain."""

from __future__ import annotations

import numpy as np

from core.base.types import FloatArray
from core.heads.marks import Pairs

_NEAR = 30  # neighbours that the other item is one of
_TRIES = 200


def draw_pair(vectors: FloatArray, pairs: Pairs, seed: int) -> tuple[int, int] | None:
    """Two different rows of ``vectors`` ``(n, d)`` that no mark has; the same for the same seed.

    The second is a near one, as it stands now: whether neighbours are right is what a mark tells
    best. ``None`` where every pair that was tried is marked.
    """
    random = np.random.default_rng(seed)
    marked = {frozenset(rows) for rows in pairs.rows.tolist()}
    count = len(vectors)
    for _ in range(_TRIES if count > 1 else 0):
        first = int(random.integers(count))
        cosines = vectors @ vectors[first]
        cosines[first] = -np.inf
        most = min(_NEAR, count - 1)
        near = np.argpartition(-cosines, most - 1)[:most]
        second = int(random.choice(near))
        if frozenset((first, second)) not in marked:
            return first, second
    return None
