"""Parquet, decoded in batches within limits: what a file says of its size may not be true.

A page that holds one long text and a hundred thousand references to it has some hundred bytes, and
unpacks to gigabytes.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from core.base import memory
from core.base.errors import TableError, shorten
from core.base.memory import format_bytes
from core.base.reasons import reason_of
from core.base.types import FloatArray, Progress, no_progress
from core.readers import file_kinds, table_vectors
from core.readers.arrow_columns import finished, holds_bytes, plain
from core.readers.table_columns import require_shape
from core.readers.vector_columns import Filling, NoVectorsError, Place

if TYPE_CHECKING:
    import pyarrow as pa
    from pyarrow.parquet import ParquetFile

SPACE_KEY = b"embedding_explorer.space"  # of files with vectors that the app writes
BATCH = 1_024  # rows
_BUFFER = 1 << 20
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

    start = file_kinds.start_of(source)[:4]
    try:
        given = pa.BufferReader(source) if isinstance(source, bytes) else source
        # Buffered, a group of rows is read bit by bit, which may be the whole file.
        with pq.ParquetFile(given, buffer_size=_BUFFER) as file:
            yield file
    except MemoryError:  # of Arrow's errors as well
        raise
    except (pa.ArrowException, OSError, ValueError, TypeError, KeyError, RecursionError) as error:
        why = reason_of(error, begins_right=start in file_kinds.PARQUET)
        raise unusable(name, why) from error


def unusable(name: str, reason: str, kind: str = "Parquet file") -> TableError:
    """The error for a file that is damaged."""
    return TableError(
        f"“{shorten(name)}” could not be read as {kind}: {shorten(reason, 160).rstrip('.')}.",
        f"The whole {kind} is needed, without a password.",
        "Download or export it again, or save the table as CSV.",
    )


def too_large(name: str, size: int, limit: int) -> TableError:
    """The error for a table that unpacks to ``size`` bytes, which is more than ``limit``."""
    why = "more than is read of any" if limit >= MAX_BYTES else "too much for the size of its file"
    return TableError(
        f"“{shorten(name)}” unpacks to {format_bytes(size)}, {why}.",
        f"At most {format_bytes(limit)} are read of it.",
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
    place: Place | None = None,
) -> tuple[list[str], list[pa.ChunkedArray]]:
    """Names and columns as pandas can take them: text, numbers, times or truth values.

    Nested values become JSON, text that is missing is ``""``, and what holds bytes is left out.

    Args:
        wanted: names of columns; one may stand for several.
        limit: bytes that they may decode to.
        convert: what is done to each part of a column, by its name; ``plain`` by default.
        as_text: columns of bytes that are text, as ``text_in_bytes`` finds them.
        place: where columns of vectors go, a part at a time; by default the memory.

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
    begun = [change(field.name, pa.array([], field.type)) for field in fields]
    lists = {
        at for at, one in enumerate(begun) if table_vectors.is_list_of_numbers(one.type)
    }  # less those of which some part tells that they are no vectors
    rows = metadata.num_rows
    while True:
        columns: list[Filling | _Parts] = [
            Filling(field.name, rows, place or Place(), partial(_require_within, name, limit))
            if at in lists
            else _Parts(field.name, [begun[at]])
            for at, field in enumerate(fields)
        ]
        batches = file.iter_batches(
            BATCH, columns=list(dict.fromkeys(field.name for field in fields)), use_threads=False
        )
        taken = (_taken_of(batch, wanted, as_text) for batch in batches)
        try:
            _fill(
                name, columns, taken, change, limit, lambda done: progress(done, rows, "rows read")
            )
            return [field.name for field in fields], [column.column() for column in columns]
        except _NoVectorsAtError as error:
            lists.discard(error.at)


def _taken_of(
    batch: pa.RecordBatch, wanted: Collection[str], as_text: Collection[str]
) -> list[pa.Array]:
    """The columns of a part of a file that are asked for."""
    return [
        column
        for field, column in zip(batch.schema, batch.columns, strict=True)
        if field.name in wanted and (field.name in as_text or not holds_bytes(field.type))
    ]


class _NoVectorsAtError(Exception):
    """A column of lists, by its place, holds no vectors."""

    def __init__(self, at: int) -> None:
        super().__init__(at)
        self.at = at


@dataclass(slots=True)
class _Parts:
    """A column that is held as it was decoded."""

    name: str
    parts: list[pa.Array]

    def take(self, part: pa.Array) -> None:
        self.parts.append(part)

    def column(self) -> pa.ChunkedArray:
        import pyarrow as pa

        return finished(self.name, pa.chunked_array(self.parts))


def _fill(  # noqa: PLR0913, PLR0917
    name: str,
    columns: Sequence[Filling | _Parts],
    batches: Iterable[Sequence[pa.Array]],
    change: Callable[[str, pa.Array], pa.Array],
    limit: int,
    progress: Callable[[int], None],
) -> None:
    """Gives each column its parts, as ``change`` makes them.

    Raises:
        TableError: there are more rows or bytes than are read.
        _NoVectorsAtError: a column that was taken for vectors holds none.
    """
    rows = total = 0
    for parts in batches:
        rows += len(parts[0]) if parts else 0
        require_shape(name, rows, len(columns))
        _require_within(name, limit, total + sum(part.nbytes for part in parts))
        for at, (column, part) in enumerate(zip(columns, parts, strict=True)):
            changed = change(column.name, part)
            total += max(part.nbytes, changed.nbytes)  # what is nested becomes text
            _require_within(name, limit, total)
            try:
                column.take(changed)
            except NoVectorsError as error:
                raise _NoVectorsAtError(at) from error
        progress(rows)
    for at, column in enumerate(columns):
        if isinstance(column, Filling) and not column.begun:
            raise _NoVectorsAtError(at)


def _require_within(name: str, limit: int, size: int) -> None:
    if size > limit:
        raise too_large(name, size, limit)


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
        if start not in file_kinds.PARQUET:
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
