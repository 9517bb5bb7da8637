"""Maps: UMAP against umap-learn, t-SNE against scikit-learn and openTSNE, placing, the quality.

The same vectors are given to each, real ones of words (MiniLM, unit length); where ``--count`` asks
for more than there are words, the others are unit means of a word and one of its nearest.
``growth`` says how the time of our UMAP grows from 20,000 points to ``--count``. All calls are
warm: each has run once on few points before, so that compiling does not count. In each round the
two take turns.
"""

from __future__ import annotations

import argparse
import math
import os
import statistics
import time
import warnings
from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np
from scipy.spatial import KDTree

from benchmarks.common import Rows, machine, table
from core.base.types import FloatArray, IntArray
from core.base.vectors import normalize
from core.knn.nearest import nearest_rows, nearest_to
from core.maps import project
from core.maps.quality import map_quality
from core.maps.recipe import Method, Projection, Recipe
from core.spaces import registry

WORDS, TSNE_WORDS, PLACED_AMONG, PLACED = 20_000, 10_000, 5_000, 500
GROWN = 200_000
LONG = ("growth", "opentsne")  # parts that run where they are named alone
WARM = 2_100
FEWER = 650  # iterations of ours, where its divergence is about openTSNE's with its 750
SKLEARN, OPENTSNE = "scikit-learn TSNE", "openTSNE, FFT"


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


def grow(every: FloatArray, rounds: int) -> None:
    """How our UMAP's time grows: from each size to the next as a power of the number."""
    sizes = [size for size in (20_000, 50_000, 100_000) if size < len(every)] + [len(every)]
    project.project(every[:5_000], Recipe(Method.UMAP))
    found: dict[int, list[float]] = {size: [] for size in sizes}
    for _ in range(rounds):
        for size in sizes:
            found[size].append(timed(partial(_umap, every[:size]))[1])
    rows: Rows = [("UMAP, points", "s, median", "grows as n to the", "since the first")]
    before = 0
    medians = {size: statistics.median(taken) for size, taken in found.items()}
    for size in sizes:
        powers = [
            f"{math.log(medians[size] / medians[other]) / math.log(size / other):.2f}"
            if other and other != size
            else ""
            for other in (before, sizes[0])
        ]
        rows.append((f"{size:,}", f"{medians[size]:.1f}", *powers))
        before = size
    print(f"\n## Growth of UMAP, {every.shape[1]} numbers, {rounds} rounds\n\n{table(rows)}")


def _umap(vectors: FloatArray) -> FloatArray:
    return project.project(vectors, Recipe(Method.UMAP)).coordinates


def divergence(points: FloatArray, affinities: Any) -> float:
    """The exact Kullback-Leibler divergence of a map from affinities (COO, summing to 1)."""
    from core.maps.methods import tsne_forces

    places = points.astype(np.float64)
    total = tsne_forces.push(points)[1] - len(points)
    squares = np.square(places[affinities.row] - places[affinities.col]).sum(axis=1)
    shares = 1 / (1 + squares) / total
    return float((affinities.data * np.log(affinities.data / shares)).sum())


def compare_tsne(vectors: FloatArray, rounds: int, peer: str = SKLEARN) -> None:
    """Times and divergences of ours and a peer's, both on scikit-learn's affinities."""
    from scipy.sparse import coo_matrix, csr_matrix
    from sklearn.manifold import TSNE
    from sklearn.manifold._t_sne import _joint_probabilities_nn

    def ours(rows: FloatArray, epochs: int | None = None) -> FloatArray:
        return project.project(rows, Recipe(Method.TSNE, epochs=epochs)).coordinates

    near, squares = nearest_rows(vectors, 90)
    starts = np.arange(0, near.size + 1, near.shape[1])
    graph = csr_matrix((squares.astype(np.float64).ravel(), near.ravel(), starts))
    affinities = coo_matrix(_joint_probabilities_nn(graph, 30, 0))

    def fft(rows: FloatArray) -> FloatArray:
        import openTSNE

        made = openTSNE.TSNE(negative_gradient_method="fft", n_jobs=os.cpu_count() or 1)
        return np.asarray(made.fit(rows), dtype=np.float32)

    peers = {SKLEARN: lambda rows: TSNE().fit_transform(rows), OPENTSNE: fft}
    work: dict[str, Callable[[FloatArray], FloatArray]] = {"Embedding Explorer": ours}
    if peer == OPENTSNE:
        work[f"Embedding Explorer, {FEWER} iterations"] = partial(ours, epochs=FEWER)
    work[peer] = peers[peer]
    for call in work.values():
        call(vectors[:WARM])
    found: dict[str, tuple[list[float], list[float]]] = {name: ([], []) for name in work}
    for _ in range(rounds):
        for name, call in work.items():
            points, taken = timed(partial(call, vectors))
            found[name][0].append(taken)
            found[name][1].append(divergence(points, affinities))
    base, least = (statistics.median(part) for part in found[peer])
    rows = [("t-SNE", "s, median", "faster by", "KL divergence", "of the peer's")]
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


def more(vectors: FloatArray, count: int) -> FloatArray:
    """The first ``count`` rows ``(count, d)``; beyond those there are, means of near ones."""
    if count <= len(vectors):
        return vectors[:count].copy()
    random = np.random.default_rng(0)
    first = random.integers(len(vectors), size=count - len(vectors))
    near, _ = nearest_rows(vectors, 15)
    second = near[first, random.integers(15, size=len(first))]
    share = random.uniform(0.2, 0.8, size=(len(first), 1)).astype(np.float32)
    between = share * vectors[first] + (1 - share) * vectors[second]
    return np.concatenate([vectors, normalize(between)])


def main() -> None:
    """Runs all parts, or the one named."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument(
        "--only", choices=["umap", "growth", "tsne", "opentsne", "placing", "quality"]
    )
    parser.add_argument("--count", type=int, help="points, in place of each part's own number")
    options = parser.parse_args()
    warnings.filterwarnings("ignore")
    print(machine())
    words = registry.find_space("minilm").vocabulary()[0].vectors
    seldom = max(1, options.rounds // 3)

    def rows(own: int) -> FloatArray:
        return more(words, options.count or own)

    parts = {
        "umap": lambda: compare_umap(rows(WORDS), options.rounds),
        "quality": lambda: time_quality(rows(WORDS), options.rounds),
        "tsne": lambda: compare_tsne(rows(TSNE_WORDS), seldom),
        "placing": lambda: compare_placing(rows(WORDS)),
        "growth": lambda: grow(rows(GROWN), options.rounds),
        "opentsne": lambda: compare_tsne(rows(TSNE_WORDS), seldom, OPENTSNE),
    }
    for name, part in parts.items():
        if options.only == name or (options.only is None and name not in LONG):
            part()


if __name__ == "__main__":
    main()
