"""Options of verbs that search: the index of FAISS that answers, and its files."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from typing import Any

from core.base.errors import InputError
from core.base.types import FloatArray
from core.cli import files
from core.cli.progress import StderrProgress
from core.knn import index_store
from core.knn.index_files import Origin, export_index, restore_index
from core.knn.index_settings import SERVED_FROM, default_settings, format_settings, read_settings
from core.knn.serving import Served, serve
from core.storage import data_home

EXACT = "none"
LARGEST = 8_000_000_000  # bytes of an archive


def add_arguments(parser: argparse.ArgumentParser, items: str) -> None:
    """Which index answers, and where one is written to or taken from.

    Args:
        items: what is searched, in the plural.
    """
    parser.add_argument(
        "--index",
        metavar="SETTINGS",
        help="search by this index of FAISS, such as HNSW:links=16,search_width=64; "
        f"{EXACT}: compare with all (default: {EXACT}, from {SERVED_FROM:,} {items} on HNSW)",
    )
    parser.add_argument(
        "--export-index", metavar="FILE", help="write the index that answers with its ids: a .zip"
    )
    parser.add_argument(
        "--open-index", metavar="FILE", help="search by an index that was exported here"
    )


def check(options: argparse.Namespace, *, searches: bool, expected: str) -> None:
    """What is wrong is told before any long work.

    Args:
        searches: whether the other options ask for a search that an index can serve;
            ``expected`` says how one is asked for.

    Raises:
        InputError: the options do not go together, or are out of their ranges.
    """
    given = {
        "--index": options.index,
        "--export-index": options.export_index,
        "--open-index": options.open_index,
    }
    named = [name for name, value in given.items() if value is not None]
    if named and not searches:
        raise InputError(f"{named[0]} is of a search.", expected, "")
    if options.index is not None and options.open_index is not None:
        raise InputError("--index and --open-index name two indexes.", "One answers.", "Drop one.")
    if options.index not in (None, EXACT):
        read_settings(options.index, 1)
    if options.export_index is not None:
        files.out_file(options.export_index, ".zip", "--export-index")


def open_index(
    vectors: FloatArray, options: argparse.Namespace, origin: Callable[[], Origin]
) -> Served | None:
    """The index over unit rows ``(n, dim)`` that answers, written where that was asked for.

    Returns:
        ``None`` where all are compared with.

    Raises:
        InputError: it cannot be built, opened or written.
    """
    served = _open(vectors, options)
    if served is not None and options.export_index is not None:
        packed = export_index(served, origin())
        out = files.out_file(options.export_index, ".zip", "--export-index")
        files.write_out(out, packed, "--export-index")
    return served


def told(served: Served | None) -> dict[str, Any]:
    """What the answer says of the index that found it, if any."""
    if served is None:
        return {}
    trial = served.trial
    return {
        "index": {
            "settings": format_settings(served.index.settings),
            f"recall_at_{trial.k}": trial.recall,
            "milliseconds": trial.milliseconds,
            "exact_milliseconds": trial.exact_milliseconds,
            "bytes": trial.size,
            "from_disk": trial.kept,
        }
    }


def _open(vectors: FloatArray, options: argparse.Namespace) -> Served | None:
    key, count = index_store.key_of(vectors), len(vectors)
    if options.open_index is not None:
        path = data_home.given_path(options.open_index)
        settings = restore_index(data_home.read_given(path, LARGEST), key)
    elif options.index not in (None, EXACT):
        settings = read_settings(options.index, count)
    elif options.index is None and (count >= SERVED_FROM or options.export_index is not None):
        settings = default_settings(count)
    elif options.export_index is not None:
        raise InputError(
            f"--index {EXACT} has no index to export.", "", "Name its settings with --index."
        )
    else:
        return None
    return serve(key, vectors, settings, StderrProgress())
