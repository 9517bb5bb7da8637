"""Which photos are held out, by ids in assets/splits: of our picture encoder's training, and of
the figures of heads.
"""

from __future__ import annotations

import csv
from collections.abc import Sequence
from functools import lru_cache

import numpy as np

from core.base.paths import ASSETS
from core.base.types import BoolArray

_FILE = ASSETS / "splits" / "pictures-validation.tsv"
_OF_HEADS = ASSETS / "splits" / "heads-held-out.tsv"


@lru_cache(maxsize=1)
def _uses() -> dict[str, str]:
    with _FILE.open(encoding="utf-8", newline="") as stream:
        rows = csv.DictReader(stream, delimiter="\t", quoting=csv.QUOTE_NONE)
        return {row["id"]: row["use"] for row in rows}


@lru_cache(maxsize=1)
def _heads() -> frozenset[str]:
    return frozenset(_OF_HEADS.read_text(encoding="utf-8").splitlines()[1:])


def of_heads(ids: Sequence[str]) -> BoolArray:
    """Which of ``ids`` ``(n,)`` the figures of heads in benchmarks/README.md are of."""
    return np.array([name in _heads() for name in ids], dtype=np.bool_)


def set_aside(ids: Sequence[str]) -> BoolArray:
    """Which of ``ids`` (paths as their files give them) training passes over, ``(n,)`` bool."""
    return np.array([name in _uses() for name in ids], dtype=np.bool_)


def held_out(ids: Sequence[str]) -> BoolArray:
    """Which are for validation ``(n,)``: set aside, and no copy of a photo that is trained on."""
    return np.array([_uses().get(name) == "validation" for name in ids], dtype=np.bool_)
