"""Each kind of index against brute force, and what a trial tells."""

from __future__ import annotations

import warnings
from dataclasses import replace

import numpy as np
import pytest

from core import vectors as vec
from core.errors import InputError
from core.index_trial import ask_near, try_index
from core.indexes.faiss_kinds import (
    FaissIndex,
    IndexKind,
    IndexSettings,
    divisors,
    piece_bits_for,
)
from core.types import FloatArray, Metric

DIM = 32
KINDS = list(IndexKind)


@pytest.fixture(scope="module")
def vectors() -> FloatArray:
    random = np.random.default_rng(0)
    centers = random.normal(size=(20, DIM))
    found = centers[random.integers(0, 20, 3_000)] + 0.5 * random.normal(size=(3_000, DIM))
    return vec.normalize(found.astype(np.float32))


def exactly(vectors: FloatArray, queries: FloatArray, k: int) -> tuple[FloatArray, np.ndarray]:
    similar = queries @ vectors.T
    rows = np.argsort(-similar, axis=1, kind="stable")[:, :k]
    return np.take_along_axis(similar, rows, 1), rows


def thorough(kind: IndexKind) -> IndexSettings:
    """Parameters under which nothing but rounding can be lost."""
    return IndexSettings(
        kind, lists=16, probes=16, pieces=16, piece_bits=6, search_width=500, signs=4_096
    )


@pytest.mark.parametrize("metric", list(Metric))
@pytest.mark.parametrize("kind", [IndexKind.FLAT, IndexKind.IVF_FLAT, IndexKind.HNSW])
def test_read_thoroughly_they_equal_brute_force(
    vectors: FloatArray, kind: IndexKind, metric: Metric
) -> None:
    queries = ask_near(vectors, 50)
    expected, rows = exactly(vectors, queries, 10)
    scores, found = FaissIndex(vectors, replace(thorough(kind), metric=metric)).search(queries, 10)
    recall = np.mean([len(set(a) & set(b)) / 10 for a, b in zip(found, rows, strict=True)])
    assert recall >= (0.99 if kind is IndexKind.HNSW else 0.999)
    if metric is Metric.EUCLIDEAN:
        expected = -np.sqrt(2 - 2 * expected)
    same = found == rows
    assert scores[same] == pytest.approx(expected[same], abs=1e-3)
    assert (np.diff(scores, axis=1) <= 1e-6).all()


@pytest.mark.parametrize("kind", [kind for kind in KINDS if kind is not IndexKind.LSH])
def test_a_vector_finds_itself(vectors: FloatArray, kind: IndexKind) -> None:
    scores, rows = FaissIndex(vectors, thorough(kind)).search(vectors[:20], 1)
    assert (rows[:, 0] == np.arange(20)).mean() >= (0.5 if kind is IndexKind.IVF_PQ else 1)
    if kind is not IndexKind.IVF_PQ:
        assert scores[:, 0] == pytest.approx(1, abs=1e-5)


def recall(vectors: FloatArray, settings: IndexSettings) -> float:
    return try_index(vectors, settings, 10).recall


def test_reading_more_finds_more(vectors: FloatArray) -> None:
    lists = IndexSettings(IndexKind.IVF_FLAT, lists=64, probes=1)
    assert recall(vectors, lists) < recall(vectors, replace(lists, probes=64)) == 1
    codes = thorough(IndexKind.IVF_PQ)
    assert recall(vectors, replace(codes, pieces=4)) < recall(vectors, replace(codes, pieces=32))
    signs = IndexSettings(IndexKind.LSH, signs=32)
    assert recall(vectors, signs) < recall(vectors, replace(signs, signs=2_048))


def test_codes_are_smaller_than_vectors_and_graphs_larger(vectors: FloatArray) -> None:
    sizes = {kind: try_index(vectors, thorough(kind), 5).size for kind in KINDS}
    assert sizes[IndexKind.FLAT] >= vectors.nbytes
    assert sizes[IndexKind.IVF_PQ] < vectors.nbytes / 3
    assert sizes[IndexKind.HNSW] > sizes[IndexKind.FLAT]


def test_parameters_that_do_not_fit_are_told(vectors: FloatArray) -> None:
    with pytest.raises(InputError, match="cannot be cut into 5 pieces"):
        FaissIndex(vectors, IndexSettings(IndexKind.IVF_PQ, pieces=5))
    with pytest.raises(InputError, match="needs 64 or more"):
        FaissIndex(vectors[:50], IndexSettings(IndexKind.IVF_FLAT, lists=64))
    with pytest.raises(InputError, match="needs 256 or more"):
        FaissIndex(vectors[:100], IndexSettings(IndexKind.IVF_PQ, lists=4, pieces=16))


def test_what_the_parameters_may_be() -> None:
    assert divisors(12) == [4, 6, 12]
    assert [piece_bits_for(n) for n in (10, 600, 1_914, 20_000, 10**6)] == [4, 4, 5, 8, 8]
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        questions = ask_near(np.eye(8, dtype=np.float32), 5)
    assert np.linalg.norm(questions, axis=1) == pytest.approx(1, abs=1e-6)
