"""Pictures in Parquet files, the Hugging Face way: a column of structs ``{bytes, path}``."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from core.base import memory
from core.base.errors import InputError, TableError, shorten
from core.base.reasons import reason_of
from core.base.types import Progress, no_progress
from core.readers import arrow_columns, isolated, parquet
from core.readers.picture_parquet_rows import picture_bytes
from core.readers.table_columns import texts

if TYPE_CHECKING:
    import pyarrow as pa
    from pyarrow.parquet import ParquetFile

MAX_ROWS = 200_000
MAX_RATIO = 100  # pictures are packed already
BATCH = 256  # rows


@dataclass(frozen=True, slots=True)
class PictureTable:
    """Rows with a picture each, and where their pictures are.

    Attributes:
        ids: the paths the file gives its pictures, or row numbers from 1 where it gives none.
        digests: what ``digest`` gave for the encoded bytes (JPEG, PNG ...) of each row.
        column: the column of pictures.
        groups: rows and bytes of pictures of each row group.
        table: the other columns; text is ``""`` where it is missing.
    """

    ids: list[str]
    digests: list[bytes]
    column: str
    groups: list[tuple[int, int]]
    table: pa.Table


def read_picture_table(
    path: Path, digest: Callable[[bytes], bytes], progress: Progress = no_progress
) -> PictureTable:
    """The pictures of a Parquet file, each decoded once and let go.

    Raises:
        TableError: it is damaged, too large, or has no column of pictures.
        InputError: the memory does not hold it.
    """
    import pyarrow as pa

    with parquet.opened(path.name, path) as file:
        schema = file.schema_arrow
        if len(set(schema.names)) < len(schema.names):
            raise parquet.unusable(path.name, "two of its columns have the same name")
        name = _picture_column(file)
        _require_size(path.name, file.metadata)
        if name is None:
            raise TableError(
                f"“{shorten(path.name)}” has no column of pictures: "
                f"{shorten(', '.join(schema.names), 80)}.",
                "A column of {bytes, path} or of bytes is needed, as Hugging Face datasets have.",
                "Choose another file.",
            )
        size = path.stat().st_size
        paths, digests, groups = _pictures(path.name, file, name, size, digest, progress)
        others = [other for other in schema.names if other != name]
        limit = parquet.allowed_bytes(size)
        classes = _class_names(schema)
        names, columns = parquet.read_columns(
            path.name,
            file,
            others,
            limit,
            convert=lambda column, part: _named(part, classes.get(column)),
        )
        return PictureTable(paths, digests, name, groups, pa.table(columns, names=names))


def join_picture_tables(
    paths: Sequence[Path],
    folder: Path,
    classes: Mapping[str, Sequence[str]],
    progress: Progress = no_progress,
) -> Path:
    """Parquet files as one, in which numbered ``classes`` have their names; its path in ``folder``.

    One file that names its classes stays as it is.

    Raises:
        TableError: they are damaged, or not parts of one table.
        Cancelled: by ``progress``.
    """
    size = sum(path.stat().st_size for path in paths)
    joined = isolated.run(
        f"{__name__}:join_in_child",
        {
            "paths": [str(path.absolute()) for path in paths],
            "folder": str(folder.absolute()),
            "classes": {column: list(names) for column, names in classes.items()},
        },
        name=paths[0].name,
        limits=isolated.limits_for(size),
        progress=progress,
        error=TableError,
    )
    return Path(joined)


def join_in_child(
    paths: list[str], folder: str, classes: dict[str, list[str]], progress: Progress
) -> str:
    """What ``join_picture_tables`` has a child do."""
    return str(_joined([Path(path) for path in paths], Path(folder), classes, progress))


def _joined(
    paths: Sequence[Path], folder: Path, classes: Mapping[str, list[str]], progress: Progress
) -> Path:
    import pyarrow as pa
    import pyarrow.parquet as pq

    target = folder / "joined.parquet"
    try:
        schema = pq.read_schema(paths[0])
        named = _class_names(schema)
        unnamed = {
            column: {"names": names, "_type": "ClassLabel"}
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
            for number, path in enumerate(paths):
                progress(number, len(paths), "files joined")
                with pq.ParquetFile(path) as file:
                    for group in range(file.num_row_groups):
                        part = file.read_row_group(group)
                        writer.write_table(part.cast(schema))
    except MemoryError:  # of Arrow's errors as well
        raise
    except (pa.ArrowException, ValueError, TypeError, KeyError) as error:
        raise parquet.unusable(paths[0].name, reason_of(error)) from error
    return target


def holds_pictures(path: Path) -> bool:
    """Whether a Parquet file has a column of pictures: of bytes that are no text."""
    try:
        return bool(
            isolated.run(
                f"{__name__}:holds_pictures_in_child",
                {"path": str(path.absolute())},
                name=path.name,
                limits=isolated.limits_for(0),
            )
        )
    except InputError:
        return False  # the reader that is tried then says what is wrong


def holds_pictures_in_child(path: str, progress: Progress) -> bool:
    """What ``holds_pictures`` has a child do."""
    with parquet.opened(path, Path(path)) as file:
        return _picture_column(file) is not None


def _require_size(name: str, found: Any) -> None:
    _require_few(name, found.num_rows)
    groups = (found.row_group(at).total_byte_size for at in range(found.num_row_groups))
    # Twice: Arrow's copy, and the bytes of each picture taken from it.
    remedy = "Write it anew with fewer rows in a row group, such as 1,000, or take fewer pictures."
    memory.require_memory(2 * max(groups, default=0), f"“{shorten(name)}”", remedy)


def _require_few(name: str, rows: int) -> None:
    if rows > MAX_ROWS:
        raise TableError(
            f"“{shorten(name)}” has {rows:,} rows.",
            f"At most {MAX_ROWS:,} pictures are read.",
            "Split the file.",
        )


def _picture_column(file: ParquetFile) -> str | None:
    """The first column of structs with ``bytes``, else the first of bytes that are no text."""
    import pyarrow as pa

    def is_struct(kind: pa.DataType) -> bool:
        return bool(pa.types.is_struct(kind)) and any(
            field.name == "bytes" and arrow_columns.holds_bytes(field.type) for field in kind
        )

    schema = file.schema_arrow
    structs = [field.name for field in schema if is_struct(field.type)]
    bare = [
        field.name
        for field in schema
        if arrow_columns.holds_bytes(field.type) and not pa.types.is_nested(field.type)
    ]
    written = parquet.text_in_bytes(file) if bare and not structs else set()
    return next(iter([*structs, *(name for name in bare if name not in written)]), None)


def _pictures(  # noqa: PLR0913, PLR0917
    name: str,
    file: ParquetFile,
    column: str,
    size: int,
    digest: Callable[[bytes], bytes],
    progress: Progress,
) -> tuple[list[str], list[bytes], list[tuple[int, int]]]:
    """Ids, digests and row groups, in one pass that holds no more than some pictures."""
    paths: list[str] = []
    digests: list[bytes] = []
    groups: list[tuple[int, int]] = []
    decoded, limit = 0, max(parquet.RATIO_FROM, MAX_RATIO * size)
    for number in range(file.num_row_groups):
        before, held = len(digests), 0
        for batch in file.iter_batches(
            BATCH, row_groups=[number], columns=[column], use_threads=False
        ):
            decoded += batch.nbytes
            if decoded > limit:
                raise parquet.too_large(name, decoded, limit)
            for cell in batch.column(column).to_pylist():
                given = cell.get("path") if isinstance(cell, dict) else None
                paths.append(str(given or len(paths) + 1))
                picture = picture_bytes(cell)
                held += len(picture)
                digests.append(digest(picture))
            _require_few(name, len(digests))
            progress(len(digests), max(len(digests), file.metadata.num_rows), "pictures read")
        groups.append((len(digests) - before, held))
    if len(set(paths)) < len(paths):
        paths = [str(at) for at in range(1, len(paths) + 1)]
    return paths, digests, groups


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


def _named(part: pa.Array, names: Sequence[str] | None) -> pa.Array:
    """Part of a column as it is shown: numbers of classes as their names, several texts as one."""
    import pyarrow as pa

    kinds = pa.types
    if names is not None and kinds.is_integer(part.type):
        known = dict(enumerate(names))
        return texts([known.get(value, "") for value in part.to_pylist()])
    if kinds.is_list(part.type) and kinds.is_string(part.type.value_type):
        cells = part.to_pylist()
        return texts(["" if cell is None else ". ".join(filter(None, cell)) for cell in cells])
    return arrow_columns.plain(part)
