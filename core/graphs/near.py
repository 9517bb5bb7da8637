"""What is near an entity by several models at once: the graph's, that of names, that of pictures.

Vectors of two models are never compared, only ranks. Each model ranks the entities that it has a
vector of, so that one without a picture has no place among the pictures.
"""

from __future__ import annotations

import itertools
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from core.base.types import BoolArray, FloatArray, IntArray

GRAPH, TEXT, PICTURE = "graph", "text", "picture"


@dataclass(frozen=True, slots=True)
class Near:
    """An entity near another one.

    Attributes:
        places: rank, from 1, and cosine by each model that has a vector of it.
    """

    row: int
    places: Mapping[str, tuple[int, float]]

    def rank(self, model: str) -> int | None:
        """Its rank by a model; ``None`` where that does not know it."""
        return self.places[model][0] if model in self.places else None

    def cosine(self, model: str) -> float | None:
        """Its cosine by a model; ``None`` where that does not know it."""
        return self.places[model][1] if model in self.places else None


def near_by_each(
    models: Mapping[str, FloatArray], entity: int, k: int = 10
) -> tuple[list[Near], dict[tuple[str, str], float]]:
    """The ``k`` nearest of an entity by each model, as one list: near by most of them first.

    Args:
        models: unit vectors ``(n, dim)`` of all entities by each of them, zeros where it has none.

    Returns:
        The list, and for each two models that know the entity their agreement: the share of the
        ``k`` nearest that they have in common, among the entities that both know.
    """
    known = {name: np.any(units != 0, axis=1) for name, units in models.items()}
    similar = {name: units @ units[entity] for name, units in models.items() if known[name][entity]}
    every = np.arange(len(next(iter(models.values())))) != entity
    ranks = {name: _ranks(values, known[name] & every) for name, values in similar.items()}
    near = {name: (held > 0) & (held <= k) for name, held in ranks.items()}
    rows = np.flatnonzero(np.any([*near.values()], axis=0)).tolist() if near else []
    rows.sort(
        key=lambda row: (
            -sum(bool(one[row]) for one in near.values()),
            min(held[row] for held in ranks.values() if held[row]),
            row,
        )
    )
    found = [
        Near(
            row,
            {
                name: (int(held[row]), float(similar[name][row]))
                for name, held in ranks.items()
                if held[row]
            },
        )
        for row in rows
    ]
    agreement = {}
    for one, other in itertools.combinations(similar, 2):
        both = known[one] & known[other] & every
        least = min(k, int(both.sum()))
        sides = [_ranks(similar[name], both) for name in (one, other)]
        shared = np.logical_and(*((side > 0) & (side <= least) for side in sides)).sum()
        agreement[one, other] = float(shared) / max(1, least)
    return found, agreement


def _ranks(similar: FloatArray, among: BoolArray) -> IntArray:
    """Ranks ``(n,)`` from 1 of similarities ``(n,)`` among some; 0 for the others."""
    order = np.argsort(-np.where(among, similar, -np.inf), kind="stable")[: int(among.sum())]
    ranks = np.zeros(len(similar), dtype=np.int64)
    ranks[order] = np.arange(1, len(order) + 1)
    return ranks
