"""Pictures with their vectors as one Parquet file, which opens as a gallery by itself."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

from core.base.columns import Columns
from core.base.types import FloatArray
from core.export.parquet import arrow_columns
from core.export.projector import VECTOR_COLUMN
from core.readers import object_stores, parquet
from core.readers.picture_folders import MAX_BYTES
from core.storage import data_home

PICTURE_COLUMN = "image"
_GROUP, _GROUP_BYTES = 256, 64_000_000  # pictures of a row group, and their bytes


def write(
    out: Path, places: Sequence[str], columns: Columns, vectors: FloatArray, space: str
) -> None:
    """Writes the files at ``places`` as they are, a row group at a time, with a row of each column.

    Args:
        places: paths or addresses of pictures.
        columns: with their ids, ``id``.
        vectors: ``(n, dim)`` of the model called ``space``.

    Raises:
        PictureError: a picture cannot be read any more.
        StorageError: the disk refuses.
    """
    import pyarrow as pa
    import pyarrow.parquet as pq

    ids = [str(one) for one in columns["id"]]
    rest = pa.table(arrow_columns({name: columns[name] for name in columns if name != "id"}))
    with data_home.writing_file(out) as path:
        writer = None
        try:
            for first, group in _groups(places):
                end = first + len(group)
                cells = [
                    {"bytes": b, "path": i} for b, i in zip(group, ids[first:end], strict=True)
                ]
                page = rest.slice(first, len(group))
                page = page.append_column(PICTURE_COLUMN, [pa.array(cells, _picture_type())])
                page = page.append_column(VECTOR_COLUMN, [parquet.as_lists(vectors[first:end])])
                page = page.replace_schema_metadata({parquet.SPACE_KEY: space.encode()})
                writer = writer or pq.ParquetWriter(path, page.schema)
                writer.write_table(page)
        finally:
            if writer is not None:
                writer.close()


def _picture_type() -> object:
    import pyarrow as pa

    return pa.struct([("bytes", pa.binary()), ("path", pa.string())])


def _groups(places: Sequence[str]) -> Iterator[tuple[int, list[bytes]]]:
    """Some pictures at a time, with the number of the first."""
    first, held = 0, list[bytes]()
    for place in places:
        held.append(object_stores.read(place, MAX_BYTES))
        if len(held) >= _GROUP or sum(map(len, held)) >= _GROUP_BYTES:
            yield first, held
            first, held = first + len(held), []
    if held:
        yield first, held
