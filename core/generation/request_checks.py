"""Whether what is asked of a generator is what any generator takes: texts, numbers, vectors."""

from __future__ import annotations

import math
import numbers
import unicodedata
from typing import Any

import numpy as np

from core.base.errors import InputError, shorten
from core.base.types import FloatArray

MAX_PROMPT = 2_000  # characters
MAX_DIM = 4_096


def check_prompt(text: str) -> None:
    """InputError where a prompt says nothing, or is too long."""
    check_text("prompt", text)
    if all(unicodedata.category(one)[0] in "PZC" for one in text):
        given = f"The prompt “{shorten(text)}” has no word in it."
        if not text.strip():
            given = "The prompt is empty."
        raise InputError(given, "A prompt says what to generate.", "Type some words.")


def check_text(name: str, text: str) -> None:
    """InputError where a text is too long, or holds control characters."""
    if len(text) > MAX_PROMPT:
        raise InputError(
            f"The {name} has {len(text):,} characters.",
            f"It has at most {MAX_PROMPT:,}.",
            "Shorten it.",
        )
    if any(unicodedata.category(one) in {"Cc", "Cs"} and one not in "\n\t" for one in text):
        raise InputError(
            f"The {name} “{shorten(text)}” holds control characters.",
            "It is plain text.",
            "Type it anew.",
        )


def check_vector(vector: FloatArray | None) -> None:
    """Checks that what a prompt stands for is a finite row ``(dim,)``; there need be none.

    Raises:
        InputError: it is not.
    """
    if vector is None:
        return
    with np.errstate(over="ignore"):  # then it is infinite as it is written
        finite = np.isfinite(vector.astype(np.float32)).all()
    if vector.ndim != 1 or not 1 <= vector.size <= MAX_DIM or not finite:
        kind = "finite" if finite else "not finite"
        raise InputError(
            f"The prompt stands for {kind} numbers of the shape {vector.shape}.",
            f"It is a row of 1 to {MAX_DIM:,} finite numbers.",
            "Type the prompt anew.",
        )


def check_whole(name: str, value: Any, low: int, high: int) -> None:
    """InputError where a value is no whole number from ``low`` to ``high``."""
    check_number(name, value, low, high)
    if isinstance(value, bool) or not isinstance(value, numbers.Integral):
        raise InputError(
            f"{name}: {value} was given.",
            f"It is a whole number from {low:,} to {high:,}.",
            "Change it.",
        )


def check_number(name: str, value: Any, low: float, high: float) -> None:
    """InputError where a value is no number from ``low`` to ``high``."""
    if not math.isfinite(value) or not low <= value <= high:
        raise InputError(
            f"{name}: {value:,} was given." if math.isfinite(value) else f"{name} is no number.",
            f"It is from {low:,} to {high:,}.",
            "Change it.",
        )
