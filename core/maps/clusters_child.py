"""What the child process of ``core.maps.clusters`` runs: k-means and HDBSCAN, one after another."""

from __future__ import annotations

from typing import Any

from core.base import child_worker
from core.base.child_worker import Array, Report, Work
from core.maps import clusters
from core.maps.clusters import Clustering


def prepare() -> Work:
    """Groups points, the one array."""
    import sklearn.cluster  # noqa: F401  # before stdin is read

    def group(options: dict[str, Any], arrays: list[Array], report: Report) -> Array:
        return clusters.group(arrays[0], Clustering(options.pop("kind")), **options)

    return group


if __name__ == "__main__":
    child_worker.serve(prepare)
