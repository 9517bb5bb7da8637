"""The search for settings: what it tells is what a training gives, and it keeps to its bounds."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from core.base.errors import Cancelled, InputError
from core.graphs import ranking, search as graph_search, sources
from core.graphs.graph import build_graph
from core.graphs.scoring import Model
from core.graphs.search import search
from core.graphs.settings import Settings
from core.graphs.training import train

START = Settings(dim=8, batch=512, seed=3)
LONG = 3_600.0  # more than any of these takes


@pytest.fixture(autouse=True)
def few_epochs(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(graph_search, "MOST_EPOCHS", 6)


def test_a_training_by_the_settings_found_has_the_mrr_that_was_told() -> None:
    graph = sources.load_graph("nations")
    found = search(graph, START, LONG, trials=3)
    assert len(found) == 3
    assert [one.mrr for one in found] == sorted((one.mrr for one in found), reverse=True)
    first = [one for one in found if replace(one.settings, epochs=START.epochs) == START]
    assert len(first) == 1  # what it began with is among them
    best = found[0]
    assert best.settings.epochs in (3, 6)
    assert (best.settings.seed, best.settings.model) == (3, Model.COMPLEX)
    again = train(graph, best.settings)
    untested = replace(graph, test=graph.test[:0])
    mrr = ranking.evaluate(again.vectors, untested, graph.valid).both.mrr
    assert mrr == pytest.approx(best.mrr, abs=1e-6)


def test_what_is_sampled_stays_so_and_has_its_own_choices() -> None:
    graph = sources.load_graph("nations")
    start = Settings(Model.TRANSE, 8, 60, "margin", 16, batch=512, regularization=0, inverse=False)
    found = search(graph, start, LONG, trials=2)
    assert {one.settings.loss for one in found} == {"margin"}
    assert all(one.settings.negatives in (4, 16, 64) for one in found)
    assert {one.settings.smoothing for one in found} == {0.0}


def test_the_test_triples_are_not_looked_at() -> None:
    graph = sources.load_graph("nations")
    # The same entities in other test triples: nothing that is found may change.
    other = replace(graph, test=np.flip(graph.test[:50], axis=0)[:, [2, 1, 0]].copy())
    one, two = (search(held, START, LONG, trials=1) for held in (graph, other))
    assert one == two


def test_a_search_that_is_stopped_keeps_what_was_tried() -> None:
    watch = graph_search.Watch()

    def stop(done: int, total: int, note: str = "") -> None:
        if watch.tried:
            watch.stop.set()

    found = search(sources.load_graph("nations"), START, LONG, stop, watch=watch)
    assert found == watch.tried
    assert len(found) == 1


def test_bounds_of_the_search_are_told() -> None:
    unsplit = build_graph("small", {"train": [("a", "r", "b"), ("b", "r", "c")]})
    with pytest.raises(InputError, match="no validation triples"):
        search(unsplit, START, LONG)
    with pytest.raises(InputError, match="No training came as far"):
        search(sources.load_graph("nations"), START, 1e-9, trials=1)

    def cancel(done: int, total: int, note: str = "") -> None:
        raise Cancelled("Search")

    with pytest.raises(Cancelled):
        search(sources.load_graph("nations"), START, LONG, cancel, trials=1)
