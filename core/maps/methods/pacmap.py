"""PaCMAP by its authors' package (Wang, Huang, Rudin & Shaposhnik 2021).

It runs in a child process (``core.base.child_worker``), which is kept for the next map: its loops
are compiled anew by each process, and what it says is meant for a terminal.
"""

from __future__ import annotations

from core.base.child_worker import ChildError, Worker
from core.base.errors import InputError
from core.base.types import FloatArray, Progress
from core.maps.recipe import Recipe

MIN_ROWS = 8  # of fewer it finds no pairs that are far apart
_PHASES = (100, 100, 250)  # iterations: the whole, then both, then neighbourhoods; PaCMAP's own

worker = Worker(
    "core.maps.methods.pacmap_child",
    name="PaCMAP",
    instead="choose UMAP, which needs less",
)


def phases(recipe: Recipe) -> tuple[int, int, int]:
    """The iterations of its three phases; those that a recipe gives, shared out as its own."""
    if recipe.epochs is None:
        return _PHASES
    first = max(1, recipe.epochs * _PHASES[0] // sum(_PHASES))
    return first, first, max(1, recipe.epochs - 2 * first)


def fit_pacmap(vectors: FloatArray, recipe: Recipe, progress: Progress) -> FloatArray:
    """A map ``(n, dims)`` of ``(n, dim)`` finite vectors, compared by Euclidean distance.

    Args:
        recipe: its neighbours are fewer than the points.
        progress: called at every tenth iteration, and a few times a second besides; what it raises
            ends the work at once.

    Raises:
        InputError: PaCMAP fails.
        OutOfMemoryError: the system ended its process.
    """
    iterations = phases(recipe)
    options = {
        "n_components": recipe.dims,
        "n_neighbors": recipe.neighbors,
        "num_iters": iterations,
        "random_state": recipe.seed,
    }

    def report(done: int) -> None:
        progress(done, sum(iterations), "iterations" if done else "iterations, once it is ready")

    try:
        points: FloatArray = worker.ask(options, [vectors], report)
    except ChildError as error:
        raise InputError(
            f"PaCMAP could not make this map: {str(error).rstrip('.')}.",
            "",
            "Change the parameters, or choose UMAP.",
        ) from error
    return points
