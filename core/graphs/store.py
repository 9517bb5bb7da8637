"""Graphs on disk: a folder with ``triples.tsv``, ``labels.tsv`` and ``graph.json``.

A line of triples is head, relation, tail, part. ``graph.json`` has name, notes, and the SHA-256 of
both tables, which is checked when they are read.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from core.base.errors import DamagedError, InputError
from core.graphs.graph import PARTS, Graph, build_graph
from core.graphs.triples import read_triples
from core.storage import data_home

TRIPLES, LABELS, ABOUT = "triples.tsv", "labels.tsv", "graph.json"
FORMAT = 1


def write_graph(graph: Graph, folder: Path) -> None:
    """Writes a graph into a folder that is being filled."""
    lines = []
    for part in PARTS:
        for head, relation, tail in getattr(graph, part).tolist():
            cells = (graph.entities[head], graph.relations[relation], graph.entities[tail], part)
            lines.append("\t".join(cells))
    labels = [f"{name}\t{' '.join(text.split())}" for name, text in graph.labels.items()]
    for name, rows in ((TRIPLES, lines), (LABELS, labels)):
        text = "".join(f"{row}\n" for row in rows)
        (folder / name).write_bytes(text.encode("utf-8", "replace"))
    told = {
        "format": FORMAT,
        "name": graph.name,
        "notes": list(graph.notes),
        "sha256": {name: data_home.digest_file(folder / name) for name in (TRIPLES, LABELS)},
    }
    (folder / ABOUT).write_text(json.dumps(told, indent=1, ensure_ascii=False), encoding="utf-8")


def read_graph(folder: Path) -> Graph:
    """A graph that was written, checked against its digests.

    Raises:
        DamagedError: it is not what was written.
        StorageError: it cannot be read.
    """
    tables: dict[str, bytes] = {}
    with data_home.storage_errors("read", folder):
        for name in (ABOUT, TRIPLES, LABELS):
            if not (folder / name).is_file():
                raise damaged(folder, f"{name} is missing")
            tables[name] = (folder / name).read_bytes()
    try:
        told: dict[str, Any] = json.loads(tables[ABOUT])
        for name in (TRIPLES, LABELS):
            if told["sha256"][name] != data_home.sha256(tables[name]):
                raise damaged(folder, f"{name} is not what was written")
        parts, _ = read_triples(TRIPLES, tables[TRIPLES])
        rows = tables[LABELS].decode("utf-8").splitlines()
        labels = dict(row.split("\t", 1) for row in rows)
        return build_graph(str(told["name"]), parts, list(told["notes"]), labels, whole=True)
    except (ValueError, KeyError, TypeError, RecursionError, InputError) as error:
        raise damaged(folder, f"{type(error).__name__} {error}") from error


def damaged(folder: Path, what: str) -> DamagedError:
    """The error for a folder that is not as it was written."""
    return DamagedError(
        f"The graph in “{folder}” is damaged: {what}.",
        "Its files must be as they were written.",
        "Delete the folder, and bring or train it again.",
    )
