"""``python -m core add``: a file or folder becomes a dataset, gallery or graph of the app."""

from __future__ import annotations

import argparse
import contextlib
from dataclasses import replace
from pathlib import Path
from typing import Any

from core.base.errors import InputError, listed, shorten
from core.base.types import Modality, Progress
from core.cli import images_gallery, map_items, source_kinds, table_options
from core.cli.progress import StderrProgress
from core.cli.table_options import Source
from core.graphs import (
    detection as graph_detection,
    sources as graph_sources,
    tables as graph_tables,
)
from core.graphs.graph import Graph
from core.images import galleries
from core.images.sources import Choice
from core.maps import selection_reports
from core.readers import table_roles, table_vectors, table_words, vector_files
from core.readers.table_roles import ColumnRole, Role
from core.readers.tables import Table
from core.sentences import opened_as
from core.spaces import own_vectors, registry, vocabularies
from core.storage import data_home

HELP = "Add a table, texts, vectors, pictures or a graph, as Add data of the app does."
_TRIPLE = {Role.HEAD, Role.RELATION, Role.TAIL}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """What is added, and how a table is read."""
    parser.add_argument("source", help="a file, or a folder of pictures, triples or parts")
    parser.add_argument(
        "--space", metavar="MODEL", help="the embedding model that made the vectors of a table"
    )
    parser.add_argument(
        "--report",
        action="store_true",
        help="also answer with a file in which the Map says what is selected, while it is open at "
        "that address",
    )
    parser.add_argument(
        "--words",
        action="store_true",
        help="keep the words of a file of vectors as an embedding model",
    )
    parser.add_argument("--word-list", metavar="FILE", help="the words beside an array of vectors")
    parser.add_argument("--limit", type=int, metavar="N", help="only the first N of its vectors")
    table_options.add_column(parser, "the column with the texts or captions")
    images_gallery.add_boxes(parser)
    table_options.add_arguments(parser)


def run(options: argparse.Namespace) -> dict[str, Any]:
    """Keeps it, and says where it is seen, in the form that the docs state.

    Raises:
        InputError: there is no such file, it cannot be used, or an option is not for it.
    """
    path = data_home.given_path(options.source)
    if not path.exists():
        raise InputError(
            f"There is no file or folder “{shorten(options.source)}”.",
            "A file or folder of this computer is needed.",
            "Check the path.",
        )
    result = _add(path, options, StderrProgress())
    if not options.report:
        return result
    token, report = selection_reports.make()
    return result | {"address": f"{result['address']}&report={token}", "report": str(report)}


def _add(path: Path, options: argparse.Namespace, progress: Progress) -> dict[str, Any]:
    if options.limit is not None and options.limit < 1:
        raise InputError(f"--limit is {options.limit}.", "It is at least 1.", "Change --limit.")
    if (pair := vector_files.pair_in(path)) is not None:
        path = pair[0]
        options.source = str(path)
        options.word_list = options.word_list or (str(pair[1]) if pair[1] else None)
    alone = options.limit is None and options.word_list is None
    if not alone and not vector_files.holds_vectors(path):
        raise InputError(
            f"--limit or --word-list was given, and “{shorten(options.source)}” is no file of "
            "vectors.",
            "They are for vectors alone.",
            "Leave them out.",
        )
    if options.words:
        return _words(path, options, progress)
    graph = graph_detection.is_graph(path)
    if not graph and source_kinds.is_pictures(options.source, path):
        return _pictures(path, options, progress)
    images_gallery.require_no_boxes(options.source, boxes=options.boxes)
    if graph:
        return _graph(graph_sources.load_graph(options.source))
    return _table(path, options, progress)


def show(result: dict[str, Any]) -> str:
    """The answer for a person."""
    lines = [f"({note})" for note in result.get("notes", ())]
    lines += [f"(left out: {one['count']:,} {one['reason']})" for one in result["left_out"]]
    lines.append(f"{result['count']:,} {result['items']} as the {result['kind']} {result['name']}")
    return "\n".join([*lines, f"see it at /{result['address']}"])


def _named_pictures(
    path: Path, roles: list[ColumnRole], options: argparse.Namespace, progress: Progress
) -> dict[str, Any] | None:
    """The gallery of the pictures that a table names, where they are there."""
    if not any(one.role is Role.PICTURE for one in roles) or options.column is not None:
        return None
    with contextlib.suppress(InputError):  # they are not there
        return _pictures(path, options, progress)
    return None


def _told(kind: str, name: str, items: str, count: int, link: opened_as.Link) -> dict[str, Any]:
    told = {"kind": kind, "name": name, "items": items, "count": count, "page": link[0]}
    return told | {"address": opened_as.address(link), "left_out": []}


def _pictures(path: Path, options: argparse.Namespace, progress: Progress) -> dict[str, Any]:
    choice = Choice(options.column, options.vectors or "", boxes=options.boxes)
    entry, gallery = galleries.link(str(path), progress, choice)
    told = _told(
        "gallery", entry.name, "pictures", len(gallery), ("images", {"gallery": entry.name})
    )
    left_out = [{"count": 1, "reason": f"{one.id}: {one.reason}"} for one in gallery.skipped]
    return told | {"left_out": left_out}


def _graph(graph: Graph) -> dict[str, Any]:
    name = graph_sources.keep(graph.name, graph)
    count = sum(len(triples) for triples in graph.parts.values())
    told = _told("graph", name, "triples", count, ("graph", {"graph": name}))
    rows = "rows that are not among them; the notes say why"
    left_out = [{"count": graph.left_out, "reason": rows}] if graph.left_out else []
    notes = {"notes": list(graph.notes), "detected": list(graph.detected)}
    return told | {"left_out": left_out} | notes


def _words(path: Path, options: argparse.Namespace, progress: Progress) -> dict[str, Any]:
    """The words of a file of vectors, or of a table with some, as an embedding model."""
    vocabularies.require_free(path.stem)
    chosen = table_options.choice(options)
    source = _read(path, options, chosen, progress)
    table = source.table
    roles = _chosen(table_roles.find_roles(table.frame, table.vectors), source, chosen)
    found = table_words.read_words(path.name, table, roles)
    name = vocabularies.keep_read(found, path.stem).space.name
    told = _told("words", name, "words", len(found.words), ("words", {"space": name}))
    left_out = [{"count": one.count, "reason": one.reason} for one in found.left_out]
    detected = {"format": found.format, "dim": found.vectors.shape[1]}
    return told | {"left_out": left_out, "detected": detected, "notes": [*found.notes]}


def _table(path: Path, options: argparse.Namespace, progress: Progress) -> dict[str, Any]:
    chosen = table_options.choice(options)
    source = _read(path, options, chosen, progress)
    table = source.table
    found = table_roles.find_roles(table.frame, table.vectors)
    if {one.role for one in found} >= _TRIPLE and chosen == table_options.DEFAULT:
        # A graph's own reader of delimited text tells what it set aside.
        if table.detected is not None and table.detected.separator:
            return _graph(graph_sources.load_graph(options.source))
        return _graph(graph_tables.read_graph(path.stem, table.frame, found, progress))
    roles = _chosen(found, source, chosen)
    if (gallery := _named_pictures(path, roles, options, progress)) is not None:
        return gallery
    _require_something(roles, source)
    model = options.space or table.model
    if model:
        _require_model(model, roles, table)
    entry = opened_as.keep(path.name, table, roles, model)
    told = table_options.told(source, chosen)
    asked = chosen.text or chosen.vectors or model  # who names texts or vectors wants their map
    target = "map" if asked else opened_as.shown_first(roles)
    link = opened_as.link(target, entry.name, roles)
    notes = {"notes": [*table.notes]} if table.notes else {}
    return _told("dataset", entry.name, "rows", entry.rows, link) | told | notes


def _read(
    path: Path, options: argparse.Namespace, chosen: table_options.Choice, progress: Progress
) -> Source:
    """A table, or a file of vectors as one; of what is known of each vector by the file beside."""
    if vector_files.holds_vectors(path):
        beside = None if options.word_list is None else data_home.given_path(options.word_list)
        how = map_items.Options(words=beside, limit=options.limit)
        return Source(
            path.name, vector_files.as_table(map_items.read_rows(path, how, progress)), ""
        )
    return table_options.read(options.source, chosen)


def _chosen(
    found: list[ColumnRole], source: Source, chosen: table_options.Choice
) -> list[ColumnRole]:
    """What was detected, with what the options say instead."""
    wanted = {Role.TEXT: chosen.text, Role.LABEL: chosen.label, Role.ID: chosen.row_id}
    for role, name in wanted.items():
        if name is not None:
            table_options.require_column(source, name)
            found = [_with(one, role, name) for one in found]
    if chosen.vectors is None:
        return found
    own = table_vectors.choose(source.table.frame, source.table.vectors, chosen.vectors)
    rest = set() if own is None else {*source.table.frame.columns} - {*own.frame.columns}
    rest |= set() if own is None else {own.name}
    known = {one.name for one in found}
    return [
        replace(one, role=Role.VECTORS if one.name in rest & known else _other(one))
        for one in found
    ]


def _with(one: ColumnRole, role: Role, name: str) -> ColumnRole:
    """A column's role where the column called ``name`` is to have ``role``, and no other."""
    if one.name == name:
        return replace(one, role=role, why=table_roles.CHOSEN)
    return replace(one, role=Role.OTHER, why="Another was chosen.") if one.role is role else one


def _other(one: ColumnRole) -> Role:
    return Role.OTHER if one.role is Role.VECTORS else one.role


def _require_something(roles: list[ColumnRole], source: Source) -> None:
    frame = source.table.frame
    numbers = any(frame[name].dtype.kind in "fi" for name in frame.columns)
    if not numbers and not {one.role for one in roles} & {Role.TEXT, Role.VECTORS}:
        names = listed([one.name for one in roles])
        raise InputError(
            f"{shorten(source.name)} has neither text, vectors nor numbers: {names}.",
            "One of them is needed.",
            "Choose another file, or name the column of the texts by --column.",
        )


def _require_model(model: str, roles: list[ColumnRole], table: Table) -> None:
    space = registry.find_space(model, Modality.TEXT).space
    columns = [one.name for one in roles if one.role is Role.VECTORS]
    wanted = ",".join(columns) or table_vectors.NONE
    own = table_vectors.choose(table.frame, table.vectors, wanted)
    if own is None:
        raise InputError(
            f"The model {space.name} was named, and the table brings no vectors.",
            "It says which model made a table's vectors.",
            "Leave --space out.",
        )
    own_vectors.require_model(space.name, own.name, own.vectors.shape[1])
