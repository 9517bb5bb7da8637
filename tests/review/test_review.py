"""Outliers, wrong labels, subsets and leaks among points by hand, and all of it as one table."""

from __future__ import annotations

import itertools

import numpy as np
import pytest

from core.base.errors import InputError
from core.base.types import Encoded, FloatArray, Metric
from core.knn.all_pairs import Neighbors, find_neighbors
from core.review import label_errors, leaks, outliers, subsets
from core.review.findings import Action, Finding, as_table
from core.review.review import CHECKS, LABELS, LEAKS, Items, Limits, review


def at_angles(*degrees: float) -> FloatArray:
    angles = np.radians(degrees)
    return np.stack([np.cos(angles), np.sin(angles)], axis=1).astype(np.float32)


def cosine(degrees: float) -> float:
    return float(np.cos(np.radians(degrees)))


def nearest(vectors: FloatArray, k: int) -> Neighbors:
    count = len(vectors)
    return find_neighbors(Encoded(vectors, np.ones(count, np.float32), np.zeros(count, bool)), k)


def test_an_outlier_lies_below_tukeys_fence() -> None:
    vectors = at_angles(0, 1, 2, 3, 4, 5, 90)
    typical = outliers.typicality(nearest(vectors, 2).scores)
    assert typical[0] == pytest.approx((cosine(1) + cosine(2)) / 2, abs=1e-5)
    assert typical[6] == pytest.approx((cosine(85) + cosine(86)) / 2, abs=1e-5)
    (found,) = outliers.find_outliers(typical)
    assert (found.row, found.action) == (6, Action.LOOK)
    assert outliers.find_outliers(np.ones(5, np.float32)) == []
    assert outliers.lowest_usual(np.array([1, 2, 3, 4, 5], np.float32)) == 2 - 1.5 * 2


def test_the_most_typical_leave_out_copies() -> None:
    values = np.array([0.2, 0.9, 0.9, 0.5], np.float32)
    assert outliers.most_typical(values, 2).tolist() == [1, 2]
    assert outliers.most_typical(values, 9, but=[2]).tolist() == [1, 3, 0]


def test_a_wrong_label_is_the_one_that_no_neighbor_has() -> None:
    vectors = at_angles(0, 1, 2, 3, 90, 91, 92, 93)
    labels = ["a", "a", "b", "a", "b", "b", "b", ""]
    votes = label_errors.vote(labels, nearest(vectors, 3))
    assert votes.suggested == ["a", "a", "a", "a", "b", "b", "b", "b"]
    assert votes.margin[2] == 1
    assert votes.judged.tolist() == [True] * 7 + [False]
    # of 0°: 1° and 3° say a, 2° says b, each by exp(20 (cos - cos 1°))
    weights = [np.exp(20 * (cosine(one) - cosine(1))) for one in (1, 2, 3)]
    expected = (weights[0] + weights[2] - weights[1]) / sum(weights)
    found = label_errors.find_label_errors(votes, 0.5)
    assert [one.row for one in found] == [2]
    assert "“b”, neighbours say “a”" in found[0].reason
    assert expected < 0.5  # whose own label wins has no margin
    assert votes.margin[0] == 0


def test_labels_that_tell_nothing_are_refused() -> None:
    vectors = at_angles(0, 1, 2)
    for labels, said in (
        (["a", "a", "a"], "one label"),
        (["", "", ""], "no labels"),
        (["a", "b", "c"], "Each of the 3 labels"),
    ):
        with pytest.raises(InputError, match=said):
            label_errors.vote(labels, nearest(vectors, 2))


def test_five_thousand_labels_are_judged_in_blocks(monkeypatch: pytest.MonkeyPatch) -> None:
    count = 10_000
    rows = np.arange(count)
    pairs = Neighbors(
        np.stack([rows ^ 1, (rows + 2) % count], axis=1),
        np.tile(np.array([[0.9, 0.1]], np.float32), (count, 1)),
        Metric.COSINE,
    )
    labels = [f"{row // 2:04d}" for row in rows]
    labels[0], labels[2] = labels[2], labels[0]
    votes = label_errors.vote(labels, pairs)
    assert {one.row for one in label_errors.find_label_errors(votes, 0.5)} == {0, 1, 2, 3}


def test_k_center_takes_the_farthest_each_time() -> None:
    vectors = at_angles(0, 10, 20, 30, 100)
    assert subsets.choose_subset(vectors, 3, subsets.DIVERSE).tolist() == [3, 4, 0]
    assert sorted(subsets.k_center(vectors, 5).tolist()) == [0, 1, 2, 3, 4]


def test_facility_location_is_what_trying_all_gives() -> None:
    vectors = np.random.default_rng(3).normal(size=(40, 5)).astype(np.float32)
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    cosines = vectors @ vectors.T
    expected: list[int] = []
    for _ in range(6):
        sums = [
            -2.0 if row in expected else cosines[[*expected, row]].max(axis=0).sum()
            for row in range(40)
        ]
        expected.append(int(np.argmax(sums)))
    assert subsets.facility_location(vectors, 6).tolist() == expected
    pairs = max(
        itertools.combinations(range(40), 2), key=lambda two: cosines[[*two]].max(axis=0).sum()
    )
    best = (1 + cosines[[*pairs]].max(axis=0)).sum()
    assert (1 + cosines[expected[:2]].max(axis=0)).sum() >= (1 - 1 / np.e) * best


def test_facility_location_of_many_has_a_medoid_in_each_cluster() -> None:
    random = np.random.default_rng(0)
    middles = np.repeat(np.eye(8, 16), 250, axis=0)
    vectors = (middles + random.normal(scale=0.05, size=middles.shape)).astype(np.float32)
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    assert len(vectors) > subsets.EXACT
    chosen = subsets.facility_location(vectors, 8)
    assert sorted(chosen // 250) == [*range(8)]
    assert subsets.facility_location(vectors, 8).tolist() == chosen.tolist()


def test_a_subset_of_copies_and_of_more_than_there_are() -> None:
    same = at_angles(5, 5, 5)
    for method in subsets.METHODS:
        assert sorted(subsets.choose_subset(same, 9, method).tolist()) == [0, 1, 2]
        with pytest.raises(InputError, match="subset of 0"):
            subsets.choose_subset(same, 0, method)


def test_a_leak_is_dropped_from_the_larger_split() -> None:
    vectors = at_angles(0, 40, 80, 120, 1, 41, 200, 201)
    splits = ["train", "train", "train", "train", "test", "val", "test", ""]
    found = leaks.find_leaks(vectors, splits, list("abcdefgh"), cosine(2))
    assert [(one.row, one.other, one.action) for one in found] == [
        (0, 4, Action.DROP),
        (1, 5, Action.DROP),
    ]
    assert found[0].reason.startswith("leak: in “train”, its duplicate e in “test”")
    kept = [row for row in range(8) if row not in {one.row for one in found}]
    assert not leaks.find_leaks(
        vectors[kept], [splits[row] for row in kept], list("cdefgh"), cosine(2)
    )
    with pytest.raises(InputError, match="one split"):
        leaks.find_leaks(vectors, ["train"] * 8, list("abcdefgh"), 0.9)
    with pytest.raises(InputError, match="21 splits"):
        leaks.find_leaks(at_angles(*range(21)), [str(at) for at in range(21)], [""] * 21, 0.9)


def test_the_table_has_the_strongest_action_of_each_item_and_what_a_person_says() -> None:
    findings = {
        "near-duplicates": [Finding(1, Action.DROP, "copy of a", 1.0, 0)],
        "outliers": [Finding(1, Action.LOOK, "far", 0.5), Finding(2, Action.LOOK, "far", 0.4)],
    }
    table = as_table(["a", "b", "c"], findings, np.array([2, 0]))
    assert table == {
        "id": ["a", "b", "c"],
        "action": ["keep", "drop", "look"],
        "reason": ["", "copy of a; far", "far"],
        "subset": [2, None, 1],
    }
    table = as_table(["a", "b", "c"], findings, np.array([2, 0]), {1: Action.KEEP})
    assert table["action"] == ["keep", "keep", "look"]


def test_all_the_same_are_one_group_and_a_check_that_fails_leaves_the_others() -> None:
    same = at_angles(5, 5, 5)
    items = Items(list("abc"), same, same, labels=["x"] * 3, splits=["1", "1", "2"])
    found = review(items, nearest(same, 2), Limits(1.0, 0.5, 2, subsets.DIVERSE))
    table = as_table(items.ids, found.findings, found.subset)
    assert table["action"] == ["drop", "drop", "keep"]  # of a leak and its copies one stays
    assert set(found.failed) == {LABELS}
    assert [one.row for one in found.findings[LEAKS]] == [0, 1]
    assert set(CHECKS) - set(found.findings) == {LABELS}
