"""AnnData files (``.h5ad``): what is known of each cell, and its vectors, by h5py alone.

``obs`` is the table, as every version of anndata writes it: a group of columns with categories in
groups (0.8 and later) or apart (0.7), or a compound with categories in ``uns`` (before). Arrays of
``obsm`` with more than three columns are vectors; those with two or three, as of a map, are columns
of numbers. ``X`` is vectors too where it is dense and small.

Source: "On-disk format" of anndata's documentation. HDF5 can lead to other files of this computer
(external links and storage, virtual datasets): nothing of that kind is read.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from core.base.errors import TableError, counted, listed, shorten
from core.base.memory import format_bytes
from core.base.reasons import reason_of
from core.base.types import FloatArray, Progress, no_progress
from core.readers import parquet
from core.readers.table_columns import from_cells, require_shape, texts

if TYPE_CHECKING:
    import pyarrow as pa

MAGIC = b"\x89HDF\r\n\x1a\n"
LARGEST_X = 200_000_000  # bytes of X as float32, up to which it is vectors
WIDEST = 65_536  # numbers of a vector
COORDINATES = 3  # columns of an array, up to which they are places on a map
_TEXTS = 16_384  # rows of a column of text that are read at once
_PARTS = ("obs", "obsm", "X")


class _LeftOutError(Exception):
    """A part of the file is not read; its argument says why."""


@dataclass(slots=True)
class AnnData:
    """A table in its making: names, columns (those of vectors are fixed-size lists), and what of
    the file is not among them.
    """

    name: str
    limit: int
    rows: int = 0
    size: int = 0
    names: list[str] = field(default_factory=list)
    columns: list[pa.Array] = field(default_factory=list)
    left_out: list[str] = field(default_factory=list)

    @property
    def notes(self) -> list[str]:
        """What there is to say of it, a sentence each."""
        if not self.left_out:
            return []
        return [f"Left out of the AnnData file: {listed(self.left_out, 20)}."]

    def take(self, name: str, column: pa.Array) -> None:
        """Adds a column."""
        self.names.append(name)
        self.columns.append(column)

    def count(self, size: int) -> None:
        """Adds bytes that are about to be read.

        Raises:
            TableError: they are too many, all together.
        """
        self.size += size
        if self.size > self.limit:
            raise parquet.too_large(self.name, self.size, self.limit)

    def unusable(self, reason: str) -> TableError:
        """The error for a file that is damaged."""
        return parquet.unusable(self.name, reason, "AnnData file")


def is_hdf5(path: Path) -> bool:
    """Whether a file begins as HDF5 does."""
    with path.open("rb") as stream:
        return stream.read(len(MAGIC)) == MAGIC


def read_anndata(name: str, source: Path | bytes, progress: Progress = no_progress) -> AnnData:
    """The table and the vectors of an AnnData file; meant to be called in a child process.

    Raises:
        TableError: it is damaged, too large, or another kind of HDF5 file.
    """
    import h5py

    size = len(source) if isinstance(source, bytes) else source.stat().st_size
    made = AnnData(name, parquet.allowed_bytes(size))
    try:
        with h5py.File(BytesIO(source) if isinstance(source, bytes) else source, "r") as file:
            _read(made, file, progress)
    except _LeftOutError as error:
        raise made.unusable(str(error)) from error
    except (OSError, ValueError, TypeError, KeyError, RuntimeError, OverflowError) as error:
        raise made.unusable(reason_of(error)) from error
    return made


def _read(made: AnnData, file: Any, progress: Progress) -> None:
    parts = {key: _own(file, key) for key in _PARTS if key in file}
    if not parts:
        raise TableError(
            f"“{shorten(made.name)}” is no AnnData file: it has no obs, obsm or X.",
            "An HDF5 file as anndata or Scanpy writes it (.h5ad) is read.",
            "Save it with adata.write_h5ad, or its arrays as .npy.",
        )
    made.rows = _count(parts)
    require_shape(made.name, made.rows, 1)
    if "obs" in parts:
        _read_table(made, file, parts["obs"], progress)
    arrays = _read_arrays(made, parts["obsm"]) if "obsm" in parts else {}
    if "X" in parts:
        with _left_out(made, "X"):
            arrays["X"] = _array(made, parts["X"], LARGEST_X)
    for name, array in arrays.items():
        if array.shape[1] > COORDINATES:
            made.take(name, parquet.as_lists(array))
            continue
        for at in range(array.shape[1]):
            made.take(f"{name} {at + 1}", _as_column(array[:, at]))
    require_shape(made.name, made.rows, len(made.names))


def _own(group: Any, key: str) -> Any:
    """A part of a group that lies in this file itself.

    Raises:
        _LeftOutError: it leads somewhere else.
    """
    import h5py

    if not isinstance(group.get(key, getlink=True), h5py.HardLink):
        raise _LeftOutError("in another place")
    return _in_file(group[key])


def _in_file(node: Any) -> Any:
    import h5py

    if isinstance(node, h5py.Dataset) and (node.is_virtual or node.external):
        raise _LeftOutError("in another place")
    if isinstance(node, h5py.Datatype):
        raise _LeftOutError("a type without cells")
    return node


def _is_group(node: Any) -> bool:
    import h5py

    return isinstance(node, h5py.Group)


def _count(parts: dict[str, Any]) -> int:
    """How many cells there are: by the table, else by an array."""
    if "obs" in parts:
        obs = parts["obs"]
        return int((_own(obs, _index(obs)) if _is_group(obs) else obs).shape[0])
    nodes = [parts["X"]] if "X" in parts else []
    if "obsm" in parts and _is_group(parts["obsm"]):
        nodes = [*_arrays_of(parts["obsm"]), *nodes]
    return next((int(node.shape[0]) for node in nodes if not _is_group(node) and node.shape), 0)


def _arrays_of(group: Any) -> Iterator[Any]:
    """What of a group lies in this file."""
    for key in group:
        with suppress(_LeftOutError):
            yield _own(group, key)


def _index(table: Any) -> str:
    """The key of the column that names the rows."""
    return _text(table.attrs.get("_index", "_index"))


def _text(value: Any) -> str:
    return value.decode() if isinstance(value, bytes) else str(value)


def _read_table(made: AnnData, file: Any, obs: Any, progress: Progress) -> None:
    """The columns of ``obs``, what names the rows first."""
    if not _is_group(obs):
        _read_compound(made, file, obs)
        return
    index = _index(obs)
    order = [_text(key) for key in obs.attrs.get("column-order", [])]
    keys = list(dict.fromkeys([index, *order]))
    for number, key in enumerate(keys):
        progress(number, len(keys), "columns read")
        with _left_out(made, f"obs/{key}"):
            made.take("index" if key == "_index" else key, _column(made, obs, key))


@contextmanager
def _left_out(made: AnnData, path: str) -> Iterator[None]:
    """Notes a part that is not read, with the reason."""
    try:
        yield
    except _LeftOutError as error:
        made.left_out.append(f"{path} ({error})")


def _read_compound(made: AnnData, file: Any, obs: Any) -> None:
    """The table as versions before 0.7 write it; categories are in ``uns``."""
    made.count(obs.size * obs.dtype.itemsize)
    rows = obs[()]
    for key in rows.dtype.names or ():
        with _left_out(made, f"obs/{key}"):
            cells = rows[key]
            named = f"{key}_categories"
            if cells.dtype.kind == "i" and "uns" in file and named in (uns := _own(file, "uns")):
                column = _categorical(made, f"obs/{key}", cells, _values(made, _own(uns, named)))
            else:
                column = _as_column(_decoded(cells) if cells.dtype.kind in "SO" else cells)
            made.take("index" if key == "_index" else key, column)


def _column(made: AnnData, table: Any, key: str) -> pa.Array:
    """A column of a table in a group, whatever it is encoded by."""
    node = _own(table, key)
    path = f"obs/{key}"
    if _is_group(node):
        if {"codes", "categories"} <= node.keys():
            codes, categories = _own(node, "codes"), _own(node, "categories")
            return _categorical(made, path, _values(made, codes), _values(made, categories))
        if {"values", "mask"} <= node.keys():
            return _with_gaps(
                _values(made, _own(node, "values")), _values(made, _own(node, "mask"))
            )
        raise _LeftOutError("of an unknown kind")
    cells = _values(made, node)
    if "categories" in node.attrs:
        categories = _in_file(node.file[node.attrs["categories"]])
        return _categorical(made, path, cells, _values(made, categories))
    return _as_column(cells)


def _values(made: AnnData, node: Any) -> Any:
    """The cells of a dataset in one row: an array of numbers or of truth values, or texts."""
    import h5py

    if _is_group(node) or len(node.shape) > 1:
        raise _LeftOutError("of several columns")
    if h5py.check_string_dtype(node.dtype) is None:
        made.count(node.size * node.dtype.itemsize)
        return np.atleast_1d(node[()])
    if not node.shape:
        return _decoded(np.atleast_1d(node[()]))
    cells: list[str] = []
    for at in range(0, len(node), _TEXTS):
        part = _decoded(node[at : at + _TEXTS])
        made.count(sum(map(len, part)))
        cells += part
    return cells


def _decoded(cells: Any) -> list[str]:
    """Bytes in UTF-8, and what is text already.

    Raises:
        _LeftOutError: they are in another encoding.
    """
    try:
        return [_text(cell) for cell in cells.tolist()]
    except UnicodeDecodeError as error:
        raise _LeftOutError("not in UTF-8") from error


def _as_column(cells: Any) -> pa.Array:
    import pyarrow as pa

    if isinstance(cells, list):
        return texts(cells)
    if cells.ndim != 1 or cells.dtype.kind not in "biuf" or cells.dtype.itemsize > 8:
        kind = "complex numbers" if cells.dtype.kind == "c" else "of an unknown kind"
        raise _LeftOutError(kind)
    return pa.array(np.ascontiguousarray(cells.astype(cells.dtype.newbyteorder("="))))


def _with_gaps(cells: Any, mask: Any) -> pa.Array:
    """Cells where ``mask`` is not set; numbers, or text."""
    if isinstance(cells, list) or cells.dtype.kind == "b":
        gaps = zip(cells if isinstance(cells, list) else cells.tolist(), mask, strict=True)
        return from_cells(["" if gap else cell for cell, gap in gaps])
    return _as_column(np.where(mask, np.nan, cells) if np.any(mask) else cells)


def _categorical(made: AnnData, path: str, codes: Any, categories: Any) -> pa.Array:
    """Cells by the numbers of their categories; -1 where there is none."""
    if isinstance(codes, list) or codes.dtype.kind not in "iu":
        raise _LeftOutError("codes that are no numbers")
    codes = codes.astype(np.int64)
    wrong = codes[(codes < -1) | (codes >= len(categories))]
    if len(wrong):
        raise made.unusable(f"{path} has no category {wrong[0]}")
    if not isinstance(categories, list):
        known = codes >= 0
        if known.all():
            return _as_column(categories[codes])
        return _with_gaps(categories[np.where(known, codes, 0)], ~known)
    named = [*categories, ""]  # which -1 points at
    lengths = np.array([len(one) for one in named], dtype=np.int64)
    made.count(int(lengths[codes].sum()))
    return texts([named[code] for code in codes.tolist()])


def _read_arrays(made: AnnData, obsm: Any) -> dict[str, FloatArray]:
    """The arrays of ``obsm`` by their names."""
    arrays: dict[str, FloatArray] = {}
    if not _is_group(obsm):  # as versions before 0.7 write it
        made.count(obsm.size * obsm.dtype.itemsize)
        rows = obsm[()]
        for key in rows.dtype.names or ():
            with _left_out(made, f"obsm/{key}"):
                arrays[key] = _as_rows(made, rows[key])
        return arrays
    for key in obsm:
        with _left_out(made, f"obsm/{key}"):
            arrays[key] = _array(made, _own(obsm, key), made.limit)
    return arrays


def _array(made: AnnData, node: Any, largest: int) -> FloatArray:
    """A dense array ``(cells, columns)`` as float32, or a table of numbers."""
    if _is_group(node):
        if "column-order" not in node.attrs:
            raise _LeftOutError("sparse")
        keys = [_text(key) for key in node.attrs["column-order"]]
        columns = [_values(made, _own(node, key)) for key in keys]
        if not columns or any(isinstance(column, list) for column in columns):
            raise _LeftOutError("not all numbers")
        return _as_rows(made, np.stack(columns, axis=1))
    _require_array(made, node)
    needed = 4 * node.size
    if needed > largest:
        raise _LeftOutError(format_bytes(needed))
    made.count(needed)
    return _as_rows(made, node.astype(np.float32)[()])


def _as_rows(made: AnnData, array: Any) -> FloatArray:
    _require_array(made, array)
    return np.asarray(array, dtype=np.float32)


def _require_array(made: AnnData, array: Any) -> None:
    """Checks kind and shape, before anything is read.

    Raises:
        _LeftOutError: it is no array of numbers with a row for each cell.
    """
    if array.dtype.kind not in "biuf" or len(array.shape) != 2:
        raise _LeftOutError("no array of numbers")
    if array.shape[0] != made.rows:
        raise _LeftOutError(f"{counted(array.shape[0], 'row')} of {made.rows:,}")
    if not 0 < array.shape[1] <= WIDEST:
        raise _LeftOutError(counted(array.shape[1], "column"))
