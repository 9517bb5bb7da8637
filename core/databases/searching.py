"""Asking a collection for the rows nearest to a vector; the database itself ranks and filters."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from typing import Any

from core.base.errors import InputError
from core.base.filters import Filter
from core.base.types import FloatArray
from core.databases import protocol, refusals
from core.databases.protocol import Answer, Collection, Database


def search(  # noqa: PLR0913, PLR0917
    database: Database,
    collection: Collection,
    vectors: str,
    query: FloatArray,
    k: int,
    filters: Iterable[Filter],
) -> Answer:
    """The ``k`` rows nearest to ``query`` ``(dim,)`` among those that pass all filters.

    Args:
        vectors: the field of vectors, where there are several.

    Raises:
        InputError: ``k`` is out of its range, a field is not there, a value is none of its field's,
            or the vectors are of another dimension.
        ServiceError: the database does not answer.
    """
    if not 1 <= k <= protocol.MAX_HITS:
        raise InputError(
            f"{k:,} rows were asked for.",
            f"1 to {protocol.MAX_HITS:,} are found at a time.",
            "Change how many.",
        )
    field = collection.vector(vectors)
    refusals.require_dim(collection.name, field, len(query))
    held = collection.condition(filters)
    return database.search(collection.name, field.name, query, k, held)


def how(metric: str, index: str) -> str:
    """How the rows of an ``Answer`` were found, as a part of a sentence."""
    if index:
        return f"{metric}, by its index {index}, which is approximate"
    return f"{metric}, by comparing with every row"


def plain(row: Mapping[str, Any]) -> dict[str, str | int | float | bool | None]:
    """The fields of a row that was found, as JSON and tables take them: all else as text.

    A NaN is a value that is missing, so that a column of numbers stays one.
    """
    return {str(name): _plain(cell) for name, cell in row.items()}


def _plain(cell: Any) -> str | int | float | bool | None:
    if cell is None or isinstance(cell, str | int | bool):
        return cell
    if isinstance(cell, float) and not math.isinf(cell):
        return None if math.isnan(cell) else cell
    return str(cell)
