"""Lists of words as people type them, resolved to vectors."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from core.base.errors import InputError
from core.base.types import Encoder, FloatArray
from core.formula.resolve import unknown_word
from core.spaces.vocabulary import Vocabulary

MAX_WORDS = 200


@dataclass(frozen=True, slots=True)
class WordList:
    """Words with unit vectors ``(n, dim)``; ``encoded`` names those the vocabulary lacks."""

    words: list[str]
    vectors: FloatArray
    encoded: list[str]


def split_words(text: str) -> list[str]:
    """Words and phrases separated by commas, semicolons or line ends, each once.

    Where there is none of these, spaces separate.

    Raises:
        InputError: nothing, or too many.
    """
    separator = r"[,;\n]" if re.search(r"[,;\n]", text) else r"\s"
    parts = (" ".join(part.split()).strip("\"“”'") for part in re.split(separator, text))
    words = list(dict.fromkeys(part for part in parts if part))
    if not words:
        raise InputError(
            "There are no words.", "At least one is needed.", "Type some, separated by commas."
        )
    if len(words) > MAX_WORDS:
        raise InputError(
            f"There are {len(words):,} words.",
            f"At most {MAX_WORDS} are shown at once.",
            "Shorten the list.",
        )
    return words


def resolve_words(
    words: Sequence[str], vocabulary: Vocabulary, encoder: Encoder | None = None
) -> WordList:
    """Finds or encodes each of ``words``.

    Raises:
        UnknownTermError: a word is not in the vocabulary and there is no encoder.
    """
    rows = [vocabulary.row(word) for word in words]
    missing = [at for at, row in enumerate(rows) if row is None]
    vectors = np.empty((len(words), vocabulary.space.dim), dtype=np.float32)
    for at, row in enumerate(rows):
        if row is not None:
            vectors[at] = vocabulary.vectors[row]
    if missing:
        if encoder is None:
            raise unknown_word(words[missing[0]], vocabulary)
        encoded = encoder.encode([words[at] for at in missing])
        for at, vector in zip(missing, encoded, strict=True):
            vectors[at] = vocabulary.shift(vector)
    return WordList(list(words), vectors, [words[at] for at in missing])
