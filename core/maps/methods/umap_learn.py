"""UMAP by umap-learn (McInnes, Healy & Melville 2018), with its metrics, densMAP and targets.

It runs in a child process (``core.base.child_worker``), which is kept for the next map, since it
takes some ten seconds to start and to compile.
"""

from __future__ import annotations

from core.base.child_worker import ChildError, Worker
from core.base.errors import InputError
from core.base.types import FloatArray, Progress
from core.maps.recipe import Recipe, Target

_FEW, _EPOCHS_FEW, _EPOCHS_MANY, _EPOCHS_DENSITY = 10_000, 500, 200, 200  # umap-learn's own

worker = Worker(
    "core.maps.methods.umap_learn_child",
    name="umap-learn",
    instead="choose UMAP, which needs less",
)


def least_rows(dims: int) -> int:
    """How many points it needs: its spectral start takes ``dims + 1`` eigenvectors."""
    return dims + 2


def epochs_for(count: int, recipe: Recipe) -> int:
    """How many epochs; where nothing is said, umap-learn's own number."""
    own = _EPOCHS_FEW if count <= _FEW else _EPOCHS_MANY
    return recipe.epochs or own + (_EPOCHS_DENSITY if recipe.densmap else 0)


def fit_umap_learn(
    vectors: FloatArray, recipe: Recipe, target: Target | None, progress: Progress
) -> FloatArray:
    """A map ``(n, dims)`` of ``(n, dim)`` finite vectors; NaN where a point is tied to no other.

    Args:
        recipe: its neighbours are fewer than the points.
        target: what supervises it, ``n`` values.
        progress: called at epochs, and a few times a second besides; what it raises ends the work
            at once.

    Raises:
        InputError: umap-learn fails.
        OutOfMemoryError: the system ended its process.
    """
    total = epochs_for(len(vectors), recipe)
    options = {
        "n_neighbors": recipe.neighbors,
        "n_components": recipe.dims,
        "metric": recipe.metric.value,
        "n_epochs": total,
        "min_dist": recipe.min_dist,
        "spread": recipe.spread,
        "random_state": recipe.seed,
        "n_jobs": -1 if recipe.seed is None else 1,
        "densmap": recipe.densmap,
        "dens_lambda": recipe.dens_lambda,
    }
    if recipe.densmap:
        # It divides by the ties of each point, which umap-learn cuts at the largest distance that
        # cosine, correlation and Hellinger know.
        options["disconnection_distance"] = float("inf")
    arrays = [vectors]
    if target is not None:
        options["target_metric"] = "categorical" if target.categorical else "l2"
        options["target_weight"] = recipe.target_weight
        arrays.append(target.values)

    def report(done: int) -> None:
        progress(done, total, "epochs" if done else "epochs, once umap-learn is ready")

    try:
        points: FloatArray = worker.ask(options, arrays, report)
    except ChildError as error:
        raise InputError(
            f"umap-learn could not make this map: {str(error).rstrip('.')}.",
            "densMAP needs each point tied to another, also where a column supervises it fully."
            if recipe.densmap
            else "",
            "Change the parameters, or choose UMAP.",
        ) from error
    return points
