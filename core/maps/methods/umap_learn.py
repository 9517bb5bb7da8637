"""UMAP by umap-learn (McInnes, Healy & Melville 2018), with its metrics, densMAP and targets.

It runs in a child process: its compiled loops hold the interpreter from their start to their end,
so that in this one no other session would be answered meanwhile, and nothing but the end of the
process stops its search for neighbours. The child is kept for the next map, since it takes some ten
seconds to start and to compile.
"""

from __future__ import annotations

import json
import queue
import subprocess
import threading
from collections.abc import Callable, Sequence
from contextlib import ExitStack, suppress
from typing import Any

from core.base import child_process
from core.base.child_process import LastLine
from core.base.errors import InputError, OutOfMemoryError, shorten
from core.base.types import FloatArray, Progress
from core.maps.recipe import Recipe, Target

_KEPT_SECONDS = 300.0  # a child that has nothing to do
_LOOK = 0.2  # seconds between two looks whether the work was cancelled
_FEW, _EPOCHS_FEW, _EPOCHS_MANY, _EPOCHS_DENSITY = 10_000, 500, 200, 200  # umap-learn's own
_KILLED = -9


def least_rows(dims: int) -> int:
    """How many points it needs: its spectral start takes ``dims + 1`` eigenvectors."""
    return dims + 2


def epochs_for(count: int, recipe: Recipe) -> int:
    """How many epochs; where nothing is said, umap-learn's own number."""
    own = _EPOCHS_FEW if count <= _FEW else _EPOCHS_MANY
    return recipe.epochs or own + (_EPOCHS_DENSITY if recipe.densmap else 0)


def fit_umap_learn(
    vectors: FloatArray, recipe: Recipe, target: Target | None, progress: Progress
) -> FloatArray:
    """A map ``(n, dims)`` of ``(n, dim)`` finite vectors; NaN where a point is tied to no other.

    Args:
        recipe: its neighbours are fewer than the points.
        target: what supervises it, ``n`` values.
        progress: called at epochs, and a few times a second besides; what it raises ends the work
            at once.

    Raises:
        InputError: umap-learn fails.
        OutOfMemoryError: the system ended its process.
    """
    total = epochs_for(len(vectors), recipe)
    options = {
        "n_neighbors": recipe.neighbors,
        "n_components": recipe.dims,
        "metric": recipe.metric.value,
        "n_epochs": total,
        "min_dist": recipe.min_dist,
        "spread": recipe.spread,
        "random_state": recipe.seed,
        "n_jobs": -1 if recipe.seed is None else 1,
        "densmap": recipe.densmap,
        "dens_lambda": recipe.dens_lambda,
    }
    if recipe.densmap:
        # It divides by the ties of each point, which umap-learn cuts at the largest distance that
        # cosine, correlation and Hellinger know.
        options["disconnection_distance"] = float("inf")
    arrays = [vectors]
    if target is not None:
        options["target_metric"] = "categorical" if target.categorical else "l2"
        options["target_weight"] = recipe.target_weight
        arrays.append(target.values)

    def report(done: int) -> None:
        progress(done, total, "epochs" if done else "epochs, once umap-learn is ready")

    return _worker.fit(options, arrays, report)


class _Worker:
    """The one child, started when it is needed; maps wait for each other."""

    def __init__(self) -> None:
        self.process: subprocess.Popen[bytes] | None = None
        self._turn = threading.Lock()
        self._errors: LastLine | None = None
        self._timer: threading.Timer | None = None

    def fit(
        self, options: dict[str, Any], arrays: Sequence[FloatArray], report: Callable[[int], None]
    ) -> FloatArray:
        """The points of ``umap.UMAP(**options)``; ``report`` is told the epoch."""
        while not self._turn.acquire(timeout=_LOOK):
            report(0)
        try:
            with ExitStack() as failing:
                failing.callback(self.stop)
                points = self._ask(options, arrays, report)
                failing.pop_all()
            self._timer = threading.Timer(_KEPT_SECONDS, self._let_go)
            self._timer.daemon = True
            self._timer.start()
        finally:
            self._turn.release()
        return points

    def stop(self) -> None:
        """Ends the child; the next map has another."""
        if self.process is not None:
            child_process.end(self.process)
            self.process = None

    def _let_go(self) -> None:
        if self._turn.acquire(blocking=False):
            self.stop()
            self._turn.release()

    def _started(self) -> subprocess.Popen[bytes]:
        if self._timer is not None:
            self._timer.cancel()
        if self.process is None or self.process.poll() is not None:
            try:
                self.process = child_process.start_module("core.maps.methods.umap_learn_child")
            except OSError as error:
                raise OutOfMemoryError(
                    f"The process of umap-learn did not start: {error.strerror}.",
                    "The system must have room for one more.",
                    "Close something, or choose UMAP.",
                ) from error
            assert self.process.stderr is not None  # noqa: S101  # for mypy
            self._errors = LastLine(self.process.stderr)
        return self.process

    def _ask(
        self, options: dict[str, Any], arrays: Sequence[FloatArray], report: Callable[[int], None]
    ) -> FloatArray:
        process = self._started()
        answers: queue.Queue[int | FloatArray | None] = queue.Queue()
        # Writing waits for the child as well, which imports before it reads.
        talk = threading.Thread(target=_talk, args=(process, options, arrays, answers), daemon=True)
        talk.start()
        epoch = 0
        while True:
            report(epoch)
            try:
                answer = answers.get(timeout=_LOOK)
            except queue.Empty:
                continue
            if answer is None:
                raise self._failed(process, densmap=bool(options["densmap"]))
            if not isinstance(answer, int):
                return answer
            epoch = answer

    def _failed(
        self, process: subprocess.Popen[bytes], *, densmap: bool
    ) -> InputError | OutOfMemoryError:
        with suppress(subprocess.TimeoutExpired):
            process.wait(child_process.STOP_SECONDS)
        status = process.returncode
        if status == _KILLED:
            return OutOfMemoryError(
                "The system ended the process of umap-learn.",
                "It does so where the memory does not suffice.",
                "Map fewer items, or choose UMAP, which needs less.",
            )
        words = "" if self._errors is None else self._errors.wait()
        reason = shorten(words or f"it ended with status {status}", 300).rstrip(".")
        return InputError(
            f"umap-learn could not make this map: {reason}.",
            "densMAP needs each point tied to another, also where a column supervises it fully."
            if densmap
            else "",
            "Change the parameters, or choose UMAP.",
        )


_worker = _Worker()


def _talk(
    process: subprocess.Popen[bytes],
    options: dict[str, Any],
    arrays: Sequence[FloatArray],
    answers: queue.Queue[int | FloatArray | None],
) -> None:
    """Asks a child for a map, and hands on its epochs and then the points, or ``None``."""
    stdin, stdout = process.stdin, process.stdout
    assert stdin is not None and stdout is not None  # noqa: S101  # for mypy
    with suppress(OSError, ValueError):  # it has ended: cut pipes, and what was cut by that
        stdin.write(json.dumps({"options": options, "arrays": len(arrays)}).encode() + b"\n")
        for array in arrays:
            child_process.write_array(stdin, array)
        stdin.flush()
        while line := stdout.readline():
            answer = json.loads(line)
            if "epoch" in answer:
                answers.put(int(answer["epoch"]))
            else:
                answers.put(child_process.read_array(stdout))
                return
    answers.put(None)
