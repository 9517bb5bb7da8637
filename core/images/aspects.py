"""Near in what? A picture's subject, style and colours, each by vectors of its own, weighed.

Cosines of different models cannot be added as they are: one model's lie between 0.8 and 1, another
one's between 0 and 1. So each is standardised over the gallery first: how many standard deviations
a picture is nearer than the gallery's mean.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from types import MappingProxyType

import numpy as np

from core.base.errors import InputError, shorten
from core.base.types import FloatArray, IntArray

SUBJECT = "subject"
SPACES: Mapping[str, str] = MappingProxyType({"style": "style", "colour": "colours"})
ASPECTS = (SUBJECT, *SPACES)  # the subject is seen by whichever model is chosen
DEFAULT: Mapping[str, float] = MappingProxyType({SUBJECT: 1.0, "style": 0.5, "colour": 0.5})


def standardised(similarities: FloatArray) -> FloatArray:
    """Similarities ``(n,)`` less their mean, in standard deviations; 0 where all are the same."""
    spread = float(similarities.std())
    if spread < 1e-6:
        return np.zeros_like(similarities)
    scaled: FloatArray = (similarities - similarities.mean()) / spread
    return scaled


def combine(similarities: Mapping[str, FloatArray], weights: Mapping[str, float]) -> FloatArray:
    """The weighted mean ``(n,)`` of each aspect's standardised similarities ``(n,)``.

    Raises:
        InputError: no aspect that is there has a weight.
    """
    used = {name: weights.get(name, 0.0) for name in similarities if weights.get(name, 0.0) > 0}
    if not used:
        raise InputError(
            "No aspect has a weight.", "At least one is above 0.", "Move a slider to the right."
        )
    total = sum(used.values())
    parts = [weight / total * standardised(similarities[name]) for name, weight in used.items()]
    mixed: FloatArray = np.sum(parts, axis=0).astype(np.float32)
    return mixed


def best(scores: FloatArray, k: int, *, but: int | None = None) -> IntArray:
    """Rows ``(min(k, n),)`` of the highest scores ``(n,)``, best first; never the row ``but``."""
    order: IntArray = np.argsort(-scores, kind="stable")
    return (order if but is None else order[order != but])[:k]


def read_weights(text: str) -> dict[str, float]:
    """Weights by name from a text such as ``subject=1,style=0.5``; what is not named has none.

    Raises:
        InputError: a name or a number is wrong, a name is given twice, or no weight is above 0.
    """
    weights: dict[str, float] = {}
    for part in (one.strip() for one in text.split(",")):
        name, _, value = (one.strip() for one in part.partition("="))
        number = _number(value)
        if name not in ASPECTS or name in weights or number is None:
            raise InputError(
                f"“{shorten(part)}” is no weight of an aspect.",
                f"Each of {', '.join(ASPECTS)} at most once, from 0: subject=1,style=0.5.",
                "Change it.",
            )
        weights[name] = number
    if not any(weights.values()):
        raise InputError("No aspect has a weight.", "At least one is above 0.", "Raise one.")
    return weights


def _number(text: str) -> float | None:
    try:
        number = float(text)
    except ValueError:
        return None
    return number if math.isfinite(number) and number >= 0 else None


def rows_of(ids: Sequence[str], among: Sequence[str]) -> IntArray:
    """The row in ``among`` of each of ``ids``, ``(n,)``: models leave out the same pictures."""
    places = {name: row for row, name in enumerate(among)}
    return np.array([places[name] for name in ids], dtype=np.int64)
