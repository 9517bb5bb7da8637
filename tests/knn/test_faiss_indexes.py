"""Each kind of index against brute force, and what a trial tells."""

from __future__ import annotations

import warnings
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from core.base import vectors as vec
from core.base.errors import Cancelled, InputError
from core.base.types import FloatArray
from core.knn import index_store
from core.knn.faiss_indexes import (
    FaissIndex,
    IndexKind,
    IndexMetric,
    IndexSettings,
    divisors,
    piece_bits_for,
)
from core.knn.index_comparison import ask_near, try_index

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


@pytest.mark.parametrize("metric", list(IndexMetric))
@pytest.mark.parametrize("kind", [IndexKind.FLAT, IndexKind.IVF_FLAT, IndexKind.HNSW])
def test_read_thoroughly_they_equal_brute_force(
    vectors: FloatArray, kind: IndexKind, metric: IndexMetric
) -> None:
    queries = ask_near(vectors, 50)
    expected, rows = exactly(vectors, queries, 10)
    scores, found = FaissIndex.build(vectors, replace(thorough(kind), metric=metric)).search(
        queries, 10
    )
    recall = np.mean([len(set(a) & set(b)) / 10 for a, b in zip(found, rows, strict=True)])
    assert recall >= (0.99 if kind is IndexKind.HNSW else 0.999)
    if metric is IndexMetric.EUCLIDEAN:
        expected = -np.sqrt(2 - 2 * expected)
    same = found == rows
    assert scores[same] == pytest.approx(expected[same], abs=1e-3)
    assert (np.diff(scores, axis=1) <= 1e-6).all()


@pytest.mark.parametrize("kind", [kind for kind in KINDS if kind is not IndexKind.LSH])
def test_a_vector_finds_itself(vectors: FloatArray, kind: IndexKind) -> None:
    scores, rows = FaissIndex.build(vectors, thorough(kind)).search(vectors[:20], 1)
    assert (rows[:, 0] == np.arange(20)).mean() >= (0.5 if kind is IndexKind.IVF_PQ else 1)
    if kind is not IndexKind.IVF_PQ:
        assert scores[:, 0] == pytest.approx(1, abs=1e-5)


def recall(vectors: FloatArray, settings: IndexSettings) -> float:
    return try_index(vectors, settings, 10).recall


@pytest.mark.slow
def test_reading_more_finds_more(vectors: FloatArray) -> None:
    lists = IndexSettings(IndexKind.IVF_FLAT, lists=64, probes=1)
    assert recall(vectors, lists) < recall(vectors, replace(lists, probes=64)) == 1
    codes = thorough(IndexKind.IVF_PQ)
    assert recall(vectors, replace(codes, pieces=4)) < recall(vectors, replace(codes, pieces=32))
    signs = IndexSettings(IndexKind.LSH, signs=32)
    assert recall(vectors, signs) < recall(vectors, replace(signs, signs=2_048))


@pytest.mark.slow
def test_codes_are_smaller_than_vectors_and_graphs_larger(vectors: FloatArray) -> None:
    sizes = {kind: try_index(vectors, thorough(kind), 5).size for kind in KINDS}
    assert sizes[IndexKind.FLAT] >= vectors.nbytes
    assert sizes[IndexKind.IVF_PQ] < vectors.nbytes / 3
    assert sizes[IndexKind.HNSW] > sizes[IndexKind.FLAT]


def test_parameters_that_do_not_fit_are_told(vectors: FloatArray) -> None:
    with pytest.raises(InputError, match="cannot be cut into 5 pieces"):
        FaissIndex.build(vectors, IndexSettings(IndexKind.IVF_PQ, pieces=5))
    with pytest.raises(InputError, match="needs 64 or more"):
        FaissIndex.build(vectors[:50], IndexSettings(IndexKind.IVF_FLAT, lists=64))
    with pytest.raises(InputError, match="needs 256 or more"):
        FaissIndex.build(vectors[:100], IndexSettings(IndexKind.IVF_PQ, lists=4, pieces=16))


def test_an_inner_product_weighs_lengths_and_cosine_does_not() -> None:
    vectors = np.array([[1, 0], [3, 3], [0, 0.5]], dtype=np.float32)
    question = np.array([[2, 0.1]], dtype=np.float32)
    for metric, best, score in (
        (IndexMetric.COSINE, 0, 2 / np.hypot(2, 0.1)),
        (IndexMetric.INNER_PRODUCT, 1, 6.3),
        (IndexMetric.EUCLIDEAN, 0, -np.hypot(1, 0.1)),
    ):
        settings = IndexSettings(IndexKind.FLAT, metric)
        scores, rows = FaissIndex.build(vectors, settings).search(question, 1)
        assert rows[0, 0] == best
        assert scores[0, 0] == pytest.approx(score, abs=1e-5)


@pytest.mark.parametrize("kind", KINDS)
def test_an_index_on_the_disk_answers_as_before(
    vectors: FloatArray, own_home: Path, kind: IndexKind
) -> None:
    settings = replace(thorough(kind), signs=256)
    built = index_store.open_or_build("key", vectors, settings, long=0)
    again = index_store.open_or_build("key", vectors, settings, long=0)
    assert (built.kept, again.kept) == (False, True)
    assert again.build_seconds == built.build_seconds
    assert again.index.size == built.index.size
    queries = ask_near(vectors, 20)
    for one, other in zip(
        built.index.search(queries, 5), again.index.search(queries, 5), strict=True
    ):
        np.testing.assert_array_equal(one, other)
    # What only searching depends on is no other index; the vectors and other parameters are.
    tuned = replace(settings, probes=1, search_width=1)
    assert index_store.open_or_build("key", vectors, tuned, long=0).kept
    assert not index_store.open_or_build("other", vectors, settings, long=0).kept
    if kind is IndexKind.HNSW:
        assert not index_store.open_or_build("key", vectors, replace(settings, links=8)).kept


def test_what_is_damaged_on_the_disk_is_never_opened(vectors: FloatArray, own_home: Path) -> None:
    settings = IndexSettings(IndexKind.HNSW)
    index_store.open_or_build("key", vectors, settings, long=0)
    [path] = own_home.rglob("index.faiss")
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 1
    path.write_bytes(data)
    assert not index_store.open_or_build("key", vectors, settings, long=0).kept
    assert index_store.open_or_build("key", vectors, settings, long=0).kept
    [path] = own_home.rglob("about.json")
    path.write_text("[]")
    assert not index_store.open_or_build("key", vectors, settings, long=1e9).kept
    assert not [*own_home.rglob("index.faiss")]


def test_building_can_be_cancelled_and_leaves_nothing(own_home: Path) -> None:
    many = vec.normalize(np.random.default_rng(0).normal(size=(12_000, 4)).astype(np.float32))
    told: list[int] = []

    def stop(done: int, total: int, note: str) -> None:
        assert total == len(many)
        told.append(done)
        if done:
            raise Cancelled("stopped")

    with pytest.raises(Cancelled):
        index_store.open_or_build("key", many, IndexSettings(IndexKind.FLAT), stop, long=0)
    assert told == [0, 5_000]
    assert not own_home.exists()


def test_what_the_parameters_may_be() -> None:
    assert divisors(12) == [4, 6, 12]
    assert [piece_bits_for(n) for n in (10, 600, 1_914, 20_000, 10**6)] == [4, 4, 5, 8, 8]
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        questions = ask_near(np.eye(8, dtype=np.float32), 5)
    assert np.linalg.norm(questions, axis=1) == pytest.approx(1, abs=1e-6)
