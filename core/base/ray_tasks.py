"""Work on the processors of several machines, by Ray Data.

Each worker prepares itself once (it opens a model, or a map) and is given task after task; what
comes back is the caller's to keep. So a worker that ends costs its task's time alone.

Ray (Apache-2.0) is installed by who wants it. On other machines of a cluster the app has to be
installed, in the same version.
"""

from __future__ import annotations

import importlib
import logging
import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from importlib.util import find_spec
from typing import Any

import numpy as np
from numpy.typing import NDArray

from core.base.errors import InputError, NotReadyError
from core.base.paths import ROOT

INSTALL = 'pip install "ray[data]==2.60.0"'
LOCAL = ""  # no address: Ray runs on this machine, until the command ends
_TASK, _ROW = "task", "row"  # columns of ours beside the worker's

Rows = Mapping[str, NDArray[Any]]  # columns with a row for each of a task's items


@dataclass(frozen=True, slots=True)
class RayTasks:
    """Has tasks done by Ray's workers.

    Attributes:
        make: ``module:function`` that gives a worker what does its work, called with ``arguments``:
            a function of a task's strings that gives columns, ``Rows``.
        address: of a running cluster, ``auto`` for the one this machine is part of.
        workers: how many, each with a processor; 0: one for each processor of the cluster.
        variables: of the workers' environment.
    """

    make: str
    arguments: tuple[str, ...] = ()
    address: str = LOCAL
    workers: int = 0
    variables: Mapping[str, str] = field(default_factory=dict)

    def run(
        self, tasks: Sequence[Sequence[str]], counts: Sequence[int]
    ) -> Iterator[tuple[int, Rows]]:
        """The number of each task and its columns, as they are finished.

        Args:
            counts: the rows that come of each task.

        Raises:
            NotReadyError: Ray is not installed.
            InputError: there is no cluster at the address, or the workers failed.
        """
        if find_spec("ray") is None:
            raise NotReadyError("Ray is not installed.", "It is optional.", INSTALL)
        import ray
        from ray.exceptions import RayError

        self._connect()
        try:
            yield from self._done(tasks, counts)
        except RayError as error:
            raise InputError(
                f"Ray's workers failed: {' '.join(str(error).split())[-300:]}",
                "Each has the app in this version, and what it works with.",
                "See their log; what was finished is kept.",
            ) from error
        finally:
            ray.shutdown()

    def _connect(self) -> None:
        import ray

        variables = {"PYTHONPATH": str(ROOT), "OMP_NUM_THREADS": "1", **self.variables}
        options: dict[str, Any] = {"include_dashboard": False} if not self.address else {}
        os.environ.setdefault("RAY_BACKEND_LOG_LEVEL", "fatal")  # each step is no news
        logging.getLogger("ray.data").setLevel(logging.ERROR)
        try:
            ray.init(
                address=self.address or "local",
                runtime_env={"env_vars": variables},
                log_to_driver=False,
                logging_level=logging.ERROR,
                **options,
            )
        except ConnectionError as error:
            raise InputError(
                f"There is no Ray cluster at “{self.address}”.",
                "“auto” is the one that this machine is part of, else HOST:PORT.",
                "Start one with: ray start --head",
            ) from error

    def _done(
        self, tasks: Sequence[Sequence[str]], counts: Sequence[int]
    ) -> Iterator[tuple[int, Rows]]:
        import ray

        context = ray.data.DataContext.get_current()
        context.enable_progress_bars = False
        context.max_errored_blocks = 0
        workers = self.workers or max(1, int(ray.cluster_resources().get("CPU", 1)))
        rows = [{_TASK: at, "items": list(items)} for at, items in enumerate(tasks)]
        done = ray.data.from_items(rows, override_num_blocks=len(rows)).map_batches(
            _Worker,
            fn_constructor_args=(self.make, self.arguments),
            batch_size=1,
            num_cpus=1,
            compute=ray.data.ActorPoolStrategy(size=min(workers, len(rows))),
        )
        pieces: dict[int, list[dict[str, Any]]] = {}
        for block in done.iter_batches(batch_size=None):
            for at in np.unique(block[_TASK]).tolist():
                mine = block[_TASK] == at
                pieces.setdefault(at, []).append({name: block[name][mine] for name in block})
                if sum(len(piece[_ROW]) for piece in pieces[at]) == counts[at]:
                    yield at, whole(pieces.pop(at))


def whole(pieces: Sequence[Mapping[str, NDArray[Any]]]) -> Rows:
    """A task's columns ``(rows, ...)`` from the pieces that they came in, in the worker's order."""
    columns = {name: np.concatenate([piece[name] for piece in pieces]) for name in pieces[0]}
    order = np.argsort(columns[_ROW])
    return {name: held[order] for name, held in columns.items() if name not in (_TASK, _ROW)}


class _Worker:
    """One of Ray's: prepares itself once, and is given a task at a time."""

    def __init__(self, make: str, arguments: Sequence[str]) -> None:
        module, _, function = make.partition(":")
        self.work = getattr(importlib.import_module(module), function)(*arguments)

    def __call__(self, batch: dict[str, Any]) -> dict[str, Any]:
        found: Rows = self.work([str(one) for one in batch["items"][0]])
        count = len(next(iter(found.values())))
        own = {_TASK: np.full(count, batch[_TASK][0]), _ROW: np.arange(count)}
        return {**own, **found}
