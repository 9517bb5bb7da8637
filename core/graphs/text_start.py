"""Vectors that entities begin a training with: those of their texts, turned to its dimension.

Entities whose names or descriptions mean something alike begin near each other. What a model of
texts gives is centered, cut to its principal axes where the model of the graph has fewer numbers,
and turned by chance, so that no number of a vector means more than another.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from core.base.errors import InputError, counted
from core.base.types import FloatArray, Progress, TextEncoder, no_progress
from core.spaces import text_vectors

LEAST = 2  # entities with texts: of one alone nothing is left where its mean is taken off


def encode(
    texts: Sequence[str], encoder: TextEncoder, folder: Path, progress: Progress = no_progress
) -> FloatArray:
    """Vectors ``(n, dim)`` of texts, kept in ``folder``; zeros where there is none, "".

    Raises:
        Cancelled: by ``progress``.
    """
    vectors = np.zeros((len(texts), encoder.space.dim), dtype=np.float32)
    rows = [row for row, text in enumerate(texts) if text]
    if rows:
        some = [texts[row] for row in rows]
        vectors[rows] = text_vectors.load_or_encode(some, encoder, folder, progress).vectors
    return vectors


def turned(texts: FloatArray, numbers: int, seed: int) -> FloatArray:
    """Vectors ``(m, dim)`` as ``(m, numbers)``, centered, with a standard deviation of 1.

    With as many numbers as the texts have or more, cosines of the centered vectors stay as they
    are.

    Raises:
        InputError: there are fewer than two vectors, or all are the same.
    """
    held = (texts - texts.mean(axis=0)).astype(np.float64)
    spread, length = float(np.linalg.norm(held)), float(np.linalg.norm(texts))
    if len(texts) < LEAST or spread < 1e-6 * max(1.0, length):
        raise InputError(
            f"{counted(len(texts), 'text')} of entities do not differ.",
            f"{LEAST} texts or more that are not the same.",
            "Give readable names or descriptions, or start from chance.",
        )
    _, axes = np.linalg.eigh(held.T @ held)
    kept = min(numbers, held.shape[1])
    chance = np.random.default_rng(seed).normal(size=(numbers, kept))
    basis, _ = np.linalg.qr(chance)  # (numbers, kept), its columns orthonormal
    whole = held @ axes[:, -kept:] @ basis.T
    found: FloatArray = (whole / whole.std()).astype(np.float32)
    return found
