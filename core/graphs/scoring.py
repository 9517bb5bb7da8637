"""Scores of triples by the six models; the formulas of their papers, in numpy.

With e the vector of an entity, w that of a relation, and * entry by entry:

    TransE     -|e_h + w_r - e_t|_1                  Bordes et al. 2013
    DistMult   sum(e_h * w_r * e_t)                  Yang et al. 2014
    ComplEx    Re(sum(e_h * w_r * conj(e_t)))        Trouillon et al. 2016
    RotatE     -|e_h * w_r - e_t|_2, |w_r| = 1       Sun et al. 2019
    HolE       sum(w_r * (e_h corr e_t))             Nickel et al. 2016
    TransH     -|P(e_h) + w_r - P(e_t)|_2            Wang et al. 2014

where P(e) = e - n_r (n_r . e), with n_r of length 1 the normal of the relation's plane, and corr is
the circular correlation, (a corr b)_i = sum over k of a_k b_(i+k mod dim). Vectors of ComplEx and
RotatE are complex. Each formula compares a query, made of what is given, with all candidates, so
that a question takes one pass over the entities. A model trained with inverse relations has a
second vector for each relation, and answers for heads by the tails of the inverse.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

import numpy as np
import numpy.typing as npt

from core.base.types import FloatArray, IntArray

Vectors = npt.NDArray[Any]  # float32, or complex64
_FEW = 8  # queries up to which distances are taken one by one
_BLOCK = 2_048  # candidates


class Model(StrEnum):
    """What a triple is worth, by the vectors of its members."""

    TRANSE = "TransE"
    DISTMULT = "DistMult"
    COMPLEX = "ComplEx"
    ROTATE = "RotatE"
    HOLE = "HolE"
    TRANSH = "TransH"


COMPLEX = (Model.COMPLEX, Model.ROTATE)


@dataclass(frozen=True, slots=True)
class GraphVectors:
    """The vectors of a trained model.

    Attributes:
        entities: ``(n, dim)`` float32, or complex64 for ComplEx and RotatE.
        relations: ``(m, dim)`` of the same kind; ``(m, 2 dim)`` for TransH, first the normal.
        inverses: the same for the inverse relations; ``None`` where there are none.
    """

    model: Model
    entities: Vectors
    relations: Vectors
    inverses: Vectors | None = None

    @property
    def dim(self) -> int:
        """Numbers of a vector; complex numbers count once."""
        return int(self.entities.shape[1])

    @property
    def finite(self) -> bool:
        """Whether no number is NaN or infinite."""
        held = [self.entities, self.relations]
        held += [] if self.inverses is None else [self.inverses]
        return all(bool(np.isfinite(vectors).all()) for vectors in held)


def tail_scores(vectors: GraphVectors, heads: IntArray, relations: IntArray) -> FloatArray:
    """Scores ``(b, n)`` of all entities as tails of ``b`` pairs of head and relation."""
    if vectors.model is Model.TRANSH:
        return _on_planes(vectors.entities, heads, vectors.relations[relations])
    query = _forward(vectors.model, vectors.entities[heads], vectors.relations[relations])
    return _compare(vectors.model, query, vectors.entities)


def head_scores(vectors: GraphVectors, relations: IntArray, tails: IntArray) -> FloatArray:
    """Scores ``(b, n)`` of all entities as heads of ``b`` pairs of relation and tail."""
    ends, model = vectors.entities[tails], vectors.model
    if model is Model.TRANSH:
        steps, sign = (vectors.relations, -1) if vectors.inverses is None else (vectors.inverses, 1)
        return _on_planes(vectors.entities, tails, steps[relations], sign)
    if vectors.inverses is not None:
        query = _forward(model, ends, vectors.inverses[relations])
    elif model is Model.TRANSE:
        query = ends - vectors.relations[relations]
    elif model is Model.HOLE:
        query = _correlate(vectors.relations[relations], ends)
    else:  # Re(h r conj(t)) = Re(h conj(t conj(r))), and |h r - t| = |h - t conj(r)| as |r| = 1
        query = ends * np.conj(vectors.relations[relations])
    return _compare(model, query, vectors.entities)


def relation_scores(vectors: GraphVectors, heads: IntArray, tails: IntArray) -> FloatArray:
    """Scores ``(b, m)`` of all relations between ``b`` pairs of head and tail."""
    starts, ends, model = vectors.entities[heads], vectors.entities[tails], vectors.model
    if model is Model.TRANSE:
        return _compare(model, ends - starts, vectors.relations)
    if model is Model.TRANSH:
        return _between_planes(starts - ends, vectors.relations)
    if model is Model.HOLE:
        return _compare(model, _correlate(starts, ends), vectors.relations)
    if model is Model.ROTATE:
        gaps = starts[:, None, :] * vectors.relations - ends[:, None, :]
        return _float(-np.linalg.norm(gaps, axis=2))
    return _compare(model, ends * np.conj(starts), vectors.relations)


def real_view(vectors: Vectors) -> FloatArray:
    """Vectors ``(n, dim)`` as real numbers; complex ones as ``(n, 2 dim)``, real parts first."""
    if not np.iscomplexobj(vectors):
        return np.asarray(vectors, dtype=np.float32)
    return np.concatenate([vectors.real, vectors.imag], axis=1).astype(np.float32)


def _forward(model: Model, starts: Vectors, steps: Vectors) -> Vectors:
    """What the tail is compared with."""
    if model is Model.HOLE:  # sum over i, k of w_i h_k t_(i+k): t times the circular convolution
        size = starts.shape[1]
        return _float(np.fft.irfft(np.fft.rfft(steps) * np.fft.rfft(starts), size))
    moved: Vectors = starts + steps if model is Model.TRANSE else starts * steps
    return moved


def _on_planes(entities: Vectors, given: IntArray, steps: Vectors, sign: int = 1) -> FloatArray:
    """TransH's scores ``(b, n)`` of all entities on the planes of ``steps`` ``(b, 2 dim)``.

    With ``sign`` -1 the translation is taken off, which asks for heads. From the squares, in double
    precision, as these lose digits: of ``q - t + n (n . t)`` with ``n . n`` as it is.
    """
    normals, moves = np.split(steps.astype(np.float64), 2, axis=1)
    held = entities.astype(np.float64)
    starts = held[given]
    query = starts - normals * (normals * starts).sum(axis=1, keepdims=True) + sign * moves
    along = normals @ held.T
    squares = (query**2).sum(axis=1)[:, None] + (held**2).sum(axis=1) - 2 * (query @ held.T)
    squares += 2 * along * (query * normals).sum(axis=1)[:, None]
    squares += along**2 * ((normals**2).sum(axis=1)[:, None] - 2)
    return _float(-np.sqrt(np.maximum(squares, 0)))


def _between_planes(gaps: Vectors, steps: Vectors) -> FloatArray:
    """TransH: scores ``(b, m)`` of relations ``(m, 2 dim)`` by head less tail ``(b, dim)``."""
    normals, moves = np.split(steps.astype(np.float64), 2, axis=1)
    wide = gaps.astype(np.float64)
    along = wide @ normals.T
    squares = (wide**2).sum(axis=1)[:, None] + (moves**2).sum(axis=1) + 2 * (wide @ moves.T)
    squares += along**2 * ((normals**2).sum(axis=1) - 2) - 2 * along * (normals * moves).sum(axis=1)
    return _float(-np.sqrt(np.maximum(squares, 0)))


def _correlate(first: Vectors, second: Vectors) -> FloatArray:
    """The circular correlations of the rows of two ``(b, dim)``."""
    product = np.conj(np.fft.rfft(first)) * np.fft.rfft(second)
    return _float(np.fft.irfft(product, first.shape[1]))


def _compare(model: Model, query: Vectors, candidates: Vectors) -> FloatArray:
    """Scores ``(b, n)`` of candidates for queries: a product, or a distance with a minus sign."""
    asked, held = _flat(query), _flat(candidates)
    if model is Model.TRANSE:
        return _distances(asked, held, _absolute)
    if model is not Model.ROTATE:
        return _float(asked @ held.T)
    if len(asked) <= _FEW:
        return _distances(asked, held, _length)
    # In double precision, as squares lose digits.
    long, wide = asked.astype(np.float64), held.astype(np.float64)
    squares = np.einsum("bd,bd->b", long, long)[:, None] + np.einsum("nd,nd->n", wide, wide)
    squares -= 2 * (long @ wide.T)
    return _float(-np.sqrt(np.maximum(squares, 0)))


def _flat(vectors: Vectors) -> FloatArray:
    """Vectors as real numbers without a copy, real and imaginary parts in turn: sums and distances
    do not mind the order."""
    if not np.iscomplexobj(vectors):
        return np.asarray(vectors, dtype=np.float32)
    whole = np.ascontiguousarray(vectors, dtype=np.complex64)
    return whole.view(np.float32)


def _distances(
    asked: FloatArray, held: FloatArray, measure: Callable[[FloatArray], FloatArray]
) -> FloatArray:
    """Distances with a minus sign, a block of candidates at a time, which fits in the cache."""
    scores = np.empty((len(asked), len(held)), dtype=np.float32)
    for start in range(0, len(held), _BLOCK):
        block = held[start : start + _BLOCK]
        for at, row in enumerate(asked):
            scores[at, start : start + _BLOCK] = measure(block - row)
    return np.negative(scores, out=scores)


def _absolute(gaps: FloatArray) -> FloatArray:
    """The sums of absolute values; ``gaps`` is used up."""
    found: FloatArray = np.abs(gaps, out=gaps).sum(axis=1)
    return found


def _length(gaps: FloatArray) -> FloatArray:
    found: FloatArray = np.sqrt(np.einsum("nd,nd->n", gaps, gaps))
    return found


def _float(scores: Vectors) -> FloatArray:
    return np.asarray(scores, dtype=np.float32)
