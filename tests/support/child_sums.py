"""A child process of ``core.base.child_worker`` for tests: sums, and all that can go wrong."""

from __future__ import annotations

import os
import threading
from typing import Any

import numpy as np

from core.base import child_worker
from core.base.child_worker import Answers, Array, Work


def prepare() -> Work:
    """Options: ``say`` these numbers first, then hand over ``halves``; ``do`` one of the four."""

    def work(options: dict[str, Any], arrays: list[Array], report: Answers) -> Array:
        print("a library's word on stdout")  # noqa: T201
        for done in options.get("say", ()):
            report(done)
        if options.get("halves"):
            for number, array in enumerate(arrays):
                report.piece({"number": number}, array / 2)
        if options["do"] == "fail":
            raise ZeroDivisionError("no sum")
        if options["do"] == "die":
            os.kill(os.getpid(), 9)
        if options["do"] == "hang":
            threading.Event().wait()
        return np.array([os.getpid(), *(array.sum() for array in arrays)])

    return work


if __name__ == "__main__":
    child_worker.serve(prepare)
