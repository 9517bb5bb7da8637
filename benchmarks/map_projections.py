"""Maps: UMAP against umap-learn, t-SNE against scikit-learn, placing points, the quality figures.

The same vectors are given to each, real ones of words (MiniLM, unit length). All calls are warm:
each has run once on few points before, so that compiling does not count. In each round the two
take turns.
"""

from __future__ import annotations

import argparse
import statistics
import time
import warnings
from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np
from scipy.spatial import KDTree

from benchmarks.common import machine, table
from core.base.types import FloatArray, IntArray
from core.knn.nearest import nearest_rows, nearest_to
from core.maps import project
from core.maps.quality import map_quality
from core.maps.recipe import Method, Projection, Recipe
from core.spaces import registry

WORDS, TSNE_WORDS, PLACED_AMONG, PLACED = 20_000, 10_000, 5_000, 500
WARM = 2_100


def timed(work: Callable[[], Any]) -> tuple[Any, float]:
    start = time.perf_counter()
    return work(), time.perf_counter() - start


def compare_umap(vectors: FloatArray, rounds: int) -> None:
    """Times and trustworthiness (15 neighbours, 2,000 anchors) of several runs of both."""
    import umap

    def ours(rows: FloatArray, seed: int | None = None) -> FloatArray:
        return project.project(rows, Recipe(Method.UMAP, seed=seed)).coordinates

    work: dict[str, Callable[[FloatArray, int], FloatArray]] = {
        "Embedding Explorer, fast": lambda rows, number: ours(rows),
        "Embedding Explorer, with a seed": ours,
        "umap-learn, plain": lambda rows, number: umap.UMAP(metric="cosine").fit_transform(rows),
    }
    near, _ = nearest_rows(vectors, 15)
    seconds: dict[str, list[float]] = {name: [] for name in work}
    trust: dict[str, list[float]] = {name: [] for name in work}
    for call in work.values():
        # Twice: umap-learn compiles again from 4,096 points on.
        call(vectors[:WARM], 0)
        call(vectors[:5_000], 0)
    for number in range(rounds):
        for name, call in work.items():
            points, taken = timed(partial(call, vectors, number))
            seconds[name].append(taken)
            trust[name].append(map_quality(vectors, points, near=near).trustworthiness)
    base = statistics.median(seconds["umap-learn, plain"])
    rows = [("UMAP", "s, median", "faster by", "trustworthiness, mean", "of each run")]
    for name in work:
        middle = statistics.median(seconds[name])
        told = ", ".join(f"{value:.4f}" for value in trust[name])
        mean = f"{statistics.mean(trust[name]):.4f}"
        rows.append((name, f"{middle:.2f}", f"{base / middle:.2f}", mean, told))
    print(f"\n## UMAP, {len(vectors):,} x {vectors.shape[1]}, {rounds} rounds\n\n{table(rows)}")


def divergence(points: FloatArray, affinities: Any) -> float:
    """The exact Kullback-Leibler divergence of a map from affinities (COO, summing to 1)."""
    places = points.astype(np.float64)
    total = -float(len(places))
    for start in range(0, len(places), 250):
        gaps = places[start : start + 250, None, :] - places
        total += (1 / (1 + np.square(gaps).sum(axis=2))).sum()
    squares = np.square(places[affinities.row] - places[affinities.col]).sum(axis=1)
    shares = 1 / (1 + squares) / total
    return float((affinities.data * np.log(affinities.data / shares)).sum())


def compare_tsne(vectors: FloatArray, rounds: int) -> None:
    """Times and divergences, both on scikit-learn's affinities."""
    from scipy.sparse import coo_matrix
    from sklearn.manifold import TSNE
    from sklearn.manifold._t_sne import _joint_probabilities_nn
    from sklearn.neighbors import NearestNeighbors

    def ours(rows: FloatArray) -> FloatArray:
        return project.project(rows, Recipe(Method.TSNE)).coordinates

    graph = NearestNeighbors(n_neighbors=91).fit(vectors).kneighbors_graph(mode="distance")
    graph.data **= 2
    affinities = coo_matrix(_joint_probabilities_nn(graph, 30, 0))
    work = {
        "Embedding Explorer": ours,
        "scikit-learn TSNE": lambda rows: TSNE().fit_transform(rows),
    }
    for call in work.values():
        call(vectors[:WARM])
    found: dict[str, tuple[list[float], list[float]]] = {name: ([], []) for name in work}
    for _ in range(rounds):
        for name, call in work.items():
            points, taken = timed(partial(call, vectors))
            found[name][0].append(taken)
            found[name][1].append(divergence(points, affinities))
    base, least = (statistics.median(part) for part in found["scikit-learn TSNE"])
    rows = [("t-SNE", "s, median", "faster by", "KL divergence", "of scikit-learn's")]
    for name, (seconds, losses) in found.items():
        middle, loss = statistics.median(seconds), statistics.median(losses)
        rows.append(
            (name, f"{middle:.1f}", f"{base / middle:.2f}", f"{loss:.4f}", f"{loss / least:.4f}")
        )
    print(f"\n## t-SNE, {len(vectors):,} x {vectors.shape[1]}, {rounds} rounds\n\n{table(rows)}")


def compare_placing(vectors: FloatArray) -> None:
    """New points on maps that the libraries made, placed by them and by us."""
    import openTSNE
    import umap

    order = np.random.default_rng(0).permutation(len(vectors))[: PLACED_AMONG + PLACED]
    old, new = vectors[order[:PLACED_AMONG]], vectors[order[PLACED_AMONG:]]
    near, _ = nearest_to(new, old, 15)
    rows = [("placing", "true neighbours near the place", "median distance to them / spread", "s")]
    reducer = umap.UMAP(metric="cosine").fit(old)
    embedding = openTSNE.TSNE(n_jobs=-1).fit(old)
    theirs = {
        Method.UMAP: ("umap-learn transform", reducer.embedding_, reducer.transform),
        Method.TSNE: ("openTSNE transform", np.array(embedding), embedding.transform),
    }
    for method, (name, points, transform) in theirs.items():
        made = project.project(old, Recipe(method, epochs=2))
        made = _with(made, points.astype(np.float32))
        work = {name: transform, f"Embedding Explorer, {method}": partial(_places, made, old)}
        for told, call in work.items():
            call(new[:5])
            places, taken = timed(partial(call, new))
            kept, apart = _near_place(np.asarray(points), np.asarray(places), near)
            rows.append((told, f"{kept:.3f}", f"{apart:.3f}", f"{taken:.2f}"))
    print(f"\n## Placing {PLACED} new points among {PLACED_AMONG:,}\n\n{table(rows)}")


def _with(made: Projection, points: FloatArray) -> Projection:
    from dataclasses import replace

    return replace(made, coordinates=points)


def _places(made: Projection, old: FloatArray, new: FloatArray) -> FloatArray:
    return project.place(made, old, new).coordinates


def _near_place(points: FloatArray, places: FloatArray, near: IntArray) -> tuple[float, float]:
    """Share of the true neighbours among the 15 nearest of the place; how far they are."""
    _, found = KDTree(points).query(places, near.shape[1])
    kept = (found[:, :, None] == near[:, None, :]).any(axis=2).mean()
    spread = np.linalg.norm(points - points.mean(axis=0), axis=1).mean()
    apart = np.median(np.linalg.norm(points[near] - places[:, None], axis=2)) / spread
    return float(kept), float(apart)


def time_quality(vectors: FloatArray, rounds: int) -> None:
    points = project.project(vectors, Recipe(Method.PCA)).coordinates
    near, _ = nearest_rows(vectors, 15)
    map_quality(vectors[:6_000], points[:6_000])
    alone = [timed(lambda: map_quality(vectors, points))[1] for _ in range(rounds)]
    ready = [timed(lambda: map_quality(vectors, points, near=near))[1] for _ in range(rounds)]
    rows = [
        ("quality", "s, median"),
        ("all of it", f"{statistics.median(alone):.2f}"),
        ("with the neighbours that the map was made of", f"{statistics.median(ready):.2f}"),
    ]
    print(f"\n## Quality of a map, {len(vectors):,} x {vectors.shape[1]}\n\n{table(rows)}")


def main() -> None:
    """Runs all parts, or the one named."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--only", choices=["umap", "tsne", "placing", "quality"])
    options = parser.parse_args()
    warnings.filterwarnings("ignore")
    print(machine())
    vectors = registry.find_space("minilm").vocabulary()[0].vectors
    parts = {
        "umap": lambda: compare_umap(vectors[:WORDS].copy(), options.rounds),
        "quality": lambda: time_quality(vectors[:WORDS].copy(), options.rounds),
        "tsne": lambda: compare_tsne(vectors[:TSNE_WORDS].copy(), max(1, options.rounds // 3)),
        "placing": lambda: compare_placing(vectors[:WORDS].copy()),
    }
    for name, part in parts.items():
        if options.only in (None, name):
            part()


if __name__ == "__main__":
    main()
