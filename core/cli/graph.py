"""``python -m core graph ACTION``: models of knowledge graphs, and walks through these."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

from core.base.errors import InputError, counted
from core.cli import (
    graph_near,
    graph_pictures,
    graph_review,
    graph_source,
    graph_text,
    graph_train,
    graph_walk,
)
from core.graphs import (
    models,
    prediction,
)
from core.graphs.graph import PART_NAMES, Graph
from core.storage import data_home

HELP = "Trains a model of a knowledge graph, and asks it for heads, relations or tails."
_OTHERS = {**graph_text.ACTIONS, **graph_review.ACTIONS, **graph_walk.ACTIONS, **graph_near.ACTIONS}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The two things to do, each with its own arguments."""
    actions = parser.add_subparsers(dest="action", required=True)
    train = actions.add_parser("train", help="train a model and write it", description=HELP)
    graph_train.add_arguments(train)
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
    graph_source.add_arguments(facts)
    others = [
        *graph_text.add_actions(actions),
        *graph_review.add_actions(actions),
        *graph_walk.add_actions(actions),
        *graph_near.add_actions(actions),
    ]
    for action in (train, predict, facts, *others):  # the verb's own is not seen behind an action
        action.add_argument("--json", action="store_true", default=argparse.SUPPRESS)


def run(options: argparse.Namespace) -> dict[str, Any]:
    """Trains or asks, in the form that the docs state."""
    if options.action in _OTHERS:
        return _OTHERS[options.action](options)
    if options.action == "facts":
        return _facts(graph_source.load(options))
    return graph_train.train(options) if options.action == "train" else _predict(options)


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
