"""Prompts that are vectors: words, formulas, pictures and kept vectors, as one vector to draw."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache

import numpy as np

from core.base import vectors as vec
from core.base.errors import InputError
from core.base.types import FloatArray, TextEncoder
from core.formula import question
from core.generation.request_checks import check_prompt
from core.spaces import registry
from core.spaces.catalog import DEFAULT_SPACE

MAX_WALK = 32


@lru_cache(maxsize=1)
def text_encoder() -> TextEncoder:
    """What encodes the words of prompts: the space that the small generator draws from.

    Raises:
        NotReadyError: its model is not installed.
    """
    return registry.find_space(DEFAULT_SPACE).text_encoder()


def resolve_prompt(
    prompt: str, texts: TextEncoder, find: Callable[[str], FloatArray | None] = lambda name: None
) -> FloatArray:
    """The unit vector ``(dim,)`` a prompt stands for.

    Args:
        prompt: words, or a formula such as ``king - man + woman`` or ``[photo] + night``.
        texts: encodes its words.
        find: the unit vector of a name in square brackets, ``None`` where it stands for nothing.

    Raises:
        InputError: it is empty, too long, or a name stands for nothing.
        FormulaError: it cannot be read, or adds up to nothing.
    """
    check_prompt(prompt)
    terms = question.read_query(prompt)
    return question.resolve_query(terms, texts, find).vector


def walk(first: FloatArray, last: FloatArray, count: int) -> FloatArray:
    """``(count, dim)`` unit vectors, in equal steps along the arc between two (Shoemake 1985).

    Raises:
        InputError: fewer than 2 or too many steps, or the two point in opposite directions.
    """
    if not 2 <= count <= MAX_WALK:
        raise InputError(
            f"A walk of {count} pictures was asked for.",
            f"It has 2 to {MAX_WALK}.",
            "Change their number.",
        )
    return between(first, last, np.linspace(0, 1, count, dtype=np.float32))


def between(first: FloatArray, last: FloatArray, shares: FloatArray) -> FloatArray:
    """``(n, dim)`` unit vectors at ``n`` shares of the arc from ``first`` (0) to ``last`` (1).

    Raises:
        InputError: the two point in opposite directions.
    """
    cosine = float(np.clip(first @ last, -1, 1))
    if cosine < -0.999:
        raise InputError(
            "The two prompts point in opposite directions.",
            "Between them there is no one way.",
            "Change one of them.",
        )
    angle = np.arccos(cosine)
    shares = shares[:, None]
    if angle < 1e-3:
        return vec.normalize(first * (1 - shares) + last * shares)
    before, after = np.sin((1 - shares) * angle), np.sin(shares * angle)
    found: FloatArray = ((before * first + after * last) / np.sin(angle)).astype(np.float32)
    return vec.normalize(found)
