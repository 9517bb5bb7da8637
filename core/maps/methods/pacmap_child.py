"""What the child process of ``core.maps.methods.pacmap`` runs: PaCMAP, map after map."""

from __future__ import annotations

import contextlib
from typing import Any

import numpy as np

from core.base import child_worker
from core.base.child_worker import Array, PrintedSteps, Report, Work


def prepare() -> Work:
    """Makes maps: options are those of ``pacmap.PaCMAP``, the one array the vectors."""
    import pacmap

    def fit(options: dict[str, Any], arrays: list[Array], report: Report) -> Array:
        mapping = pacmap.PaCMAP(**options, verbose=True)
        printed = PrintedSteps(r"Iteration: +(\d+)", report)  # every tenth
        with contextlib.redirect_stdout(printed):  # type: ignore[type-var]
            points = mapping.fit_transform(arrays[0], init="pca", save_pairs=False)
        return np.asarray(points, np.float32)

    return fit


if __name__ == "__main__":
    child_worker.serve(prepare)
