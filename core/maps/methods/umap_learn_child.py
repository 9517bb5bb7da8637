"""What the child process of ``core.maps.methods.umap_learn`` runs: umap-learn, map after map.

Each job comes on stdin as a line of JSON (what ``umap.UMAP`` is made with, and whether there are
targets) and the arrays as ``.npy``; the answer goes to stdout as lines ``{"epoch": 3}`` and then
``{"points": true}`` with an array. It ends with a traceback where umap-learn fails, and when its
stdin does.
"""

from __future__ import annotations

import json
import os
import queue
import re
import signal
import sys
import threading
import warnings
from typing import IO, Any

import numpy as np

from core.base import child_process
from core.base.types import FloatArray

Job = tuple[dict[str, Any], FloatArray, FloatArray | None]


def main() -> None:
    """Makes maps until stdin ends."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl+C is for the app; this ends with it
    warnings.simplefilter("ignore")  # the last line of stderr tells why it ended
    answers = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # what a library prints is no answer
    # Imported before stdin is read: on Windows, importing a library may wait for that to end.
    import umap

    threading.excepthook = child_process.end_with_error
    jobs: queue.Queue[Job] = queue.Queue()

    def make_maps() -> None:
        while True:
            options, vectors, target = jobs.get()
            bar = {"file": _EpochLines(answers), "bar_format": "{n_fmt}/{total_fmt}"}
            often = {"disable": False, "mininterval": 0.1, "miniters": 1}
            mapping = umap.UMAP(**options, tqdm_kwds=bar | often)
            points = mapping.fit_transform(vectors, y=target)
            _say(answers, {"points": True})
            child_process.write_array(answers, np.asarray(points, np.float32))
            answers.flush()

    threading.Thread(target=make_maps, daemon=True).start()
    stdin = sys.stdin.buffer
    while line := stdin.readline():
        job = json.loads(line)
        arrays = [child_process.read_array(stdin) for _ in range(job["arrays"])]
        jobs.put((job["options"], arrays[0], arrays[1] if len(arrays) > 1 else None))
    os._exit(0)  # in the middle of a map as well


def _say(answers: IO[bytes], told: dict[str, Any]) -> None:
    answers.write(json.dumps(told).encode() + b"\n")
    answers.flush()


class _EpochLines:
    """The file that umap-learn's progress bar (tqdm) writes to."""

    def __init__(self, answers: IO[bytes]) -> None:
        self._answers = answers

    def write(self, text: str) -> None:
        """``text`` as tqdm draws it: how many epochs of how many."""
        if drawn := re.search(r"(\d+)/\d+", text):
            _say(self._answers, {"epoch": int(drawn[1])})

    def flush(self) -> None:
        """Each line is, as it is written."""


if __name__ == "__main__":
    main()
