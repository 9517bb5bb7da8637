"""Columns of vectors that are read by parts: each part goes straight to its place.

So a file of gigabytes takes its vectors once, and none of the lists that a library decodes.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, cast

import numpy as np

from core.base.types import FloatArray
from core.readers import table_vectors

if TYPE_CHECKING:
    import pyarrow as pa


class NoVectorsError(Exception):
    """A column of lists of numbers holds no vectors of one length."""


@dataclass(slots=True)
class Place:
    """Where columns of vectors go: files of a ``folder``, or the memory without one."""

    folder: Path | None = None
    # Files by where their numbers begin, with the array, so that no other begins there.
    _filled: dict[int, tuple[str, FloatArray]] = field(default_factory=dict)

    def array(self, rows: int, dim: int) -> FloatArray:
        """A new array ``(rows, dim)``, whose file ``file_of`` tells."""
        if self.folder is None:
            return np.empty((rows, dim), dtype=np.float32)
        file = f"column-{len(self._filled)}.npy"
        made = np.lib.format.open_memmap(self.folder / file, "w+", np.float32, (rows, dim))
        self._filled[made.ctypes.data] = (file, made)
        return np.asarray(made)

    def file_of(self, column: pa.ChunkedArray) -> str | None:
        """The file that holds a whole column of fixed-size lists, where it is one of these."""
        if column.num_chunks != 1 or not self._filled:
            return None
        numbers = column.chunk(0).flatten()
        begin = numbers.buffers()[1].address + 4 * numbers.offset
        file, array = self._filled.get(begin, (None, None))
        return file if array is not None and array.size == len(numbers) else None


class Filling:
    """A column of lists that is being read into an array.

    Args:
        name: of the column.
        rows: how many it is said to have.
        bounded: raises where the array would have too many bytes.
    """

    def __init__(self, name: str, rows: int, place: Place, bounded: Callable[[int], None]) -> None:
        self.name, self._rows = name, rows
        self._place, self._bounded = place, bounded
        self._array: FloatArray | None = None
        self._done = 0

    def take(self, part: pa.Array) -> None:
        """The next rows, a list or nothing in each; NaN where there is none.

        Raises:
            NoVectorsError: they are not of one length, or there are more rows than were stated.
        """
        import pyarrow as pa

        end = self._done + len(part)
        lengths = table_vectors.lengths(part)
        if lengths and self._array is None:
            self._begin(lengths, whole=pa.types.is_integer(part.type.value_type))
        if self._array is not None:
            if lengths - {self._array.shape[1]} or end > self._rows:
                raise NoVectorsError
            there = part.is_valid().to_numpy(zero_copy_only=False)
            numbers = part.flatten().cast(pa.float32()).to_numpy(zero_copy_only=False)
            rows = self._array[self._done : end]
            rows[there] = numbers.reshape(-1, self._array.shape[1])
            rows[~there] = np.nan
        self._done = end

    def _begin(self, lengths: set[int], *, whole: bool) -> None:
        dim = min(lengths)
        if len(lengths) > 1 or not table_vectors.is_vector(self.name, dim, whole=whole):
            raise NoVectorsError
        self._bounded(4 * dim * self._rows)
        self._array = self._place.array(self._rows, dim)
        self._array[: self._done] = np.nan

    @property
    def begun(self) -> bool:
        """Whether some row has a list."""
        return self._array is not None

    def column(self) -> pa.ChunkedArray:
        """All of it as fixed-size lists, which share the array's memory; once it is begun."""
        import pyarrow as pa

        held = cast("FloatArray", self._array)
        flat = pa.array(held[: self._done].reshape(-1))
        return pa.chunked_array([pa.FixedSizeListArray.from_arrays(flat, held.shape[1])])
