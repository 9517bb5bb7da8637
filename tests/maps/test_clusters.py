"""Clusters and their names, telling words, a slice by two axes."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings, strategies as st

from core.base import vectors as vec
from core.base.errors import Cancelled, InputError
from core.base.types import FloatArray, Metric
from core.maps import clusters, keywords as map_keywords, semantic_axes
from core.maps.clusters import Clustering, find_clusters, name_clusters
from core.spaces.vocabulary_files import Loaded
from tests.support.own_worker import own_worker


def blobs(sizes: tuple[int, ...], seed: int = 0) -> tuple[FloatArray, np.ndarray]:
    """Clusters far apart with their numbers, shuffled."""
    random = np.random.default_rng(seed)
    kind = random.permutation(np.repeat(np.arange(len(sizes)), sizes))
    centres = random.normal(size=(len(sizes), 6)) * 9
    rows = centres[kind] + random.normal(size=(len(kind), 6)) * 0.4
    return rows.astype(np.float32), kind


@pytest.mark.parametrize("metric", list(Metric))
@pytest.mark.parametrize("kind", list(Clustering))
def test_clusters_are_found_the_largest_first(kind: Clustering, metric: Metric) -> None:
    rows, wanted = blobs((60, 90, 30))
    found = find_clusters(rows, kind, count=3, least=10, metric=metric)
    assert found.count == 3
    assert [int((found.labels == label).sum()) for label in range(3)] == [90, 60, 30]
    assert (found.labels == np.array([1, 0, 2])[wanted]).all()
    assert found.silhouette is not None
    assert found.silhouette > 0.7
    assert found.sampled is None
    again = find_clusters(rows, kind, count=3, least=10, metric=metric)
    assert np.array_equal(found.labels, again.labels)


def test_the_silhouette_is_scikit_learns_and_sampled_above_a_limit(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    from sklearn.metrics import silhouette_score

    rows, _ = blobs((80, 80, 80), 3)
    found = find_clusters(rows, Clustering.KMEANS, count=4, metric=Metric.EUCLIDEAN)
    assert found.silhouette == pytest.approx(silhouette_score(rows, found.labels), abs=1e-6)
    monkeypatch.setattr(clusters, "SAMPLED_ABOVE", 100)
    sampled = find_clusters(rows, Clustering.KMEANS, count=4, metric=Metric.EUCLIDEAN)
    assert sampled.sampled == 100
    assert sampled.silhouette == pytest.approx(found.silhouette, abs=0.15)


@pytest.mark.slow
@pytest.mark.parametrize("kind", list(Clustering))
def test_many_points_are_grouped_by_a_child_as_they_are_here_and_cancel_ends_it(
    kind: Clustering, monkeypatch: pytest.MonkeyPatch
) -> None:
    rows, _ = blobs((150, 120, 90))
    worker = own_worker(monkeypatch, clusters)
    processes = []

    def look(done: int, total: int, note: str = "") -> None:
        processes.extend(child.process for child in worker.working)

    found = find_clusters(rows, kind, count=3, metric=Metric.EUCLIDEAN, progress=look)
    assert len(set(processes)) == 1
    assert np.bincount(found.labels[found.labels >= 0]).tolist() == [150, 120, 90]

    def stop(done: int, total: int, note: str = "") -> None:
        look(done, total)
        if worker.working:
            raise Cancelled("Clustering")

    with pytest.raises(Cancelled):
        find_clusters(rows, kind, count=3, metric=Metric.EUCLIDEAN, progress=stop)
    assert processes[-1].returncode not in (0, None)
    monkeypatch.setattr(clusters, "HERE", 1_000)
    here = find_clusters(rows, kind, count=3, metric=Metric.EUCLIDEAN)
    assert np.array_equal(here.labels, found.labels)


def test_lonely_points_are_noise() -> None:
    rows, _ = blobs((50, 50))
    far = np.random.default_rng(1).normal(size=(6, 6)).astype(np.float32) * 300
    found = find_clusters(
        np.vstack([rows, far]), Clustering.HDBSCAN, least=15, metric=Metric.EUCLIDEAN
    )
    assert found.count == 2
    assert (found.labels[-6:] == clusters.NOISE).sum() >= 5


def test_fewer_samples_leave_less_noise_and_the_nearest_cluster_takes_the_rest() -> None:
    random = np.random.default_rng(6)
    rows = np.vstack([random.normal(size=(40, 2)), random.normal(size=(40, 2)) + 9])
    rows = np.vstack([rows, random.uniform(-4, 13, size=(40, 2))]).astype(np.float32)
    noise = {}
    for samples in (1, 0):
        found = find_clusters(
            rows, Clustering.HDBSCAN, least=15, samples=samples, metric=Metric.EUCLIDEAN
        )
        noise[samples] = int((found.labels == clusters.NOISE).sum())
    assert 0 < noise[1] < noise[0]
    joined = find_clusters(
        rows, Clustering.HDBSCAN, least=15, nearest=True, metric=Metric.EUCLIDEAN
    )
    assert (joined.labels != clusters.NOISE).all()
    assert joined.joined == noise[0]
    inside = np.flatnonzero(found.labels != clusters.NOISE)
    for row in np.flatnonzero(found.labels == clusters.NOISE):
        near = inside[np.square(rows[inside] - rows[row]).sum(axis=1).argmin()]
        assert joined.labels[row] == joined.labels[near]
    assert found.joined == 0


@pytest.mark.parametrize("kind", list(Clustering))
@pytest.mark.parametrize("count", [1, 2, 5])
def test_few_equal_and_zero_points(kind: Clustering, count: int) -> None:
    for rows in (np.zeros((count, 3), np.float32), np.ones((count, 3), np.float32)):
        found = find_clusters(rows, kind, count=1, least=2)
        assert found.labels.tolist() == [0] * count
        assert found.silhouette is None
    rows = np.arange(count * 3, dtype=np.float32).reshape(count, 3)
    found = find_clusters(rows, kind, count=count, least=2, metric=Metric.EUCLIDEAN)
    assert len(found.labels) == count


@pytest.mark.parametrize(("count", "least"), [(0, 5), (31, 5), (3, 1)])
def test_impossible_numbers_are_refused(count: int, least: int) -> None:
    kind = Clustering.HDBSCAN if least < 2 else Clustering.KMEANS
    with pytest.raises(InputError):
        find_clusters(blobs((30,))[0], kind, count=count, least=least)
    with pytest.raises(InputError):
        find_clusters(np.empty((0, 3), np.float32), Clustering.KMEANS)


def test_a_cluster_is_named_by_what_only_it_says() -> None:
    texts = ["the red apple", "an apple pie", "the old car", "a fast car", "car and driver", ""]
    labels = np.array([0, 0, 1, 1, 1, -1])
    names = map_keywords.cluster_words(texts, labels, top=2)
    assert names[0][0] == "apple"
    assert names[1][0] == "car"
    assert set(names) == {0, 1}


def test_a_cluster_is_not_named_by_words_that_name_nothing() -> None:
    texts = ["face with tears", "through its face", "face of a cat", "flag: chad", "flag: peru"]
    names = map_keywords.cluster_words(texts, np.array([0, 0, 0, 1, 1]), top=9)
    assert names[0] == ["face", "cat", "tears"]
    said = map_keywords.cluster_words(
        ["it just did make fire", "really using a thin mill", "flag"], np.array([0, 0, 1]), top=9
    )
    assert said[0] == ["fire", "mill", "thin"]  # things, though scikit-learn's list has them
    pronouns = map_keywords.cluster_words(["you", "he", "my", "car"], np.array([0, 0, 0, 1]))
    assert pronouns[0]  # a name all the same where there is nothing else


def test_of_words_that_tell_alike_those_of_the_middle_come_first() -> None:
    """Of single words each stands once, so none tells more than another."""
    points, _ = blobs((30, 20))
    found = find_clusters(points, Clustering.KMEANS, count=2, metric=Metric.EUCLIDEAN)
    names = name_clusters(found, [f"word{chr(97 + row % 26)}{row // 26}x" for row in range(50)])
    for label, name in enumerate(names):
        rows = np.flatnonzero(found.labels == label)
        middle = points[rows].mean(axis=0)
        away = np.square(points[rows] - middle).sum(axis=1)
        np.testing.assert_allclose(found.away[rows], away, rtol=1e-4, atol=1e-5)
        nearest = rows[np.argsort(away)][:3]
        told = [f"word{chr(97 + row % 26)}{row // 26}x" for row in nearest]
        assert name == f"{label + 1}: {', '.join(told)}"


def test_what_all_clusters_say_alike_names_none() -> None:
    texts = ["red apple", "red plum", "red car", "red bus"]
    names = map_keywords.cluster_words(texts, np.array([0, 0, 1, 1]))
    assert names == {0: ["apple", "plum"], 1: ["bus", "car"]}


def test_the_weights_are_those_of_the_formula() -> None:
    words = dict(map_keywords.telling_words(["sun moon", "sun", "sea sun", "sea"], [0, 1]))
    # Selected: sun twice, moon once; the rest: sea twice, sun once. Three words a group.
    assert words == pytest.approx(
        {"sun": 2 / 3 * np.log(1 + 3 / 3), "moon": 1 / 3 * np.log(1 + 3 / 1)}
    )


def test_a_word_of_nearly_every_text_tells_nothing() -> None:
    texts = ["the cat and the dog"] * 4 + ["the dog of a cat"] + ["the car"] * 4 + ["a train"]
    assert [word for word, _ in map_keywords.telling_words(texts, range(5))][:2] == ["cat", "dog"]
    assert "the" not in dict(map_keywords.telling_words(texts, range(5)))


def test_words_of_any_script_and_length() -> None:
    assert map_keywords.read_words("Don't stop! 42 a B2B mother-in-law_x") == [
        *("don't", "stop", "b2b", "mother-in-law"),
    ]
    assert map_keywords.read_words("Straße ÉCOLE мир") == ["strasse", "école", "мир"]
    assert map_keywords.read_words("東京都") == ["東京", "京都"]
    assert map_keywords.read_words("") == []
    assert len(map_keywords.read_words("word " * 100_000)) == 4_000
    assert map_keywords.telling_words(["", ""], [0]) == []
    assert map_keywords.telling_words(["one"], []) == []
    assert map_keywords.cluster_words([], np.empty(0, dtype=np.int64)) == {}


def test_clusters_of_any_script_are_named_by_their_words() -> None:
    texts = ["東京都の塔", "東京の駅", "мир и труд", "мир", "un été à Nîmes", "été"]
    names = map_keywords.cluster_words(texts, np.array([0, 0, 1, 1, 2, 2]), top=1)
    assert names == {0: ["東京"], 1: ["мир"], 2: ["été"]}


@settings(max_examples=60, deadline=None)
@given(st.lists(st.text(max_size=40), max_size=8), st.data())
def test_any_texts_have_telling_words_of_their_own(texts: list[str], draw: st.DataObject) -> None:
    chosen = draw.draw(st.lists(st.integers(0, max(0, len(texts) - 1)), max_size=4))
    chosen = chosen if texts else []
    inside = {word for row in chosen for word in map_keywords.read_words(texts[row])}
    found = map_keywords.telling_words(texts, chosen)
    assert {word for word, _ in found} <= inside
    weights = [weight for _, weight in found]
    assert weights == sorted(weights, reverse=True)
    assert all(weight > 0 for weight in weights)


def test_a_slice_lays_words_along_two_axes(minilm: Loaded) -> None:
    vocabulary = minilm[0]

    def rows(*words: str) -> FloatArray:
        found: FloatArray = vocabulary.vectors[[vocabulary.row(word) for word in words]]
        return found

    across = semantic_axes.axis(rows("she", "woman"), rows("he", "man"))
    up = semantic_axes.axis(rows("rich"), rows("poor"))
    places = semantic_axes.slice_coordinates(
        rows("queen", "king", "rich", "poor", "wealthy"), across, up
    )
    assert places.shape == (5, 2)
    assert places[0, 0] > places[1, 0]
    np.testing.assert_allclose(places[2:4, 1], [1, -1], atol=1e-5)
    assert places[4, 1] > 0.3
    assert semantic_axes.angle(across, across) == pytest.approx(0, abs=0.1)
    assert 45 < semantic_axes.angle(across, up) < 135
    with pytest.raises(InputError):
        semantic_axes.axis(rows("cat"), rows("cat"))


def test_an_axis_is_that_of_the_difference_of_means() -> None:
    low, high = np.eye(4, dtype=np.float32)[:1], np.eye(4, dtype=np.float32)[1:2]
    one = semantic_axes.axis(high, low)
    other = semantic_axes.axis(np.eye(4, dtype=np.float32)[2], np.eye(4, dtype=np.float32)[3])
    asked = vec.normalize(np.array([[1, 1, 0, 0], [0, 0, 3, 1]], dtype=np.float32))
    places = semantic_axes.slice_coordinates(asked, one, other)
    np.testing.assert_allclose(places, [[0, 0], [0, 2 / np.sqrt(10)]], atol=1e-6)
