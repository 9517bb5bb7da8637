"""Parquet, decoded in batches within limits: what a file says of its size may not be true.

A page that holds one long text and a hundred thousand references to it has some hundred bytes, and
unpacks to gigabytes.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from core.base import memory
from core.base.errors import TableError, shorten
from core.base.memory import format_bytes
from core.base.types import FloatArray, Progress, no_progress
from core.readers import table_vectors
from core.readers.table_columns import MAX_CELLS, require_shape, texts
from core.readers.table_text import as_json

if TYPE_CHECKING:
    import pyarrow as pa
    from pyarrow.parquet import ParquetFile

SPACE_KEY = b"embedding_explorer.space"  # of files with vectors that the app writes
BATCH = 1_024  # rows
MAX_BYTES = 2_000_000_000
MAX_RATIO = 200
RATIO_FROM = 100_000_000  # a small file may well be packed tightly


@contextmanager
def opened(name: str, source: Path | bytes) -> Iterator[ParquetFile]:
    """A Parquet file.

    Raises:
        TableError: here or where it is read: it is damaged or encrypted.
    """
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        given = pa.BufferReader(source) if isinstance(source, bytes) else source
        with pq.ParquetFile(given) as file:
            yield file
    except MemoryError:  # of Arrow's errors as well
        raise
    except (pa.ArrowException, OSError, ValueError, TypeError, KeyError, RecursionError) as error:
        raise unusable(name, str(error)) from error


def unusable(name: str, reason: str, kind: str = "Parquet file") -> TableError:
    """The error for a file that is damaged."""
    return TableError(
        f"“{shorten(name)}” could not be read as {kind}: {shorten(reason, 80).rstrip('.…')}.",
        f"The whole {kind} is needed, without a password.",
        "Download or export it again, or save the table as CSV.",
    )


def too_large(name: str, size: int) -> TableError:
    """The error for a table that unpacks to too much."""
    return TableError(
        f"“{shorten(name)}” unpacks to {format_bytes(size)}.",
        f"A table may unpack to {format_bytes(MAX_BYTES)}, {MAX_RATIO} times its size, "
        f"{MAX_CELLS:,} cells.",
        "Keep only the rows and columns you need, or save it as CSV.",
    )


def allowed_bytes(size: int) -> int:
    """What a packed table of ``size`` bytes may unpack to."""
    return min(MAX_BYTES, max(RATIO_FROM, MAX_RATIO * size))


def read_columns(  # noqa: PLR0913
    name: str,
    file: ParquetFile,
    wanted: Collection[str],
    limit: int,
    progress: Progress = no_progress,
    *,
    convert: Callable[[str, pa.Array], pa.Array] | None = None,
    as_text: Collection[str] = (),
) -> tuple[list[str], list[pa.ChunkedArray]]:
    """Names and columns as pandas can take them: text, numbers, times or truth values.

    Nested values become JSON, text that is missing is ``""``, and what holds bytes is left out.

    Args:
        wanted: names of columns; one may stand for several.
        limit: bytes that they may decode to.
        convert: what is done to each part of a column, by its name; ``plain`` by default.
        as_text: columns of bytes that are text, as ``text_in_bytes`` finds them.

    Raises:
        TableError: there are more rows, columns or bytes than are read.
    """
    import pyarrow as pa

    schema, metadata = file.schema_arrow, file.metadata
    # Asked for “a”, pyarrow may give “a.b” as well.
    fields = [
        field
        for field in schema
        if field.name in wanted and (field.name in as_text or not holds_bytes(field.type))
    ]
    require_shape(name, metadata.num_rows, len(fields))
    groups = range(metadata.num_row_groups)
    require_room(name, sum(metadata.row_group(at).total_byte_size for at in groups))
    change = convert or (lambda _, part: plain(part))
    chunks = [[change(field.name, pa.array([], field.type))] for field in fields]
    rows = total = 0
    names = list(dict.fromkeys(field.name for field in fields))
    for batch in file.iter_batches(BATCH, columns=names, use_threads=False):
        rows += batch.num_rows
        require_shape(name, rows, len(fields))
        parts = [
            column
            for field, column in zip(batch.schema, batch.columns, strict=True)
            if field.name in wanted and (field.name in as_text or not holds_bytes(field.type))
        ]
        decoded = total + sum(part.nbytes for part in parts)
        if decoded > limit:
            raise too_large(name, decoded)
        for field, taken, part in zip(fields, chunks, parts, strict=True):
            taken.append(change(field.name, part))
            total += max(part.nbytes, taken[-1].nbytes)  # what is nested becomes text
            if total > limit:
                raise too_large(name, total)
        progress(min(rows, metadata.num_rows), metadata.num_rows, "rows read")
    columns = [
        finished(field.name, pa.chunked_array(parts))
        for field, parts in zip(fields, chunks, strict=True)
    ]
    return [field.name for field in fields], columns


def require_room(name: str, needed: int) -> None:
    """Checks what a table says that it unpacks to.

    Raises:
        InputError: the memory does not hold that.
    """
    remedy = "Keep only the rows and columns you need."
    memory.require_memory(needed, f"“{shorten(name)}” unpacked", remedy)


def is_parquet(path: Path) -> bool:
    """Whether a file begins and ends as Parquet does."""
    with path.open("rb") as stream:
        start = stream.read(4)
        if start not in (b"PAR1", b"PARE"):
            return False
        stream.seek(-4, os.SEEK_END)
        return stream.read(4) == start


def stated_space(name: str, source: Path | bytes) -> str:
    """The space that a file of ours says its vectors are of; empty where it says none.

    Raises:
        TableError: as ``opened``.
    """
    with opened(name, source) as file:
        stated: bytes = (file.schema_arrow.metadata or {}).get(SPACE_KEY, b"")
        return stated.decode("utf-8", "replace")


def as_lists(vectors: FloatArray) -> pa.Array:
    """Vectors ``(rows, dim)`` as a column of fixed-size lists of float32."""
    import pyarrow as pa

    flat = np.ascontiguousarray(vectors, dtype=np.float32).ravel()
    return pa.FixedSizeListArray.from_arrays(pa.array(flat), vectors.shape[1])


def holds_bytes(kind: Any) -> bool:
    """Whether an Arrow type is of bytes, or has such parts."""
    if "binary" in str(kind).partition("<")[0].partition("[")[0]:
        return True
    return any(holds_bytes(kind.field(i).type) for i in range(kind.num_fields))


def text_in_bytes(file: ParquetFile) -> set[str]:
    """The columns of bytes that are text in UTF-8, as some programs write it; of all rows."""
    import pyarrow as pa

    found = {
        field.name
        for field in file.schema_arrow
        if pa.types.is_binary(field.type) or pa.types.is_large_binary(field.type)
    }
    for batch in file.iter_batches(BATCH, columns=sorted(found), use_threads=False):
        if not found:
            break
        for field, part in zip(batch.schema, batch.columns, strict=True):
            if field.name in found and not _is_utf8(part):
                found.discard(field.name)
    return found


def _is_utf8(part: pa.Array) -> bool:
    import pyarrow as pa
    import pyarrow.compute as pc

    try:
        text = part.cast(pa.large_string())
    except pa.ArrowInvalid:
        return False
    return not pc.any(pc.match_substring(text, "\0")).as_py()


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
