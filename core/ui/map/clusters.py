"""Map: clusters. How they are found, what they are called, and how well they are told apart."""

from __future__ import annotations

from typing import Any

import numpy as np
import streamlit as st

from core.base import durations
from core.base.errors import ExplorerError, counted
from core.base.types import FloatArray
from core.cache import maps as maps_cache
from core.cache.maps import Made
from core.maps.clusters import (
    CLUSTER,
    NOT_IN_ANY,
    Clustering,
    Grouping,
    NamedClusters,
)
from core.maps.colors import Coloring, by_kind
from core.ui.common import frame, jobs, page
from core.ui.session import link_values

NO = "none"
LABELLED = 24  # clusters whose names are drawn on the map


def coloring(grouped: NamedClusters) -> Coloring:
    """Each point by the name of its cluster."""
    # What is in none is no kind of its own, and so grey.
    kinds = ["" if name == NOT_IN_ANY else name for name in grouped.column()]
    return by_kind(CLUSTER, kinds, others="smaller clusters", none=NOT_IN_ANY)


def labels(grouped: NamedClusters, points: FloatArray) -> list[tuple[str, FloatArray]]:
    """Names at the middle of each cluster's points ``(n, 2)`` or ``(n, 3)``.

    None where there is a tree of clusters, whose names stand on the map instead.
    """
    if grouped.grains:
        return []
    return [
        (name, np.median(points[grouped.clusters.labels == label], axis=0))
        for label, name in enumerate(grouped.names[:LABELLED])
    ]


def choose() -> Grouping | None:
    """Asks which clusters are to be found; ``None`` for none."""
    with frame.group("Clusters"):
        kind = link_values.one_of(
            st,
            "Clusters by",
            [NO, *(kind.value for kind in Clustering)],
            default=NO,
            key="clusters",
            bind="query-params",
            help="k-means makes a given number of round groups; HDBSCAN finds as many dense ones "
            "as there are and leaves the rest out.",
        )
        on_map = st.toggle(
            "Cluster the 2-D projection",
            value=True,
            key="clusters-flat",
            bind="query-params",
            help="On: the points of the map (in 3-D, its three coordinates), as the eye sees them. "
            "Off: the vectors themselves.",
        )
        count = int(
            st.number_input(
                "Number of clusters (k-means)", 2, 100, 8, key="clusters-k", bind="query-params"
            )
        )
        least = int(
            st.number_input(
                "Minimum cluster size (HDBSCAN)",
                2,
                1_000,
                15,
                key="clusters-least",
                bind="query-params",
            )
        )
        samples = int(
            st.number_input(
                "Minimum samples (HDBSCAN)",
                0,
                1_000,
                0,
                key="clusters-samples",
                bind="query-params",
                help="Neighbours that make a place dense. Fewer leave fewer points in no cluster. "
                "0: as many as the minimum cluster size.",
            )
        )
        nearest = st.toggle(
            "Put noise into the nearest cluster",
            key="clusters-nearest",
            bind="query-params",
            help="HDBSCAN leaves points between dense places in no cluster. On: each goes where "
            "the nearest point that is in one is.",
        )
    if kind == NO:
        return None
    return Grouping(Clustering(str(kind)), bool(on_map), count, least, samples, bool(nearest))


def find(made: Made, grouping: Grouping | None) -> NamedClusters | None:
    """The clusters that were asked for; ``None`` for none."""
    if grouping is None:
        return None
    try:
        grouped: NamedClusters | None = jobs.run_job(
            f"clusters {made.key} {grouping}",
            "Clustering",
            lambda progress: maps_cache.clusters(made, grouping, progress),
            seconds=lambda: durations.of_clusters(
                grouping.kind.value,
                len(made.rows),
                2 if grouping.on_map else made.data.vectors.shape[1],
            ),
            begin="Look for clusters",
            slot="clusters",
        )
    except ExplorerError as error:
        page.show_error(error)
        return None
    if grouped is not None:
        _tell(grouped, on_map=grouping.on_map)
    return grouped


def _tell(grouped: NamedClusters, *, on_map: bool) -> None:
    clusters = grouped.clusters
    told = f"{counted(clusters.count, 'cluster')} of the "
    told += "projection" if on_map else "vectors"
    if grouped.in_none:
        told += f", {grouped.in_none:,} points in none"
    if clusters.joined:
        told += f", {clusters.joined:,} points put into the nearest"
    if clusters.silhouette is not None:
        told += f"; silhouette {clusters.silhouette:.2f}"
        told += f" (at {clusters.sampled:,} points)" if clusters.sampled else ""
        told += ", where 1 is far apart and 0 is touching"
    told += ". Their names are distinctive terms (c-TF-IDF)"
    if grouped.grains:
        told += "; on the map stand those of HDBSCAN's tree, of finer clusters as you zoom in"
    st.caption(f"{told}.")


def table(grouped: NamedClusters) -> dict[str, list[Any]]:
    """Clusters with their sizes."""
    return {CLUSTER: grouped.names, "points": grouped.sizes()}
