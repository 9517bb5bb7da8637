"""Guesses of how long work takes: what they grow with, and how they are told."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import pytest

from core.base import durations


@pytest.fixture(autouse=True)
def two_cores(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("os.cpu_count", lambda: 2)


@pytest.mark.parametrize(
    ("seconds", "phrase"),
    [
        (0.0, "about 1 second"),
        (5.4, "about 5 seconds"),
        (89, "about 89 seconds"),
        (90, "about 2 minutes"),
        (3_000, "about 50 minutes"),
        (5_400, "about 2 hours"),
        (36_000, "about 10 hours"),
    ],
)
def test_a_guess_is_put_in_round_numbers(seconds: float, phrase: str) -> None:
    assert durations.phrase(seconds) == phrase


@pytest.mark.parametrize(
    ("work", "begins"),
    [
        (partial(durations.of_map, "umap", 1_914, 384), True),  # all emoji, as Map opens
        (partial(durations.of_map, "umap", 5_000, 384), True),  # words, as Map offers them
        (partial(durations.of_map, "tsne", 1_914, 384), True),
        (partial(durations.of_map, "pca", 20_000, 384), True),
        (partial(durations.of_map, "tsne", 5_000, 384), True),
        (partial(durations.of_map, "tsne", 10_000, 384), False),
        (partial(durations.of_map, "tsne", 20_000, 384), False),
        (partial(durations.of_map, "umap", 100_000, 384), False),
        (partial(durations.of_map, "umap", 60_000, 32), False),  # short vectors take as long
        (partial(durations.of_map, "pca", 60_000, 32), True),
        (partial(durations.of_map, "umap-learn", 60_000, 384), False),
        (partial(durations.of_map, "umap", 1_000_000, 2), True),  # ready coordinates
        (partial(durations.of_map, "umap", 1_000_000, 3), False),
        (partial(durations.of_pairs, 5_000, 384), True),
        (partial(durations.of_pairs, 200_000, 384), False),
        (partial(durations.of_pairs, 10_000, 8), True),
        (partial(durations.of_pairs, 80_000, 8), False),  # also short ones are put in order
        (partial(durations.of_texts, 30_000, 384), True),
        (partial(durations.of_texts, 1_000_000, 384), False),
        (partial(durations.of_texts, 30_000, 1_024), False),
        (partial(durations.of_clusters, "k-means", 5_000, 384), True),
        (partial(durations.of_clusters, "HDBSCAN", 5_000, 2), True),
        (partial(durations.of_clusters, "HDBSCAN", 5_000, 384), False),
        (partial(durations.of_ranking, 201, 14, 64), True),
        (partial(durations.of_ranking, 20_466, 14_541, 64), False),  # FB15k-237
        (partial(durations.of_pictures, 500, own=True), True),
        (partial(durations.of_pictures, 500, own=False), False),
    ],
)
def test_what_begins_unasked(work: Callable[[], float], begins: bool) -> None:
    assert (work() <= durations.UNASKED) is begins


def test_guesses_grow_with_what_they_are_of() -> None:
    for method in ("pca", "tsne", "umap", "umap-learn"):
        for few, middle, many in ((100, 1_000, 30_000), (60_000, 100_000, 1_000_000)):
            sizes = [durations.of_map(method, rows, 384) for rows in (few, middle, many)]
            assert sizes == sorted(sizes)
        assert durations.of_map(method, 5_000, 768) > durations.of_map(method, 5_000, 384)
    flat, wide = durations.of_map("umap", 5_000, 384), durations.of_map
    assert wide("umap", 5_000, 384, dims=3) > flat
    assert wide("umap", 5_000, 384, neighbors=200) > 5 * flat
    # on a grid, twice the points take about twice as long, and not four times
    assert 2 < wide("tsne", 48_000, 4) / wide("tsne", 24_000, 4) < 3


def test_more_cores_take_less_time_up_to_a_number(monkeypatch: pytest.MonkeyPatch) -> None:
    two = durations.of_pairs(10_000, 384)
    monkeypatch.setattr("os.cpu_count", lambda: 8)
    assert durations.of_pairs(10_000, 384) == pytest.approx(two / 4)
    monkeypatch.setattr("os.cpu_count", lambda: 64)
    assert durations.of_pairs(10_000, 384) == pytest.approx(two / 4)
    monkeypatch.setattr("os.cpu_count", lambda: None)
    assert durations.of_pairs(10_000, 384) == pytest.approx(two * 2)
