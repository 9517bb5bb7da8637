"""t-SNE (van der Maaten & Hinton 2008) by openTSNE (Poličar, Stražar & Zupan 2024).

Neighbours come from ``core/nearest.py``. The start is PCA (Kobak & Berens 2019), so that the map
keeps something of the large distances. Forces of far points are interpolated on a grid (FIt-SNE,
Linderman et al. 2019) in the plane from ``FFT_FROM`` points on, else taken from a tree
(Barnes-Hut, van der Maaten 2014), in space always.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from core.projection import Preview, Recipe
from core.types import FloatArray, IntArray, Progress

EARLY = 250  # iterations of early exaggeration by 12, as openTSNE's default
EPOCHS = 750
FFT_FROM = 5_000
_SHOWN = 50  # iterations between previews
MIN_ROWS = 4
_THREADS_FROM = 2_000  # below, threads wait for each other longer than they work


def perplexity_for(count: int, wanted: float) -> float:
    """The perplexity that ``count`` points bear: a third of the others at most."""
    return max(1.0, min(wanted, (count - 1) / 3))


def neighbors_for(count: int, perplexity: float) -> int:
    """How many neighbours of each point are weighed."""
    return min(count - 1, max(1, int(3 * perplexity)))


def fit_tsne(
    neighbors: tuple[IntArray, FloatArray],
    start: FloatArray,
    recipe: Recipe,
    progress: Progress,
    preview: Preview | None = None,
) -> FloatArray:
    """A map ``(n, dims)`` from neighbours.

    Args:
        neighbors: rows and squared distances ``(n, k)``, nearest first.
        start: ``(n, dims)`` where points start, at any scale.
        recipe: its perplexity is at most what ``perplexity_for`` tells.
        progress: called at each iteration; what it raises ends the work there.
        preview: called every 50 iterations.
    """
    import openTSNE
    from openTSNE import affinity, nearest_neighbors

    near, squares = neighbors
    jobs = -1 if len(start) >= _THREADS_FROM else 1
    affinities = affinity.PerplexityBasedNN(
        perplexity=recipe.perplexity,
        knn_index=nearest_neighbors.PrecomputedNeighbors(near, np.sqrt(squares)),
        n_jobs=jobs,
    )
    total = recipe.epochs or EPOCHS
    force = _Watched(len(start), recipe.dims, total, progress, preview)
    placed = np.asarray(start, dtype=np.float64)
    placed = placed * (1e-4 / max(float(placed[:, 0].std()), 1e-12))
    placed += np.random.RandomState(recipe.seed or 0).normal(scale=1e-6, size=placed.shape)
    embedding = openTSNE.TSNEEmbedding(
        np.ascontiguousarray(placed), affinities, negative_gradient_method=force, n_jobs=jobs
    )
    early = min(EARLY, total // 3)
    embedding = embedding.optimize(
        early, exaggeration=max(12.0, recipe.exaggeration), momentum=0.8, inplace=True
    )
    embedding = embedding.optimize(
        total - early, exaggeration=recipe.exaggeration, momentum=0.8, inplace=True
    )
    return np.array(embedding, dtype=np.float32)


class _Watched:
    """openTSNE's gradient, which tells how far the work is each time it is asked."""

    def __init__(
        self, count: int, dims: int, total: int, progress: Progress, preview: Preview | None
    ) -> None:
        from openTSNE import tsne

        grid = dims == 2 and count >= FFT_FROM
        self.gradient = tsne.kl_divergence_fft if grid else tsne.kl_divergence_bh
        self.done, self.total = 0, total
        self.progress, self.preview = progress, preview

    def __call__(self, embedding: Any, *given: Any, **options: Any) -> Any:
        """As openTSNE calls it: the divergence and the gradient ``(n, dims)``."""
        done = min(self.done, self.total)  # once more after each of the two phases
        self.progress(done, self.total, "iterations")
        if self.preview is not None and done and done % _SHOWN == 0:
            self.preview(np.array(embedding, dtype=np.float32))
        self.done += 1
        return self.gradient(embedding, *given, **options)
