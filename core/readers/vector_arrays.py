"""Vectors as one array with the words beside it: .npy, .npz, safetensors, or two TSV files."""

from __future__ import annotations

import io
import math
import mmap
import struct
import sys
import tokenize
from collections.abc import Mapping
from contextlib import closing
from pathlib import Path
from typing import Any

import numpy as np

from core.base.errors import VectorFileError, shorten
from core.base.memory import require_memory
from core.base.reasons import reason_of
from core.base.types import FloatArray, Progress
from core.readers import file_kinds
from core.readers.archives import PackedError, Zip

VECTOR_NAMES = ("vectors", "embeddings", "embedding", "weight", "data")
WORD_NAMES = (
    *("words", "word", "vocab", "vocabulary", "tokens", "token", "text"),
    *("labels", "label", "name"),
)

Found = tuple[list[str] | None, FloatArray, str, int]
_BOM = b"\xef\xbb\xbf"

MAX_DIM = 65_536
_LOOKED_AT = 4_096  # bytes of a file's start, by which it is told what it is
_HEADER = 65_536  # bytes in which the header of an array is whole
# What numpy raises for a damaged file: a cut header fails in the tokenizer or the parser of Python.
_DAMAGE = (
    *(ValueError, TypeError, KeyError, IndexError, OverflowError, RuntimeError, AttributeError),
    *(EOFError, OSError, NotImplementedError, tokenize.TokenError, SyntaxError),
    *(struct.error, PackedError),
)
# The types of safetensors that numpy has.
_NUMBERS = ("F64", "F32", "F16", "I64", "I32", "I16", "I8", "U64", "U32", "U16", "U8")


def is_vector_tsv(start: bytes) -> bool:
    """Whether the first line is nothing but tab-separated numbers."""
    parts = start.removeprefix(_BOM).split(b"\n", 1)[0].rstrip(b"\r").split(b"\t")
    if len(parts) < 2:
        return False
    if b"\n" not in start:
        parts = parts[:-1]
    try:
        [float(part) for part in parts]
    except ValueError:
        return False
    return True


def is_number_rows(start: bytes) -> bool:
    """Whether the first lines are rows of numbers parted by blanks, without words before them.

    Whole numbers before fractions are words: the ids of things.
    """
    lines = start.removeprefix(_BOM).split(b"\n")
    if len(lines) == 1:  # which may go on past what was looked at
        rows = [lines[0].split()[:-1]] if len(start) >= _LOOKED_AT else [lines[0].split()]
    else:
        rows = [line.split() for line in lines[:-1] if line.strip()]
    if not rows or len({len(row) for row in rows}) > 1 or len(rows[0]) < 2:
        return False
    try:
        for row in rows:
            [float(part) for part in row]
    except ValueError:
        return False
    ids = all(row[0].isdigit() for row in rows)
    return not ids or all(part.lstrip(b"+-").isdigit() for row in rows for part in row)


def read_array(path: Path, name: str, limit: int | None) -> Found:
    """The words in it or ``None``, vectors ``(n, dim)``, format, and how many rows it has in all.

    Raises:
        VectorFileError: damaged, holds Python objects, or no 2-D array of numbers.
    """
    with path.open("rb") as stream:
        start = stream.read(16)
    words: list[str] | None = None
    try:
        if start.startswith(file_kinds.NUMPY):
            kind, array = "npy", _from_npy(path)
        elif start.startswith(b"PK"):
            kind, (array, words) = "npz", _from_npz(path, name)
        else:
            kind, (array, words) = "safetensors", _from_safetensors(path, name)
    except _DAMAGE as error:
        raise VectorFileError(
            f"“{shorten(name)}” could not be read: {shorten(reason_of(error), 160)}.",
            "A whole .npy, .npz or safetensors file of plain numbers is needed; arrays of Python "
            "objects are never opened.",
            "Export it again, for example with numpy.save(path, vectors.astype('float32')).",
        ) from error
    _require_table(array, name)
    rows = min(len(array), limit or len(array))
    require_memory(2 * rows * array.shape[1] * 4, f"“{shorten(name)}”", "Set a smaller limit.")
    return words, np.array(array[:rows], dtype=np.float32), kind, len(array)


def read_tsv(
    path: Path, name: str, limit: int | None, progress: Progress, separator: bytes | None = b"\t"
) -> Found:
    """``None``, vectors ``(n, dim)``, format, and rows in all of a TSV of numbers.

    Args:
        separator: what parts numbers; ``None`` for any blanks.

    Raises:
        VectorFileError: a line is no row of numbers.
    """
    rows: list[FloatArray] = []
    total = 0
    with path.open("rb") as stream:
        for number, line in enumerate(stream, start=1):
            if not line.strip():
                continue
            total += 1
            if limit is not None and len(rows) >= limit:
                continue
            try:
                row = np.array(line.removeprefix(_BOM).split(separator), dtype=np.float32)
            except ValueError:
                row = np.empty(0, dtype=np.float32)
            if not rows:
                require_dim(name, row.size)
            if row.size == 0 or (rows and row.size != rows[0].size):
                wanted = f"{rows[0].size} numbers" if rows else "numbers"
                raise VectorFileError(
                    f"Line {number:,} of “{shorten(name)}” does not hold {wanted}.",
                    "Every line has the same number of numbers, parted alike.",
                    "Mend the line or export the file again.",
                )
            rows.append(row)
            if len(rows) % 10_000 == 0:
                progress(len(rows), len(rows), f"{len(rows):,} rows read")
    kind = "TSV of numbers" if separator else "rows of numbers"
    return None, np.stack(rows), kind, total


def require_dim(name: str, dim: int) -> None:
    """Raises ``VectorFileError`` where vectors are longer than any are."""
    if dim > MAX_DIM:
        raise VectorFileError(
            f"The vectors in “{shorten(name)}” have {dim:,} numbers each.",
            f"At most {MAX_DIM:,} are read.",
            "Check how the file was exported.",
        )


def _from_npy(path: Path) -> np.ndarray:
    with path.open("rb") as stream:  # the array keeps what is mapped
        return _array(mmap.mmap(stream.fileno(), 0, access=mmap.ACCESS_READ))


def _array(data: bytes | mmap.mmap) -> np.ndarray:
    """The array in the bytes of a ``.npy`` file, without a copy of them."""
    shape, in_columns, dtype, start = _array_header(data[:_HEADER])
    count = math.prod(shape)
    if count * dtype.itemsize > len(data) - start:
        raise ValueError(f"it ends before the {count:,} values of its shape {shape}")
    flat = np.frombuffer(data, dtype, count, start)
    return flat.reshape(shape, order="F" if in_columns else "C")


def _array_header(start: bytes) -> tuple[tuple[int, ...], bool, np.dtype[Any], int]:
    """Shape, order, type, and where the values begin; all by NumPy's own reader."""
    stream = io.BytesIO(start)
    version = np.lib.format.read_magic(stream)
    readers = {
        (1, 0): np.lib.format.read_array_header_1_0,
        (2, 0): np.lib.format.read_array_header_2_0,
    }
    if version not in readers:
        raise ValueError(f"it is of version {version}, which is for named columns")
    shape, in_columns, dtype = readers[version](stream)
    if dtype.hasobject:
        raise ValueError("it holds Python objects")
    if any(side < 0 for side in shape):
        raise ValueError(f"its shape is {shape}")
    return shape, in_columns, dtype, stream.tell()


def _from_npz(path: Path, name: str) -> tuple[np.ndarray, list[str] | None]:
    with Zip(path) as archive:
        held = {
            member.filename.removesuffix(".npy"): member
            for member in archive.members
            if member.filename.endswith(".npy")
        }
        if not held:  # a workbook or document under another name
            raise file_kinds.refusal(
                VectorFileError,
                name,
                file_kinds.start_of(path),
                "Arrays in .npz, .npy or safetensors are needed.",
                ("holds no array", "Save the vectors as .npy."),
            )
        # Sizes are looked at before anything is unpacked, so that a small archive fills no memory.
        size = sum(member.file_size for member in held.values())
        remedy = "Save the vectors alone as .npy, of which only the first rows need be read."
        require_memory(size, f"“{shorten(name)}” unpacked", remedy)
        headers = {}
        for key, member in held.items():
            with closing(archive.pieces(member)) as pieces:
                headers[key] = _array_header(next(pieces, b"")[:_HEADER])
        shapes = {key: (shape, dtype.kind) for key, (shape, _, dtype, _) in headers.items()}
        chosen = _choose_table(shapes, name)
        texts = [key for key, (shape, kind) in shapes.items() if len(shape) == 1 and kind in "US"]
        listed = next((key for key in WORD_NAMES if key in texts), next(iter(texts), None))
        table = _array(archive.read(held[chosen]))
        return table, None if listed is None else _as_words(_array(archive.read(held[listed])))


def _as_words(array: np.ndarray) -> list[str]:
    if array.dtype.kind == "U" and array.size and array.dtype.itemsize:
        codes = array.view(np.dtype(np.uint32).newbyteorder(array.dtype.byteorder))
        surrogates = (codes >= 0xD800) & (codes < 0xE000)
        if codes.max() > sys.maxunicode or surrogates.any():
            raise ValueError("its words are no text")
    return [w.decode("utf-8", "replace") if isinstance(w, bytes) else str(w) for w in array]


def _from_safetensors(path: Path, name: str) -> tuple[np.ndarray, list[str] | None]:
    from safetensors import SafetensorError, safe_open

    try:
        with safe_open(path, framework="np") as tensors:
            words = (tensors.metadata() or {}).get("words")
            parts = {key: tensors.get_slice(key) for key in tensors.keys()}  # noqa: SIM118
            shapes = {
                key: (tuple(part.get_shape()), _kind(part.get_dtype()))
                for key, part in parts.items()
            }
            array: np.ndarray = tensors.get_tensor(_choose_table(shapes, name))
    except SafetensorError as error:
        raise ValueError(reason_of(error)) from error
    return array, words.split("\n") if words else None


def _kind(dtype: str) -> str:
    """NumPy's letter for a type of safetensors; the name of one that it does not have."""
    return dtype[0].lower() if dtype in _NUMBERS else dtype


def _choose_table(shapes: Mapping[str, tuple[tuple[int, ...], str]], name: str) -> str:
    """The array with the vectors, by shapes and kinds of numbers."""
    tables = [
        key for key, (shape, kind) in shapes.items() if len(shape) == 2 and kind in ("f", "i", "u")
    ]
    named = [key for key in VECTOR_NAMES if key in tables]
    if named or len(tables) == 1:
        return (named or tables)[0]
    told = ", ".join(
        f"{shorten(key, 40)} {shape}{f' of {kind}' if len(kind) > 1 else ''}"
        for key, (shape, kind) in list(shapes.items())[:6]
    )
    raise VectorFileError(
        f"“{shorten(name)}” holds {told or 'nothing'}.",
        "One two-dimensional array of numbers is needed, or one of several called “vectors”.",
        "Rename the array that holds the vectors to “vectors”, and save it as float32; of a "
        "model's weights, give the vectors that the model made.",
    )


def _require_table(array: np.ndarray, name: str) -> None:
    if array.ndim == 2:
        require_dim(name, array.shape[1])
    if array.ndim != 2 or array.dtype.kind not in "fiu" or array.shape[1] < 1:
        raise VectorFileError(
            f"The array in “{shorten(name)}” has shape {array.shape} and type {array.dtype}.",
            "A two-dimensional array of numbers is needed, one row a word.",
            "Save the array of vectors itself.",
        )
