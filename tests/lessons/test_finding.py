"""Lesson 9: searches in FAISS's structures by hand, against FAISS's own."""

from __future__ import annotations

from itertools import pairwise

import faiss
import numpy as np
import pytest

from core.base import vectors as vec
from core.base.types import FloatArray
from core.knn import index_parts
from core.lessons.finding import bits_off, chance_of_same_bit, exact, recall, walk

DIM = 24


@pytest.fixture(scope="module")
def vectors() -> FloatArray:
    random = np.random.default_rng(0)
    centers = random.normal(size=(20, DIM))
    rows = centers[random.integers(0, 20, 1_500)] + 0.7 * random.normal(size=(1_500, DIM))
    return vec.normalize(rows.astype(np.float32))


@pytest.fixture(scope="module")
def queries() -> FloatArray:
    return vec.normalize(np.random.default_rng(1).normal(size=(60, DIM)).astype(np.float32))


@pytest.mark.parametrize(("links", "width", "k"), [(4, 1, 1), (4, 10, 10), (8, 4, 10), (16, 60, 5)])
def test_the_walk_is_faiss_own_search(
    vectors: FloatArray, queries: FloatArray, links: int, width: int, k: int
) -> None:
    index = faiss.IndexHNSWFlat(DIM, links, faiss.METRIC_INNER_PRODUCT)
    index.add(vectors)
    index.hnsw.efSearch = width
    graph = index_parts.hnsw_graph(index)
    scores, rows = index.search(queries, k)
    for query, true_scores, true_rows in zip(queries, scores, rows, strict=True):
        walked = walk(graph, vectors, query, width, k)
        assert walked.rows.tolist() == true_rows.tolist()
        assert walked.scores == pytest.approx(true_scores, abs=1e-5)
        assert walked.compared <= len(vectors)
        levels = [hop.level for hop in walked.hops]
        assert levels == sorted(levels, reverse=True)
        assert levels[-1] == 0
        assert walked.hops[0].row == graph.entry


def test_each_hop_follows_a_link_of_its_layer(vectors: FloatArray, queries: FloatArray) -> None:
    index = faiss.IndexHNSWFlat(DIM, 4, faiss.METRIC_INNER_PRODUCT)
    index.add(vectors)
    graph = index_parts.hnsw_graph(index)
    assert graph.levels.max() == graph.top == graph.levels[graph.entry]
    assert graph.top >= 1
    for row in range(0, 1_500, 97):
        for level in range(graph.levels[row] + 1):
            linked = graph.links(row, level)
            assert len(linked) <= (8 if level == 0 else 4)
            assert row not in linked
            assert (graph.levels[linked] >= level).all()
    hops = walk(graph, vectors, queries[0], 16, 10).hops
    for before, after in pairwise(hops):
        if after.level == before.level > 0:
            assert after.row in graph.links(before.row, before.level)
            assert after.score > before.score


def test_cells_hold_what_faiss_reads(vectors: FloatArray, queries: FloatArray) -> None:
    flat = faiss.IndexFlatIP(DIM)
    index = faiss.IndexIVFFlat(flat, DIM, 12, faiss.METRIC_INNER_PRODUCT)
    index.train(vectors)
    index.add(vectors)
    index.nprobe = 3
    read = index_parts.cells(index)
    assert (read.cell >= 0).all()
    assert np.array_equal(read.cell, (vectors @ read.centers.T).argmax(axis=1))
    _, rows = index.search(queries, 10)
    for query, true in zip(queries, rows, strict=True):
        lists = index_parts.probed(index, query, 3)
        assert set(lists.tolist()) == set(np.argsort(-(read.centers @ query))[:3].tolist())
        members = np.flatnonzero(np.isin(read.cell, lists))
        assert members[exact(vectors[members], query, 10)].tolist() == true.tolist()


@pytest.mark.parametrize("bits", [4, 8])
def test_codes_stand_for_the_nearest_centre_of_each_piece(vectors: FloatArray, bits: int) -> None:
    codes = index_parts.product_codes(vectors, 6, bits)
    assert codes.codes.shape == (1_500, 6)
    assert codes.books.shape == (6, 2**bits, 4)
    parts = np.split(vectors, 6, axis=1)
    for part, book, column in zip(parts, codes.books, codes.codes.T, strict=True):
        distances = np.square(part[:, None] - book[None]).sum(axis=2)
        chosen = distances[np.arange(len(part)), column]
        assert chosen == pytest.approx(distances.min(axis=1), abs=1e-5)
    off = np.square(codes.decoded() - vectors).sum(axis=1).mean()
    assert off < np.square(vectors - vectors.mean(axis=0)).sum(axis=1).mean()


def test_recall_is_the_share_that_was_found() -> None:
    assert recall(np.array([3, 1, 9]), np.array([1, 2, 3, 4])) == 0.5


@pytest.mark.parametrize("planes", [5, 12, 40])  # 40: more than dimensions
def test_bits_say_on_which_side_of_faiss_hyperplanes_a_vector_lies(
    vectors: FloatArray, queries: FloatArray, planes: int
) -> None:
    index = faiss.IndexLSH(DIM, planes)
    index.add(vectors)
    signs = index_parts.signs(index)
    assert signs.normals.shape == (planes, DIM)
    assert np.array_equal(signs.bits, (vectors @ signs.normals.T >= 0).astype(np.uint8))
    distances, rows = index.search(queries, 10)
    for query, counted, found in zip(queries, distances, rows, strict=True):
        off = bits_off(signs.bits, signs.of(query))
        assert off[found].tolist() == counted.tolist()
        assert counted.tolist() == np.sort(off)[:10].tolist()


def test_the_angle_says_how_often_random_hyperplanes_give_the_same_bit() -> None:
    assert chance_of_same_bit(1.0) == 1
    assert chance_of_same_bit(0.0) == pytest.approx(0.5)
    assert chance_of_same_bit(-1.0001) == 0
    a, b = np.array([1.0, 0, 0]), np.array([np.cos(1.0), np.sin(1.0), 0])
    normals = np.random.default_rng(0).normal(size=(100_000, 3))
    same = float(((normals @ a >= 0) == (normals @ b >= 0)).mean())
    assert chance_of_same_bit(float(a @ b)) == pytest.approx(same, abs=0.005)
