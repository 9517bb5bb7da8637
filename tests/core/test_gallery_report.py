"""Figures of a labelled gallery, against small cases worked out by hand and brute force."""

from __future__ import annotations

import numpy as np
import pytest

from core import vectors as vec
from core.errors import InputError
from core.gallery_report import report, similarity_histogram
from core.prototypes import accuracy_by_shots, classify_by_examples
from core.types import FloatArray


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
