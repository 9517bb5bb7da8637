"""What the child process of ``core.maps.methods.umap_learn`` runs: umap-learn, map after map."""

from __future__ import annotations

from typing import Any

import numpy as np

from core.base import child_worker
from core.base.child_worker import Array, PrintedSteps, Report, Work


def prepare() -> Work:
    """Makes maps: options are those of ``umap.UMAP``, arrays the vectors and, if any, targets."""
    import umap

    def fit(options: dict[str, Any], arrays: list[Array], report: Report) -> Array:
        bar = {"file": PrintedSteps(r"(\d+)/\d+", report), "bar_format": "{n_fmt}/{total_fmt}"}
        often = {"disable": False, "mininterval": 0.1, "miniters": 1}
        mapping = umap.UMAP(**options, tqdm_kwds=bar | often)
        points = mapping.fit_transform(arrays[0], y=arrays[1] if len(arrays) > 1 else None)
        return np.asarray(points, np.float32)

    return fit


if __name__ == "__main__":
    child_worker.serve(prepare)
