"""``python -m core graph path`` and ``graph around``: paths, and what is near an entity."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from core.base.errors import InputError, counted
from core.cli import graph_pictures
from core.graphs import neighborhood, paths, sources
from core.graphs.graph import Graph
from core.graphs.neighborhood import Fact

_DEPTHS = 6  # links from an entity, at most
_NEIGHBORS = 1_000


def add_actions(actions: Any) -> Iterable[argparse.ArgumentParser]:
    """Both, each with its own arguments; they are given for what all actions take."""
    path = actions.add_parser(
        "path",
        help="the shortest paths between two entities",
        description="The shortest paths between two entities, with their relations.",
    )
    around = actions.add_parser(
        "around",
        help="the triples around an entity",
        description="The triples around an entity, up to a number of links away.",
    )
    for parser in (path, around):
        parser.add_argument("source", help="a known graph, or a file, archive or folder of triples")
    path.add_argument("start", metavar="FROM", help="an entity, by its id or its readable name")
    path.add_argument("end", metavar="TO", help="another one")
    path.add_argument(
        "-k", type=int, default=5, help=f"paths, at most {paths.MOST}; default: %(default)s"
    )
    path.add_argument("--directed", action="store_true", help="only from heads to tails")
    around.add_argument("entity", help="by its id or its readable name")
    graph_pictures.add_arguments(around)
    around.add_argument(
        "--depth", type=int, default=1, metavar="N", help="links away; default: %(default)s"
    )
    around.add_argument(
        "--limit",
        type=int,
        default=12,
        metavar="N",
        help="neighbours of each entity; default: %(default)s",
    )
    for parser in (path, around):
        parser.add_argument(
            "--relation",
            action="append",
            default=[],
            metavar="NAME",
            help="only triples of this relation; may be given several times",
        )
    return path, around


def _path(options: argparse.Namespace) -> dict[str, Any]:
    graph = sources.load_graph(options.source)
    start, end = graph.entity(options.start), graph.entity(options.end)
    found = paths.shortest_paths(
        _shown(graph, options), start, end, options.k, directed=options.directed
    )
    return {
        "paths": [
            {
                "length": path.length,
                "entities": [_name(graph, entity) for entity in path.entities],
                "links": [[_told(graph, fact) for fact in link] for link in path.links],
                "text": paths.tell(graph, path),
            }
            for path in found
        ],
        "from": _name(graph, start),
        "to": _name(graph, end),
        "directed": options.directed,
        "graph": graph.name,
    }


def _around(options: argparse.Namespace) -> dict[str, Any]:
    for name, most in (("depth", _DEPTHS), ("limit", _NEIGHBORS)):
        if not 1 <= (given := getattr(options, name)) <= most:
            raise InputError(f"--{name} is {given}.", f"From 1 to {most:,}.", "Change it.")
    graph = sources.load_graph(options.source)
    entity, shown = graph.entity(options.entity), _shown(graph, options)
    pictured = graph_pictures.open_pictures(options, graph)
    facts: dict[Fact, None] = {}
    left_out = 0
    steps = neighborhood.reach(shown, entity, options.depth, options.limit)
    for step in steps:
        found, more = neighborhood.neighbors(shown, step, options.limit)
        facts |= dict.fromkeys(found)
        left_out += more
    ends = dict.fromkeys(end for head, _, tail, _ in facts for end in (head, tail))
    return {
        "triples": [_told(graph, fact) for fact in facts],
        "entities": [
            _name(graph, end) | graph_pictures.of(pictured, end) for end in {entity: None} | ends
        ],
        **graph_pictures.told(pictured),
        "left_out": left_out,
        "around": _name(graph, entity),
        "depth": options.depth,
        "graph": graph.name,
    }


ACTIONS: Mapping[str, Callable[[argparse.Namespace], dict[str, Any]]] = {
    "path": _path,
    "around": _around,
}


def _shown(graph: Graph, options: argparse.Namespace) -> Graph:
    return neighborhood.only(graph, [graph.relation(name) for name in options.relation])


def _name(graph: Graph, entity: int) -> dict[str, str]:
    name, label = graph.entities[entity], graph.label(entity)
    return {"id": name} | ({"label": label} if label != name else {})


def _told(graph: Graph, fact: Fact) -> dict[str, str]:
    head, relation, tail, part = fact
    ends = {"head": graph.entities[head], "tail": graph.entities[tail]}
    return {"head": ends["head"], "relation": graph.relations[relation]} | ends | {"part": part}


def show(result: dict[str, Any]) -> str | None:
    """The answer for a person; ``None`` where it is another action's."""
    if "paths" in result:
        if not result["paths"]:
            return "There is no path."
        return "\n".join(f"{path['length']}  {path['text']}" for path in result["paths"])
    if "around" not in result:
        return None
    lines = [
        f"({one['head']}, {one['relation']}, {one['tail']})  {one['part']}"
        for one in result["triples"]
    ]
    told = f"{counted(len(result['triples']), 'triple')}, {result['left_out']:,} more left out"
    return "\n".join([*lines, told])
