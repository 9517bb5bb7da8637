"""Training a knowledge-graph model by PyKEEN, watched while it goes.

PyKEEN has the models, losses and the loop; a callback reports, stops and keeps the last good
vectors. Its own files (checkpoints, saved models, early stopping) are pickles and are not used.
"""

from __future__ import annotations

import random
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

import numpy as np

from core.base.errors import InputError
from core.base.imports import import_watched
from core.base.types import IntArray, Progress, no_progress
from core.base.watched import run_watched
from core.graphs.graph import Graph
from core.graphs.ranking import evaluate
from core.graphs.scoring import GraphVectors
from core.graphs.settings import Settings

POINTS = 20  # of the MRR curve at most
SAMPLED = 200  # validation triples that the curve is measured on
_MEASURING = 0.04  # share of the time that measuring the curve may take
_TURN = threading.Lock()  # PyKEEN draws from PyTorch's one generator: a seed holds for one training


@dataclass(slots=True)
class Watch:
    """What is seen of a training while it goes; ``stop`` set ends it, and what there is is kept."""

    losses: list[float] = field(default_factory=list)
    mrrs: list[tuple[int, float]] = field(default_factory=list)
    stop: threading.Event = field(default_factory=threading.Event)


@dataclass(frozen=True, slots=True)
class Trained:
    """A model with how it came about.

    Attributes:
        epochs: those whose vectors these are.
        losses: of each epoch.
        mrrs: (epoch, MRR) on up to ``SAMPLED`` validation triples.
        seconds: of training alone.
        notes: how it ended, where not as asked.
    """

    vectors: GraphVectors
    settings: Settings
    epochs: int
    losses: tuple[float, ...]
    mrrs: tuple[tuple[int, float], ...]
    seconds: float
    notes: tuple[str, ...] = ()

    @property
    def whole(self) -> bool:
        """Whether all epochs that were asked for are in it; not so where it stopped or diverged."""
        return self.epochs >= self.settings.epochs


def train(
    graph: Graph,
    settings: Settings,
    progress: Progress = no_progress,
    watch: Watch | None = None,
) -> Trained:
    """The vectors of a graph's entities and relations, trained on ``graph.train``.

    One training goes on at a time in a process; others wait for their turn.

    Raises:
        InputError: it diverged before one epoch was over, or memory does not suffice.
        Cancelled: by ``progress``.
    """
    seen = Watch() if watch is None else watch
    # A batch of a large graph takes seconds, and its start too; neither reports.
    return run_watched(
        lambda report: _train_in_turn(graph, settings, report, seen), progress, "training"
    )


def _train_in_turn(graph: Graph, settings: Settings, progress: Progress, watch: Watch) -> Trained:
    while not _TURN.acquire(timeout=0.2):
        progress(0, settings.epochs, "epochs; waits for another training")
    try:
        with _own_seed():
            return _train(graph, settings, progress, watch)
    finally:
        _TURN.release()


def _train(graph: Graph, settings: Settings, progress: Progress, watch: Watch) -> Trained:
    import_watched(
        "core.graphs.pykeen_backend",
        lambda: progress(0, settings.epochs, "epochs, once PyKEEN is ready"),
    )
    from torch_max_mem.api import is_oom_error

    from core.graphs import pykeen_backend

    kept = _Kept(graph, settings, progress, watch)
    began = time.monotonic()
    notes: tuple[str, ...] = ()
    try:
        pykeen_backend.run(graph, settings, kept.step, kept.epoch)
    except pykeen_backend.Ended:
        notes = (f"Stopped after {kept.done} of {settings.epochs} epochs.",)
    except pykeen_backend.Diverged as error:
        if kept.vectors is None:
            raise InputError(
                "The training diverged in its first epoch: its numbers are not finite.",
                f"Steps that are small enough; the learning rate is {settings.learning_rate:g}.",
                "Lower the learning rate.",
            ) from error
        notes = (
            f"The training diverged in epoch {kept.done + 1}: its numbers were no longer finite. "
            f"The vectors of epoch {kept.done} are kept. Lower the learning rate.",
        )
    except (MemoryError, RuntimeError) as error:
        if not isinstance(error, MemoryError) and not is_oom_error(error):
            raise
        raise InputError(
            f"Memory does not suffice for batches of {settings.batch:,}.",
            f"The scores of a batch with {len(graph.entities):,} entities must fit in.",
            "Lower the batch or the dimension.",
        ) from error
    if kept.vectors is None:
        raise AssertionError  # an epoch that ended well left its vectors
    seconds = time.monotonic() - began - kept.measuring
    losses, mrrs = tuple(watch.losses[: kept.done]), tuple(watch.mrrs)
    return Trained(kept.vectors, settings, kept.done, losses, mrrs, seconds, notes)


class _Kept:
    """What is done after each step and epoch, and the vectors of the last good epoch."""

    def __init__(self, graph: Graph, settings: Settings, progress: Progress, watch: Watch) -> None:
        self.vectors: GraphVectors | None = None
        self.done, self.measuring = 0, 0.0
        self._graph, self._settings, self._progress, self._watch = graph, settings, progress, watch
        self._began = time.monotonic()
        self._sample = _sample(graph)

    def step(self) -> None:
        """Reports, which is where a cancelled training ends; stops where that is asked for."""
        from core.graphs.pykeen_backend import Ended

        self._progress(self.done, self._settings.epochs, "epochs")
        if self._watch.stop.is_set() and self.vectors is not None:
            raise Ended

    def epoch(self, loss: float, vectors: GraphVectors) -> None:
        """Keeps an epoch's vectors; measures now and then."""
        from core.graphs.pykeen_backend import Diverged

        if not np.isfinite(loss) or not vectors.finite:
            raise Diverged
        self.vectors = vectors
        self.done += 1
        self._watch.losses.append(loss)
        last = self.done == self._settings.epochs
        due = self.done % max(1, self._settings.epochs // POINTS) == 0
        spent = time.monotonic() - self._began
        if len(self._sample) and due and (last or self.measuring <= _MEASURING * spent):
            started = time.monotonic()
            found = evaluate(vectors, self._graph, self._sample)
            self._watch.mrrs.append((self.done, found.both.mrr))
            self.measuring += time.monotonic() - started
        self.step()


def _sample(graph: Graph) -> IntArray:
    """Validation triples for the curve, by chance but always the same."""
    rows = np.random.default_rng(0).permutation(len(graph.valid))[:SAMPLED]
    return graph.valid[np.sort(rows)]


@contextmanager
def _own_seed() -> Iterator[None]:
    """Leaves the generators of Python, NumPy and PyTorch as they were: a seed sets all three."""
    import torch

    python, numpy = random.getstate(), np.random.get_state()  # PyKEEN sets it
    try:
        with torch.random.fork_rng(devices=[]):
            yield
    finally:
        random.setstate(python)
        np.random.set_state(numpy)
