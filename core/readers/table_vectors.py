"""Vectors that a table brings: lists of numbers in a column, or many columns of numbers.

Lists are those of Parquet, Arrow and JSON, and text such as ``[0.1, -0.2]`` (OpenAI's examples),
``[0.1 -0.2]`` (NumPy) or numbers with blanks between. Many columns are called alike with numbers
that count up, ``dim_0 … dim_383``.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from core.base.errors import InputError, listed, shorten
from core.base.types import FloatArray

if TYPE_CHECKING:
    import pandas as pd
    import pyarrow as pa

NONE = "none"
LEAST_FAMILY = 8  # columns that count up, from which they are one vector
_LEAST_BARE = 8  # numbers in a cell without brackets
_LEAST_WHOLE = 16  # of whole numbers, which may be anything, unless the name says what they are
_NAMED = re.compile(r"emb|vec|feature|latent|hidden|repr|encod|^X_", re.IGNORECASE)
_OTHERS = re.compile(r"box|coord|shape|span|size|range|offset|poly|token|mask|ids?$", re.IGNORECASE)
# [0.1, -0.2] and its like: (…), PostgreSQL's {…}, array([…]) of NumPy, tensor([…]) of PyTorch.
_OPEN = r"(?:(?:np\.|numpy\.|torch\.)?(?:array|tensor)\()?\s*[\[({]"
_NONE = r"(?:nan|none|null|inf(?:inity)?)"
_BRACKETS = re.compile(
    rf"\s*{_OPEN}\s*(?:{_NONE}[\s,;]+)*[-+\d.](?:[-+\d.,;eE\s|]|{_NONE})*[\])}}]"
    r"(?:,\s*(?:dtype|device|requires_grad|grad_fn)=[^()]*)?\)?\s*",
    re.IGNORECASE,
)
_BARE = re.compile(rf"\s*(?:[-+]?\d[\d.eE+-]*[\s,;|]+){{{_LEAST_BARE - 1},}}[-+]?\d[\d.eE+-]*\s*")
_INSIDE = re.compile(r"[\[({]([^\[\](){}]*)[\])}]")
_SAYS_NONE = re.compile("none|null", re.IGNORECASE)
_UNNAMED = "column "  # as columns of a table without a row of names are called
_MEMBER = re.compile(r"(.*?)(\d+)")


@dataclass(frozen=True, slots=True)
class Chosen:
    """The vectors of a table.

    Attributes:
        name: the column that they are in, or the first and the last of several.
        vectors: ``(rows, dim)`` float32; a row of NaN where there is none.
        frame: all other columns.
        why: what they were taken by, a sentence; empty where somebody chose them.
    """

    name: str
    vectors: FloatArray
    frame: pd.DataFrame
    why: str


def is_list_of_numbers(kind: Any) -> bool:
    """Whether an Arrow type is of lists of numbers."""
    import pyarrow as pa

    kinds = pa.types
    lists = kinds.is_list(kind) or kinds.is_large_list(kind) or kinds.is_fixed_size_list(kind)
    return bool(lists) and bool(
        kinds.is_floating(kind.value_type) or kinds.is_integer(kind.value_type)
    )


def from_lists(name: str, column: pa.ChunkedArray) -> pa.ChunkedArray | None:
    """A column of lists as fixed-size lists of float32; ``None`` where they are no vectors."""
    import pyarrow as pa

    found = {length for chunk in column.chunks for length in lengths(chunk)}
    whole = pa.types.is_integer(column.type.value_type)
    if len(found) != 1 or not is_vector(name, min(found), whole=whole):
        return None
    dim = min(found)
    parts = [_fixed(chunk, dim) for chunk in column.chunks]
    return pa.chunked_array(parts, pa.list_(pa.float32(), dim))


def is_vector(name: str, dim: int, *, whole: bool) -> bool:
    """Whether lists of ``dim`` numbers, all of them ``whole`` or not, are vectors by their name."""
    if _NAMED.search(name):
        return dim > 1
    return dim > 1 and not _OTHERS.search(name) and (not whole or dim >= _LEAST_WHOLE)


def lengths(chunk: pa.Array) -> set[int]:
    """How many numbers the lists of a column have."""
    import pyarrow.compute as pc

    found = pc.list_value_length(chunk).drop_null()
    return {int(length) for length in pc.unique(found).to_pylist()}


def _fixed(chunk: pa.Array, dim: int) -> pa.Array:
    """Lists of one length as fixed-size lists; NaN where one is missing."""
    import pyarrow as pa

    numbers = chunk.flatten().cast(pa.float32()).to_numpy(zero_copy_only=False)
    there = chunk.is_valid().to_numpy(zero_copy_only=False)
    if not there.all():
        rows = np.full((len(chunk), dim), np.nan, dtype=np.float32)
        rows[there] = numbers.reshape(-1, dim)
        numbers = rows.ravel()
    return pa.FixedSizeListArray.from_arrays(pa.array(numbers, pa.float32()), dim)


def from_texts(name: str, column: pa.ChunkedArray) -> pa.ChunkedArray | None:
    """A column of text that holds a list of numbers in each row; ``None`` where it does not."""
    import pyarrow as pa

    first = next((str(one) for one in column if one.as_py()), "")
    whole = "." not in first and "e-" not in first.lower()
    if not (_BRACKETS.fullmatch(first) or (_BARE.fullmatch(first) and not whole)):
        return None
    dim = len(_parsed(first))
    if not is_vector(name, dim, whole=whole):
        return None
    parts = []
    for chunk in column.chunks:
        rows = np.full((len(chunk), dim), np.nan, dtype=np.float32)
        for at, cell in enumerate(chunk.to_pylist()):
            if not cell:
                continue
            numbers = _parsed(cell)
            if len(numbers) != dim:
                return None
            rows[at] = numbers
        parts.append(pa.FixedSizeListArray.from_arrays(pa.array(rows.ravel()), dim))
    return pa.chunked_array(parts, pa.list_(pa.float32(), dim))


def _parsed(cell: str) -> FloatArray:
    """The numbers of a cell; none where something else is among them."""
    inside = _INSIDE.search(cell)
    numbers = cell if inside is None else inside[1]
    words = numbers.replace(",", " ").replace(";", " ").replace("|", " ").split()
    if _SAYS_NONE.search(numbers):
        words = ["nan" if word.lower() in ("none", "null") else word for word in words]
    try:
        return np.array(words, dtype=np.float32)
    except ValueError:
        return np.empty(0, dtype=np.float32)


def split(table: pa.Table) -> tuple[pa.Table, dict[str, FloatArray]]:
    """A table without its columns of vectors, and these ``(rows, dim)`` by their names."""
    import pyarrow as pa

    names = [field.name for field in table.schema if pa.types.is_fixed_size_list(field.type)]
    found = {}
    for name in names:
        column = table.column(name)
        parts = [chunk.flatten().to_numpy(zero_copy_only=False) for chunk in column.chunks]
        flat = parts[0] if len(parts) == 1 else np.concatenate(parts)
        found[name] = flat.reshape(len(column), column.type.list_size)
    return table.drop_columns(names), found


def write(
    table: pa.Table, folder: Path, placed: Callable[[pa.ChunkedArray], str | None] = lambda _: None
) -> tuple[pa.Table, dict[str, str]]:
    """Writes a table's columns of vectors, each as an array file; the rest, and their files.

    Args:
        placed: the file of the folder that holds a column already.
    """
    import pyarrow as pa

    names = [field.name for field in table.schema if pa.types.is_fixed_size_list(field.type)]
    files = {}
    for number, name in enumerate(names):
        column = table.column(name)
        if (there := placed(column)) is not None:
            files[name] = there
            continue
        shape = (len(column), column.type.list_size)
        file = f"vectors-{number}.npy"
        rows = np.lib.format.open_memmap(folder / file, "w+", np.float32, shape)
        at = 0
        for chunk in column.chunks:
            rows[at : at + len(chunk)] = chunk.flatten().to_numpy().reshape(-1, shape[1])
            at += len(chunk)
        rows.flush()
        files[name] = file
    return table.drop_columns(names), files


def load(path: Path) -> FloatArray:
    """Vectors ``(rows, dim)`` that were written; where the system can, they stay on the disk.

    The file may be deleted afterwards.
    """
    if os.name == "nt":  # which deletes no file that is mapped
        return np.asarray(np.load(path, allow_pickle=False))
    return np.asarray(np.load(path, mmap_mode="r", allow_pickle=False))


def with_vectors(table: pa.Table) -> pa.Table:
    """A table whose text that holds vectors is lists of numbers."""
    import pyarrow as pa

    for at, field in enumerate(table.schema):
        if not pa.types.is_large_string(field.type):
            continue
        if (column := from_texts(field.name, table.column(at))) is not None:
            table = table.set_column(at, field.name, column)
    return table


def choose(
    frame: pd.DataFrame, vectors: Mapping[str, FloatArray], wanted: str | None = None
) -> Chosen | None:
    """The vectors of a table: those that are asked for, or the likeliest; ``None`` if it has none.

    Args:
        vectors: its columns of vectors ``(n, dim)`` by their names.
        wanted: a column, ``PREFIX*``, ``FIRST..LAST``, several with commas between, or ``none``.

    Raises:
        InputError: there are no such columns, or they hold no numbers.
    """
    if wanted == NONE:
        return None
    if wanted:
        return _asked(frame, vectors, wanted)
    if vectors:
        named = [name for name in vectors if _NAMED.search(name)]
        best = max(named or [*vectors], key=lambda name: vectors[name].shape[1])
        why = f"It holds lists of {vectors[best].shape[1]} numbers."
        return Chosen(best, vectors[best], frame, why)
    if family := find_family(frame):
        why = f"{len(family)} columns of numbers are called alike and count up."
        return _from_columns(frame, family, why)
    return None


def find_family(frame: pd.DataFrame) -> list[str]:
    """The largest group of columns of fractions called alike, with numbers that count up."""
    groups: dict[str, list[tuple[int, str]]] = {}
    for name in frame.columns:
        if frame[name].dtype.kind in "fi" and (match := _MEMBER.fullmatch(str(name))):
            groups.setdefault(match[1], []).append((int(match[2]), name))
    found: list[str] = []
    for members in groups.values():
        members.sort()
        numbers = [number for number, _ in members]
        names = [name for _, name in members]
        counts_up = numbers == [*range(numbers[0], numbers[0] + len(numbers))]
        fractions = any(frame[name].dtype.kind == "f" for name in names)
        begins = numbers[0] in (0, 1) or members[0][1].startswith(_UNNAMED)
        enough = len(names) >= LEAST_FAMILY and counts_up and fractions and begins
        if enough and len(names) > len(found):
            found = names
    return found


def _asked(frame: pd.DataFrame, vectors: Mapping[str, FloatArray], wanted: str) -> Chosen:
    if wanted in vectors:
        return Chosen(wanted, vectors[wanted], frame, "")
    names = _matching([str(name) for name in frame.columns], wanted)
    if len(names) == 1 and frame[names[0]].dtype.kind not in "fi":
        return _from_cells(frame, names[0])
    return _from_columns(frame, names, "")


def _matching(columns: Sequence[str], wanted: str) -> list[str]:
    """The columns that a pattern names, in their order."""
    names: list[str] = []
    for part in [wanted] if wanted in columns else wanted.split(","):
        one = part.strip()
        first, dots, last = one.partition("..")
        if one in columns:
            names.append(one)
        elif dots and first in columns and last in columns:
            names += columns[columns.index(first) : columns.index(last) + 1]
        elif one.endswith("*"):
            names += [name for name in columns if name.startswith(one[:-1])]
    if not names:
        raise InputError(
            f"There is no column “{shorten(wanted)}” of vectors.",
            f"There are: {listed(list(columns), 20)}.",
            "Name one, several with commas between, PREFIX* or FIRST..LAST.",
        )
    return names


def _from_cells(frame: pd.DataFrame, name: str) -> Chosen:
    rows = [_parsed(str(cell)) for cell in frame[name]]
    dims = {len(row) for row in rows} - {0}
    if len(dims) != 1:
        raise InputError(
            f"The column “{shorten(name)}” holds no vectors of one length.",
            "Each row has a list of as many numbers.",
            "Name another column.",
        )
    vectors = np.full((len(rows), dims.pop()), np.nan, dtype=np.float32)
    for at, row in enumerate(rows):
        if len(row):
            vectors[at] = row
    return Chosen(name, vectors, frame.drop(columns=[name]), "")


def _from_columns(frame: pd.DataFrame, names: Sequence[str], why: str) -> Chosen:
    wrong = [name for name in names if frame[name].dtype.kind not in "fiu"]
    if wrong:
        raise InputError(
            f"The columns {listed(wrong)} hold no numbers.",
            "Vectors are of columns of numbers.",
            "Leave them out.",
        )
    vectors = frame[[*names]].to_numpy(dtype=np.float32)
    title = names[0] if len(names) == 1 else f"{names[0]} … {names[-1]}"
    return Chosen(title, vectors, frame.drop(columns=[*names]), why)
