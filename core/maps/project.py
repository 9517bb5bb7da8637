"""Maps: vectors to points of a plane or of space by PCA, t-SNE, UMAP, umap-learn or PaCMAP.

What a method cannot take as it is (NaN, too few points, equal points) is adapted and told.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import replace
from importlib.metadata import version

import numpy as np

from core.base import vectors as vec
from core.base.errors import InputError, counted, shorten
from core.base.types import FloatArray, IntArray, Metric, Progress, no_progress
from core.base.watched import run_watched
from core.knn.approximate import Near, near_rows
from core.knn.nearest import nearest_to
from core.maps.methods import pacmap, pca, placing, tsne, umap as umap_method, umap_learn
from core.maps.quality import map_quality
from core.maps.recipe import (
    METRICS,
    NOT_BELOW_ZERO,
    Method,
    Placement,
    Preview,
    Projection,
    Recipe,
    Target,
    UmapMetric,
)
from core.storage import data_home

KEPT_NEAR = 15  # neighbours of each point that are kept with the map
_START_ROWS = 4_000  # rows that decide where t-SNE and UMAP start
CODE = 5  # raised when the same recipe would give another map than before
_LIBRARIES = {
    Method.PCA: ("numpy",),
    Method.TSNE: ("openTSNE", "numpy"),
    Method.UMAP: ("numba", "scipy", "numpy"),
    Method.PACMAP: ("pacmap", "faiss-cpu", "numba", "scikit-learn", "numpy"),
    Method.UMAP_LEARN: ("umap-learn", "pynndescent", "numba", "scipy", "numpy"),
}


def project(
    vectors: FloatArray,
    recipe: Recipe,
    progress: Progress = no_progress,
    preview: Preview | None = None,
    target: Target | None = None,
) -> Projection:
    """A map of ``(n, dim)`` vectors by ``recipe``.

    Args:
        progress: called at each block of neighbours, iteration or epoch; raises to stop there.
        preview: of t-SNE, called with the coordinates every 50 iterations.
        target: of umap-learn, ``n`` values of the column that the recipe names.

    Raises:
        InputError: there is no usable vector, or the recipe does not suit the vectors.
        OutOfMemoryError: umap-learn or PaCMAP took more than there is.
        Cancelled: by ``progress``.
    """
    began = time.monotonic()
    rows, notes = usable(vectors)
    shown = vectors[rows] if len(rows) < len(vectors) else vectors
    target = _supervising(recipe, target, len(vectors))
    shown_target = None if target is None else replace(target, values=target.values[rows])
    held = np.asarray(shown, dtype=np.float32)
    # Neighbours' weights and what is compiled at first use report nothing for seconds.
    projection = run_watched(
        lambda report: _make(held, recipe, report, preview, shown_target), progress, "map"
    )
    return replace(
        projection,
        rows=rows[projection.rows],
        given=len(vectors),
        digest=vectors_digest(vectors),
        target_digest=target_digest(target),
        notes=(*notes, *projection.notes),
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
    near, squares = nearest_to(asked, compared, k)
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
            "Encode them with the map's embedding model.",
        )
    if not np.isfinite(new).all():
        raise InputError(
            "A new vector has NaN or infinite numbers.", "Finite ones are needed.", "Check it."
        )


def vectors_digest(vectors: FloatArray) -> str:
    """Stands for vectors ``(n, dim)`` and their shape."""
    shape = f"{vectors.shape} {vectors.dtype}".encode()
    flat = np.ascontiguousarray(vectors).reshape(-1)  # whose view is hashed without a copy
    return data_home.digest_bytes(shape, flat.data)


def target_digest(target: Target | None) -> str:
    """Stands for what supervises a map; "" for nothing."""
    if target is None:
        return ""
    return data_home.digest_bytes(f"{target.categorical}".encode(), target.values.tobytes())


def metrics_for(vectors: FloatArray) -> list[Metric | UmapMetric]:
    """The metrics of umap-learn that can compare ``(n, dim)`` vectors."""
    below = bool((vectors < 0).any())
    return [metric for metric in METRICS if not (below and metric in NOT_BELOW_ZERO)]


def prepared(vectors: FloatArray, *, unit: bool) -> FloatArray:
    """Vectors ``(n, dim)`` as they are compared: at unit length, or as they are."""
    return vec.normalize(vectors) if unit else np.asarray(vectors, dtype=np.float32)


def _all_equal(vectors: FloatArray, *, unit: bool) -> bool:
    """Whether all rows are the same as they are compared; some at a time."""
    first = prepared(vectors[:1], unit=unit)
    return all(
        bool((prepared(vectors[at : at + vec.BLOCK], unit=unit) == first).all())
        for at in range(0, len(vectors), vec.BLOCK)
    )


def _supervising(recipe: Recipe, target: Target | None, count: int) -> Target | None:
    """What supervises the map: nothing where the method or the recipe do not say so.

    Raises:
        InputError: the values of the recipe's target are missing, or not one a row.
    """
    if recipe.method is not Method.UMAP_LEARN or recipe.target is None:
        return None
    if target is None or len(target.values) != count:
        values = "no values" if target is None else counted(len(target.values), "value")
        raise InputError(
            f"The target “{shorten(recipe.target)}” has {values} here.",
            f"The {counted(count, 'row')} need a value each.",
            "Map data that has this column, or leave the target out.",
        )
    return target


def usable(vectors: FloatArray, what: str = "row") -> tuple[IntArray, list[str]]:
    """The rows ``(m,)`` of ``(n, dim)`` vectors that are finite, and how many others there are.

    Args:
        what: a row is called.

    Raises:
        InputError: there are none.
    """
    if vectors.ndim != 2 or not vectors.size:
        raise InputError(
            f"The vectors have the shape {vectors.shape}.",
            "At least one row of numbers is needed.",
            "Choose data with vectors.",
        )
    rows = np.flatnonzero(vec.finite_rows(vectors))
    if not len(rows):
        raise InputError(
            f"None of the {counted(len(vectors), what)} has finite numbers only.",
            "A map needs vectors without NaN and infinity.",
            "Check how the vectors were made.",
        )
    left = len(vectors) - len(rows)
    return rows, [f"Left out for NaN or infinite numbers: {counted(left, what)}."] if left else []


def _make(
    vectors: FloatArray,
    recipe: Recipe,
    progress: Progress,
    preview: Preview | None,
    target: Target | None,
) -> Projection:
    count, dim = vectors.shape
    if recipe.shows_as_given(dim):
        return _as_given(vectors, recipe)
    unit = recipe.compared is Metric.COSINE
    alone = recipe.method is Method.PCA  # which takes blocks, so that no copy of all is made
    compared = vectors if alone else prepared(vectors, unit=unit)
    by_block = unit and alone
    # Only a start is needed of PCA for the others, which some of the rows give as well.
    step = 1 if alone else max(1, count // _START_ROWS)
    mean, components, shares = pca.fit_pca(compared[::step], recipe.dims, unit=by_block)
    flat = pca.apply_pca(compared, mean, components, unit=by_block)
    linear = Projection(flat, recipe, np.arange(count), count, "", shares, components, mean, unit)
    if count == 1 or _all_equal(compared, unit=by_block):
        what = "There is one point." if count == 1 else "All points are equal."
        return replace(linear, notes=(f"{what} It stands in the middle.",))
    if alone:
        return linear
    least = max(tsne.MIN_ROWS, umap_method.MIN_ROWS)
    if recipe.method is Method.UMAP_LEARN:
        least = umap_learn.least_rows(recipe.dims)
    elif recipe.method is Method.PACMAP:
        least = pacmap.MIN_ROWS
    if count < least:
        name = recipe.method.value
        note = f"{name} needs {least} points or more; {counted(count, 'point')} by PCA."
        return replace(linear, notes=(note,))
    if recipe.method in (Method.UMAP_LEARN, Method.PACMAP):
        return _fit_in_child(compared, linear, progress, target)
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
    near = _find_near(compared, max(k, KEPT_NEAR), recipe, progress)
    distances = _distances(near.squares[:, :k], unit=linear.unit)
    points = umap_method.fit_umap(near.rows[:, :k], distances, linear.coordinates, recipe, progress)
    notes = [*_fewer_neighbors(neighbors, recipe, count), *_missed(near)]
    return _bent(linear, points, notes, near=near)


def _fit_tsne(
    compared: FloatArray, linear: Projection, progress: Progress, preview: Preview | None
) -> Projection:
    recipe, count = linear.recipe, len(compared)
    perplexity = tsne.perplexity_for(count, recipe.perplexity)
    lowered = [f"Perplexity lowered to {perplexity:.3g}: there are {count:,} points."]
    used = replace(recipe, perplexity=perplexity)
    k = tsne.neighbors_for(count, perplexity)
    near = _find_near(compared, max(k, KEPT_NEAR), recipe, progress)
    points = tsne.fit_tsne(
        (near.rows[:, :k], near.squares[:, :k]), linear.coordinates, used, progress, preview
    )
    notes = [*(lowered if perplexity < recipe.perplexity else []), *_missed(near)]
    return _bent(linear, points, notes, near=near)


def _fit_umap_learn(
    compared: FloatArray, linear: Projection, progress: Progress, target: Target | None
) -> Projection:
    recipe, count = linear.recipe, len(compared)
    if recipe.metric not in metrics_for(compared):
        raise InputError(
            f"The vectors have numbers below 0, and the metric is {recipe.metric.value}.",
            f"{' and '.join(NOT_BELOW_ZERO)} compare counts or shares, from 0 up.",
            "Choose another metric.",
        )
    used = replace(recipe, neighbors=min(recipe.neighbors, count - 1))
    points = umap_learn.fit_umap_learn(_within_one(compared), used, target, progress)
    notes = _fewer_neighbors(used.neighbors, recipe, count)
    if target is not None:
        notes.append(
            f"Supervised by “{shorten(str(recipe.target))}”: the map was told these values, so "
            "that they stand apart on it proves nothing."
        )
    tied = np.flatnonzero(np.isfinite(points).all(axis=1))
    if len(tied) < count:
        notes.append(f"Left out as tied to no other: {counted(count - len(tied), 'point')}.")
    return _bent(linear, points[tied], notes, rows=tied)


def _fit_in_child(
    compared: FloatArray, linear: Projection, progress: Progress, target: Target | None
) -> Projection:
    if linear.recipe.method is Method.PACMAP:
        return _fit_pacmap(compared, linear, progress)
    return _fit_umap_learn(compared, linear, progress, target)


def _fit_pacmap(compared: FloatArray, linear: Projection, progress: Progress) -> Projection:
    recipe, count = linear.recipe, len(compared)
    used = replace(recipe, neighbors=min(recipe.neighbors, count - 1))
    points = pacmap.fit_pacmap(_within_one(compared), used, progress)
    return _bent(linear, points, _fewer_neighbors(used.neighbors, recipe, count))


def _find_near(compared: FloatArray, k: int, recipe: Recipe, progress: Progress) -> Near:
    threads = None if recipe.seed is None else 1  # several find them in an order of chance
    return near_rows(_within_one(compared), k, progress, threads=threads)


def _missed(near: Near) -> list[str]:
    """That neighbours are approximate, and how many of the true ones are among them."""
    if near.recall is None:
        return []
    return [f"Neighbours by an approximate search (HNSW) that finds {near.recall:.1%} of them."]


def _within_one(compared: FloatArray) -> FloatArray:
    """Vectors scaled into -1 to 1: the same neighbours, and squares that do not overflow."""
    largest = vec.largest_number(compared) or 1.0
    return compared if largest <= 1 else compared / np.float32(largest)


def _distances(squares: FloatArray, *, unit: bool) -> FloatArray:
    """1 - cosine for unit vectors, else the Euclidean distance."""
    return squares / np.float32(2) if unit else np.sqrt(squares)


def _bent(
    linear: Projection,
    points: FloatArray,
    notes: Sequence[str],
    *,
    rows: IntArray | None = None,
    near: Near | None = None,
) -> Projection:
    """A map that is no longer linear, of all points or of ``rows`` alone."""
    return replace(
        linear,
        coordinates=points,
        rows=linear.rows if rows is None else rows,
        explained=None,
        components=None,
        mean=None,
        near=None if near is None else near.rows[:, :KEPT_NEAR],
        notes=tuple(notes),
    )


def _fewer_neighbors(neighbors: int, recipe: Recipe, count: int) -> list[str]:
    """That a map of few points has fewer neighbours than its recipe, where that is so."""
    if neighbors == recipe.neighbors:
        return []
    return [f"Neighbours lowered to {neighbors}: there are {count:,} points."]
