"""Work that all its watchers left: what there is of it is kept where that is worth something."""

from __future__ import annotations

import time
from dataclasses import replace
from pathlib import Path

from core.base.errors import Cancelled
from core.base.jobs import Job
from core.cache import graph_training as training_cache, graphs as graphs_cache, jobs as jobs_cache
from core.graphs import models
from core.graphs.settings import Settings
from tests.support.graph_fixtures import family


def test_a_training_that_all_left_keeps_its_last_epoch_and_a_cancelled_one_nothing(
    own_home: Path,
) -> None:
    graph = family()
    settings = Settings(dim=4, epochs=10_000, batch=8)

    def begun(seed: int) -> Job:
        used = replace(settings, seed=seed)
        key = training_cache.training_key(graph, used)
        job = jobs_cache.jobs().start(
            key, "Training", lambda progress: training_cache.train(graph, used, progress)
        )
        job.watch("ann")
        while not training_cache.watch(key).losses:
            assert job.running
            time.sleep(0.01)
        return job

    job = begun(1)
    job.leave("ann")
    name = job.future.result(60)
    model = graphs_cache.model(models.list_kept()[name])
    assert 1 <= model.trained.epochs < settings.epochs
    assert model.trained.notes == (
        f"Stopped after {model.trained.epochs} of {settings.epochs} epochs.",
    )
    job = begun(2)
    job.cancel()
    job.leave("ann")
    assert isinstance(job.future.exception(60), Cancelled)
    assert len(models.list_kept()) == 1
