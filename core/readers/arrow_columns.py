"""Columns of Arrow as pandas can take them: text, numbers, times, truth values or vectors."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from core.readers import table_vectors
from core.readers.table_columns import texts
from core.readers.table_text import as_json

if TYPE_CHECKING:
    import pyarrow as pa


def holds_bytes(kind: Any) -> bool:
    """Whether an Arrow type is of bytes, or has such parts."""
    if "binary" in str(kind).partition("<")[0].partition("[")[0]:
        return True
    return any(holds_bytes(kind.field(i).type) for i in range(kind.num_fields))


def plain(column: pa.Array) -> pa.Array:
    """A part of a column as pandas can take it, of a type that depends on the column's alone."""
    import pyarrow as pa

    kinds = pa.types
    if isinstance(column.type, pa.BaseExtensionType):
        column = column.storage
    if kinds.is_dictionary(column.type):
        column = column.cast(column.type.value_type)
    kind = column.type
    if kinds.is_binary(kind) or kinds.is_large_binary(kind):
        column, kind = column.cast(pa.large_string()), pa.large_string()
    if table_vectors.is_list_of_numbers(kind):
        return column.cast(pa.large_list(kind.value_type))
    if kinds.is_nested(kind):
        return texts([as_json(value) for value in column.to_pylist()])
    if kinds.is_string(kind) or kinds.is_large_string(kind) or kinds.is_string_view(kind):
        return _valid_text(column).fill_null("")
    if kinds.is_decimal(kind):
        return column.cast(pa.float64())
    numbers = kinds.is_integer(kind) or kinds.is_floating(kind) or kinds.is_boolean(kind)
    times = kinds.is_timestamp(kind) or kinds.is_date(kind) or kinds.is_duration(kind)
    if numbers or times:
        return column
    # times of day, nothing at all
    return texts(["" if value is None else str(value) for value in column.to_pylist()])


def _valid_text(column: pa.Array) -> pa.Array:
    """Text in UTF-8, which Parquet states but does not check."""
    import pyarrow as pa

    try:
        column.validate(full=True)
    except pa.ArrowInvalid:
        cells = column.cast(pa.large_binary()).to_pylist()
        return texts([None if cell is None else cell.decode("utf-8", "replace") for cell in cells])
    return column.cast(pa.large_string())


def finished(name: str, column: pa.ChunkedArray) -> pa.ChunkedArray:
    """A whole column: lists of numbers as vectors or JSON.

    True and false with gaps become text, since pandas would make objects of them.
    """
    import pyarrow as pa

    if table_vectors.is_list_of_numbers(column.type):
        vectors = table_vectors.from_lists(name, column)
        if vectors is not None:
            return vectors
        return pa.chunked_array(
            [texts([as_json(one) for one in chunk.to_pylist()]) for chunk in column.chunks]
        )
    if not pa.types.is_boolean(column.type) or not column.null_count:
        return column
    cells = ["" if value is None else str(value) for value in column.to_pylist()]
    return pa.chunked_array([texts(cells)])
