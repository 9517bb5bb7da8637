"""Whether another embedding model finds the same: the rank of a result, and the best in common."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from core.base.errors import InputError, shorten
from core.base.types import FloatArray
from core.knn.top_k import top_k

TOP = 10  # best results that are compared


@dataclass(frozen=True, slots=True)
class Agreement:
    """What a model says of a result that another one found.

    Attributes:
        rank: of the result among all, from 1.
        of: how many there are.
        similarity: of the result with the query.
        overlap: how many of the other model's ``top`` best are among the best of this one.
        top: how many best are compared.
    """

    rank: int
    of: int
    similarity: float
    overlap: int
    top: int


def agree(
    scores: FloatArray, ids: Sequence[str], result: str, best: Sequence[str] | None = None
) -> tuple[Agreement, list[str]]:
    """How a model ranks ``result``, by its similarities ``(n,)`` of the items ``ids``.

    Args:
        best: ids of the other model's best; ``None``: this is the model itself.

    Returns:
        The agreement, and the ids of the best by this model.

    Raises:
        InputError: the result is not among the items.
    """
    if result not in ids:
        raise InputError(f"“{shorten(result)}” is not here.", "An id of the items.", "Check it.")
    row = list(ids).index(result)
    # Equal scores go by their place, as in the search.
    rank = int((scores > scores[row]).sum() + (scores[:row] == scores[row]).sum()) + 1
    own = [ids[at] for at in top_k(scores, TOP).tolist()]
    others = own if best is None else list(best)
    return (
        Agreement(
            rank,
            len(ids),
            float(np.clip(scores[row], -1, 1)),
            len({*own} & {*others}),
            len(others),
        ),
        own,
    )
