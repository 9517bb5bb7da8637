"""Graphs on disk: a folder with ``triples.tsv``, ``labels.tsv`` and ``graph.json``.

A line of triples is head, relation, tail, part; a line of labels is entity, name. Tabs, line ends
and backslashes in a name are written as ``\\t``, ``\\n``, ``\\r`` and ``\\\\``, so that any name
comes back as it was. ``graph.json`` has name, notes, and the SHA-256 of both tables, which is
checked when they are read. What is read was written here, so none of the guesses and limits for
strangers' files hold for it: a header, a byte-order mark and a long name are names like any other.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any

from core.base.errors import NOT_AS_WRITTEN, DamagedError
from core.base.reasons import reason_of
from core.graphs.graph import PARTS, Graph, Triple, build_graph
from core.storage import data_home

TRIPLES, LABELS, ABOUT = "triples.tsv", "labels.tsv", "graph.json"
FORMAT = 2  # 1 wrote no names with tabs, line ends or backslashes in another way than as they are
_MARKS = {"\\": "\\\\", "\t": "\\t", "\n": "\\n", "\r": "\\r"}
_WRITE = str.maketrans(_MARKS)
_READ = {written: mark for mark, written in _MARKS.items()}
_WRITTEN = re.compile(r"\\.")


def write_graph(graph: Graph, folder: Path) -> None:
    """Writes a graph into a folder that is being filled."""
    tables = _tables(graph)
    for name, data in tables.items():
        (folder / name).write_bytes(data)
    told = {
        "format": FORMAT,
        "name": graph.name,
        "notes": list(graph.notes),
        "sha256": {name: data_home.sha256(data) for name, data in tables.items()},
    }
    (folder / ABOUT).write_text(json.dumps(told, indent=1), encoding="utf-8")


def is_written(graph: Graph, folder: Path) -> bool:
    """Whether the graph in a folder has the same triples, in the same parts, and labels."""
    try:
        told: dict[str, Any] = json.loads((folder / ABOUT).read_bytes())
        held = told["sha256"]
        return all(held[name] == data_home.sha256(data) for name, data in _tables(graph).items())
    except (OSError, *NOT_AS_WRITTEN):
        return False


def _tables(graph: Graph) -> dict[str, bytes]:
    triples = (
        (graph.entities[head], graph.relations[relation], graph.entities[tail], part)
        for part in PARTS
        for head, relation, tail in getattr(graph, part).tolist()
    )
    return {TRIPLES: _lines(triples), LABELS: _lines(graph.labels.items())}


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
        read = _as_written if told["format"] == 1 else _name
        parts: dict[str, list[Triple]] = {part: [] for part in PARTS}
        for head, relation, tail, part in _rows(tables[TRIPLES], read):
            parts[part].append((head, relation, tail))
        labels = dict(_rows(tables[LABELS], read))
        return build_graph(str(told["name"]), parts, list(told["notes"]), labels, whole=True)
    except NOT_AS_WRITTEN as error:
        raise damaged(folder, reason_of(error)) from error


def _lines(rows: Iterable[Sequence[str]]) -> bytes:
    text = "".join("\t".join(cell.translate(_WRITE) for cell in row) + "\n" for row in rows)
    return text.encode("utf-8", "surrogatepass")


def _rows(data: bytes, read: Callable[[str], str]) -> Iterable[list[str]]:
    for line in data.decode("utf-8", "surrogatepass").split("\n")[:-1]:
        yield [read(cell) for cell in line.split("\t")]


def _as_written(cell: str) -> str:
    return cell


def _name(cell: str) -> str:
    return _WRITTEN.sub(lambda found: _READ[found[0]], cell) if "\\" in cell else cell


def damaged(folder: Path, what: str) -> DamagedError:
    """The error for a folder that is not as it was written."""
    return DamagedError(
        f"The graph in “{folder}” is damaged: {what}.",
        "Its files must be as they were written.",
        "Delete the folder, and add or train it again.",
    )
