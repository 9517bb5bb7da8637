"""``python -m core graph ACTION``: models of knowledge graphs, and walks through these."""

from __future__ import annotations

import argparse
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

from core.base.errors import InputError, counted, shorten
from core.base.types import FloatArray
from core.cli import graph_near, graph_pictures, graph_review, graph_text, graph_walk
from core.cli.progress import StderrProgress
from core.graphs import (
    download,
    models,
    pipeline,
    prediction,
    ranking,
    search,
    sources,
)
from core.graphs.catalog import KNOWN
from core.graphs.graph import PART_NAMES, Graph
from core.graphs.pykeen_home import prepare
from core.graphs.settings import HELP as TOLD, LOSSES, OPTIMIZERS, Settings, defaults, find_model
from core.graphs.training import Watch
from core.graphs.triples import ReadAs
from core.spaces.catalog import DEFAULT_SPACE
from core.storage import data_home

HELP = "Trains a model of a knowledge graph, and asks it for heads, relations or tails."
_LONGEST = 100_000  # minutes
_OTHERS = {**graph_text.ACTIONS, **graph_review.ACTIONS, **graph_walk.ACTIONS, **graph_near.ACTIONS}
_WHOLE = ("dim", "epochs", "negatives", "batch", "seed")
_SEPARATORS = {"comma": ",", "tab": "\t", "semicolon": ";", "pipe": "|"}
_SETTINGS = (*_WHOLE, "learning_rate", "smoothing", "regularization", "relation_weight")
_SWITCHES = ("inverse", "by_triple")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The two things to do, each with its own arguments."""
    actions = parser.add_subparsers(dest="action", required=True)
    train = actions.add_parser("train", help="train a model and write it", description=HELP)
    known = ", ".join(KNOWN)
    source = f"{known}, or a file, archive or folder of triples"
    train.add_argument("source", nargs="?", help=source)
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
    labels = "readable names of entities and relations: JSON, TSV or CSV"
    train.add_argument("--labels", metavar="FILE", help=labels)
    _add_reading(train)
    train.add_argument("--download", action="store_true", help="fetch a known graph if need be")
    predict = actions.add_parser(
        "predict",
        help="link prediction by a trained model",
        description="Link prediction by a trained model.",
    )
    predict.add_argument("model_folder", metavar="DIR", help="a folder that graph train wrote")
    for member in ("head", "relation", "tail"):
        predict.add_argument(f"--{member}", default="", help="give two of the three")
    predict.add_argument("-k", type=int, default=10, help="default: %(default)s")
    predict.add_argument("--new", action="store_true", help="leave known triples out")
    graph_pictures.add_arguments(predict)
    facts = actions.add_parser(
        "facts",
        help="what a source is read as, without training",
        description="What a source is read as: its entities, relations and triples, and what is "
        "left out.",
    )
    facts.add_argument("source", help=source)
    facts.add_argument("--labels", metavar="FILE", help=labels)
    _add_reading(facts)
    facts.add_argument("--download", action="store_true", help="fetch a known graph if need be")
    others = [
        *graph_text.add_actions(actions),
        *graph_review.add_actions(actions),
        *graph_walk.add_actions(actions),
        *graph_near.add_actions(actions),
    ]
    for action in (train, predict, facts, *others):  # the verb's own is not seen behind an action
        action.add_argument("--json", action="store_true", default=argparse.SUPPRESS)


def _add_reading(parser: argparse.ArgumentParser) -> None:
    """How a file of triples is read, where it was detected wrongly."""
    group = parser.add_argument_group("files", "what is not given is detected, and told by --json")
    group.add_argument(
        "--columns",
        metavar="H,R,T",
        help="the columns of head, relation and tail, by name or by number from 1",
    )
    group.add_argument("--header", choices=["yes", "no"], help="whether the first row is of names")
    group.add_argument("--separator", metavar="SIGN", help=f"{', '.join(_SEPARATORS)}, or the sign")
    group.add_argument("--encoding", metavar="NAME", help="such as utf-8, cp1251, shift_jis")
    group.add_argument(
        "--language", metavar="TAG", default="en", help="of names in RDF; default: %(default)s"
    )


def _read_as(options: argparse.Namespace) -> ReadAs:
    separator = options.separator
    if separator is not None and len(separator := _SEPARATORS.get(separator, separator)) != 1:
        raise InputError(
            f"“{shorten(options.separator)}” is no separator.",
            f"One sign, or one of {', '.join(_SEPARATORS)}.",
            "Change --separator.",
        )
    header = None if options.header is None else options.header == "yes"
    return ReadAs(options.columns, header, separator, options.encoding, options.language)


def run(options: argparse.Namespace) -> dict[str, Any]:
    """Trains or asks, in the form that the docs state."""
    if options.action in _OTHERS:
        return _OTHERS[options.action](options)
    if options.action == "facts":
        return _facts(_load(options))
    return _train(options) if options.action == "train" else _predict(options)


def _facts(graph: Graph) -> dict[str, Any]:
    return {
        "name": graph.name,
        "entities": len(graph.entities),
        "relations": len(graph.relations),
        "triples": {name: len(part) for name, part in graph.parts.items()},
        "left_out": graph.left_out,
        "detected": [*graph.detected],
        "notes": [*graph.notes],
    }


def _train(options: argparse.Namespace) -> dict[str, Any]:
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
        graph, start = _load(options), None
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


def _load(options: argparse.Namespace) -> Graph:
    known = sources.find_known(options.source)
    if known is not None and options.download:
        download.download(known, StderrProgress())
    labels = None if options.labels is None else data_home.given_path(options.labels)
    if labels is not None and not labels.is_file():
        raise InputError(
            f"There is no file “{shorten(options.labels)}”.",
            "JSON, or lines of id, tab, name.",
            "Check --labels.",
        )
    return sources.load_graph(options.source, labels, _read_as(options))


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


def _predict(options: argparse.Namespace) -> dict[str, Any]:
    model = models.load(Path(data_home.given_path(options.model_folder)))
    graph = model.graph
    question = prediction.read_question(graph, options.head, options.relation, options.tail)
    found = prediction.answer(model, question, options.k, known=not options.new)
    if options.gallery is not None and question.asked is prediction.Asked.RELATION:
        raise InputError(
            "--gallery was given with a query for relations.",
            "Pictures are of entities: of heads or tails.",
            "Leave it out.",
        )
    shown = graph_pictures.open_pictures(options, graph)
    return {
        "predictions": [
            {"id": one.id, "score": one.score, "known": bool(one.part)}
            | ({"part": one.part} if one.part else {})
            | ({"label": one.label} if one.label != one.id else {})
            | graph_pictures.of(shown, one.row)
            for one in found
        ],
        **graph_pictures.told(shown),
        "asked": question.asked.value,
        "model": model.trained.settings.model.value,
        "graph": graph.name,
    }


def show(result: dict[str, Any]) -> str:
    """The answer for a person."""
    for shown in (graph_text.show, graph_review.show, graph_walk.show, graph_near.show):
        if (told := shown(result)) is not None:
            return told
    if "predictions" not in result and "model" not in result:
        return _show_facts(result)
    if "predictions" in result:
        lines = []
        for one in result["predictions"]:
            known = f"  (known, {one['part']})" if one["known"] else ""
            lines.append(f"{one['score']:9.4f}  {one.get('label', one['id'])}{known}")
        return "\n".join(lines)
    graph = result["graph"]
    lines = [f"({note})" for note in result["notes"]]
    part = PART_NAMES[result["measured_on"]]
    lines += [
        f"{result[name]:.4f}  {name}, {part} triples"
        for name in result
        if name.startswith(("mrr", "hits"))
    ]
    best = result["optimistic"]["mrr"]
    if result["tried"]:
        tried, valid = counted(len(result["tried"]), "setting"), result["tried"][0]["valid_mrr"]
        lines.append(f"(best of {tried} on validation triples: MRR {valid:.4f})")
    lines.append(f"({best:.4f}  mrr by optimistic ranks, which let the target win ties)")
    made = f"{result['model']}, {counted(result['epochs'], 'epoch')} in {result['seconds']:.1f} s"
    return "\n".join([*lines, f"{graph['name']}: {made}, wrote {result['folder']}"])


def _show_facts(result: dict[str, Any]) -> str:
    sizes = result["triples"]
    told = ", ".join(
        f"{counted(sizes[part], 'triple')} for {part}" for part in sizes if sizes[part]
    )
    names = f"{counted(result['entities'], 'entity')}, "
    names += counted(result["relations"], "relation")
    return "\n".join(
        [*(f"({note})" for note in result["notes"]), f"{result['name']}: {names}, {told}"]
    )
