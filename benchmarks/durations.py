"""Guesses of how long work takes, beside how long it takes: what asks for a click goes by them."""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable

import numpy as np

from benchmarks.common import machine, table
from core.base import durations, vectors as vec
from core.base.types import Encoded, FloatArray, Metric
from core.knn.all_pairs import find_neighbors
from core.maps import project
from core.maps.clusters import Clustering, find_clusters
from core.maps.quality import map_quality
from core.maps.recipe import Method, Recipe
from core.spaces import registry

DIM = 384
WORDS = ("a", "quick", "brown", "fox", "jumps", "over", "the", "lazy", "dog", "and", "reads")


def drawn(rows: int) -> FloatArray:
    """Unit vectors ``(rows, DIM)`` around 50 centers."""
    random = np.random.default_rng(0)
    centers = random.normal(size=(50, DIM))
    drawn_rows = centers[random.integers(0, 50, rows)] + 0.7 * random.normal(size=(rows, DIM))
    return vec.normalize(drawn_rows.astype(np.float32))


def make_map(vectors: FloatArray, recipe: Recipe) -> None:
    """A map with how it is judged, as the page makes it."""
    projection = project.project(vectors, recipe)
    rows = vectors[projection.rows]
    map_quality(rows, projection.coordinates, metric=recipe.compared, near=projection.near)


def main() -> None:
    """Prints guesses and times."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=10_000)
    rows = parser.parse_args().rows
    project.warm()
    encoder = registry.find_space("minilm").text_encoder()
    encoder.encode_texts(WORDS)
    vectors = drawn(rows)
    random = np.random.default_rng(0)
    texts = [" ".join(random.choice(WORDS, 30)) for _ in range(rows // 40)]
    encoded = Encoded(vectors, np.ones(rows, np.float32), np.zeros(rows, np.bool_))
    work: dict[str, tuple[float, Callable[[], object]]] = {
        f"{len(texts):,} texts": (
            durations.of_texts(sum(map(len, texts)), DIM),
            lambda: encoder.encode_texts(texts),
        ),
        "neighbors": (durations.of_pairs(rows, DIM), lambda: find_neighbors(encoded, 5)),
        "k-means": (
            durations.of_clusters("k-means", rows, DIM),
            lambda: find_clusters(vectors, Clustering.KMEANS, metric=Metric.COSINE),
        ),
        f"HDBSCAN, {rows // 5:,}": (
            durations.of_clusters("HDBSCAN", rows // 5, DIM),
            lambda: find_clusters(vectors[: rows // 5], Clustering.HDBSCAN, metric=Metric.COSINE),
        ),
    }
    for method in (Method.PCA, Method.UMAP, Method.TSNE):
        guess = durations.of_map(method.value, rows, DIM)
        work[method.value] = guess, lambda method=method: make_map(vectors, Recipe(method))
    lines = [(f"{rows:,} x {DIM}", "guessed, s", "taken, s")]
    for name, (guess, call) in work.items():
        began = time.perf_counter()
        call()
        lines.append((name, f"{guess:.2f}", f"{time.perf_counter() - began:.2f}"))
    print(machine())
    print(table(lines))


if __name__ == "__main__":
    main()
