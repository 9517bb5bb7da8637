"""Training a head on frozen vectors, watched while it goes.

After some of the epochs two things are measured: among the items that choose, how good the head is,
by which the best one is kept, and among the held-out ones what is shown. Held-out items decide
nothing.
"""

from __future__ import annotations

import secrets
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from core.base.errors import InputError
from core.base.queue import Queue, place_note
from core.base.types import FloatArray, IntArray, Progress, no_progress
from core.base.watched import run_watched
from core.heads import batches, checkpoints
from core.heads.data import Data
from core.heads.measures import figures, nearest_classes, own_view, zero_shot_of
from core.heads.settings import Settings
from core.heads.split import Split, split
from core.heads.views import MATRIX, SHOWN, Aligned, in_order
from core.heads.watch import Point, Trained, Watch
from core.spaces.encoders.head import Head

if TYPE_CHECKING:
    import torch
    from torch import Tensor

    from core.heads.network import Network

POINTS = 24  # of the curve, and pictures of the map, at most
_POOL = 3_000  # training items that others are compared with while it goes, at most
_SAVE_EVERY = 5.0  # seconds between two checkpoints
_BEST = ("best-", "best text-")  # before the names of the best heads' numbers
Heads = tuple[Head, Head | None]  # of the items, and of texts where they are trained along
_QUEUE = Queue()  # two trainings would take the processor from each other and from everybody


def train(
    data: Data,
    settings: Settings,
    progress: Progress = no_progress,
    watch: Watch | None = None,
    checkpoint: Path | None = None,
) -> Trained:
    """The head that is best on the items that choose.

    One training goes on at a time in a process; others wait for their turn.

    Args:
        checkpoint: a file that is written now and then, gone on from where it is there, and
            deleted at the end.

    Raises:
        InputError: the items cannot be parted, or it diverged before one epoch was over.
        Cancelled: by ``progress``; the checkpoint stays.
    """
    seen = Watch() if watch is None else watch
    return run_watched(
        lambda report: _in_turn(data, settings, report, seen, checkpoint), progress, "training"
    )


def _in_turn(
    data: Data, settings: Settings, progress: Progress, watch: Watch, checkpoint: Path | None
) -> Trained:
    numbers = data.numbers if data.views is None else data.numbers[:, :0]  # no label decides
    parts = split(numbers, settings.held_out, settings.seed, data.groups, data.held_out)

    def waits(place: int) -> None:
        progress(0, settings.epochs, f"epochs; {place_note(place)}" if place else "epochs")

    with _QUEUE.turn(secrets.token_hex(8), waits):
        from threadpoolctl import threadpool_limits

        # Of this thread alone. The products are small: beside other work two threads that wait for
        # each other at each of them took six times as long as one.
        with threadpool_limits(1, user_api="openmp"):
            return _Training(data, settings, parts, watch, checkpoint).run(progress)


class _Training:
    """One training from its first epoch, or from a checkpoint, to its end."""

    def __init__(
        self,
        data: Data,
        settings: Settings,
        parts: Split,
        watch: Watch,
        checkpoint: Path | None,
    ) -> None:
        from core.heads.network import Network

        self.data, self.settings, self.parts, self.watch = data, settings, parts, watch
        self.checkpoint, self.began = checkpoint, time.monotonic()
        text_mean = None if data.texts is None else data.texts.mean
        self.network: Network = Network(data.vectors, parts.train, settings, text_mean)
        self.best: tuple[float, int, Heads] | None = None
        self.done = 0
        self.every = _every(settings.epochs, parts)
        self.saved = time.monotonic()
        watch.shown = _sample(parts.held_out, SHOWN)
        watch.matrix_rows = _matrix_rows(data, parts)
        self.aligned = Aligned()

    def run(self, progress: Progress) -> Trained:
        settings, watch = self.settings, self.watch
        self._resume()
        if not watch.points:
            self._measure(None)
        notes: tuple[str, ...] = ()
        while self.done < settings.epochs:
            progress(self.done, settings.epochs, "epochs")
            if watch.stop.is_set() and self.best is not None:
                notes = (f"Stopped after {self.done} of {settings.epochs} epochs.",)
                break
            loss = self._epoch(progress)
            if not np.isfinite(loss) or not self.network.sane:
                notes = (self._diverged(),)
                break
            self.done += 1
            watch.losses.append(loss)
            if self.done in (1, settings.epochs) or self.done % self.every == 0:
                self._measure(self._heads())
            if self.checkpoint is not None and time.monotonic() - self.saved > _SAVE_EVERY:
                self._save(self.checkpoint)
        if self.best is None:  # it ended before a first point, as where it was stopped
            self._measure(self._heads())
        if self.best is None:
            raise AssertionError  # what was measured last is the best at least
        if self.checkpoint is not None:
            self.checkpoint.unlink(missing_ok=True)
        _, epoch, (head, text_head) = self.best
        return Trained(
            head,
            settings,
            self.parts,
            epoch,
            tuple(watch.losses),
            tuple(watch.points),
            np.array(watch.shown),
            time.monotonic() - self.began,
            notes,
            text_head,
            self._own_view(head),
        )

    def _own_view(self, head: Head) -> tuple[tuple[float, float], tuple[float, float]] | None:
        """``Trained.own_view`` of a head."""
        if self.data.views is None:
            return None
        two = [self.data.views[self.parts.held_out, at] for at in (0, 1)]
        return own_view(*two), own_view(*(head.apply(one) for one in two))

    def _heads(self) -> Heads:
        return self.network.head(), self.network.text_head()

    def _epoch(self, progress: Progress) -> float:
        """Goes through as many items as there are; the mean loss."""
        import torch

        settings = self.settings
        drawn = np.random.default_rng((settings.seed, self.done))
        dropped = torch.Generator().manual_seed(int(drawn.integers(2**62)))
        steps = self._steps(drawn, dropped)
        losses = []
        for at, loss_of in enumerate(steps):
            progress(self.done, settings.epochs, "epochs")
            loss = loss_of()
            losses.append(loss.item())
            if not np.isfinite(losses[-1]):
                break
            self.network.step(loss, (self.done + at / len(steps)) / settings.epochs)
        return float(np.mean(losses))

    def _steps(
        self, drawn: np.random.Generator, dropped: torch.Generator
    ) -> list[Callable[[], Tensor]]:
        """What gives the loss of each batch of an epoch."""
        from core.heads.steps import loss_of, loss_of_views

        settings, data, rows = self.settings, self.data, self.parts.train
        if data.views is not None:
            of_views = batches.of_views(len(rows), settings.batch, data.views.shape[1], drawn)
            return [
                partial(loss_of_views, self.network, data.views, rows[batch], chosen, dropped)
                for batch, chosen in of_views
            ]
        every = batches.epoch(data.numbers[rows], settings.batch, settings.balance, drawn)
        # All are drawn before the first step: words are drawn in the steps.
        return [
            partial(loss_of, self.network, data, rows[batch], drawn, dropped)
            for batch in list(every)
        ]

    def _measure(self, heads: Heads | None) -> None:
        """Keeps the heads where they are the best so far; adds a point. ``None`` is the base."""
        watch = self.watch
        pool = _sample(self.parts.train, _POOL)
        among = self._of(self.data.vectors[pool], heads)
        if heads is not None:
            choosing = _sample(self.parts.choosing, SHOWN)
            # Without any the last is the best.
            score = float(self.done)
            if len(choosing):
                score = self._alike(choosing, pool, among, heads)[0]
            if self.best is None or score >= self.best[0]:
                self.best = (score, self.done, heads)
        rows = np.array(watch.shown)
        precision, nearest = self._alike(rows, pool, among, heads)
        shown = self._of(self.data.vectors[rows], heads)
        places = self.aligned.places(shown)
        named = self._zero_shot(shown, None if heads is None else heads[1])
        watch.points.append(Point(self.done, precision, nearest, places, named))
        some = self._of(self.data.vectors[np.array(watch.matrix_rows)], heads)
        watch.matrix = some @ some.T

    def _of(self, vectors: FloatArray, heads: Heads | None) -> FloatArray:
        return vectors if heads is None else self.network.made_of(vectors)

    def _alike(
        self, rows: IntArray, pool: IntArray, among: FloatArray, heads: Heads | None
    ) -> tuple[float, float]:
        """P@10 and P@1 of some rows among others, the mean over the columns; ``own_view`` of views.

        Args:
            pool: ``(m,)`` the rows that ``among`` ``(m, dim)`` are the vectors of.
        """
        data = self.data
        if data.views is not None:
            return own_view(*(self._of(data.views[rows, at], heads) for at in (0, 1)))
        vectors = self._of(data.vectors[rows], heads)
        found = []
        for one in data.labels:
            asking = one.numbers[rows] >= 0
            near = nearest_classes(vectors[asking], among, one.numbers[pool])
            found.append(figures(near, one.numbers[rows][asking]))
        precision = float(np.mean([one.mean for one in found]))
        return precision, float(np.mean([one.nearest for one in found]))

    def _zero_shot(self, shown: FloatArray, text_head: Head | None) -> float | None:
        """Of the held-out items on the map, the mean over the columns."""
        if self.data.texts is None:
            return None
        rows = np.array(self.watch.shown)
        found = zero_shot_of(self.data, rows, shown, text_head)
        told = [one for one in found if one is not None]
        return float(np.mean(told)) if told else None

    def _diverged(self) -> str:
        rate = self.settings.learning_rate
        if self.best is None:
            raise InputError(
                "The training diverged in its first epoch: its numbers are not finite, or too "
                "large.",
                f"Steps that are small enough; the learning rate is {rate:g}.",
                "Lower the learning rate; 0.001 is usual.",
            )
        return (
            f"The training diverged in epoch {self.done + 1}: its numbers were no longer finite, "
            f"or too large. The head of epoch {self.best[1]} is kept. Lower the learning rate."
        )

    def _save(self, path: Path) -> None:
        import torch

        watch = self.watch
        tensors = self.network.state()
        seen: dict[str, Any] = {"done": self.done, "losses": watch.losses}
        seen["points"] = [
            [one.epoch, one.precision, one.nearest, one.zero_shot] for one in watch.points
        ]
        tensors["places"] = torch.from_numpy(np.stack([one.places for one in watch.points]))
        if self.best is not None:
            seen["best"] = self.best[:2]
            for before, head in zip(_BEST, self.best[2], strict=True):
                arrays = {} if head is None else head.arrays()
                tensors |= {f"{before}{name}": torch.from_numpy(arrays[name]) for name in arrays}
        checkpoints.save(path, tensors, seen)
        self.saved = time.monotonic()

    def _resume(self) -> None:
        found = None if self.checkpoint is None else checkpoints.load(self.checkpoint)
        if found is None:
            return
        tensors, seen = found
        self.network.take_state(tensors)
        self.done, self.watch.losses[:] = int(seen["done"]), seen["losses"]
        places = tensors["places"].numpy()
        self.watch.points[:] = [
            Point(int(epoch), float(precision), float(nearest), places[at], *named)
            for at, (epoch, precision, nearest, *named) in enumerate(seen["points"])
        ]
        self.aligned.last = self.watch.points[-1].places
        if "best" in seen:
            score, epoch = seen["best"]
            head, text_head = (checkpoints.head_of(tensors, before) for before in _BEST)
            if head is not None:
                self.best = (float(score), int(epoch), (head, text_head))


def _every(epochs: int, parts: Split) -> int:
    """How many epochs lie between two points of the curve.

    Of many items, so many that measuring takes about a seventh of what training does: what is
    measured goes through the network once, what trains as good as three times, there and back.
    """
    trained = 3 * len(parts.train)
    counts = ((parts.train, _POOL), (parts.choosing, SHOWN), (parts.held_out, SHOWN))
    measured = sum(min(len(rows), most) for rows, most in counts)
    least = 1 if len(parts.train) < _POOL else round(measured / trained * 7)
    return max(1, epochs // POINTS, least)


def _sample(rows: IntArray, most: int) -> IntArray:
    """Rows by chance, but always the same, in their order."""
    if len(rows) <= most:
        return rows
    return np.sort(np.random.default_rng(0).choice(rows, most, replace=False))


def _matrix_rows(data: Data, parts: Split) -> IntArray:
    """Held-out rows of a few classes of the first column, sorted by class."""
    return in_order(parts.held_out, data.first.numbers, MATRIX)
