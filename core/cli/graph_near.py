"""``python -m core graph near``: what is near an entity in the graph, by name, by picture."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any

from core.base.errors import InputError
from core.base.types import Modality
from core.cli import graph_pictures
from core.cli.progress import StderrProgress
from core.cli.texts import find_space
from core.graphs import entity_search, geometry, models, pictures
from core.graphs.near import GRAPH, PICTURE, TEXT, near_by_each
from core.spaces import registry, text_vectors
from core.spaces.catalog import DEFAULT_SPACE
from core.storage import data_home


def add_actions(actions: Any) -> Iterable[argparse.ArgumentParser]:
    """The one action with its arguments."""
    near = actions.add_parser(
        "near",
        help="neighbours of an entity in the graph, by name and by picture",
        description="The nearest entities by the model's vectors, by the names' and, with a "
        "gallery, by the pictures', in one list with how far they agree.",
    )
    near.add_argument("model_folder", metavar="DIR", help="a folder that graph train wrote")
    near.add_argument("entity", help="by its id or its readable name")
    near.add_argument("--space", default=DEFAULT_SPACE, help="of texts; default: %(default)s")
    graph_pictures.add_arguments(near)
    near.add_argument("--picture-space", metavar="SPACE", help="of pictures, for --gallery")
    near.add_argument("-k", type=int, default=10, help="of each; default: %(default)s")
    return [near]


def _near(options: argparse.Namespace) -> dict[str, Any]:
    if options.k < 1:
        raise InputError(f"-k is {options.k}.", "At least 1.", "Change it.")
    model = models.load(Path(data_home.given_path(options.model_folder)))
    graph = model.graph
    entity = graph.entity(options.entity)
    shown = graph_pictures.open_pictures(options, graph)
    entry = find_space(options.space)
    names = geometry.readable(graph.all_labels())
    held = {
        GRAPH: entity_search.unit_entities(model),
        TEXT: text_vectors.load_or_encode(
            names, entry.text_encoder(), entry.text_folder, StderrProgress()
        ).vectors,
    }
    if shown is not None:
        space = options.picture_space or registry.default_of_pictures()
        seen = registry.find_space(space, Modality.IMAGE)
        held[PICTURE] = pictures.encode(shown, seen, seen.image_encoder(), StderrProgress())
    found, agreement = near_by_each(held, entity, options.k)
    return {
        "near": [
            {"id": graph.entities[one.row], "label": graph.label(one.row)}
            | {f"{name}_rank": one.rank(name) for name in held}
            | {f"{name}_cosine": one.cosine(name) for name in held}
            | graph_pictures.of(shown, one.row)
            for one in found
        ],
        "agreement": [
            {"of": [one, other], "share": share} for (one, other), share in agreement.items()
        ],
        **graph_pictures.told(shown),
        "models": [*held],
        "entity": graph.entities[entity],
        "graph": graph.name,
    }


ACTIONS: Mapping[str, Callable[[argparse.Namespace], dict[str, Any]]] = {"near": _near}


def show(result: dict[str, Any]) -> str | None:
    """The answer for a person; ``None`` where it is another action's."""
    if "near" not in result:
        return None
    lines = ["  ".join(f"{name:>7}" for name in result["models"])]
    for one in result["near"]:
        ranks = [one[f"{name}_rank"] for name in result["models"]]
        told = "  ".join(f"{'' if rank is None else rank:>7}" for rank in ranks)
        lines.append(f"{told}  {one['label']}")
    lines += [
        f"({one['share']:.0%} of the nearest are shared by {' and '.join(one['of'])})"
        for one in result["agreement"]
    ]
    return "\n".join(lines)
