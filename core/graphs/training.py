"""Training a knowledge-graph model by PyKEEN, watched while it goes.

PyKEEN has the models, losses and the loop; a callback reports, stops and keeps the last good
vectors. Its own files (checkpoints, saved models, early stopping) are pickles and are not used.
"""

from __future__ import annotations

import random
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

import numpy as np

from core.base.errors import InputError, counted
from core.base.imports import import_watched
from core.base.types import FloatArray, IntArray, Progress, no_progress
from core.base.watched import run_watched
from core.graphs.graph import Graph
from core.graphs.ranking import evaluate
from core.graphs.scoring import GraphVectors
from core.graphs.settings import Settings

if TYPE_CHECKING:  # it imports PyTorch
    from core.graphs.pykeen_backend import State

LEAST = 2  # training triples: of one alone there is nothing to tell apart
POINTS = 20  # of the MRR curve at most
SAMPLED = 200  # validation triples that the curve is measured on
_MEASURING = 0.04  # share of the time that measuring the curve may take
# Seconds after which the curve gets a point within an epoch, and share of the time so far: an epoch
# of a large graph takes minutes, and the first point is not to wait for its end.
WITHIN, _GROWTH = 20.0, 0.1
_TURN = threading.Lock()  # PyKEEN draws from PyTorch's one generator: a seed holds for one training


@dataclass(slots=True)
class Watch:
    """What is seen of a training while it goes; ``stop`` set ends it, and what there is is kept."""

    losses: list[float] = field(default_factory=list)
    mrrs: list[tuple[float, float]] = field(default_factory=list)
    stop: threading.Event = field(default_factory=threading.Event)


@dataclass(frozen=True, slots=True)
class Trained:
    """A model with how it came about.

    Attributes:
        epochs: those whose vectors these are.
        losses: of each epoch.
        mrrs: (epoch, MRR) on up to ``SAMPLED`` validation triples; 0.5 is half of the first epoch.
        seconds: of training alone.
        notes: how it ended, where not as asked.
        state: what it goes on from, where it was stopped.
    """

    vectors: GraphVectors
    settings: Settings
    epochs: int
    losses: tuple[float, ...]
    mrrs: tuple[tuple[float, float], ...]
    seconds: float
    notes: tuple[str, ...] = ()
    state: State | None = None

    @property
    def whole(self) -> bool:
        """Whether all epochs that were asked for are in it; not so where it stopped or diverged."""
        return self.epochs >= self.settings.epochs


def train(  # noqa: PLR0913, PLR0917
    graph: Graph,
    settings: Settings,
    progress: Progress = no_progress,
    watch: Watch | None = None,
    start: Trained | None = None,
    texts: FloatArray | None = None,
) -> Trained:
    """The vectors of a graph's entities and relations, trained on ``graph.train``.

    One training goes on at a time in a process; others wait for their turn.

    Args:
        start: a training of the same graph that was stopped, to go on with: what comes of it is
            what one without the stop would have come to.
        texts: ``(n, dim)`` vectors of the entities' texts, zeros where one has none, to begin with;
            for ``settings.start_from``, and not where a training goes on.

    Raises:
        InputError: there are fewer than ``LEAST`` training triples, it diverged before one epoch
            was over, memory does not suffice, ``start`` cannot be gone on with by them, or there
            are no texts to begin with that differ.
        Cancelled: by ``progress``.
    """
    if len(graph.train) < LEAST:
        raise InputError(
            f"{graph.name} has {counted(len(graph.train), 'training triple')}.",
            f"Training needs {LEAST} or more.",
            "Add triples.",
        )
    seen = Watch() if watch is None else watch
    if start is not None:
        _check_start(settings, start)
        texts = None
        seen.losses[:], seen.mrrs[:] = start.losses, start.mrrs
    elif bool(settings.start_from) != (texts is not None):
        raise InputError(
            "A training begins with vectors of texts where its settings name a model of texts.",
            "Both, or neither.",
            "Give the texts, or leave “start_from” empty.",
        )
    # A batch of a large graph takes seconds, and its start too; neither reports.
    return run_watched(
        lambda report: _train_in_turn(_Kept(graph, settings, report, seen, start), texts),
        progress,
        "training",
    )


def _check_start(settings: Settings, start: Trained) -> None:
    if start.state is None:
        raise InputError(
            f"This training cannot be resumed: it ended after {counted(start.epochs, 'epoch')}.",
            "One that was stopped before all its epochs were over.",
            "Train a new one with more epochs.",
        )
    if replace(settings, epochs=start.settings.epochs) != start.settings:
        raise InputError(
            "A training goes on with the settings that it began with.",
            "Only the number of epochs may be another one.",
            "Leave the others out, or train a new model.",
        )
    if settings.epochs <= start.epochs:
        raise InputError(
            f"{counted(settings.epochs, 'epoch')} are asked for.",
            f"More than {start.epochs:,}: so many are over.",
            "Raise the epochs.",
        )


@contextmanager
def own_turn(report: Callable[[str], None]) -> Iterator[None]:
    """One training at a time in a process, with a seed of its own, once PyKEEN is ready.

    ``report`` is told what is waited for; what it raises ends the waiting.
    """
    while not _TURN.acquire(timeout=0.2):
        report("; waits for another training")
    try:
        with _own_seed():
            import_watched("core.graphs.pykeen_backend", lambda: report(", once PyKEEN is ready"))
            yield
    finally:
        _TURN.release()


def _train_in_turn(kept: _Kept, texts: FloatArray | None) -> Trained:
    with own_turn(kept.report):
        return _train(kept, texts)


def _train(kept: _Kept, texts: FloatArray | None) -> Trained:
    from torch_max_mem.api import is_oom_error

    from core.graphs import pykeen_backend

    graph, settings, start = kept.graph, kept.settings, kept.start
    kept.begin()
    began = time.monotonic()
    notes: tuple[str, ...] = ()
    state = None
    try:
        pykeen_backend.run(graph, settings, kept.step, kept.epoch, start, texts)
    except pykeen_backend.Ended:
        notes = (f"Stopped after {kept.done} of {settings.epochs} epochs.",)
        state = kept.state
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
    seconds = kept.before + time.monotonic() - began - kept.measuring
    losses = tuple(kept.watch.losses[: kept.done])
    mrrs = tuple(point for point in kept.watch.mrrs if point[0] <= kept.done)
    return Trained(kept.vectors, settings, kept.done, losses, mrrs, seconds, notes, state)


class _Kept:
    """What is done after each step and epoch, and the vectors of the last good epoch.

    Attributes:
        start: the epochs that were over before, and the state to go on from.
        before: seconds that those took.
        measuring: seconds that the curve took.
    """

    def __init__(
        self,
        graph: Graph,
        settings: Settings,
        progress: Progress,
        watch: Watch,
        start: Trained | None,
    ) -> None:
        self.graph, self.settings, self.watch = graph, settings, watch
        self.vectors: GraphVectors | None = None
        self.state: State | None = None
        self.start: tuple[int, State] | None = None
        self.done, self.before, self.measuring = 0, 0.0, 0.0
        if start is not None and start.state is not None:
            self.start = start.epochs, start.state
            self.vectors, self.state = start.vectors, start.state
            self.done, self.before = start.epochs, start.seconds
        self._progress = progress
        self._sample = sample(graph.valid, SAMPLED)
        self.begin()

    def begin(self) -> None:
        """Starts the clock."""
        self._began = self._point = time.monotonic()

    def report(self, note: str = "") -> None:
        """Tells how far it is."""
        self._progress(self.done, self.settings.epochs, f"epochs{note}")

    def step(self, share: float, read: Callable[[], GraphVectors]) -> None:
        """Reports, which is where a cancelled training ends; stops where that is asked for."""
        from core.graphs.pykeen_backend import Ended

        self.report()
        if self.watch.stop.is_set() and self.vectors is not None:
            raise Ended
        now = time.monotonic()
        if now - self._point >= max(WITHIN, _GROWTH * (now - self._began)):
            self._measure(self.done + share, read())

    def epoch(self, loss: float, vectors: GraphVectors, read_state: Callable[[], State]) -> None:
        """Keeps an epoch's vectors; measures now and then."""
        from core.graphs.pykeen_backend import Diverged

        if not np.isfinite(loss) or not vectors.finite:
            raise Diverged
        self.vectors, self.state = vectors, read_state()
        self.done += 1
        self.watch.losses.append(loss)
        last = self.done == self.settings.epochs
        due = self.done % max(1, self.settings.epochs // POINTS) == 0
        spent = time.monotonic() - self._began
        if due and (last or self.measuring <= _MEASURING * spent):
            self._measure(self.done, vectors)
        self.step(0.0, lambda: vectors)

    def _measure(self, epoch: float, vectors: GraphVectors) -> None:
        """A point of the curve, where there are triples for it."""
        started = time.monotonic()
        if len(self._sample):
            self.report(", measuring some")
            found = evaluate(vectors, self.graph, self._sample)
            self.watch.mrrs.append((epoch, found.both.mrr))
        self._point = time.monotonic()
        self.measuring += self._point - started


def sample(triples: IntArray, count: int) -> IntArray:
    """Up to ``count`` of some triples ``(n, 3)``, by chance but always the same."""
    rows = np.random.default_rng(0).permutation(len(triples))[:count]
    return triples[np.sort(rows)]


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
