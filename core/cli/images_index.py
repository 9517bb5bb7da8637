"""``python -m core images … --index SETTINGS``: searching by an index, and its files."""

from __future__ import annotations

import argparse
from collections.abc import Mapping
from typing import Any

from core.base.errors import InputError
from core.base.types import FloatArray, Neighbor
from core.cli import files
from core.cli.progress import StderrProgress
from core.images.gallery import Gallery
from core.images.index import origin_of
from core.images.vectors import as_neighbors, rank_pictures
from core.knn import index_store
from core.knn.index_files import export_index, restore_index
from core.knn.index_settings import SERVED_FROM, default_settings, format_settings, read_settings
from core.knn.serving import Served, serve
from core.storage import data_home

EXACT = "none"
LARGEST = 8_000_000_000  # bytes of an archive


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Which index answers, and where one is written to or taken from."""
    parser.add_argument(
        "--index",
        metavar="SETTINGS",
        help="search by this index of FAISS, such as HNSW:links=16,search_width=64; "
        f"{EXACT}: compare with all (default: {EXACT}, from {SERVED_FROM:,} pictures on HNSW)",
    )
    parser.add_argument(
        "--export-index", metavar="FILE", help="write the index that answers with its ids: a .zip"
    )
    parser.add_argument(
        "--open-index", metavar="FILE", help="search by an index that was exported here"
    )


def check(options: argparse.Namespace) -> None:
    """What is wrong is told before any long work.

    Raises:
        InputError: the options do not go together, or are out of their ranges.
    """
    given = {
        "--index": options.index,
        "--export-index": options.export_index,
        "--open-index": options.open_index,
    }
    named = [name for name, value in given.items() if value is not None]
    asks = any(one is not None for one in (options.text, options.image, options.query))
    if named and (not asks or options.verdict or options.aspects or options.why):
        raise InputError(
            f"{named[0]} is of a search.", "It goes with --text, --image or --query alone.", ""
        )
    if options.index is not None and options.open_index is not None:
        raise InputError("--index and --open-index name two indexes.", "One answers.", "Drop one.")
    if options.index not in (None, EXACT):
        read_settings(options.index, 1)
    if options.export_index is not None:
        files.out_file(options.export_index, ".zip", "--export-index")


def search(
    gallery: Gallery,
    vectors: FloatArray,
    query: FloatArray,
    options: argparse.Namespace,
    known: Mapping[str, Any],
) -> tuple[list[Neighbor], dict[str, Any]]:
    """The nearest of unit rows ``(n, dim)`` to ``(dim,)``, and the index that found them, if any.

    Args:
        known: what the answer says of the gallery.

    Raises:
        InputError: the index cannot be built, opened or written.
    """
    served = _open(vectors, options)
    if served is None:
        return rank_pictures(vectors, gallery.ids, query, options.k), {}
    if options.export_index is not None:
        origin = origin_of(gallery, vectors, known["space"], known["blend"])
        packed = export_index(served, origin)
        out = files.out_file(options.export_index, ".zip", "--export-index")
        files.write_out(out, packed, "--export-index")
    trial = served.trial
    return as_neighbors(gallery.ids, *served.search(query, options.k)), {
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
    """The index that answers; ``None`` where all are compared with."""
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
