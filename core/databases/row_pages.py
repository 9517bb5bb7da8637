"""Rows of a collection and Arrow: pages of them, what a field's cells become, and back again."""

from __future__ import annotations

import json
import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from core.base.types import BoolArray, FloatArray
from core.databases import protocol
from core.databases.protocol import Collection, Page

if TYPE_CHECKING:
    import pyarrow as pa


def page(vectors: FloatArray, whole: BoolArray, columns: Mapping[str, pa.Array], rows: int) -> Page:
    """A page of the rows with whole vectors.

    Args:
        vectors: ``(m, dim)``, of the rows that have one.
        whole: ``(rows,)``, which rows these are.
        columns: of all rows.
    """
    import pyarrow as pa

    kept = columns
    if len(vectors) < rows:
        there = pa.array(whole)
        kept = {name: array.filter(there) for name, array in columns.items()}
    return Page(vectors, kept, rows - len(vectors))


def page_of_cells(cells: Sequence[Any], dim: int, columns: Mapping[str, Sequence[Any]]) -> Page:
    """A page from Python's values: a vector, or ``None``, of each row, and the other fields."""
    from core.export.parquet import arrow_columns

    parsed = [_row(cell, dim) for cell in cells]
    whole = np.array([row is not None for row in parsed], dtype=bool)
    there = [row for row in parsed if row is not None]
    vectors = np.array(there, dtype=np.float32).reshape(len(there), dim)
    return page(vectors, whole, plain_columns(arrow_columns(columns)), len(parsed))


def page_of_batch(batch: pa.RecordBatch, vectors: str, dim: int) -> Page:
    """A page from Arrow: ``vectors`` is its column of lists of numbers."""
    import pyarrow as pa

    names = [field.name for field in batch.schema if field.name != vectors]
    columns = plain_columns({name: batch.column(name) for name in names})
    column = batch.column(vectors)
    rows = batch.num_rows
    if isinstance(column.type, pa.BaseExtensionType):
        column = column.storage
    if pa.types.is_fixed_size_list(column.type) and not column.null_count:
        flat = column.flatten()
    else:
        column = column.cast(pa.list_(pa.float32()))
        lengths = pa.compute.list_value_length(column).fill_null(-1)
        column = column.filter(pa.compute.equal(lengths, dim))
        flat = column.flatten()
        there = lengths.to_numpy(zero_copy_only=False) == dim
        return _finite(flat, there, columns, rows, dim)
    return _finite(flat, np.ones(rows, dtype=bool), columns, rows, dim)


def pages_of_batches(batches: Iterable[pa.RecordBatch], vectors: str, dim: int) -> Iterator[Page]:
    """Arrow's batches of any size as pages of ``protocol.PAGE`` rows; as ``page_of_batch``."""
    for batch in batches:
        for at in range(0, batch.num_rows, protocol.PAGE):
            yield page_of_batch(batch.slice(at, protocol.PAGE), vectors, dim)


def as_rows(collection: Collection, ids: Sequence[str], page: Page) -> dict[str, pa.Array]:
    """A page with its ids as Arrow's columns, by the names that a collection has for them."""
    import pyarrow as pa

    from core.readers import parquet

    lists = parquet.as_lists(page.vectors)
    return {collection.key: pa.array(ids), collection.vector().name: lists, **page.columns}


def _finite(
    flat: pa.Array, there: BoolArray, columns: Mapping[str, pa.Array], rows: int, dim: int
) -> Page:
    numbers = flat.cast("float32").fill_null(math.nan).to_numpy(zero_copy_only=False)
    vectors = numbers.reshape(-1, dim)
    good = np.isfinite(vectors).all(axis=1)
    whole = there.copy()
    whole[there] = good
    return page(np.ascontiguousarray(vectors[good]), whole, columns, rows)


def plain_columns(columns: Mapping[str, pa.Array]) -> dict[str, pa.Array]:
    """Columns as a dataset keeps them: text, numbers, times, truth; nested values as JSON.

    What holds bytes is left out, as of any table.
    """
    import pyarrow as pa

    from core.readers import arrow_columns, table_vectors

    kept: dict[str, pa.Array] = {}
    for name, array in columns.items():
        if arrow_columns.holds_bytes(array.type):
            continue
        plain = arrow_columns.plain(array)
        if table_vectors.is_list_of_numbers(plain.type):
            plain = pa.array([str(cell or "") for cell in plain.to_pylist()], pa.large_string())
        kept[name] = plain
    return kept


def _row(cell: Any, dim: int) -> FloatArray | None:
    """A vector of ``dim`` finite numbers, or ``None``."""
    if cell is None or len(cell) != dim:
        return None
    row = np.asarray(cell, dtype=np.float32)
    return row if np.isfinite(row).all() else None


def cell(value: Any) -> Any:
    """A value as a column holds it: what is nested as JSON."""
    return json.dumps(value, ensure_ascii=False) if isinstance(value, dict | list) else value


def sent(value: Any) -> Any:
    """A value that a database's JSON takes: times as text."""
    plain = value is None or isinstance(value, str | int | float | bool)
    return value if plain else str(value)


def sql_type(kind: pa.DataType) -> str:
    """The type of a column of SQL (ISO 9075; ``TEXT`` is common to DuckDB and PostgreSQL)."""
    import pyarrow as pa

    kinds = pa.types
    if kinds.is_boolean(kind):
        return "BOOLEAN"
    if kinds.is_integer(kind):
        return "BIGINT"
    if kinds.is_floating(kind):
        return "DOUBLE PRECISION"
    return "TIMESTAMP" if kinds.is_timestamp(kind) or kinds.is_date(kind) else "TEXT"
