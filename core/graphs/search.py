"""A search for settings within a time box, by validation triples alone.

Optuna, which comes with PyKEEN, proposes settings (Tree-structured Parzen Estimator, Bergstra et
al. 2011) and ends those that fall behind (successive halving, Jamieson & Talwalkar 2016). Each
training is measured after every few epochs, so that their number is found on the way. The test
triples are not looked at, not even to filter by them.
"""

from __future__ import annotations

import contextlib
import itertools
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from core.base.errors import InputError
from core.base.types import Progress, no_progress
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


def search(
    graph: Graph,
    start: Settings,
    seconds: float,
    progress: Progress = no_progress,
    trials: int | None = None,
) -> list[Trial]:
    """Settings by their validation MRR, best first; ``train`` with them gives the same vectors.

    Args:
        start: what is tried first; model, loss, negatives, seed and inverse relations stay as they
            are there.
        seconds: when it ends, in the midst of a training too.
        trials: how many are tried at most.

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
    run = _Search(graph, start, seconds)
    run_watched(lambda report: run.go(report, trials), progress, "search")
    if not run.found:
        raise InputError(
            f"In {seconds:g} s no training came as far as {_EVERY} epochs.",
            "Time for a few trainings.",
            "Give it more time.",
        )
    return sorted(run.found, key=lambda trial: -trial.mrr)


class _Over(Exception):  # noqa: N818  # asked for, not an error
    """A training is not gone on with: it fell behind, got no better, or time is up."""


class _Search:
    """The trials so far, and when the search ends."""

    def __init__(self, graph: Graph, start: Settings, seconds: float) -> None:
        self.found: list[Trial] = []
        self.end = time.monotonic() + seconds
        self._graph = replace(graph, test=graph.test[:0])
        self._start, self._seconds = start, seconds
        self._triples = training.sample(graph.valid, _TRIPLES)

    def go(self, progress: Progress, trials: int | None) -> None:
        """Tries settings until time is up."""

        def report(note: str = "") -> None:
            spent = min(self._seconds, self._seconds - self.end + time.monotonic())
            best = max((trial.mrr for trial in self.found), default=0.0)
            told = f"s of the search, {len(self.found)} tried, best validation MRR {best:.3f}{note}"
            progress(int(spent), max(1, int(self._seconds)), told)

        with training.own_turn(report):
            import optuna

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
            pykeen_backend.run(self._graph, settings, step, epoch)
        if measured:
            best = max(measured)
            epochs = _EVERY * (1 + measured.index(best))
            self.found.append(Trial(replace(settings, epochs=epochs), best))
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
    ranges = {"learning_rate": (1e-3, 0.1)}
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
