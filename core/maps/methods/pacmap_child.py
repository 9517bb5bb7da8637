"""What the child process of ``core.maps.methods.pacmap`` runs: PaCMAP, map after map."""

from __future__ import annotations

import contextlib
import re
from typing import Any

import numpy as np

from core.base import child_worker
from core.base.child_worker import Array, Report, Work


def prepare() -> Work:
    """Makes maps: options are those of ``pacmap.PaCMAP``, the one array the vectors."""
    import pacmap

    def fit(options: dict[str, Any], arrays: list[Array], report: Report) -> Array:
        mapping = pacmap.PaCMAP(**options, verbose=True)
        with contextlib.redirect_stdout(_Iterations(report)):  # type: ignore[type-var]
            points = mapping.fit_transform(arrays[0], init="pca", save_pairs=False)
        return np.asarray(points, np.float32)

    return fit


class _Iterations:
    """Where PaCMAP prints how far it is, every tenth iteration."""

    def __init__(self, report: Report) -> None:
        self._report = report

    def write(self, text: str) -> None:
        """``text`` as it is printed."""
        if told := re.search(r"Iteration: +(\d+)", text):
            self._report(int(told[1]))

    def flush(self) -> None:
        """Each line is, as it is written."""


if __name__ == "__main__":
    child_worker.serve(prepare)
