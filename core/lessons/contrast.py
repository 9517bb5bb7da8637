"""Lesson 7: positives and negatives, InfoNCE by hand, and a small head trained by it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from core.base.types import IntArray

Doubles = NDArray[np.float64]
WIDTH = 2  # numbers that the head gives: a place on the circle


def softmax(logits: Doubles) -> Doubles:
    """Each row of ``(n, m)`` as shares that add up to 1."""
    from scipy import special

    result: Doubles = special.softmax(logits, axis=1)
    return result


def info_nce(similarity: ArrayLike, temperature: float) -> Doubles:
    """The loss of each row of similarities ``(n, n)``, ``(n,)``: its positive on the diagonal.

    ``-log(exp(s_ii / t) / sum_j exp(s_ij / t))`` (van den Oord et al. 2018).
    """
    shares = softmax(np.asarray(similarity, dtype=np.float64) / temperature)
    result: Doubles = -np.log(np.maximum(np.diag(shares), 1e-300))
    return result


def own_first(similarity: ArrayLike) -> int:
    """How many rows of ``(n, n)`` have their largest number on the diagonal, alone."""
    held = np.asarray(similarity, dtype=np.float64)
    others = np.where(np.eye(len(held), dtype=bool), -np.inf, held).max(axis=1)
    return int((np.diag(held) > others).sum())


@dataclass(frozen=True, slots=True)
class Formed:
    """A head while it forms.

    Attributes:
        weights: ``(dim, 2)`` of the last step.
        places: ``(steps + 1, n, 2)`` on the unit circle of all items, at first and after each step.
        losses: at first and after each step.
    """

    weights: Doubles
    places: Doubles
    losses: tuple[float, ...]


def contrastive_loss(
    weights: Doubles, vectors: Doubles, labels: IntArray, temperature: float
) -> tuple[float, Doubles]:
    """The supervised contrastive loss of a linear head, and its slope ``(dim, 2)``.

    Positives of an item are all others of its label ``(n,)``, negatives all the rest (Khosla et al.
    2020, equation 2). ``vectors`` are ``(n, dim)``.
    """
    raw = vectors @ weights
    lengths = np.maximum(np.linalg.norm(raw, axis=1, keepdims=True), 1e-12)
    places = raw / lengths
    logits = places @ places.T / temperature
    np.fill_diagonal(logits, -np.inf)
    shares = softmax(logits)
    positives = labels[:, None] == labels[None]
    np.fill_diagonal(positives, False)
    counts = positives.sum(axis=1)
    anchors = counts > 0
    wanted = positives / np.maximum(1, counts)[:, None]
    logs = np.log(np.maximum(shares, 1e-300))
    count = max(1, int(anchors.sum()))
    loss = float(-(wanted * logs)[anchors].sum() / count)
    pull = (shares - wanted) * anchors[:, None] / count
    towards = (pull + pull.T) @ places / temperature
    along = (towards * places).sum(axis=1, keepdims=True)
    slope: Doubles = vectors.T @ ((towards - along * places) / lengths)
    return loss, slope


def form(  # noqa: PLR0913
    vectors: ArrayLike,
    labels: Sequence[int],
    learns: Sequence[bool],
    *,
    steps: int = 60,
    temperature: float = 0.2,
    rate: float = 0.05,
) -> Formed:
    """A linear head from ``(n, dim)`` to the circle, trained on the items that ``learns`` marks.

    It begins at the two principal components, and goes down the slope with momentum.
    """
    held = np.asarray(vectors, dtype=np.float64)
    centered = held - held.mean(axis=0)
    _, _, directions = np.linalg.svd(centered, full_matrices=False)
    weights = np.zeros((held.shape[1], WIDTH))
    weights[:, : min(WIDTH, len(directions))] = directions[:WIDTH].T
    marked = np.asarray(learns, dtype=bool)
    shown, own = centered[marked], np.asarray(labels, dtype=np.int64)[marked]
    speed = np.zeros_like(weights)
    places, losses = [], []
    for step in range(steps + 1):
        loss, slope = contrastive_loss(weights, shown, own, temperature)
        raw = centered @ weights
        places.append(raw / np.maximum(np.linalg.norm(raw, axis=1, keepdims=True), 1e-12))
        losses.append(loss)
        if step < steps:
            speed = 0.9 * speed - rate * slope
            weights = weights + speed
    return Formed(weights, np.stack(places), tuple(losses))


def nearest_label(places: ArrayLike, labels: Sequence[int], learns: Sequence[bool]) -> float:
    """The share of items not learnt from whose nearest learnt one, by cosine, has their label.

    ``places`` are ``(n, d)``, of any length; 0 where all were learnt from.
    """
    held = np.asarray(places, dtype=np.float64)
    held = held / np.maximum(np.linalg.norm(held, axis=1, keepdims=True), 1e-12)
    marked, own = np.asarray(learns, dtype=bool), np.asarray(labels)
    if marked.all() or not marked.any():
        return 0.0
    nearest = (held[~marked] @ held[marked].T).argmax(axis=1)
    return float((own[marked][nearest] == own[~marked]).mean())


def same_group_share(vectors: ArrayLike, labels: Sequence[int]) -> float:
    """The share of rows ``(n, dim)`` whose nearest other row, by cosine, has their label."""
    held = np.asarray(vectors, dtype=np.float64)
    held = held / np.maximum(np.linalg.norm(held, axis=1, keepdims=True), 1e-12)
    cosines = held @ held.T
    np.fill_diagonal(cosines, -np.inf)
    own = np.asarray(labels)
    return float((own[cosines.argmax(axis=1)] == own).mean())
