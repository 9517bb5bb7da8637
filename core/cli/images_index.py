"""``python -m core images … --index``: searching a gallery by an index, and its files."""

from __future__ import annotations

import argparse
from collections.abc import Mapping
from typing import Any

from core.base.types import FloatArray, Neighbor
from core.cli import index_options
from core.images.gallery import Gallery
from core.images.index import origin_of
from core.images.vectors import as_neighbors, rank_pictures


def check(options: argparse.Namespace) -> None:
    """What is wrong is told before any long work.

    Raises:
        InputError: the options do not go together, or are out of their ranges.
    """
    asks = any(one is not None for one in (options.text, options.image, options.query))
    searches = asks and not (options.verdict or options.aspects or options.why)
    expected = "It goes with --text, --image or --query alone."
    index_options.check(options, searches=searches, expected=expected)


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
    served = index_options.open_index(
        vectors, options, lambda: origin_of(gallery, vectors, known["space"], known["blend"])
    )
    if served is None:
        return rank_pictures(vectors, gallery.ids, query, options.k), {}
    found = as_neighbors(gallery.ids, *served.search(query, options.k))
    return found, index_options.told(served)
