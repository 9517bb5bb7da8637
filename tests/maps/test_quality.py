"""The quality figures against scikit-learn and their plain definition; Procrustes; overlap."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings, strategies as st
from sklearn.manifold import trustworthiness

from core.base.errors import Cancelled, InputError
from core.base.types import FloatArray, Metric
from core.knn.all_pairs import neighbor_overlap
from core.maps import quality
from core.maps.quality import align, map_neighbors, map_quality


def data(count: int, seed: int = 0) -> tuple[FloatArray, FloatArray]:
    """Vectors and a noisy map of them."""
    random = np.random.default_rng(seed)
    vectors = random.normal(size=(count, 7)).astype(np.float32)
    return vectors, (vectors[:, :2] + 0.5 * random.normal(size=(count, 2))).astype(np.float32)


def plain(vectors: FloatArray, points: FloatArray, k: int) -> tuple[float, float, FloatArray]:
    """Trustworthiness, continuity and lost shares by their definition, a loop a point."""

    def ranks(rows: FloatArray) -> np.ndarray:
        apart = np.linalg.norm(rows[:, None].astype(np.float64) - rows, axis=2)
        np.fill_diagonal(apart, -1)
        return apart.argsort(axis=1).argsort(axis=1)

    high, low, count = ranks(vectors), ranks(points), len(vectors)
    factor = 2 / (count * k * (2 * count - 3 * k - 1))
    trust = continuity = 0
    lost = np.zeros(count)
    for one in range(count):
        for other in range(count):
            near, shown = 1 <= high[one, other] <= k, 1 <= low[one, other] <= k
            trust += (high[one, other] - k) * (shown and not near)
            continuity += (low[one, other] - k) * (near and not shown)
            lost[one] += (near and not shown) / k
    return 1 - factor * trust, 1 - factor * continuity, lost


@pytest.mark.parametrize("metric", list(Metric))
@pytest.mark.parametrize("k", [1, 5, 15])
def test_figures_are_scikit_learns(metric: Metric, k: int) -> None:
    vectors, points = data(300)
    found = map_quality(vectors, points, k, metric=metric)
    wanted = trustworthiness(vectors, points, n_neighbors=k, metric=metric.value)
    assert found.trustworthiness == pytest.approx(wanted, abs=1e-7)
    if metric is Metric.EUCLIDEAN:
        wanted = trustworthiness(points, vectors, n_neighbors=k)
        assert found.continuity == pytest.approx(wanted, abs=1e-7)
    assert (found.k, found.anchors) == (k, None)
    assert (found.trustworthiness_error, found.continuity_error) == (0, 0)


def test_figures_are_those_of_the_plain_definition() -> None:
    vectors, points = data(60, 1)
    found = map_quality(vectors, points, 6, metric=Metric.EUCLIDEAN)
    trust, continuity, lost = plain(vectors, points, 6)
    assert found.trustworthiness == pytest.approx(trust, abs=1e-9)
    assert found.continuity == pytest.approx(continuity, abs=1e-9)
    np.testing.assert_allclose(found.lost, lost, atol=1e-6)
    assert found.neighbors_kept == pytest.approx(1 - lost.mean(), abs=1e-6)


def test_a_map_that_is_the_data_keeps_all_and_a_random_one_little() -> None:
    points = data(400)[1]
    whole = map_quality(points, points * 3 + 1, metric=Metric.EUCLIDEAN)
    assert (whole.trustworthiness, whole.continuity, whole.neighbors_kept) == (1, 1, 1)
    assert not whole.lost.any()
    shuffled = map_quality(
        points, points[np.random.default_rng(2).permutation(400)], metric=Metric.EUCLIDEAN
    )
    assert shuffled.trustworthiness == pytest.approx(0.5, abs=0.05)
    assert shuffled.neighbors_kept == pytest.approx(15 / 399, abs=0.02)


@pytest.mark.slow
def test_anchors_estimate_the_whole_within_their_error(monkeypatch: pytest.MonkeyPatch) -> None:
    vectors, points = data(1_500)
    whole = map_quality(vectors, points)
    monkeypatch.setattr(quality, "ALL_UP_TO", 1_000)
    monkeypatch.setattr(quality, "ANCHORS", 400)
    drawn = [map_quality(vectors, points, seed=seed) for seed in range(8)]
    assert {found.anchors for found in drawn} == {400}
    errors = [found.trustworthiness - whole.trustworthiness for found in drawn]
    told = np.mean([found.trustworthiness_error for found in drawn])
    assert 0.3 * told < np.sqrt(np.mean(np.square(errors))) < 2.5 * told
    for found in drawn:  # neighbours are compared at all points all the same
        np.testing.assert_allclose(found.lost, whole.lost, atol=1e-6)
    assert drawn[0].trustworthiness != drawn[1].trustworthiness
    again = map_quality(vectors, points, seed=0)
    assert again.trustworthiness == drawn[0].trustworthiness


def test_known_neighbours_give_the_same() -> None:
    from core.knn.nearest import nearest_rows

    vectors, points = data(200)
    near, _ = nearest_rows(vectors, 20)
    known = map_quality(vectors, points, metric=Metric.EUCLIDEAN, near=near)
    found = map_quality(vectors, points, metric=Metric.EUCLIDEAN)
    assert known.trustworthiness == found.trustworthiness
    assert np.array_equal(known.lost, found.lost)


@pytest.mark.parametrize(("count", "k"), [(3, 1), (4, 1), (7, 3), (31, 15)])
def test_k_is_lowered_to_what_the_points_bear(count: int, k: int) -> None:
    found = map_quality(*data(count))
    assert found.k == k
    assert 0 <= found.trustworthiness <= 1


def test_too_few_points_or_places_are_told() -> None:
    vectors, points = data(10)
    for some in ((vectors[:2], points[:2]), (vectors, points[:9])):
        with pytest.raises(InputError):
            map_quality(*some)


def test_of_many_points_some_are_judged_among_all(monkeypatch: pytest.MonkeyPatch) -> None:
    vectors, points = data(900)
    every = map_quality(vectors, points)
    monkeypatch.setattr(quality, "ALL_UP_TO", 500)
    monkeypatch.setattr(quality, "ANCHORS", 200)
    monkeypatch.setattr(quality, "NEIGHBORS_UP_TO", 800)
    some = map_quality(vectors, points)
    anchors = np.flatnonzero(np.isfinite(some.lost))
    assert (len(anchors), some.anchors) == (200, 200)
    np.testing.assert_allclose(some.lost[anchors], every.lost[anchors])
    assert some.neighbors_kept == pytest.approx(1 - every.lost[anchors].mean())
    away = abs(some.trustworthiness - every.trustworthiness)
    assert 0 < away < 4 * some.trustworthiness_error
    # Neighbours that are there already serve what each point lost, be they approximate.
    wrong = np.zeros((900, 15), dtype=np.int64)
    known = map_quality(vectors, points, near=wrong)
    assert np.isfinite(known.lost).all()
    assert known.neighbors_kept == some.neighbors_kept
    assert known.trustworthiness == some.trustworthiness


def test_vectors_that_are_shown_as_they_are_lose_nothing() -> None:
    points = data(60)[1]
    measured = map_quality(points, points, metric=Metric.EUCLIDEAN)
    found = quality.lossless(60)
    for name in ("trustworthiness", "continuity", "neighbors_kept", "k", "anchors"):
        assert getattr(found, name) == getattr(measured, name)
    assert not measured.lost.any()
    assert found.lost.shape == measured.lost.shape


def test_it_can_be_cancelled() -> None:
    def stop(done: int, total: int, note: str = "") -> None:
        if note == "points ranked":
            raise Cancelled("quality")

    with pytest.raises(Cancelled):
        map_quality(*data(50), progress=stop)


@settings(max_examples=30, deadline=None)
@given(st.integers(3, 30), st.integers(0, 2**16), st.integers(1, 3))
def test_figures_are_shares_also_with_many_equal_points(count: int, seed: int, levels: int) -> None:
    random = np.random.default_rng(seed)
    vectors = random.integers(0, levels, size=(count, 3)).astype(np.float32)
    points = random.integers(0, levels, size=(count, 2)).astype(np.float32)
    found = map_quality(vectors, points, 5, metric=Metric.EUCLIDEAN)
    for share in (found.trustworthiness, found.continuity, found.neighbors_kept):
        assert 0 <= share <= 1 + 1e-12
    assert found.lost.shape == (count,)


def test_of_equally_near_neighbours_any_may_be_kept() -> None:
    random = np.random.default_rng(4)
    kinds = random.normal(size=(6, 8)).astype(np.float32)
    vectors = np.repeat(kinds, 40, axis=0)  # of 39 copies 15 are the nearest, in any order
    places = np.repeat(random.normal(size=(6, 2)) * 50, 40, axis=0)
    points = (places + random.normal(size=places.shape)).astype(np.float32)
    found = map_quality(vectors, points)
    assert found.k == 15
    assert found.neighbors_kept == 1
    assert not found.lost.any()
    mixed = map_quality(vectors, random.permutation(points))
    assert mixed.neighbors_kept < 0.3  # a sixth of the points are copies of a given one


def test_neighbours_on_a_map_leave_the_point_itself_out() -> None:
    points = np.array([[0, 0], [1, 0], [3, 0], [0, 0], [0, 0]], dtype=np.float32)
    near = map_neighbors(points, 2)
    assert all(row not in rows for row, rows in enumerate(near))
    assert set(near[0]) == {3, 4}
    assert near[2].tolist()[0] == 1


def test_overlap_counts_shared_neighbours_in_any_order() -> None:
    one = np.array([[1, 2, 3], [0, 2, 3]])
    other = np.array([[3, 2, 9], [7, 8, 9]])
    np.testing.assert_allclose(neighbor_overlap(one, other), [2 / 3, 0])


def test_align_undoes_turning_mirroring_scaling_and_shifting() -> None:
    fixed = data(50)[1]
    turn = np.array([[0.6, 0.8], [0.8, -0.6]])  # a mirror and a turn
    moved = (fixed @ turn * 3.5 + [10, -4]).astype(np.float32)
    found, disparity = align(fixed, moved)
    np.testing.assert_allclose(found, fixed, atol=1e-4)
    assert disparity == pytest.approx(0, abs=1e-6)


def test_the_disparity_is_scipys() -> None:
    from scipy.spatial import procrustes

    fixed, moved = data(40)[1], data(40, 5)[1]
    found, disparity = align(fixed, moved)
    assert disparity == pytest.approx(procrustes(fixed, moved)[2], abs=1e-6)
    rest = np.square(found - fixed).sum() / np.square(fixed - fixed.mean(axis=0)).sum()
    assert disparity == pytest.approx(rest, abs=1e-5)


def test_align_refuses_other_shapes_and_bears_single_places() -> None:
    fixed = data(10)[1]
    with pytest.raises(InputError):
        align(fixed, fixed[:9])
    same, disparity = align(fixed, np.ones_like(fixed))
    assert disparity == 1
    np.testing.assert_allclose(same, np.broadcast_to(fixed.mean(axis=0), (10, 2)), atol=1e-6)
