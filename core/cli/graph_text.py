"""What ``python -m core graph`` does with texts: queries in a sentence."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from pathlib import Path
from typing import Any

from core.cli.progress import StderrProgress
from core.cli.texts import find_space
from core.graphs import models, sentence_query
from core.graphs.models import GraphModel
from core.spaces.catalog import DEFAULT_SPACE
from core.storage import data_home


def add_actions(actions: Any) -> list[argparse.ArgumentParser]:
    """The further things to do, each with its own arguments."""
    ask = actions.add_parser(
        "ask",
        help="queries that a sentence may mean",
        description="Matches a sentence to queries; predict answers the one that was meant.",
    )
    _add_model(ask)
    ask.add_argument("sentence", help="such as: whom did the usa give an embassy?")
    ask.add_argument("-k", type=int, default=6, help="default: %(default)s")
    return [ask]


def _add_model(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("model_folder", metavar="DIR", help="a folder that graph train wrote")
    parser.add_argument("--space", default=DEFAULT_SPACE, help="of texts; default: %(default)s")


def _model(options: argparse.Namespace) -> GraphModel:
    return models.load(Path(data_home.given_path(options.model_folder)))


def _ask(options: argparse.Namespace) -> dict[str, Any]:
    graph = _model(options).graph
    entry = find_space(options.space)
    encoder = entry.text_encoder()
    encoders = sentence_query.encoders_of(encoder, entry.text_folder, StderrProgress())
    found = sentence_query.offer(graph, options.sentence, encoders, options.k)
    return {
        "offers": [
            {
                "query": sentence_query.describe(graph, one.question),
                "score": round(one.score, 4),
                "asked": one.question.asked.value,
            }
            | sentence_query.members(graph, one.question)
            for one in found
        ],
        "graph": graph.name,
        "space": entry.space.name,
    }


def _show_offers(result: dict[str, Any]) -> str:
    lines = [f"{one['score']:.2f}  {one['query']}" for one in result["offers"]]
    return "\n".join(lines) if lines else "No name of the graph fits this sentence."


ACTIONS: dict[str, Callable[[argparse.Namespace], dict[str, Any]]] = {"ask": _ask}
_SHOWN: dict[str, Callable[[dict[str, Any]], str]] = {"offers": _show_offers}


def show(result: dict[str, Any]) -> str | None:
    """The answer for a person; ``None`` where it is not of these actions."""
    return next((shown(result) for key, shown in _SHOWN.items() if key in result), None)
