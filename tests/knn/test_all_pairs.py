"""Neighbours against a plain reference in double precision, ties, blocks, groups; real vectors."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings, strategies as st

from core.base import vectors as vec
from core.base.errors import Cancelled, InputError
from core.base.types import Encoded, FloatArray, Metric
from core.knn import nearest
from core.knn.all_pairs import (
    Neighbors,
    as_distances,
    differing,
    find_neighbors,
    has_unit_length,
    raw_vectors,
    shared_neighbors,
)
from core.knn.nearest import SPARE
from core.sentences import datasets
from core.spaces.encoders.minilm import MiniLMEncoder
from core.spaces.sources.minilm import MINILM

METRICS = list(Metric)
BLOCK = 512  # rows of which several blocks are made


@pytest.fixture(autouse=True)
def small_blocks(monkeypatch: pytest.MonkeyPatch) -> None:
    """So that a few hundred rows cross the borders of blocks."""
    monkeypatch.setattr(nearest, "ROWS", 100)


def encoded(raw: FloatArray) -> Encoded:
    raw = np.asarray(raw, dtype=np.float32)
    lengths = vec.lengths(raw)
    lengths[np.abs(lengths - 1) < 1e-4] = 1
    return Encoded(vec.normalize(raw), lengths, np.zeros(len(raw), dtype=np.bool_))


def drawn(count: int, dim: int, seed: int = 0, *, unit: bool = False) -> Encoded:
    """Random vectors, of lengths from 0.3 to 3 or of length 1."""
    generator = np.random.default_rng(seed)
    rows = generator.normal(size=(count, dim))
    rows /= np.linalg.norm(rows, axis=1, keepdims=True)
    return encoded(rows if unit else rows * generator.uniform(0.3, 3, size=(count, 1)))


def reference(given_: Encoded, metric: Metric) -> FloatArray:
    """All scores in double precision, ``(n, n)``, minus infinity on the diagonal."""
    unit = given_.vectors.astype(np.float64)
    if metric is Metric.COSINE:
        scores = unit @ unit.T
    else:
        raw = unit * given_.lengths[:, None]
        scores = -np.linalg.norm(raw[:, None] - raw[None], axis=2)
    np.fill_diagonal(scores, -np.inf)
    return scores


def check(found: Neighbors, given_: Encoded, k: int, metric: Metric) -> None:
    """The best ``k`` scores of the reference, each told for the row that has it."""
    scores = reference(given_, metric)
    assert found.metric is metric
    assert found.rows.shape == found.scores.shape == (len(given_), k)
    best = -np.sort(-scores, axis=1)[:, :k]
    np.testing.assert_allclose(found.scores, best, atol=2e-5)
    own = np.take_along_axis(scores, found.rows, axis=1)
    np.testing.assert_allclose(found.scores, own, atol=2e-5)  # infinite where a row is its own
    assert all(len(set(row)) == k for row in found.rows.tolist())


@pytest.mark.parametrize("metric", METRICS)
@pytest.mark.parametrize("unit", [True, False])
@pytest.mark.parametrize(("count", "dim", "k"), [(2, 3, 1), (40, 7, 5), (300, 384, 10)])
def test_neighbours_are_those_of_the_reference(
    metric: Metric, unit: bool, count: int, dim: int, k: int
) -> None:
    many = drawn(count, dim, unit=unit)
    check(find_neighbors(many, k, metric), many, k, metric)


@settings(max_examples=60, deadline=None)
@given(
    st.lists(st.tuples(*[st.integers(-2, 2)] * 3).filter(any), min_size=2, max_size=40),
    st.integers(1, 12),
    st.sampled_from(METRICS),
)
def test_vectors_of_small_whole_numbers_full_of_ties(
    rows: list[tuple[int, int, int]], k: int, metric: Metric
) -> None:
    many = encoded(np.array(rows))
    check(find_neighbors(many, k, metric), many, min(k, len(rows) - 1), metric)


@pytest.mark.parametrize("metric", METRICS)
@pytest.mark.parametrize("dim", [5, 16, 385])
def test_many_equal_vectors_are_ranked_by_row(metric: Metric, dim: int) -> None:
    few = drawn(6, dim)
    k, copies = 4, 4 + SPARE + 10
    pick = np.tile(np.arange(6), copies)  # row n repeats row n % 6
    many = Encoded(few.vectors[pick], few.lengths[pick], few.cut[pick])
    found = find_neighbors(many, k, metric)
    for row in range(len(pick)):
        same = [other for other in range(row % 6, len(pick), 6) if other != row]
        assert found.rows[row].tolist() == same[:k]
    np.testing.assert_allclose(found.scores, 1 if metric is Metric.COSINE else 0, atol=1e-6)


def test_a_text_without_a_direction_is_near_to_nothing() -> None:
    directions = [[0, 0], [1, 0], [0, 0], [0.6, 0.8], [-1, 0], [0, -1]]
    many = encoded(np.array(directions))
    found = find_neighbors(many, 3)
    assert found.rows[0].tolist() == [1, 2, 3]
    assert found.rows[2].tolist() == [0, 1, 3]
    assert found.scores[[0, 2]].tolist() == [[0, 0, 0]] * 2
    assert found.rows[1].tolist() == [3, 0, 2]  # before row 4, which points the other way
    assert found.scores[1] == pytest.approx([0.6, 0, 0])
    check(found, many, 3, Metric.COSINE)


@pytest.mark.parametrize("metric", METRICS)
def test_permuting_the_rows_permutes_the_answers(metric: Metric) -> None:
    many = drawn(BLOCK + 150, 24)
    order = np.random.default_rng(1).permutation(len(many))
    mixed = Encoded(many.vectors[order], many.lengths[order], many.cut[order])
    plain, found = find_neighbors(many, 6, metric), find_neighbors(mixed, 6, metric)
    np.testing.assert_array_equal(order[found.rows], plain.rows[order])
    np.testing.assert_array_equal(found.scores, plain.scores[order])


@pytest.mark.parametrize("metric", METRICS)
def test_more_rows_than_a_block(metric: Metric) -> None:
    many = drawn(2 * BLOCK + 3, 4)
    seen: list[tuple[int, int]] = []
    found = find_neighbors(many, 8, metric, lambda done, total, note="": seen.append((done, total)))
    check(found, many, 8, metric)
    assert seen == [(done, 1_027) for done in (*range(0, 1_027, 100), 1_027)]


def test_k_beyond_the_rows_gives_all_others_and_wrong_input_is_told() -> None:
    many = drawn(4, 3)
    found = find_neighbors(many, 1_000)
    check(found, many, 3, Metric.COSINE)
    assert [sorted([at, *row]) for at, row in enumerate(found.rows.tolist())] == [[0, 1, 2, 3]] * 4
    with pytest.raises(InputError, match="There is 1 text"):
        find_neighbors(drawn(1, 3), 5)
    with pytest.raises(InputError, match="There are no texts"):
        find_neighbors(drawn(0, 3), 5)
    for k in (0, -3):
        with pytest.raises(InputError, match=f"^{k} neighbours"):
            find_neighbors(many, k)


def test_on_unit_vectors_both_metrics_give_the_same_rows() -> None:
    many = drawn(700, 32, unit=True)
    assert has_unit_length(many)
    assert raw_vectors(many) is many.vectors
    cosine = find_neighbors(many, 7)
    direct = find_neighbors(many, 7, Metric.EUCLIDEAN)
    np.testing.assert_array_equal(cosine.rows, direct.rows)
    assert not differing(cosine, direct).any()
    told = as_distances(cosine, many.vectors)
    assert told.metric is Metric.EUCLIDEAN
    np.testing.assert_array_equal(told.rows, direct.rows)
    np.testing.assert_allclose(told.scores, direct.scores, atol=1e-5)
    np.testing.assert_allclose(told.scores, -np.sqrt(2 - 2 * cosine.scores), atol=1e-3)


def test_where_lengths_differ_the_metrics_do() -> None:
    # Row 0 points as row 1 does, which is far away; row 2 is near in another direction.
    many = encoded(np.array([[1, 0], [10, 0], [0.8, 0.6], [9, 4]]))
    assert not has_unit_length(many)
    assert raw_vectors(many) == pytest.approx(np.array([[1, 0], [10, 0], [0.8, 0.6], [9, 4]]))
    cosine, direct = find_neighbors(many, 1), find_neighbors(many, 1, Metric.EUCLIDEAN)
    assert cosine.rows[:, 0].tolist() == [1, 0, 3, 2]
    assert direct.rows[:, 0].tolist() == [2, 3, 0, 1]
    assert cosine.scores[0] == pytest.approx(1)
    assert direct.scores[:, 0] == pytest.approx([-(0.4**0.5), -(17**0.5), -(0.4**0.5), -(17**0.5)])
    assert differing(cosine, direct).tolist() == [True] * 4


def test_shared_and_differing_neighbours_by_hand() -> None:
    def of(rows: list[list[int]]) -> Neighbors:
        return Neighbors(np.array(rows), np.zeros((3, 4), dtype=np.float32), Metric.COSINE)

    first = of([[1, 2, 3, 4], [5, 6, 7, 8], [1, 2, 3, 4]])
    second = of([[4, 3, 2, 1], [5, 1, 2, 7], [1, 2, 3, 4]])
    assert shared_neighbors(first, second).tolist() == [1, 0.5, 1]
    assert differing(first, second).tolist() == [True, True, False]


def test_a_cancel_passes_through() -> None:
    def stop(done: int, total: int, note: str = "") -> None:
        if done >= BLOCK:
            raise Cancelled("Comparing")

    many = drawn(BLOCK + 5, 3)
    with pytest.raises(Cancelled):
        find_neighbors(many, 2, progress=stop)


@pytest.mark.slow
def test_paraphrases_of_the_bundled_descriptions_find_each_other() -> None:
    dataset = datasets.load_texts(datasets.find_dataset("descriptions"))
    found = find_neighbors(MiniLMEncoder(MINILM.known[0].space).encode_texts(dataset.texts), 1)
    nearest = {
        number: dataset.numbers[other]
        for number, other in zip(dataset.numbers, found.rows[:, 0], strict=True)
    }
    for one, other in ((49, 138), (10, 163)):
        assert (nearest[one], nearest[other]) == (other, one)
