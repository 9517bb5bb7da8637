"""``graph train``: trains a model of a knowledge graph, or goes on with one, and writes it."""

from __future__ import annotations

import argparse
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

from core.base.errors import InputError, shorten
from core.base.types import FloatArray
from core.cli import graph_source, graph_text
from core.cli.progress import StderrProgress
from core.graphs import (
    models,
    pipeline,
    ranking,
    search,
    sources,
)
from core.graphs.graph import Graph
from core.graphs.pykeen_home import prepare
from core.graphs.settings import HELP as TOLD, LOSSES, OPTIMIZERS, Settings, defaults, find_model
from core.graphs.training import Watch
from core.spaces.catalog import DEFAULT_SPACE
from core.storage import data_home

_LONGEST = 100_000  # minutes
_WHOLE = ("dim", "epochs", "negatives", "batch", "seed")
_SETTINGS = (*_WHOLE, "learning_rate", "smoothing", "regularization", "relation_weight")
_SWITCHES = ("inverse", "by_triple")


def add_arguments(train: argparse.ArgumentParser) -> None:
    """From what a model is trained, and how."""
    graph_source.add_arguments(train, needed=False)
    train.add_argument("--out", metavar="DIR", required=True, help="the folder to write")
    train.add_argument("--model", help=TOLD["model"])
    train.add_argument("--loss", choices=list(LOSSES), help=TOLD["loss"])
    for name in _SETTINGS:
        kind = int if name in _WHOLE else float
        option = f"--{name.replace('_', '-')}"
        train.add_argument(option, type=kind, metavar="N", help=TOLD[name])
    train.add_argument("--optimizer", choices=OPTIMIZERS, help=TOLD["optimizer"])
    for name in _SWITCHES:
        option = f"--{name.replace('_', '-')}"
        train.add_argument(option, action=argparse.BooleanOptionalAction, help=TOLD[name])
    train.add_argument(
        "--minutes",
        type=float,
        metavar="N",
        help="stop after so many, when the first epoch is over, and keep what there is",
    )
    train.add_argument(
        "--search",
        type=float,
        metavar="N",
        help="look so many minutes for settings, by validation triples, from those given or the "
        "defaults on; then train with the best",
    )
    train.add_argument(
        "--start-from-texts",
        dest="start_from",
        nargs="?",
        const=DEFAULT_SPACE,
        metavar="SPACE",
        help=TOLD["start_from"] + " SPACE is %(const)s where it is not given",
    )
    train.add_argument("--texts", metavar="FILE", help="descriptions for it: JSON, TSV or CSV")
    train.add_argument(
        "--resume",
        metavar="DIR",
        help="go on with a training that was stopped, in place of a source, by its own settings; "
        "--epochs may be others",
    )


def train(options: argparse.Namespace) -> dict[str, Any]:
    """Trains a model and writes it, in the form that the docs state.

    Raises:
        InputError: options do not go together, or the triples cannot be used.
    """
    out = data_home.given_path(options.out)
    if out.is_file() or (out.is_dir() and any(out.iterdir())):
        raise InputError(
            f"“{shorten(options.out)}” is there already.",
            "The model is written into a new folder.",
            "Change --out.",
        )
    if options.search is not None and options.resume is not None:
        raise InputError(
            "--search looks for settings, and --resume has its own.",
            "One of them.",
            "Leave one out.",
        )
    if (options.source is None) is (options.resume is None):
        raise InputError(
            "A training begins with triples or goes on with one that was stopped.",
            "A source or --resume, and not both.",
            "Give one of them.",
        )
    if options.texts is not None and options.start_from is None:
        raise InputError(
            "--texts gives descriptions, and nothing begins with them.",
            "--start-from-texts with it.",
            "Add it, or leave --texts out.",
        )
    prepare()
    texts: list[str] = []
    if options.resume is None:
        graph, start = graph_source.load(options), None
        settings = _settings(options, graph)
        if settings.start_from:
            texts = graph_text.texts_of(graph, options.texts)
    else:
        stopped = models.load_to_resume(data_home.given_path(options.resume))
        graph, start = stopped.graph, stopped.trained
        settings = replace(start.settings, **_given(options))
    vectors = graph_text.encode(texts, settings.start_from) if texts else None
    trials = _search(graph, settings, options, vectors) if options.search is not None else []
    if trials:
        settings = trials[0].settings
    watch = Watch()
    with _time_box(options.minutes, watch):
        model = pipeline.make(graph, settings, StderrProgress(), watch, start, vectors)
    models.save(model, out, exclusive=True)
    trained, triples = model.trained, graph.parts[graph.measured]
    optimistic = {
        name.removeprefix(pipeline.OPTIMISTIC): value
        for name, value in model.figures.items()
        if name.startswith(pipeline.OPTIMISTIC)
    }
    return {
        "model": settings.model.value,
        **{name: model.figures[name] for name in optimistic},
        "seconds": round(trained.seconds, 3),
        "measured_on": graph.measured,
        "epochs": trained.epochs,
        "settings": settings.as_dict(),
        "graph": _counts(graph),
        "optimistic": optimistic,
        "tried": [{"valid_mrr": one.mrr, **one.settings.as_dict()} for one in trials],
        "frequency": pipeline.as_numbers(ranking.frequency_figures(graph, triples)),
        "folder": str(out),
        "detected": [*map(dict, graph.detected)],
        "notes": [*graph.notes, *trained.notes],
    }


def _settings(options: argparse.Namespace, graph: Graph) -> Settings:
    """The defaults for the graph and model, with what was given in their place."""
    known = sources.find_known(options.source)
    model = find_model(options.model) if options.model else None
    name = "" if known is None else known.name
    return replace(defaults(name, model, len(graph.train)), **_given(options))


def _given(options: argparse.Namespace) -> dict[str, Any]:
    """The settings that were given, the model aside."""
    chosen = {
        name: getattr(options, name)
        for name in ("loss", "optimizer", "start_from", *_SWITCHES, *_SETTINGS)
    }
    return {name: value for name, value in chosen.items() if value is not None}


def _search(
    graph: Graph, settings: Settings, options: argparse.Namespace, texts: FloatArray | None
) -> list[search.Trial]:
    _check_minutes("--search", options.search)
    return search.search(graph, settings, 60 * options.search, StderrProgress(), texts=texts)


def _check_minutes(option: str, minutes: float) -> None:
    if not 0 < minutes < _LONGEST:
        raise InputError(
            f"{option} is {minutes:g}.",
            f"A number of minutes above 0 and below {_LONGEST:,}.",
            "Change it, or leave it out.",
        )


@contextmanager
def _time_box(minutes: float | None, watch: Watch) -> Iterator[None]:
    """Has a training stop after so many minutes; ``None`` lets it go on.

    Raises:
        InputError: it is no number above 0.
    """
    if minutes is None:
        yield
        return
    _check_minutes("--minutes", minutes)
    timer = threading.Timer(60 * minutes, watch.stop.set)
    timer.daemon = True
    timer.start()
    try:
        yield
    finally:
        timer.cancel()


def _counts(graph: Graph) -> dict[str, Any]:
    sizes = {name: len(part) for name, part in graph.parts.items()}
    return {
        "name": graph.name,
        "entities": len(graph.entities),
        "relations": len(graph.relations),
        **sizes,
    }
