"""Vectors in parts of Parquet, more than the memory holds: some rows at a time, wherever they lie.

The parts are a file, a folder of files, or either in an object store. They are taken for the
person's own, as what ``encode`` wrote: what strangers gave is opened by ``core.readers.parquet``.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from core.base.errors import TableError, listed, shorten
from core.base.reasons import reason_of
from core.base.types import FloatArray
from core.readers import object_stores, parquet

if TYPE_CHECKING:
    import pyarrow as pa
    from pyarrow.parquet import ParquetFile

SLICE = 65_536  # rows of a task, at most
BATCH = 4_096  # rows that are held at a time


@dataclass(frozen=True, slots=True)
class Slice:
    """Some rows of a row group of a part: ``count`` from ``first`` on."""

    place: str
    group: int
    first: int
    count: int

    def told(self) -> str:
        """As a string, which ``read_slice`` takes back."""
        return json.dumps(asdict(self))


def read_slice(told: str) -> Slice:
    """What ``Slice.told`` gave."""
    return Slice(**json.loads(told))


@dataclass(frozen=True, slots=True)
class Parts:
    """Parts that have a column of vectors of one length.

    Attributes:
        stamps: stands for the bytes of each part: its size.
        column: of vectors, of ``dim`` numbers.
    """

    name: str
    places: tuple[str, ...]
    stamps: tuple[int, ...]
    column: str
    dim: int
    slices: tuple[Slice, ...]
    space: str = ""

    @property
    def rows(self) -> int:
        """How many rows all parts have."""
        return sum(one.count for one in self.slices)


def open_parts(source: str, path: Path, column: str | None = None) -> Parts:
    """The parts at a path, or at an address of an object store.

    Args:
        column: of vectors; ``None`` takes the one that a file of ours has, else the longest.

    Raises:
        TableError: there is no Parquet, no such column, or the parts differ.
        ServiceError: the store does not answer.
    """
    if object_stores.is_address(source):
        found = object_stores.listing(source)
        named = [(one.address, one.size) for one in found.objects if _is_parquet(one.name)]
        name = found.name
    else:
        files = sorted(path.rglob("*")) if path.is_dir() else [path]
        files = [one for one in files if one.is_file() and one.name[0] not in "._"]
        named = [
            (str(one.absolute()), one.stat().st_size) for one in files if _is_parquet(one.name)
        ]
        name = path.stem
    if not named:
        raise TableError(
            f"“{shorten(source)}” is no Parquet file and holds none.",
            "A file, or a folder of files with a column of vectors, is needed.",
            "Write the vectors with encode, a file for each part.",
        )
    with opened(named[0][0]) as first:
        chosen, dim = _column(name, first, column)
        space = (first.schema_arrow.metadata or {}).get(parquet.SPACE_KEY, b"").decode()
        beside = _others(first, chosen)
    slices: list[Slice] = []
    for place, _ in named:
        with opened(place) as file:
            if chosen not in file.schema_arrow.names or _others(file, chosen) != beside:
                raise TableError(
                    f"“{shorten(Path(place.partition('?')[0]).name)}” has other columns than "
                    f"“{shorten(Path(named[0][0].partition('?')[0]).name)}”.",
                    f"All parts have vectors in “{shorten(chosen)}” and the same other columns, of "
                    "the same types.",
                    "Take it out, or write it as the others are.",
                )
            for group in range(file.num_row_groups):
                rows = file.metadata.row_group(group).num_rows
                starts = range(0, rows, SLICE)
                slices += [Slice(place, group, at, min(SLICE, rows - at)) for at in starts]
    places, stamps = zip(*named, strict=True)
    return Parts(name, places, stamps, chosen, dim, tuple(slices), space)


def _others(file: ParquetFile, column: str) -> dict[str, pa.DataType]:
    return {field.name: field.type for field in file.schema_arrow if field.name != column}


def _is_parquet(name: str) -> bool:
    return name.lower().endswith(".parquet")


@contextmanager
def opened(place: str) -> Iterator[ParquetFile]:
    """The Parquet file at a path or address, of which no more is held than is read.

    Raises:
        TableError: it is damaged.
    """
    import pyarrow as pa
    import pyarrow.parquet as pq

    source = object_stores.open_file(place) if object_stores.is_address(place) else place
    try:
        with pq.ParquetFile(source, buffer_size=1 << 20, pre_buffer=False) as file:
            yield file
    except (pa.ArrowException, OSError) as error:
        raise parquet.unusable(Path(place.partition("?")[0]).name, reason_of(error)) from error


def _column(name: str, file: ParquetFile, wanted: str | None) -> tuple[str, int]:
    """The column of vectors, and how many numbers they have."""
    import pyarrow as pa

    kinds = pa.types
    lists = {
        field.name
        for field in file.schema_arrow
        if (kinds.is_list(field.type) or kinds.is_large_list(field.type) or _fixed(field.type))
        and (kinds.is_floating(field.type.value_type) or kinds.is_integer(field.type.value_type))
    }
    if wanted is not None:
        lists &= {wanted}
    dims = {one: _dim(file, one) for one in sorted(lists)}
    if not any(dims.values()):
        told = "" if wanted is None else f" called “{shorten(wanted)}”"
        raise TableError(
            f"“{shorten(name)}” has no column of vectors{told}.",
            f"Lists of numbers are needed; it has: {listed(file.schema_arrow.names, 20)}.",
            "Name the column with --vectors, or encode the rows first.",
        )
    best = max(dims, key=lambda one: dims[one])
    return best, dims[best]


def _fixed(kind: pa.DataType) -> bool:
    import pyarrow as pa

    return bool(pa.types.is_fixed_size_list(kind))


def _dim(file: ParquetFile, column: str) -> int:
    """The length of the first vector that is there; 0 for none."""
    import pyarrow.compute as pc

    for batch in file.iter_batches(BATCH, columns=[column], use_threads=False):
        longest = pc.max(pc.list_value_length(batch.column(0))).as_py()
        if longest:
            return int(longest)
    return 0


def vectors(parts_column: str, dim: int, one: Slice) -> Iterator[FloatArray]:
    """The vectors ``(m, dim)`` of a slice, some rows at a time; a row without one is NaN."""
    for batch in _batches(one, [parts_column]):
        yield _as_array(batch.column(0), dim)


def others(parts: Parts, one: Slice) -> pa.Table:
    """The other columns of a slice."""
    import pyarrow as pa

    with opened(one.place) as file:
        names = [name for name in file.schema_arrow.names if name != parts.column]
        schema = pa.schema([file.schema_arrow.field(name) for name in names])
    return pa.Table.from_batches(list(_batches(one, names)), schema=schema)


def _batches(one: Slice, columns: Sequence[str]) -> Iterator[pa.RecordBatch]:
    """The rows of a slice; those before it are decoded and let go."""
    at, end = 0, one.first + one.count
    with opened(one.place) as file:
        for batch in file.iter_batches(
            BATCH, row_groups=[one.group], columns=list(columns), use_threads=False
        ):
            begin, at = at, at + batch.num_rows
            if at <= one.first:
                continue
            low = max(0, one.first - begin)
            yield batch.slice(low, min(batch.num_rows, end - begin) - low)
            if at >= end:
                return


def _as_array(column: pa.Array, dim: int) -> FloatArray:
    import pyarrow as pa
    import pyarrow.compute as pc

    lengths = pc.fill_null(pc.list_value_length(column), 0).to_numpy(zero_copy_only=False)
    whole = lengths == dim
    found = np.full((len(column), dim), np.nan, dtype=np.float32)
    if whole.any():
        flat = column.filter(pa.array(whole)).flatten().cast(pa.float32())
        found[whole] = flat.to_numpy(zero_copy_only=False).reshape(-1, dim)
    return found
