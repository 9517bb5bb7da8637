"""What ``python -m core graph`` does with texts: queries in a sentence, entities never seen."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from pathlib import Path
from typing import Any

from core.base.errors import InputError, counted
from core.base.types import FloatArray
from core.cli import graph_pictures
from core.cli.progress import StderrProgress
from core.cli.texts import find_space
from core.formula.question import is_formula, read_query
from core.graphs import (
    entity_search,
    geometry,
    models,
    pipeline,
    sentence_query,
    text_start,
    unseen,
)
from core.graphs.entity_texts import MOST, entity_texts, read_descriptions, shortened
from core.graphs.graph import Graph
from core.graphs.models import GraphModel
from core.graphs.prediction import Asked
from core.graphs.sources import MAX_LABELS
from core.spaces import text_vectors
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
    entities = actions.add_parser(
        "entities",
        help="entities by words or by a formula over entities",
        description="Finds entities by words, or by a formula: paris - france + germany.",
    )
    _add_model(entities)
    entities.add_argument("query", help="words, or a formula over entities")
    entities.add_argument("-k", type=int, default=10, help="default: %(default)s")
    graph_pictures.add_arguments(entities)
    unseen_entity = actions.add_parser(
        "unseen",
        help="link prediction for an entity that is text alone",
        description="Link prediction for an entity that the graph has never seen, by its text.",
    )
    _add_model(unseen_entity)
    unseen_entity.add_argument("text", help="its name or description")
    unseen_entity.add_argument("--relation", required=True)
    unseen_entity.add_argument(
        "--as",
        dest="end",
        choices=["head", "tail"],
        default="head",
        help="which end the new entity is; default: %(default)s",
    )
    unseen_entity.add_argument("--texts", metavar="FILE", help="descriptions: JSON, TSV or CSV")
    unseen_entity.add_argument("-k", type=int, default=10, help="default: %(default)s")
    return [ask, entities, unseen_entity]


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


def _entities(options: argparse.Namespace) -> dict[str, Any]:
    model = _model(options)
    graph = model.graph
    shown = graph_pictures.open_pictures(options, graph)
    if is_formula(options.query):
        query = entity_search.add_entities(model, read_query(options.query))
        found = entity_search.nearest_to(model, query.vector, options.k, set(query.rows))
        rows = [(row, {"cosine": round(cosine, 4)}) for row, cosine in found]
    else:
        entry = find_space(options.space)
        encoder = entry.text_encoder()
        names = geometry.readable(graph.all_labels())
        vectors = text_vectors.load_or_encode(
            names, encoder, entry.text_folder, StderrProgress()
        ).vectors
        similar = vectors @ encoder.encode_query(options.query).vectors[0]
        rows = [
            (one.row, {"cosine": round(one.score, 4), "by_name": one.by_name})
            for one in entity_search.search(graph, options.query, similar, options.k)
        ]
    return {
        "found": [
            {"id": graph.entities[row], "label": graph.label(row), **scores}
            | graph_pictures.of(shown, row)
            for row, scores in rows
        ],
        **graph_pictures.told(shown),
        "formula": is_formula(options.query),
        "graph": graph.name,
    }


def _show_entities(result: dict[str, Any]) -> str:
    return "\n".join(f"{one['cosine']:7.4f}  {one['label']}" for one in result["found"])


def _unseen(options: argparse.Namespace) -> dict[str, Any]:
    model = _model(options)
    graph = model.graph
    relation = graph.relation(options.relation)
    described = _descriptions(options.texts, graph)
    texts = entity_texts(graph, described)
    text = shortened(options.text)
    if options.k < 1:  # learning from the texts takes a while
        raise InputError(f"-k is {options.k}.", "At least 1.", "Change it.")
    if not text:
        raise InputError(
            "The text of the entity is empty.", "Its name or description.", "Give some words."
        )
    entry = find_space(options.space)
    encoder = entry.text_encoder()
    learnt = unseen.encode_and_learn(
        model, texts.texts, encoder, entry.text_folder, StderrProgress()
    )
    new = learnt.map.apply(encoder.encode_texts([text]).vectors)[0]
    asked = Asked.TAIL if options.end == "head" else Asked.HEAD
    return {
        "predictions": [
            {"id": one.id, "score": one.score, "known": False}
            | ({"label": one.label} if one.label != one.id else {})
            for one in unseen.predict(model, new, relation, asked, options.k)
        ],
        "asked": asked.value,
        "nearest": [
            {"id": graph.entities[row], "label": graph.label(row), "cosine": round(cosine, 4)}
            for row, cosine in entity_search.nearest_to(model, new, 5)
        ],
        "held_out": {
            "entities": learnt.held_out,
            "triples": learnt.mapped.count,
            "text": pipeline.as_numbers(learnt.mapped),
            "frequency": pipeline.as_numbers(learnt.frequency),
            "trained": pipeline.as_numbers(learnt.trained),
        },
        "fitted": learnt.fitted,
        "ridge": learnt.map.ridge,
        "graph": graph.name,
        "space": entry.space.name,
        "notes": texts.notes
        + [f"The text was cut to {MOST:,} characters."] * (len(options.text) > MOST),
    }


def texts_of(graph: Graph, file: str | None) -> list[str]:
    """Names and descriptions of a graph's entities, in their order; "" where one has none."""
    return entity_texts(graph, _descriptions(file, graph)).texts


def encode(texts: list[str], space: str) -> FloatArray:
    """Vectors ``(n, dim)`` of texts by a model of texts; zeros where there is none."""
    entry = find_space(space)
    return text_start.encode(texts, entry.text_encoder(), entry.text_folder, StderrProgress())


def _descriptions(file: str | None, graph: Graph) -> dict[str, str]:
    if file is None:
        return {}
    path = data_home.given_path(file)
    return read_descriptions(path.name, data_home.read_given(path, MAX_LABELS), graph.entities)


def _show_unseen(result: dict[str, Any]) -> str:
    held = result["held_out"]
    lines = [f"{one['score']:9.4f}  {one.get('label', one['id'])}" for one in result["predictions"]]
    lines += [f"({note})" for note in result["notes"]]
    told = ", ".join(f"{held[name]['mrr']:.3f} {name}" for name in ("text", "frequency", "trained"))
    lines.append(f"MRR of {counted(held['entities'], 'held-out entity')}: {told}")
    return "\n".join(lines)


ACTIONS: dict[str, Callable[[argparse.Namespace], dict[str, Any]]] = {
    "ask": _ask,
    "entities": _entities,
    "unseen": _unseen,
}
_SHOWN: dict[str, Callable[[dict[str, Any]], str]] = {
    "offers": _show_offers,
    "formula": _show_entities,
    "fitted": _show_unseen,  # “held_out” is also told by review
}


def show(result: dict[str, Any]) -> str | None:
    """The answer for a person; ``None`` where it is not of these actions."""
    return next((shown(result) for key, shown in _SHOWN.items() if key in result), None)
