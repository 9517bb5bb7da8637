"""The nearest others of each item, which all checks of a review begin with."""

from __future__ import annotations

import numpy as np

from core.base.errors import InputError
from core.base.types import Encoded, FloatArray, Progress, no_progress
from core.knn.all_pairs import Neighbors, find_neighbors

NEIGHBORS = 10


def nearest_others(
    vectors: FloatArray, noun: str, k: int = NEIGHBORS, progress: Progress = no_progress
) -> Neighbors:
    """The ``min(k, n - 1)`` nearest others of each unit row ``(n, dim)``, by cosine.

    Args:
        noun: what an item is called, such as "picture".

    Raises:
        InputError: there are fewer than two rows.
        Cancelled: by ``progress``.
    """
    count = len(vectors)
    if count < 2:
        raise InputError(
            f"There {f'is one {noun}' if count else f'are no {noun}s'}.",
            "A review compares two or more.",
            f"Add {noun}s, or choose others.",
        )
    plain = Encoded(vectors, np.ones(count, np.float32), np.zeros(count, np.bool_))
    return find_neighbors(plain, k, progress=progress)
