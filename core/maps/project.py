"""Maps: vectors to points of a plane or of space by PCA, t-SNE or UMAP.

What a method cannot take as it is (NaN, too few points, equal points) is adapted and told.
"""

from __future__ import annotations

import time
from dataclasses import dataclass, replace
from importlib.metadata import version

import numpy as np

from core.base import vectors as vec
from core.base.errors import InputError, counted
from core.base.types import FloatArray, IntArray, Metric, Progress, no_progress
from core.knn import euclidean
from core.maps.methods import pca, placing, tsne, umap as umap_method
from core.maps.quality import map_quality
from core.maps.recipe import Method, Placement, Preview, Projection, Recipe
from core.storage import data_home

KEPT_NEAR = 15  # neighbours of each point that are kept with the map
_START_ROWS = 4_000  # rows that decide where t-SNE and UMAP start
CODE = 3  # raised when the same recipe would give another map than before
_LIBRARIES = {
    Method.PCA: ("numpy",),
    Method.TSNE: ("openTSNE", "numpy"),
    Method.UMAP: ("numba", "scipy", "numpy"),
}


def project(
    vectors: FloatArray,
    recipe: Recipe,
    progress: Progress = no_progress,
    preview: Preview | None = None,
) -> Projection:
    """A map of ``(n, dim)`` vectors by ``recipe``.

    Args:
        progress: called at each block of neighbours, iteration or epoch; raises to stop there.
        preview: of t-SNE, called with the coordinates every 50 iterations.

    Raises:
        InputError: there is no usable vector.
        Cancelled: by ``progress``.
    """
    began = time.monotonic()
    rows, notes = _usable(vectors)
    shown = vectors[rows] if len(rows) < len(vectors) else vectors
    made = _make(np.asarray(shown, dtype=np.float32), recipe, progress, preview)
    return replace(
        made,
        rows=rows,
        given=len(vectors),
        digest=vectors_digest(vectors),
        notes=(*notes, *made.notes),
        seconds=time.monotonic() - began,
        versions={name: version(name) for name in _LIBRARIES[recipe.method]},
    )


def place(
    projection: Projection, vectors: FloatArray, new: FloatArray, k: int = KEPT_NEAR
) -> Placement:
    """Where new vectors ``(m, dim)`` land on a map, each by itself, and their ``k`` nearest there.

    The same vector always lands at the same place; one that is on the map, at its own.

    Args:
        vectors: those that the map was made of, ``(given, dim)``.

    Raises:
        InputError: the vectors are others, or the new ones are not of their kind.
    """
    _check_new(projection, vectors, new)
    shown = vectors[projection.rows]
    compared = prepared(shown, unit=projection.unit)
    asked = prepared(new, unit=projection.unit)
    near, squares = euclidean.nearest_to(asked, compared, k)
    distances = _distances(squares, unit=projection.unit)
    scores = 1 - distances if projection.unit else -distances
    recipe, points = projection.recipe, projection.coordinates
    if projection.components is not None and projection.mean is not None:
        places = pca.apply_pca(asked, projection.mean, projection.components)
    elif recipe.method is Method.TSNE:
        places = placing.place_tsne(near, squares, points)
    else:
        shape = (recipe.min_dist, recipe.spread)
        places = placing.place_umap(near, distances, points, shape)
    return Placement(places, near, scores)


def warm() -> None:
    """Compiles the loops of all methods, on a few points; the first map then need not wait for it.

    numba compiles a loop when it is first called, which takes some ten seconds in all.
    """
    few = np.random.default_rng(0).normal(size=(64, 8)).astype(np.float32)
    umap = Recipe(Method.UMAP, epochs=2)
    for recipe in (umap, replace(umap, seed=0), Recipe(Method.TSNE, epochs=2)):
        made = project(few, recipe)
        place(made, few, few[:1])
        map_quality(few, made.coordinates, 5)


def _check_new(projection: Projection, vectors: FloatArray, new: FloatArray) -> None:
    if vectors.shape[0] != projection.given:
        raise InputError(
            f"The map was made of {projection.given:,} vectors, not {len(vectors):,}.",
            "New vectors are placed with the vectors that the map was made of.",
            "Make the map again.",
        )
    if new.ndim != 2 or not len(new) or new.shape[1] != vectors.shape[1]:
        raise InputError(
            f"The new vectors have the shape {new.shape}.",
            f"Rows of {vectors.shape[1]} numbers are needed, as those of the map.",
            "Encode them in the space of the map.",
        )
    if not np.isfinite(new).all():
        raise InputError(
            "A new vector has NaN or infinite numbers.", "Finite ones are needed.", "Check it."
        )


def vectors_digest(vectors: FloatArray) -> str:
    """Stands for vectors and their shape."""
    shape = f"{vectors.shape} {vectors.dtype}".encode()
    return data_home.digest_bytes(shape, np.ascontiguousarray(vectors).tobytes())


def prepared(vectors: FloatArray, *, unit: bool) -> FloatArray:
    """Vectors as they are compared: at unit length, or as they are."""
    return vec.normalize(vectors) if unit else np.asarray(vectors, dtype=np.float32)


def _usable(vectors: FloatArray) -> tuple[IntArray, list[str]]:
    if vectors.ndim != 2 or not vectors.size:
        raise InputError(
            f"The vectors have the shape {vectors.shape}.",
            "At least one row of numbers is needed.",
            "Choose data with vectors.",
        )
    finite = np.logical_and.reduce(np.isfinite(vectors), axis=1)
    rows = np.flatnonzero(finite)
    if not len(rows):
        raise InputError(
            f"None of the {counted(len(vectors), 'row')} has finite numbers only.",
            "A map needs vectors without NaN and infinity.",
            "Check how the vectors were made.",
        )
    left = len(vectors) - len(rows)
    return rows, [f"Left out for NaN or infinite numbers: {counted(left, 'row')}."] if left else []


@dataclass(frozen=True, slots=True)
class _Near:
    """Neighbours ``(n, k)`` with their squared distances."""

    rows: IntArray
    squares: FloatArray


def _make(
    vectors: FloatArray, recipe: Recipe, progress: Progress, preview: Preview | None
) -> Projection:
    count, dim = vectors.shape
    if dim <= recipe.dims:
        return _as_given(vectors, recipe)
    unit = recipe.metric is Metric.COSINE
    compared = prepared(vectors, unit=unit)
    # Only a start is needed of PCA for the others, which some of the rows give as well.
    step = 1 if recipe.method is Method.PCA else max(1, count // _START_ROWS)
    mean, components, shares = pca.fit_pca(compared[::step], recipe.dims)
    flat = pca.apply_pca(compared, mean, components)
    linear = Projection(flat, recipe, np.arange(count), count, "", shares, components, mean, unit)
    if count == 1 or (compared == compared[0]).all():
        what = "There is one point." if count == 1 else "All points are equal."
        return replace(linear, notes=(f"{what} It stands in the middle.",))
    if recipe.method is Method.PCA:
        return linear
    if count < max(tsne.MIN_ROWS, umap_method.MIN_ROWS):
        note = f"{recipe.method.value} needs 4 points or more; {counted(count, 'point')} by PCA."
        return replace(linear, notes=(note,))
    fit = _fit_tsne if recipe.method is Method.TSNE else _fit_umap
    return fit(compared, linear, progress, preview)


def _as_given(vectors: FloatArray, recipe: Recipe) -> Projection:
    """Vectors with no more numbers than the map has dimensions: shown as they are."""
    count, dim = vectors.shape
    note = f"The vectors have {counted(dim, 'number')}, so they are shown as they are."
    identity = np.eye(recipe.dims, dim, dtype=np.float32)
    points = np.pad(vectors, ((0, 0), (0, recipe.dims - dim)))
    zero = np.zeros(dim, dtype=np.float32)
    return Projection(
        points,
        recipe,
        np.arange(count),
        count,
        "",
        components=identity,
        mean=zero,
        unit=False,
        notes=(note,),
    )


def _fit_umap(
    compared: FloatArray, linear: Projection, progress: Progress, preview: Preview | None
) -> Projection:
    recipe, count = linear.recipe, len(compared)
    neighbors = min(recipe.neighbors, count)
    k = neighbors - 1  # the point itself is one of them
    notes = (f"Neighbours lowered to {neighbors}: there are {count:,} points.",)
    near = _find_near(compared, max(k, KEPT_NEAR), progress)
    distances = _distances(near.squares[:, :k], unit=linear.unit)
    points = umap_method.fit_umap(near.rows[:, :k], distances, linear.coordinates, recipe, progress)
    return _bent(linear, points, near, notes if neighbors < recipe.neighbors else ())


def _fit_tsne(
    compared: FloatArray, linear: Projection, progress: Progress, preview: Preview | None
) -> Projection:
    recipe, count = linear.recipe, len(compared)
    perplexity = tsne.perplexity_for(count, recipe.perplexity)
    notes = (f"Perplexity lowered to {perplexity:.3g}: there are {count:,} points.",)
    used = replace(recipe, perplexity=perplexity)
    k = tsne.neighbors_for(count, perplexity)
    near = _find_near(compared, max(k, KEPT_NEAR), progress)
    points = tsne.fit_tsne(
        (near.rows[:, :k], near.squares[:, :k]), linear.coordinates, used, progress, preview
    )
    return _bent(linear, points, near, notes if perplexity < recipe.perplexity else ())


def _find_near(compared: FloatArray, k: int, progress: Progress) -> _Near:
    # Neighbours do not change with the scale; squares of large numbers would overflow.
    largest = float(np.abs(compared).max()) or 1.0
    scaled = compared if largest <= 1 else compared / np.float32(largest)
    return _Near(*euclidean.nearest_rows(scaled, k, progress))


def _distances(squares: FloatArray, *, unit: bool) -> FloatArray:
    """1 - cosine for unit vectors, else the Euclidean distance."""
    return squares / np.float32(2) if unit else np.sqrt(squares)


def _bent(
    linear: Projection, points: FloatArray, near: _Near, notes: tuple[str, ...]
) -> Projection:
    return replace(
        linear,
        coordinates=points,
        explained=None,
        components=None,
        mean=None,
        near=near.rows[:, :KEPT_NEAR],
        notes=notes,
    )
