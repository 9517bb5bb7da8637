"""The pictures of a large Parquet file, read row group by row group when they are asked for."""

from __future__ import annotations

import threading
from bisect import bisect_right
from collections import OrderedDict
from collections.abc import Sequence
from itertools import accumulate
from pathlib import Path
from typing import Any, overload

from core.base.errors import StorageError, shorten

HELD = 200_000_000  # bytes of row groups that are kept in memory
BATCH = 256  # rows


class PictureRows(Sequence[bytes]):
    """The encoded bytes of each row's picture; empty where one is missing.

    Args:
        path: the file, which stays where it is.
        column: of pictures: structs with ``bytes``, or bytes.
        groups: rows and bytes of pictures of each row group, as they were found.

    Raises:
        StorageError: when a picture is asked for and the file is no longer what it was.
    """

    def __init__(self, path: Path, column: str, groups: Sequence[tuple[int, int]]) -> None:
        self._path, self._column = path, column
        self._ends = [*accumulate(rows for rows, _ in groups)]
        self._bytes = [size for _, size in groups]
        self._held: OrderedDict[int, list[bytes]] = OrderedDict()
        self._lock = threading.Lock()

    def __len__(self) -> int:
        return self._ends[-1] if self._ends else 0

    @overload
    def __getitem__(self, at: int) -> bytes: ...
    @overload
    def __getitem__(self, at: slice) -> list[bytes]: ...
    def __getitem__(self, at: int | slice) -> bytes | list[bytes]:
        if isinstance(at, slice):
            return [self[row] for row in range(*at.indices(len(self)))]
        if not 0 <= at < len(self):
            raise IndexError(at)
        group = bisect_right(self._ends, at)
        return self._group(group)[at - (self._ends[group - 1] if group else 0)]

    def _group(self, number: int) -> list[bytes]:
        with self._lock:
            if number not in self._held:
                self._held[number] = self._read(number)
            self._held.move_to_end(number)
            while len(self._held) > 1 and self._size() > HELD:
                self._held.popitem(last=False)
            return self._held[number]

    def _size(self) -> int:
        return sum(len(data) for group in self._held.values() for data in group)

    def _read(self, number: int) -> list[bytes]:
        import pyarrow as pa
        import pyarrow.parquet as pq

        found: list[bytes] = []
        left = self._bytes[number]  # no file that changed meanwhile fills the memory
        try:
            with pq.ParquetFile(self._path) as file:
                for batch in file.iter_batches(
                    BATCH, row_groups=[number], columns=[self._column], use_threads=False
                ):
                    # there may be “name.more” beside “name”
                    pictures = [
                        picture_bytes(row) for row in batch.column(self._column).to_pylist()
                    ]
                    left -= sum(map(len, pictures))
                    if left < 0:
                        raise _changed(self._path)
                    found += pictures
        except (pa.ArrowException, OSError, IndexError, KeyError) as error:
            raise _changed(self._path) from error
        if len(found) != self._ends[number] - (self._ends[number - 1] if number else 0):
            raise _changed(self._path)
        return found


def _changed(path: Path) -> StorageError:
    return StorageError(
        f"“{shorten(path.name)}” changed or vanished while it was in use.",
        "The file must stay as it is.",
        "Put it back, or add it again.",
    )


def picture_bytes(cell: Any) -> bytes:
    """The bytes of a cell, which holds them as they are or in a struct; empty for none."""
    data = cell.get("bytes") if isinstance(cell, dict) else cell
    return data or b""
