"""Exports for Google's Embedding Projector (TensorBoard, projector.tensorflow.org) and Parquet.

How the projector reads them was looked up in TensorBoard 2.21 (``plugins/projector``). It shows
the first 100,000 points. Its PCA reads at most 50,000 of them and 200 random directions, its t-SNE
10,000 and its UMAP 5,000. While "Spherize data" is on, as at first, it takes the mean away and
scales to unit length, so its neighbors are others than those of the vectors as they are.
"""

from __future__ import annotations

import io
import math
import re
import zipfile
from collections.abc import Sequence
from numbers import Real
from pathlib import Path
from typing import Any

import numpy as np

from core.base.columns import Columns
from core.base.errors import InputError
from core.base.types import FloatArray
from core.export.parquet import _valid, arrow_columns
from core.readers.parquet import SPACE_KEY
from core.storage import data_home

VECTORS, METADATA, CONFIG = "vectors.tsv", "metadata.tsv", "projector_config.pbtxt"
EMPTY = "(empty)"
VECTOR_COLUMN = "vector"

_CHUNK = 1 << 18  # numbers written at a time: some megabytes of text
_CONTROLS = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029]")  # the line separators among them
_URL = re.compile("[&#+%]")


def vectors_tsv(vectors: FloatArray) -> bytes:
    """``vectors`` ``(n, dim)`` as lines of numbers with tabs between, without a header.

    Each number has the fewest digits from which its float32 comes back, also for readers that
    go through a double, as Python's and JavaScript's do: the few that would then be rounded
    twice (7.038531e-26 is one) get the digits of a double. Not a number and infinity are
    ``nan``, ``inf`` and ``-inf``.
    """
    import pyarrow as pa
    import pyarrow.compute as pc

    count, dim = vectors.shape
    rows = max(1, _CHUNK // dim)
    parts: list[bytes] = []
    for start in range(0, count, rows):
        numbers = np.ascontiguousarray(vectors[start : start + rows], dtype=np.float32).ravel()
        texts = pc.cast(pa.array(numbers), pa.string())
        back = pc.cast(texts, pa.float64()).to_numpy().astype(np.float32)
        wrong = np.flatnonzero(back.view(np.uint32) != numbers.view(np.uint32))
        if len(wrong):
            cells = np.array(texts.to_pylist(), dtype=object)
            cells[wrong] = [repr(float(number)) for number in numbers[wrong]]
            texts = pa.array(cells, pa.string())
        borders = np.arange(0, len(numbers) + 1, dim, dtype=np.int32)
        lines = pc.binary_join(pa.ListArray.from_arrays(pa.array(borders), texts), "\t")
        parts.append("".join(f"{line}\n" for line in lines.to_pylist()).encode())
    return b"".join(parts)


def metadata_tsv(columns: Columns) -> bytes:
    """``columns`` as lines of cells with tabs between, in UTF-8 without a byte-order mark.

    The projector takes the first line for a header if it has a tab, so there is one from two
    columns on. Tabs, line separators and control characters in cells become spaces. It skips
    blank lines, which would give every later point the label of its neighbor, and its search
    fails at an empty cell: a blank cell is ``(empty)``, but stays empty in a column of numbers
    where the line has something else, since the projector colors by such columns.

    The projector shows cells as text, never as HTML or formulas, so cells that begin with ``=``
    or ``+`` stay: an apostrophe before them would change the labels. A spreadsheet that opens the
    file would run them as formulas; ``tables.to_csv`` is for spreadsheets.
    """
    cells = [_column(values, alone=len(columns) == 1) for values in columns.values()]
    lines = ["\t".join(row) for row in zip(*cells, strict=True)]
    lines = [line if line.strip() else EMPTY + line for line in lines]
    if len(columns) > 1:
        lines.insert(0, "\t".join(_cell(name) or EMPTY for name in columns))
    return "".join(f"{line}\n" for line in lines).encode()


def _column(values: Sequence[Any], *, alone: bool) -> list[str]:
    given = [value for value in values if value is not None]
    numbers = bool(given) and all(
        isinstance(value, Real) and not isinstance(value, bool) for value in given
    )
    blank = "" if numbers and not alone else EMPTY
    return [_cell(value) or blank for value in values]


def _cell(value: Any) -> str:
    """``value`` as a cell; "" for what shows nothing."""
    if value is None or (isinstance(value, float | np.floating) and math.isnan(value)):
        return ""
    text = _CONTROLS.sub(" ", _valid(str(value)))
    return text if text.replace("\ufeff", "").strip() else ""


def config_pbtxt(name: str, sprite: tuple[str, int] | None = None) -> bytes:
    """The file that tells TensorBoard where the vectors called ``name`` and their labels lie.

    ``sprite`` is the file of small pictures and the side of each in pixels.

    TensorBoard puts the name in an address as it is, so ``& # + %`` become hyphens and control
    characters spaces.
    """
    shown = _URL.sub("-", _CONTROLS.sub(" ", _valid(name))).strip()
    escaped = shown.replace("\\", "\\\\").replace('"', '\\"')
    fields = {"tensor_name": escaped, "tensor_path": VECTORS, "metadata_path": METADATA}
    lines = "".join(f'  {field}: "{value}"\n' for field, value in fields.items())
    if sprite is not None:
        path, side = sprite
        sizes = f"    single_image_dim: {side}\n" * 2
        lines += f'  sprite {{\n    image_path: "{path}"\n{sizes}  }}\n'
    return f"embeddings {{\n{lines}}}\n".encode()


def write_projector(target: Path, name: str, vectors: FloatArray, columns: Columns) -> None:
    """The three files in the folder ``target``: vectors ``(n, dim)`` and a row of columns for each.

    A new folder appears whole or not at all. In a folder that is there already, each file is
    replaced as a whole, and everything else in it stays.

    Raises:
        InputError: if there are no vectors, no columns, or not one row for each vector.
        StorageError: if the disk refuses.
    """
    made = files(name, vectors, columns)
    if target.is_dir():
        for file, data in made.items():
            data_home.write_file(target / file, data)
        return
    with data_home.write_folder(target, exclusive=True) as folder:
        for file, data in made.items():
            (folder / file).write_bytes(data)


def projector_zip(name: str, vectors: FloatArray, columns: Columns) -> bytes:
    """The files of ``write_projector`` for vectors ``(n, dim)`` as a ZIP, always the same bytes.

    Raises:
        InputError: as ``write_projector``.
    """
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        for file, data in files(name, vectors, columns).items():
            # Digits hardly compress better at level 6, and it takes four times as long.
            archive.writestr(zipfile.ZipInfo(file), data, zipfile.ZIP_DEFLATED, compresslevel=1)
    return stream.getvalue()


def files(name: str, vectors: FloatArray, columns: Columns) -> dict[str, bytes]:
    """The projector's three files by their names, for vectors ``(n, dim)``.

    Raises:
        InputError: there is nothing to export, or a column has other rows.
    """
    _check(vectors, columns)
    if not vectors.size or not columns:
        expected = "The projector needs at least one vector and one column of labels."
        raise InputError("There is nothing to export.", expected, "Choose rows and a column.")
    return {
        VECTORS: vectors_tsv(vectors),
        METADATA: metadata_tsv(columns),
        CONFIG: config_pbtxt(name),  # last: TensorBoard looks for this one
    }


def _check(vectors: FloatArray, columns: Columns) -> None:
    for column, values in columns.items():
        if len(values) != len(vectors):
            raise InputError(
                f"The column “{column}” has {len(values)} rows for {len(vectors)} vectors.",
                "There must be one row for each vector.",
                "Leave the column out or load the table again.",
            )


def to_parquet(columns: Columns, vectors: FloatArray, space_name: str) -> bytes:
    """``columns`` and the vectors ``(n, dim)`` as Parquet; the space's name under ``SPACE_KEY``.

    The vectors are the column ``vector``, fixed-size lists of float32; a column of that name
    gets a ``_`` behind it. A column of mixed types becomes text.

    Raises:
        InputError: a column has not one row for each vector.
    """
    import pyarrow as pa
    import pyarrow.parquet as pq

    _check(vectors, columns)
    arrays = arrow_columns(columns, VECTOR_COLUMN)
    flat = np.ascontiguousarray(vectors, dtype=np.float32).ravel()
    arrays[VECTOR_COLUMN] = pa.FixedSizeListArray.from_arrays(pa.array(flat), vectors.shape[1])
    table = pa.table(arrays).replace_schema_metadata({SPACE_KEY: _valid(space_name).encode()})
    stream = io.BytesIO()
    pq.write_table(table, stream)
    return stream.getvalue()
