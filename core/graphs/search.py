"""A search for settings within a time box, by validation triples alone.

Optuna, which comes with PyKEEN, proposes settings (Tree-structured Parzen Estimator, Bergstra et
al. 2011) and ends those that fall behind (successive halving, Jamieson & Talwalkar 2016). Each
training is measured after every few epochs, so that their number is found on the way. The test
triples are not looked at, not even to filter by them.
"""

from __future__ import annotations

import contextlib
import itertools
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from core.base.errors import InputError
from core.base.types import FloatArray, Progress, no_progress
from core.base.watched import run_watched
from core.graphs import training
from core.graphs.graph import Graph
from core.graphs.ranking import evaluate
from core.graphs.scoring import GraphVectors
from core.graphs.settings import Settings

if TYPE_CHECKING:
    import optuna

MOST_EPOCHS = 200
_EVERY = 3  # epochs between two measurements
_PATIENCE = 4  # measurements without a better one after which a training ends
_TRIPLES = 2_000  # validation triples that are ranked at most


@dataclass(frozen=True, slots=True)
class Trial:
    """Settings that were tried, with the epochs at which their validation MRR was highest."""

    settings: Settings
    mrr: float


@dataclass(slots=True)
class Watch:
    """What is seen of a search while it goes; ``stop`` set ends it, and what was tried is kept."""

    tried: list[Trial] = field(default_factory=list)
    stop: threading.Event = field(default_factory=threading.Event)

    @property
    def best_first(self) -> list[Trial]:
        """What was tried so far, by its MRR."""
        return sorted(self.tried, key=lambda trial: -trial.mrr)


def search(  # noqa: PLR0913
    graph: Graph,
    start: Settings,
    seconds: float,
    progress: Progress = no_progress,
    *,
    trials: int | None = None,
    watch: Watch | None = None,
    texts: FloatArray | None = None,
) -> list[Trial]:
    """Settings by their validation MRR, best first; ``train`` with them gives the same vectors.

    Args:
        start: what is tried first; model, loss, negatives, seed and inverse relations stay as they
            are there.
        seconds: when it ends, in the midst of a training too.
        trials: how many are tried at most.
        watch: what is seen of it while it goes.
        texts: ``(n, dim)`` as ``training.train`` takes them.

    Raises:
        InputError: the graph has no validation triples, or not one training was measured in time.
        Cancelled: by ``progress``.
    """
    if not len(graph.valid):
        raise InputError(
            f"{graph.name} has no validation triples.",
            "Settings are compared on triples that are neither for training nor for testing.",
            "Split the graph, or choose the settings yourself.",
        )
    seen = Watch() if watch is None else watch
    run = _Search(graph, start, seconds, seen, texts)
    run_watched(lambda report: run.go(report, trials), progress, "search")
    if not seen.tried:
        raise InputError(
            f"No training came as far as {_EVERY} epochs in the {seconds:g} s, or before its stop.",
            "Time for a few trainings.",
            "Give it more time.",
        )
    return seen.best_first


class _Over(Exception):  # noqa: N818  # asked for, not an error
    """A training is not gone on with: it fell behind, got no better, or time is up."""


class _Search:
    """The trials so far, and when the search ends."""

    def __init__(
        self,
        graph: Graph,
        start: Settings,
        seconds: float,
        watch: Watch,
        texts: FloatArray | None,
    ) -> None:
        self._watch, self._texts = watch, texts
        self.end = time.monotonic() + seconds
        self._graph = replace(graph, test=graph.test[:0])
        self._start, self._seconds = start, seconds
        self._triples = training.sample(graph.valid, _TRIPLES)

    def go(self, progress: Progress, trials: int | None) -> None:
        """Tries settings until time is up."""

        def report(note: str = "") -> None:
            spent = min(self._seconds, self._seconds - self.end + time.monotonic())
            tried = self._watch.tried
            best = max((trial.mrr for trial in tried), default=0.0)
            told = f"s of the search, {len(tried)} tried, best validation MRR {best:.3f}{note}"
            progress(int(spent), max(1, int(self._seconds)), told)

        with training.own_turn(report):
            import optuna

            self.end = time.monotonic() + self._seconds  # what was waited for does not count

            optuna.logging.set_verbosity(optuna.logging.ERROR)
            study = optuna.create_study(
                direction="maximize",
                sampler=optuna.samplers.TPESampler(seed=self._start.seed),
                pruner=optuna.pruners.SuccessiveHalvingPruner(min_resource=2, reduction_factor=3),
            )
            study.enqueue_trial(_space(self._start).first)
            study.optimize(
                lambda trial: self._try(trial, report), n_trials=trials, timeout=self._seconds
            )

    def _try(self, trial: optuna.Trial, report: Callable[[], None]) -> float:
        """Trains by what Optuna proposes; the best validation MRR on the way."""
        import optuna

        from core.graphs import pykeen_backend

        settings = replace(self._start, epochs=MOST_EPOCHS, **_space(self._start).ask(trial))
        measured: list[float] = []
        pruned = False

        def step(share: float, read: object) -> None:
            report()
            if self._watch.stop.is_set():
                trial.study.stop()
                raise _Over
            if time.monotonic() > self.end:
                raise _Over

        done = itertools.count(1)

        def epoch(loss: float, vectors: GraphVectors, state: object) -> None:
            nonlocal pruned
            if not np.isfinite(loss) or not vectors.finite:
                raise _Over
            if next(done) % _EVERY:
                return
            measured.append(evaluate(vectors, self._graph, self._triples).both.mrr)
            trial.report(max(measured), len(measured))
            pruned = trial.should_prune()
            if pruned or len(measured) - measured.index(max(measured)) > _PATIENCE:
                raise _Over

        with contextlib.suppress(_Over, pykeen_backend.Diverged):
            pykeen_backend.run(self._graph, settings, step, epoch, texts=self._texts)
        if measured:
            best = max(measured)
            epochs = _EVERY * (1 + measured.index(best))
            self._watch.tried.append(Trial(replace(settings, epochs=epochs), best))
        if pruned or not measured:
            raise optuna.TrialPruned
        return max(measured)


@dataclass(frozen=True, slots=True)
class _Space:
    """What may be chosen: one of some values, or a number of a range, by the names of Settings."""

    choices: Mapping[str, Sequence[float]]
    ranges: Mapping[str, tuple[float, float]]
    first: dict[str, Any]

    def ask(self, trial: optuna.Trial) -> dict[str, Any]:
        """What Optuna proposes."""
        chosen = {
            name: trial.suggest_categorical(name, values) for name, values in self.choices.items()
        }
        numbers = {
            name: trial.suggest_float(name, low, high, log=True)
            for name, (low, high) in self.ranges.items()
        }
        return chosen | numbers


def _space(start: Settings) -> _Space:
    """What suits the settings to begin with, and those themselves."""
    choices: dict[str, Sequence[float]] = {"dim": (64, 128, 256, 512), "batch": (64, 128, 256, 512)}
    ranges = {"learning_rate": (0.02, 0.5) if start.optimizer == "Adagrad" else (1e-3, 0.1)}
    if start.negatives:
        choices["negatives"] = (4, 16, 64)
    else:
        choices["smoothing"] = (0.0, 0.1, 0.2, 0.3, 0.5)
        choices["relation_weight"] = (0.0, 0.05, 0.2, 0.5, 1.0)
    if start.regularization:
        ranges["regularization"] = (3e-4, 0.1)
    own = start.as_dict()
    return _Space(
        {name: sorted({*values, own[name]}) for name, values in choices.items()},
        {name: (min(low, own[name]), max(high, own[name])) for name, (low, high) in ranges.items()},
        {name: own[name] for name in (*choices, *ranges)},
    )
