"""Figures of a labelled gallery, against small cases worked out by hand and brute force."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import assume, given, settings, strategies as some

from core.base import vectors as vec
from core.base.errors import InputError
from core.base.types import FloatArray
from core.images.few_shot import accuracy_by_shots, classify_by_examples
from core.images.report import PAIRS, report, similarity_histogram


def on_circle(*degrees: float) -> FloatArray:
    angle = np.radians(degrees)
    return np.stack([np.cos(angle), np.sin(angle)], 1).astype(np.float32)


def clustered(seed: int = 0, spread: float = 0.6) -> tuple[FloatArray, list[str]]:
    random = np.random.default_rng(seed)
    centers = random.normal(size=(5, 16))
    numbers = random.integers(0, 5, 300)
    found = centers[numbers] + spread * random.normal(size=(300, 16))
    return vec.normalize(found.astype(np.float32)), [f"class {number}" for number in numbers]


def test_precision_by_hand() -> None:
    # a a a b b; the last b lies next to the first a.
    vectors = on_circle(0, 10, 20, 90, 4)
    found = report(vectors, ["a", "a", "a", "b", "b"], k=2)
    assert found.classes == ["a", "b"]
    assert found.counts.tolist() == [3, 2]
    assert found.nearest.tolist() == [[4, 1], [4, 0], [1, 4], [2, 1], [0, 1]]
    assert found.precision.tolist() == [0.5, 0.5, 0.5, 0, 0]
    assert found.per_class().tolist() == pytest.approx([0.5, 0])
    assert found.mean_precision == pytest.approx(0.3)
    # One vote each: the nearer neighbour's counts.
    assert found.voted.tolist() == [1, 1, 0, 0, 0]
    assert found.confusion.tolist() == [[1, 2], [2, 0]]
    assert found.accuracy == pytest.approx(0.2)
    assert found.confused() == [("a", "b", 2), ("b", "a", 2)]


def test_the_report_equals_brute_force() -> None:
    vectors, labels = clustered()
    found = report(vectors, labels, k=7)
    similar = vectors @ vectors.T
    np.fill_diagonal(similar, -2)
    nearest = np.argsort(-similar, axis=1)[:, :7]
    right = np.array(labels)[nearest] == np.array(labels)[:, None]
    assert found.precision == pytest.approx(right.mean(axis=1))
    assert found.confusion.sum() == 300
    assert np.diag(found.confusion).sum() / 300 == pytest.approx(found.accuracy)


def test_of_equal_votes_that_with_the_nearest_neighbour_counts() -> None:
    # The first asks a b b c a, from near to far: two votes each for a and b, and a is nearest.
    vectors = on_circle(0, 1, 2, 3, 4, 5)
    found = report(vectors, ["own", "a", "b", "b", "c", "a"], k=5)
    assert found.classes[found.voted[0]] == "a"


@pytest.mark.parametrize("k", [1, 2, 5, 9, 40])
def test_every_vote_is_that_of_a_count(k: int) -> None:
    vectors, labels = clustered(spread=2.5)
    found = report(vectors, labels, k)
    for row, voted in zip(found.nearest, found.voted, strict=True):
        near = [labels[at] for at in row]
        most = max(near.count(name) for name in near)
        expected = next(name for name in near if near.count(name) == most)
        assert found.classes[voted] == expected


@pytest.mark.parametrize(
    ("labels", "k", "told"),
    [
        (["a"] * 3, 1, "only one class"),
        (["a", "b", "a"], 3, "3 nearest"),
        (["a", "b", "a"], 0, "0"),
    ],
)
def test_what_cannot_be_reported_is_told(labels: list[str], k: int, told: str) -> None:
    with pytest.raises(InputError, match=told):
        report(on_circle(0, 10, 20), labels, k)


def test_similarities_within_classes_are_higher_than_between() -> None:
    vectors, labels = clustered()
    found = similarity_histogram(vectors, labels)
    width = found.edges[1] - found.edges[0]
    assert found.within.sum() * width == pytest.approx(1)
    assert found.between.sum() * width == pytest.approx(1)
    middles = (found.edges[1:] + found.edges[:-1]) / 2
    similar = vectors @ vectors.T
    same = np.array(labels)[:, None] == np.array(labels)
    np.fill_diagonal(same, False)
    assert (found.within * middles).sum() * width == pytest.approx(similar[same].mean(), abs=0.02)
    other = np.array(labels)[:, None] != np.array(labels)
    assert (found.between * middles).sum() * width == pytest.approx(similar[other].mean(), abs=0.02)


def shares(density: npt.NDArray[np.float64], edges: npt.NDArray[np.float64], of: float) -> float:
    """The share of pairs with this similarity."""
    at = np.searchsorted(edges, of, side="right") - 1
    return float(density[at] * (edges[1] - edges[0]))


def test_each_pair_within_a_class_is_equally_likely() -> None:
    # Ten alike of one class have 45 pairs, two of another that stand at right angles have one.
    vectors = np.vstack([on_circle(*[45] * 10), on_circle(0, 90)])
    found = similarity_histogram(vectors, ["a"] * 10 + ["b"] * 2)
    apart = shares(found.within, found.edges, 0.001)
    assert apart + shares(found.within, found.edges, 0.999) == pytest.approx(1)
    assert apart == pytest.approx(1 / 46, abs=0.003)


def test_each_pair_between_classes_is_equally_likely_and_all_are_drawn() -> None:
    # One picture against many: nearly all pairs of any two pictures are within the large class.
    vectors = np.vstack([on_circle(*[45] * 999), on_circle(0, 90)])
    labels = ["a"] * 999 + ["b", "c"]
    found = similarity_histogram(vectors, labels)
    assert (found.pairs_within, found.pairs_between) == (PAIRS // 2, PAIRS // 2)
    width = found.edges[1] - found.edges[0]
    assert found.between.sum() * width == pytest.approx(1)
    assert shares(found.between, found.edges, 0.001) == pytest.approx(1 / 1_999, abs=5e-4)
    assert shares(found.between, found.edges, 0.7071) == pytest.approx(1_998 / 1_999, abs=5e-4)


@given(some.lists(some.sampled_from("abcd"), min_size=3, max_size=12))
@settings(max_examples=30, deadline=None)
def test_pairs_are_of_the_kind_that_is_told(labels: list[str]) -> None:
    counts = [labels.count(name) for name in set(labels)]
    assume(len(counts) > 1 and max(counts) > 1)
    # Pictures of one class are alike, those of two stand at right angles.
    vectors = np.eye(4, dtype=np.float32)[["abcd".index(label) for label in labels]]
    found = similarity_histogram(vectors, labels)
    assert shares(found.within, found.edges, 0.999) == pytest.approx(1)
    assert shares(found.between, found.edges, 0.001) == pytest.approx(1)


def test_a_picture_is_never_compared_with_itself() -> None:
    # Two classes of two opposite pictures each: within a class every similarity is -1.
    found = similarity_histogram(on_circle(0, 180, 90, 270), ["a", "a", "b", "b"])
    assert found.within[1:].sum() == 0
    with pytest.raises(InputError, match="one picture"):
        similarity_histogram(on_circle(0, 90), ["a", "b"])


def test_prototypes_by_hand() -> None:
    vectors = on_circle(0, 10, 40, 90, 100, 44)
    labels = ["a", "a", "a", "b", "b", "b"]
    accuracy, given = classify_by_examples(vectors, labels, np.array([0, 3]))
    assert given.tolist() == [0, 0, 0, 1, 1, 0]
    assert accuracy == pytest.approx(3 / 4)
    # Two examples of b: their mean lies at 95 degrees, so that 47.5 is the border.
    _, given = classify_by_examples(vectors, labels, np.array([0, 3, 4]))
    assert given.tolist() == [0, 0, 0, 1, 1, 0]


def test_more_examples_are_better_and_too_many_are_left_out() -> None:
    vectors, labels = clustered(spread=1.2)
    found = accuracy_by_shots(vectors, labels)
    smallest = min(labels.count(name) for name in set(labels))
    assert [one.shots for one in found] == [n for n in (1, 2, 5, 10, 20) if n < smallest]
    accuracies = [one.accuracy for one in found]
    assert accuracies[-1] > accuracies[0] + 0.05
    assert accuracy_by_shots(vectors, labels) == found  # seeded


def test_examples_that_cannot_serve_are_told() -> None:
    vectors = on_circle(0, 10, 90)
    with pytest.raises(InputError, match="have no example"):
        classify_by_examples(vectors, ["a", "a", "b"], np.array([0]))
    with pytest.raises(InputError, match="Every picture"):
        classify_by_examples(vectors, ["a", "a", "b"], np.array([0, 1, 2]))
    with pytest.raises(InputError, match="one picture only"):
        accuracy_by_shots(vectors, ["a", "a", "b"])
