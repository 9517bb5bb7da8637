"""Groups of points that lie together, and how well they are told apart.

More than a few are grouped in a child process (``core.base.child_worker``): HDBSCAN holds the
interpreter for seconds at 2,000 vectors and for minutes at 13,000, and neither method reports.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

import numpy as np

from core.base import vectors as vec
from core.base.child_worker import ChildError, Worker
from core.base.errors import InputError, counted
from core.base.types import FloatArray, IntArray, Metric, Progress, no_progress
from core.maps import grains, keywords
from core.maps.grains import Grain, Tree
from core.maps.items import MapData
from core.maps.recipe import Projection

NOISE = -1
CLUSTER, NOT_IN_ANY = "cluster", "in none"  # a column of tables, and what it says of noise
SAMPLED_ABOVE = 5_000  # points, of more the silhouette is that of so many drawn by the seed
_MAX_CLUSTERS = 1_000
_JOINED_AT_ONCE = 1_000  # points, between two reports
HERE = 300  # points that are grouped sooner than a child starts

# A short one need not wait for a long one.
worker = Worker(
    "core.maps.clusters_child",
    name="clustering",
    instead="cluster the projection, which needs less",
    at_once=2,
)


class Clustering(StrEnum):
    """How points are grouped."""

    KMEANS = "k-means"  # a given number of round groups (Lloyd 1982)
    HDBSCAN = "HDBSCAN"  # as many dense groups as there are, the rest is noise (Campello 2013)


@dataclass(frozen=True, slots=True)
class Grouping:
    """Which clusters of a map are asked for; ``find_clusters`` tells of the numbers.

    Attributes:
        on_map: the points as they lie on the map, not their vectors.
    """

    kind: Clustering
    on_map: bool = True
    count: int = 8
    least: int = 15
    samples: int = 0
    nearest: bool = False


@dataclass(frozen=True, slots=True)
class Clusters:
    """The cluster of each point.

    Attributes:
        labels: ``(n,)`` from 0, the largest cluster first; -1 for noise.
        count: how many clusters, noise not counted.
        silhouette: mean over the points in clusters, -1 to 1 (Rousseeuw 1987); ``None`` where
            there are fewer than two clusters, or each point is one.
        away: ``(n,)`` squared distances of the points from the middle of their cluster.
        sampled: how many points the silhouette was taken at; ``None`` for all.
        joined: points that were in no cluster and were put into the nearest one.
        tree: HDBSCAN's hierarchy, which the clusters were taken from.
    """

    labels: IntArray
    count: int
    silhouette: float | None
    away: FloatArray
    sampled: int | None = None
    joined: int = 0
    tree: Tree | None = None


def find_clusters(  # noqa: PLR0913
    points: FloatArray,
    kind: Clustering,
    *,
    count: int = 8,
    least: int = 15,
    samples: int = 0,
    nearest: bool = False,
    metric: Metric = Metric.COSINE,
    seed: int = 0,
    progress: Progress = no_progress,
) -> Clusters:
    """Groups of ``(n, dim)`` points: vectors, or places on a map with ``metric`` Euclidean.

    Cosine compares unit vectors by Euclidean distance, which ranks alike.

    Args:
        count: clusters of k-means.
        least: points in the smallest cluster of HDBSCAN.
        samples: neighbours that make a place dense for HDBSCAN (``min_samples``): the fewer, the
            fewer points are in no cluster. 0 for ``least``.
        nearest: put what is in no cluster into that of the nearest point that is in one.

    Raises:
        InputError: too many clusters for the points, or no points.
        OutOfMemoryError: it took more than there is.
        Cancelled: by ``progress``.
    """
    _check(len(points), kind, count, least)
    compared = vec.normalize(points) if metric is Metric.COSINE else np.asarray(points, np.float32)
    progress(0, 2, "steps")
    if (compared == compared[0]).all():
        same = np.zeros(len(points), dtype=np.int64)
        return Clusters(same, 1, None, np.zeros(len(points), dtype=np.float32))
    options = {"count": count, "least": min(least, len(points)), "seed": seed}
    options["samples"] = min(samples, len(points))
    if len(points) <= HERE:
        grouped = group(compared, kind, **options)
    else:
        grouped = _group_in_child(compared, kind, options, progress)
    labels, tree = _apart(grouped, len(points))
    joined = _join(compared, labels, progress) if nearest else 0
    labels = _by_size(labels)
    progress(1, 2, "silhouette")
    width, sampled = _silhouette(compared, labels, seed)
    progress(2, 2, "steps")
    count = int(labels.max(initial=NOISE)) + 1
    return Clusters(labels, count, width, _away(compared, labels), sampled, joined, tree)


def group(  # noqa: PLR0913
    points: FloatArray, kind: Clustering, *, count: int, least: int, samples: int, seed: int
) -> IntArray:
    """The cluster of each of ``(n, dim)`` points, in any order; -1 for noise: ``(n,)``.

    Of HDBSCAN with its tree behind it, the last nodes ``(n,)`` and the parents ``(m,)``: a child
    process gives one array.
    """
    if kind is Clustering.KMEANS:
        return _kmeans(points, count, seed)
    return _hdbscan(points, least, samples)


def _apart(grouped: IntArray, count: int) -> tuple[IntArray, Tree | None]:
    """The labels ``(count,)`` and the tree that ``group`` gives as one."""
    labels = grouped[:count].copy()
    if len(grouped) == count:
        return labels, None
    return labels, Tree(grouped[count : 2 * count], grouped[2 * count :])


def _join(points: FloatArray, labels: IntArray, progress: Progress) -> int:
    """Puts noise into the cluster of the nearest point that is in one; how many these were."""
    import faiss

    inside, outside = np.flatnonzero(labels != NOISE), np.flatnonzero(labels == NOISE)
    if not len(inside):
        return 0
    for start in range(0, len(outside), _JOINED_AT_ONCE):
        progress(start, len(outside), "points put into the nearest cluster")
        rows = outside[start : start + _JOINED_AT_ONCE]
        _, found = faiss.knn(np.ascontiguousarray(points[rows]), points[inside], 1)
        labels[rows] = labels[inside[found[:, 0]]]
    return len(outside)


def _group_in_child(
    points: FloatArray, kind: Clustering, options: dict[str, int], progress: Progress
) -> IntArray:
    try:
        grouped: IntArray = worker.ask(
            {"kind": kind.value, **options}, [points], lambda _: progress(0, 2, "clustering")
        )
    except ChildError as error:
        raise InputError(
            f"{kind.value} could not group these points: {str(error).rstrip('.')}.",
            "",
            "Change the numbers, or take fewer points.",
        ) from error
    return grouped


@dataclass(frozen=True, slots=True)
class NamedClusters:
    """The clusters of a map with their names, the largest first.

    ``grains`` are the nodes of HDBSCAN's tree, few large ones and the many that they are made of.
    """

    clusters: Clusters
    names: list[str]
    grains: tuple[Grain, ...] = ()

    def column(self, points: IntArray | None = None) -> list[str]:
        """The name of the cluster of each of some points ``(m,)``, or of all ``n``."""
        labels = self.clusters.labels if points is None else self.clusters.labels[points]
        return [NOT_IN_ANY if label == NOISE else self.names[label] for label in labels.tolist()]

    def sizes(self) -> list[int]:
        """How many points each has."""
        labels = self.clusters.labels
        sizes = np.bincount(labels[labels != NOISE], minlength=self.clusters.count)
        return [int(size) for size in sizes]

    @property
    def in_none(self) -> int:
        """How many points are in no cluster."""
        return int((self.clusters.labels == NOISE).sum())


def map_clusters(
    data: MapData,
    projection: Projection,
    grouping: Grouping,
    progress: Progress = no_progress,
) -> NamedClusters:
    """Clusters of the points of a map of ``data`` with their names; raises as ``find_clusters``."""
    on_map = grouping.on_map
    points = projection.coordinates if on_map else data.vectors[projection.rows]
    clusters = find_clusters(
        points,
        grouping.kind,
        count=min(grouping.count, len(points)),
        least=grouping.least,
        samples=grouping.samples,
        nearest=grouping.nearest,
        metric=Metric.EUCLIDEAN if on_map else projection.recipe.compared,
        progress=progress,
    )
    names = name_clusters(clusters, [data.texts[row] for row in projection.rows])
    if clusters.tree is None:
        return NamedClusters(clusters, names)
    named = grains.name_grains(clusters.tree, data, projection.rows, projection.coordinates)
    return NamedClusters(clusters, names, named)


def name_clusters(clusters: Clusters, texts: Sequence[str]) -> list[str]:
    """A name for each: its number, and the three words that tell it best from the others."""
    words = keywords.cluster_words(texts, clusters.labels, away=clusters.away)
    return [
        f"{label + 1}: {', '.join(words.get(label, []))}".rstrip(": ")
        for label in range(clusters.count)
    ]


def _away(points: FloatArray, labels: IntArray) -> FloatArray:
    away = np.zeros(len(points), dtype=np.float32)
    for label in np.unique(labels):
        rows = labels == label
        away[rows] = np.square(points[rows] - points[rows].mean(axis=0)).sum(axis=1)
    return away


def _check(points: int, kind: Clustering, count: int, least: int) -> None:
    wanted, name = (count, "clusters") if kind is Clustering.KMEANS else (least, "points a cluster")
    low, high = (1, min(points, _MAX_CLUSTERS)) if kind is Clustering.KMEANS else (2, 10_000)
    if not points or not low <= wanted <= high:
        raise InputError(
            f"{wanted:,} {name} were asked for of {counted(points, 'point')}.",
            f"From {low} to {max(low, high):,} can be had.",
            "Change the number, or choose more points.",
        )


def _kmeans(points: FloatArray, count: int, seed: int) -> IntArray:
    import warnings

    from sklearn.cluster import KMeans
    from sklearn.exceptions import ConvergenceWarning

    with warnings.catch_warnings():
        # Fewer distinct points than clusters: there are then fewer clusters, which is told.
        warnings.simplefilter("ignore", ConvergenceWarning)
        found = KMeans(count, n_init=4, random_state=seed).fit(points)
    labels: IntArray = found.labels_.astype(np.int64)
    return labels


def _hdbscan(points: FloatArray, least: int, samples: int) -> IntArray:
    from sklearn.cluster import HDBSCAN

    least = max(2, least)
    method = HDBSCAN(min_cluster_size=least, min_samples=samples or least, copy=True, n_jobs=-1)
    found = method.fit(points)
    # scikit-learn gives no other way to what its own dbscan_clustering() cuts.
    linkage = found._single_linkage_tree_
    columns = [linkage[name] for name in ("left_node", "right_node", "value", "cluster_size")]
    tree = grains.condense(np.stack(columns, axis=1), least)
    grouped: IntArray = np.concatenate([found.labels_, tree.deepest, tree.parents])
    return grouped.astype(np.int64)


def _by_size(labels: IntArray) -> IntArray:
    """The same clusters numbered from the largest, equal ones by their first point."""
    named, first, inverse, sizes = np.unique(
        labels, return_index=True, return_inverse=True, return_counts=True
    )
    order = np.lexsort((first, -sizes))
    order = order[named[order] >= 0]
    numbers = np.full(len(named), NOISE, dtype=np.int64)
    numbers[order] = np.arange(len(order))
    result: IntArray = numbers[inverse]
    return result


def _silhouette(points: FloatArray, labels: IntArray, seed: int) -> tuple[float | None, int | None]:
    from sklearn.metrics import silhouette_score

    inside = np.flatnonzero(labels >= 0)
    sampled = None
    if len(inside) > SAMPLED_ABOVE:
        sampled = SAMPLED_ABOVE
        inside = np.sort(np.random.default_rng(seed).choice(inside, sampled, replace=False))
    groups = len(np.unique(labels[inside]))
    if not 2 <= groups < len(inside):
        return None, None
    return float(silhouette_score(points[inside], labels[inside])), sampled
