"""Rows that come page by page as one Parquet file, whatever their number."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING

from core.base.types import FloatArray
from core.readers import parquet

if TYPE_CHECKING:
    import pyarrow as pa
    from pyarrow.parquet import ParquetWriter


class ParquetPages:
    """Writes pages into a folder; one is held at a time.

    Databases without a schema give a column in some pages only, or as numbers in one and as text
    in another. Such pages go into parts, and ``finish`` writes the parts as one file: numbers of
    both kinds as fractions, all other mixtures as text.
    """

    def __init__(self, folder: Path, vectors: str) -> None:
        """Args: folder: an empty one; vectors: how the column of vectors is called."""
        self._folder, self._vectors = folder, vectors
        self._parts: list[tuple[Path, pa.Schema]] = []
        self._writer: ParquetWriter | None = None

    def __enter__(self) -> ParquetPages:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._close()

    def add(self, vectors: FloatArray, columns: Mapping[str, pa.Array]) -> None:
        """Writes ``vectors`` ``(n, dim)`` and ``n`` values of each column."""
        import pyarrow as pa
        import pyarrow.parquet as pq

        page = pa.table({**columns, self._vectors: parquet.as_lists(vectors)})
        if self._writer is None or page.schema != self._parts[-1][1]:
            self._close()
            path = self._folder / f"part-{len(self._parts)}.parquet"
            self._parts.append((path, page.schema))
            self._writer = pq.ParquetWriter(path, page.schema)
        self._writer.write_table(page)

    def finish(self) -> Path:
        """The whole file; one page or more was added."""
        import pyarrow as pa
        import pyarrow.parquet as pq

        self._close()
        if len(self._parts) == 1:
            return self._parts[0][0]
        schema = _common([schema for _, schema in self._parts])
        whole = self._folder / "whole.parquet"
        with pq.ParquetWriter(whole, schema) as writer:
            for path, _ in self._parts:
                with pq.ParquetFile(path) as part:
                    for group in range(part.num_row_groups):
                        page = part.read_row_group(group)
                        columns = [_as(page, field) for field in schema]
                        writer.write_table(pa.table(columns, schema=schema))
                path.unlink()
        return whole

    def _close(self) -> None:
        if self._writer is not None:
            self._writer.close()
            self._writer = None


def _common(schemas: Iterable[pa.Schema]) -> pa.Schema:
    import pyarrow as pa

    kinds: dict[str, set[pa.DataType]] = {}
    for schema in schemas:
        for field in schema:
            kinds.setdefault(field.name, set()).add(field.type)
    return pa.schema([(name, _one(found)) for name, found in kinds.items()])


def _one(kinds: set[pa.DataType]) -> pa.DataType:
    import pyarrow as pa

    if len(kinds) == 1:
        return next(iter(kinds))
    numbers = [pa.types.is_integer(kind) or pa.types.is_floating(kind) for kind in kinds]
    return pa.float64() if all(numbers) else pa.large_string()


def _as(page: pa.Table, field: pa.Field) -> pa.Array | pa.ChunkedArray:
    """A column of a page in the type that it has in all; empty where the page has none."""
    import pyarrow as pa

    if field.name in page.column_names:
        column = page.column(field.name).cast(field.type)
    else:
        column = pa.nulls(page.num_rows, field.type)
    return column.fill_null("") if pa.types.is_large_string(field.type) else column
