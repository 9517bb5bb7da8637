"""t-SNE (van der Maaten & Hinton 2008) by openTSNE (Poličar, Stražar & Zupan 2024).

Neighbours come from ``core/knn/nearest.py``. The start is PCA (Kobak & Berens 2019), so that the
map keeps something of the large distances. Forces are taken over all pairs (``tsne_forces``) as
long as that is quickest; beyond, those of far points are interpolated on a grid in the plane
(``tsne_grid``), and taken from openTSNE's tree (Barnes-Hut, van der Maaten 2014) in space.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from core.base.types import FloatArray, IntArray, Progress
from core.maps.recipe import Preview, Recipe

# As scikit-learn does it, with a tenth more of the second phase, for its divergence or less.
# openTSNE's own, 750 iterations and a momentum of 0.8 from the start, end
# at a divergence 3 % higher.
EARLY, EPOCHS = 250, 1_100
_EARLY_MOMENTUM, _MOMENTUM = 0.5, 0.8
_EARLY_EXAGGERATION = 12.0
_ALL_PAIRS = {2: 10_000, 3: 50_000}  # points of a map of so many dimensions, by timing
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
    for rounds, exaggeration, momentum in (
        (early, max(_EARLY_EXAGGERATION, recipe.exaggeration), _EARLY_MOMENTUM),
        (total - early, recipe.exaggeration, _MOMENTUM),
    ):
        embedding = embedding.optimize(
            rounds, exaggeration=exaggeration, momentum=momentum, inplace=True
        )
    return np.array(embedding, dtype=np.float32)


class _Watched:
    """openTSNE's gradient, which tells how far the work is each time it is asked."""

    def __init__(
        self, count: int, dims: int, total: int, progress: Progress, preview: Preview | None
    ) -> None:
        from openTSNE import tsne

        self.gradient = _in_ours(count, dims) or tsne.kl_divergence_bh
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


def _in_ours(count: int, dims: int) -> Any:
    """A gradient of ours as openTSNE calls it; ``None`` for many points in space, which it takes.

    openTSNE only reports the divergence, which is left out here.
    """
    from core.maps.methods import tsne_forces, tsne_grid

    gradient: Callable[[FloatArray, Any], FloatArray]
    if count <= _ALL_PAIRS[dims]:
        gradient = tsne_forces.gradient
    elif dims == 2:
        gradient = tsne_grid.Grid().gradient
    else:
        return None

    def asked(embedding: Any, affinities: Any, *_: Any, **__: Any) -> Any:
        return float("nan"), gradient(np.asarray(embedding), affinities)

    return asked
