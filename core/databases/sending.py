"""Sending rows with vectors to a collection, which is made where it is not there."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from core.base.columns import Columns
from core.base.errors import InputError, counted, shorten
from core.base.types import FloatArray, Progress, no_progress
from core.databases import protocol, refusals, row_pages
from core.databases.protocol import Collection, Database, Page
from core.export.parquet import arrow_columns
from core.readers.table_layout import LeftOut

if TYPE_CHECKING:
    import pyarrow as pa


@dataclass(frozen=True, slots=True)
class Sent:
    """What was sent.

    Attributes:
        rows: how many are in the collection now by their ids; with those ``left_out`` all.
        made: whether the collection was made for them.
        columns: those that were not sent, since the collection has no such field.
    """

    collection: str
    rows: int
    dim: int
    made: bool
    left_out: tuple[LeftOut, ...] = ()
    columns: tuple[str, ...] = ()


def send(  # noqa: PLR0913, PLR0917
    database: Database,
    name: str,
    ids: Sequence[str],
    vectors: FloatArray,
    columns: Columns,
    progress: Progress = no_progress,
) -> Sent:
    """Writes ``vectors`` ``(n, dim)`` with their ids and metadata; rows that are there by their
    ids are replaced, all others stay.

    Args:
        columns: metadata, ``n`` values each.

    Raises:
        InputError: two rows have one id, a collection that is there has no key or vectors of
            another dimension, or no row has a whole vector.
        ServiceError: the connection was lost; rows that were sent stay, and sending again is safe.
        Cancelled: by ``progress``; the same.
    """
    _require_distinct(ids)
    whole = np.isfinite(vectors).all(axis=1)
    rows = np.flatnonzero(whole)
    if not len(rows):
        raise InputError(
            f"None of {counted(len(vectors), 'row')} has a whole vector.",
            "At least one is needed.",
            "Encode the texts, or choose another column of vectors.",
        )
    dim = vectors.shape[1]
    plain = row_pages.plain_columns(arrow_columns(_without_reserved(columns)))
    arrays = {one: _missing_as_null(array) for one, array in plain.items()}
    made = name not in database.collections()
    if made:
        database.create(name, {one: array.type for one, array in arrays.items()}, dim)
    target = database.describe(name)
    fitting = _fitting(target, arrays, dim)
    for start in range(0, len(rows), protocol.PAGE):
        progress(start, len(rows), "rows sent")
        part = rows[start : start + protocol.PAGE]
        page = Page(vectors[part], {one: array.take(part) for one, array in fitting.items()})
        database.upsert(target, [ids[row] for row in part], page)
    progress(len(rows), len(rows), "rows sent")
    missing = len(vectors) - len(rows)
    left_out = (LeftOut(missing, "without a whole vector"),) if missing else ()
    unsent = tuple(one for one in arrays if one not in fitting)
    return Sent(name, len(rows), dim, made, left_out, unsent)


def choose_ids(columns: Columns, rows: int, wanted: str | None = None) -> tuple[list[str], Columns]:
    """The ids of rows, and the other columns.

    Args:
        wanted: the column whose values are ids; ``None`` takes one called id or row with distinct
            values, else the rows' numbers from 1.

    Raises:
        InputError: there is no such column.
    """
    if wanted is not None and wanted not in columns:
        raise InputError(
            f"There is no column “{shorten(wanted)}” of ids.",
            f"There are: {', '.join(shorten(one, 30) for one in [*columns][:20])}.",
            "Name one of these.",
        )
    for name in [wanted] if wanted is not None else ["id", "row"]:
        ids = [str(cell) for cell in columns.get(name, ())]
        if ids and (wanted is not None or (len(set(ids)) == rows and all(ids))):
            return ids, {one: cells for one, cells in columns.items() if one != name}
    return [str(row) for row in range(1, rows + 1)], columns


def _require_distinct(ids: Sequence[str]) -> None:
    times = Counter(ids)
    [(most, count)] = times.most_common(1) or [("", 0)]
    if count > 1:
        raise InputError(
            f"{counted(count, 'row')} have the id “{shorten(most)}”.",
            "A row is replaced by its id, so each has its own.",
            "Name another column of ids.",
        )


def _missing_as_null(array: pa.Array) -> pa.Array:
    """A table's missing numbers as nulls: NaN is a value to SQL, and none to JSON (RFC 8259)."""
    import pyarrow as pa
    import pyarrow.compute as pc

    if not pa.types.is_floating(array.type):
        return array
    return pc.if_else(pc.is_nan(array), None, array)


def _without_reserved(columns: Columns) -> dict[str, Sequence[object]]:
    """Columns under names that are free in a new collection."""
    taken = {protocol.NEW_KEY, protocol.NEW_VECTORS}
    kept: dict[str, Sequence[object]] = {}
    for column, cells in columns.items():
        name = column
        while name.lower() in taken:  # SQL tells no large letters from small ones
            name += "_"
        taken.add(name.lower())
        kept[name] = cells
    return kept


def _fitting(target: Collection, arrays: dict[str, pa.Array], dim: int) -> dict[str, pa.Array]:
    """The columns that a collection takes.

    Raises:
        InputError: it has no key, or vectors of another dimension.
    """
    refusals.require_dim(target.name, target.vector(), dim)
    if not target.key:
        raise InputError(
            f"“{shorten(target.name)}” has no key of one field.",
            "Rows are written by their ids, so that sending twice doubles none.",
            "Send them to a new collection.",
        )
    own = {*target.others()} - {target.key}
    return {one: array for one, array in arrays.items() if one in own or target.open_ended}
