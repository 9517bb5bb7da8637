"""Pictures in Parquet files, the Hugging Face way: a column of structs ``{bytes, path}``."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from core.base import memory
from core.base.errors import TableError, shorten
from core.readers.picture_parquet_rows import PictureRows, picture_bytes
from core.readers.table_binary import holds_bytes, parquet_column

if TYPE_CHECKING:
    import pandas as pd
    import pyarrow as pa

MAX_ROWS = 200_000
LARGE = 200_000_000  # bytes from which pictures are read when they are asked for


@dataclass(frozen=True, slots=True)
class PictureTable:
    """Rows with a picture each.

    Attributes:
        ids: the paths the file gives its pictures, or row numbers from 1 where it gives none.
        pictures: the encoded bytes (JPEG, PNG ...), one for each row; empty where one is missing.
        frame: the other columns; text is ``""`` where it is missing.
    """

    ids: list[str]
    pictures: Sequence[bytes]
    frame: pd.DataFrame


def read_picture_table(path: Path) -> PictureTable:
    """The pictures of a Parquet file.

    Raises:
        TableError: it is damaged, too large, or has no column of pictures.
        InputError: the memory does not hold it.
    """
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        with pq.ParquetFile(path) as file:
            schema = file.schema_arrow
            if len(set(schema.names)) < len(schema.names):
                raise _unusable(path.name, "two of its columns have the same name")
            name = _picture_column(schema)
            _require_size(path.name, file.metadata)
            others = [other for other in schema.names if other != name]
            # Asked for “a”, pyarrow gives “a.b” as well: so once more by name.
            frame = _frame(file.read(others).select(others))
            ids, pictures = _pictures(path, file, name) if name is not None else ([], [])
    except (pa.ArrowException, OSError, ValueError, TypeError, KeyError, RecursionError) as error:
        raise _unusable(path.name, str(error)) from error
    if name is None:
        raise TableError(
            f"“{shorten(path.name)}” has no column of pictures: "
            f"{shorten(', '.join(schema.names), 80)}.",
            "A column of {bytes, path} or of bytes is needed, as Hugging Face datasets have.",
            "Choose another file.",
        )
    return PictureTable(ids, pictures, frame)


def join_picture_tables(
    paths: Sequence[Path], folder: Path, classes: Mapping[str, Sequence[str]]
) -> Path:
    """Parquet files as one, in which numbered ``classes`` have their names; its path in ``folder``.

    One file that names its classes stays as it is.

    Raises:
        TableError: they are damaged, or not parts of one table.
    """
    import pyarrow as pa
    import pyarrow.parquet as pq

    target = folder / "joined.parquet"
    try:
        schema = pq.read_schema(paths[0])
        named = _class_names(schema)
        unnamed = {
            column: {"names": list(names), "_type": "ClassLabel"}
            for column, names in classes.items()
            if column in schema.names
            and column not in named
            and pa.types.is_integer(schema.field(column).type)
        }
        if len(paths) == 1 and not unnamed:
            return paths[0]
        if unnamed:
            features = {c: {"names": n, "_type": "ClassLabel"} for c, n in named.items()} | unnamed
            written = json.dumps({"info": {"features": features}}).encode()
            schema = schema.with_metadata({**(schema.metadata or {}), b"huggingface": written})
        with pq.ParquetWriter(target, schema) as writer:
            for path in paths:
                with pq.ParquetFile(path) as file:
                    for group in range(file.num_row_groups):
                        part = file.read_row_group(group)
                        writer.write_table(part.cast(schema))
    except (pa.ArrowException, ValueError, TypeError, KeyError) as error:
        raise _unusable(paths[0].name, str(error)) from error
    return target


def holds_pictures(path: Path) -> bool:
    """Whether a Parquet file has a column of pictures, by its schema alone."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        return _picture_column(pq.read_schema(path)) is not None
    except (pa.ArrowException, OSError):
        return False  # the reader that is tried then says what is wrong


def _require_size(name: str, found: Any) -> None:
    if found.num_rows > MAX_ROWS:
        raise TableError(
            f"“{shorten(name)}” has {found.num_rows:,} rows.",
            f"At most {MAX_ROWS:,} pictures are read.",
            "Split the file.",
        )
    groups = [found.row_group(at).total_byte_size for at in range(found.num_row_groups)]
    held = sum(groups) if sum(groups) < LARGE else max(groups)
    # Twice: Arrow's copy, and the bytes of each picture taken from it.
    remedy = "Write it anew with fewer rows in a row group, such as 1,000, or bring fewer pictures."
    memory.require_memory(2 * held, f"“{shorten(name)}”", remedy)


def _picture_column(schema: pa.Schema) -> str | None:
    """The first column of structs with ``bytes``, else the first of bytes."""
    import pyarrow as pa

    def is_struct(kind: pa.DataType) -> bool:
        return bool(pa.types.is_struct(kind)) and any(
            field.name == "bytes" and holds_bytes(field.type) for field in kind
        )

    structs = [field.name for field in schema if is_struct(field.type)]
    bare = [
        field.name
        for field in schema
        if holds_bytes(field.type) and not pa.types.is_nested(field.type)
    ]
    return next(iter([*structs, *bare]), None)


def _pictures(path: Path, file: Any, column: str) -> tuple[list[str], Sequence[bytes]]:
    """Ids and pictures, in one pass that holds no more than a row group of a large file."""
    groups = [file.metadata.row_group(at) for at in range(file.num_row_groups)]
    large = sum(group.total_byte_size for group in groups) >= LARGE
    rows = PictureRows(path, column, [group.num_rows for group in groups])
    held: list[bytes] = []
    paths: list[str] = []
    for number in range(file.num_row_groups):
        for cell in file.read_row_group(number, columns=[column]).column(column).to_pylist():
            given = cell.get("path") if isinstance(cell, dict) else None
            paths.append(str(given or len(paths) + 1))
            if not large:
                held.append(picture_bytes(cell))
    if len(set(paths)) < len(paths):
        paths = [str(at) for at in range(1, len(paths) + 1)]
    return paths, rows if large else held


def _frame(table: pa.Table) -> pd.DataFrame:
    """The columns that hold no bytes; numbers of classes become the names the file gives them."""
    import pandas as pd

    classes = _class_names(table.schema)
    columns = {}
    for name, column in zip(table.column_names, table.columns, strict=True):
        if holds_bytes(column.type):
            continue
        columns[name] = (
            _named(column, classes[name]) if name in classes else parquet_column(_joined(column))
        )
    return pd.DataFrame(columns, index=range(table.num_rows))


def _class_names(schema: pa.Schema) -> dict[str, list[str]]:
    """For columns of type ClassLabel, which Hugging Face stores as numbers, their names."""
    try:
        found = json.loads((schema.metadata or {})[b"huggingface"])["info"]["features"]
        return {
            str(name): [_text(label) for label in feature["names"]]
            for name, feature in found.items()
            if isinstance(feature, dict)
            and feature.get("_type") == "ClassLabel"
            and isinstance(feature["names"], list)
        }
    except (KeyError, TypeError, ValueError, AttributeError, RecursionError):
        return {}


def _text(label: Any) -> str:
    """A name as valid Unicode; JSON may hold halves of characters."""
    return str(label).encode("utf-8", "replace").decode()


def _named(column: pa.ChunkedArray, names: list[str]) -> pd.Series[Any]:
    import pandas as pd

    known = dict(enumerate(names))
    return pd.Series([known.get(value, "") for value in column.to_pylist()], dtype="str")


def _joined(column: pa.ChunkedArray) -> pa.ChunkedArray:
    """Several texts in a cell, as some captions are, become one."""
    import pyarrow as pa

    kinds = pa.types
    if not (kinds.is_list(column.type) and kinds.is_string(column.type.value_type)):
        return column
    cells = [None if cell is None else ". ".join(filter(None, cell)) for cell in column.to_pylist()]
    return pa.chunked_array([pa.array(cells, pa.string())])


def _unusable(name: str, reason: str) -> TableError:
    return TableError(
        f"“{shorten(name)}” could not be read as a Parquet file of pictures: "
        f"{shorten(reason, 80).rstrip('.')}.",
        "A whole file is needed.",
        "Download or export it again.",
    )
