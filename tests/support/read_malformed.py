"""Reads files that cost much as a page does and as a verb does, in this one process with limits.

``python -m tests.support.read_malformed FOLDER`` prints a JSON object: what came for each file.
"""

from __future__ import annotations

import contextlib
import io
import json
import resource
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from core.base.errors import ExplorerError
from core.cli.main import main
from core.graphs import sources
from core.images import galleries
from core.readers.vector_files import read_vectors
from core.sentences import datasets
from core.shelf import file as shelf_file
from core.spaces import vocabularies
from core.storage import data_home

MEMORY, SECONDS = 8_000_000_000, 300
WORDS = Path("words.txt")
GRAPHS = ("CRASH-5cbf5428.zip", "CRASH-93e2d8b2.zip", "CRASH-9dff3bea.zip", "CRASH-f3c1b407.zip")


def as_page(path: Path) -> Any:
    name, data = path.name, path.read_bytes()
    if path.suffix in (".xlsx", ".parquet"):
        return datasets.import_table(name, data).rows
    if name.startswith("shelf"):
        return len(shelf_file.unpack_given(data, name))
    if name in GRAPHS or name.startswith(("graph", "pax")):
        return sources.keep_own(name, {name: data})
    if path.suffix == ".zip":
        brought = galleries.import_files("pictures", [(name, data)])
        gallery = galleries.load(brought.entry)
        return [*gallery.ids, *((one.id, one.reason) for one in gallery.skipped)]
    return vocabularies.keep_read(read_vectors(path, _words(path)), "vectors").about


def as_verb(path: Path) -> Any:
    name = path.name
    if path.suffix in (".xlsx", ".parquet"):
        given = ["sentences", str(path), "--query", "x"]
    elif name.startswith("shelf"):
        return None  # no verb reads one
    elif name in GRAPHS or name.startswith(("graph", "pax")):
        given = ["graph", "train", str(path), "--out", "model"]
    elif path.suffix == ".zip":
        given = ["images", "--gallery", str(path), "--text", "red"]
    else:
        listed = _words(path)
        given = [
            "map",
            str(path),
            "--out",
            "map.parquet",
            *(() if listed is None else ("--word-list", str(listed))),
        ]
    said = io.StringIO()
    with contextlib.redirect_stdout(said):
        status = main([*given, "--json"])
    return [status, json.loads(said.getvalue())]


def _words(path: Path) -> Path | None:
    return WORDS.absolute() if path.suffix in (".npy", ".safetensors") else None


def tried(way: Callable[[Path], Any], path: Path) -> Any:
    try:
        return way(path)
    except ExplorerError as error:
        return [type(error).__name__, error.given, error.expected, error.remedy]


if __name__ == "__main__":
    for kind, limit in ((resource.RLIMIT_AS, MEMORY), (resource.RLIMIT_CPU, SECONDS)):
        resource.setrlimit(kind, (limit, limit))
    WORDS.write_text("one\ntwo\n")
    found = {
        path.name: [tried(as_page, path), tried(as_verb, path)]
        for path in sorted(data_home.given_path(sys.argv[1]).iterdir())
    }
    sys.stdout.write(json.dumps(found) + "\n")
