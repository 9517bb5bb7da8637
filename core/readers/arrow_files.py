"""Arrow's own files: Feather, and the streams in which the datasets library keeps its splits."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from core.base.errors import listed
from core.base.reasons import reason_of
from core.base.types import Progress, no_progress
from core.readers import arrow_columns, parquet
from core.readers.table_columns import require_shape

if TYPE_CHECKING:
    import pyarrow as pa


def read_arrow(
    name: str, data: bytes, progress: Progress = no_progress
) -> tuple[list[str], list[pa.ChunkedArray], list[str]]:
    """Names and columns of a Feather or Arrow file or stream, and notes.

    Nested values become JSON; columns of bytes are left out.

    Raises:
        TableError: it is damaged or too large.
    """
    import pyarrow as pa

    limit = parquet.allowed_bytes(len(data))
    try:
        batches = _batches(data)
        schema = next(batches)
        fields = [field for field in schema if not arrow_columns.holds_bytes(field.type)]
        parts = [[arrow_columns.plain(pa.array([], field.type))] for field in fields]
        kept = [at for at, field in enumerate(schema) if not arrow_columns.holds_bytes(field.type)]
        rows = size = 0
        for batch in batches:
            batch.validate(full=True)
            rows += batch.num_rows
            size += batch.nbytes
            require_shape(name, rows, len(fields))
            if size > limit:
                raise parquet.too_large(name, size, limit)
            for held, at in zip(parts, kept, strict=True):
                held.append(arrow_columns.plain(batch.column(at)))
            progress(rows, rows, "rows read")
    except (pa.ArrowException, OSError, ValueError, TypeError, KeyError) as error:
        raise parquet.unusable(name, reason_of(error), "Arrow file") from error
    left_out = [field.name for field in schema if arrow_columns.holds_bytes(field.type)]
    notes = []
    if left_out:
        notes.append(f"Left out, because it holds bytes (such as pictures): {listed(left_out)}.")
    return (
        [field.name for field in fields],
        [
            arrow_columns.finished(field.name, pa.chunked_array(held))
            for field, held in zip(fields, parts, strict=True)
        ],
        notes,
    )


def _batches(data: bytes) -> Iterator[Any]:
    """The schema, then the batches."""
    import pyarrow as pa
    from pyarrow import feather, ipc

    source = pa.BufferReader(data)
    if data.startswith(b"FEA1"):  # the first version, which pyarrow reads whole
        table = feather.read_table(source)
        yield table.schema
        yield from table.to_batches(parquet.BATCH)
        return
    if data.startswith(b"ARROW1"):
        with ipc.open_file(source) as file:
            yield file.schema
            for number in range(file.num_record_batches):
                yield file.get_batch(number)
        return
    with ipc.open_stream(source) as stream:
        yield stream.schema
        yield from stream
