"""Vectors as one array with the words beside it: .npy, .npz, safetensors, or two TSV files."""

from __future__ import annotations

import struct
import tokenize
import zipfile
import zlib
from pathlib import Path

import numpy as np

from core.base.errors import VectorFileError, shorten
from core.base.memory import require_memory
from core.base.types import FloatArray, Progress

VECTOR_NAMES = ("vectors", "embeddings", "embedding", "weight", "data")
WORD_NAMES = ("words", "word", "vocab", "vocabulary", "tokens", "labels", "label", "text")

Found = tuple[list[str], FloatArray, str]

# What numpy and zipfile raise for a damaged file: a cut header fails in the tokenizer, one that
# claims more numbers than there are in the allocator.
_DAMAGE = (
    ValueError,
    EOFError,
    OSError,
    KeyError,
    NotImplementedError,
    MemoryError,
    RuntimeError,
    zipfile.BadZipFile,
    zlib.error,
    tokenize.TokenError,
    SyntaxError,
)


def is_safetensors(start: bytes) -> bool:
    """Whether a file begins as safetensors does: a header length and a JSON object."""
    if len(start) < 10:
        return False
    (length,) = struct.unpack("<Q", start[:8])
    return 2 <= length < 100_000_000 and start[8:9] == b"{"


def is_vector_tsv(start: bytes) -> bool:
    """Whether the first line is nothing but tab-separated numbers."""
    parts = start.split(b"\n", 1)[0].rstrip(b"\r").split(b"\t")
    if len(parts) < 2:
        return False
    if b"\n" not in start:
        parts = parts[:-1]
    try:
        [float(part) for part in parts]
    except ValueError:
        return False
    return True


def read_array(path: Path, name: str, words_path: Path | None, limit: int | None) -> Found:
    """``n`` words, vectors ``(n, dim)`` and format of a ``.npy``, ``.npz`` or safetensors file.

    Raises:
        VectorFileError: damaged, holds Python objects, no 2-D array of numbers, or no word list.
    """
    with path.open("rb") as stream:
        start = stream.read(16)
    words: list[str] | None = None
    try:
        if start.startswith(b"\x93NUMPY"):
            kind, array = "npy", np.load(path, mmap_mode="r", allow_pickle=False)
        elif start.startswith(b"PK"):
            kind, (array, words) = "npz", _from_npz(path, name)
        else:
            kind, (array, words) = "safetensors", _from_safetensors(path, name)
    except _DAMAGE as error:
        raise VectorFileError(
            f"“{shorten(name)}” could not be read: {shorten(str(error), 160)}.",
            "A whole .npy, .npz or safetensors file of plain numbers is needed; arrays of Python "
            "objects are never opened.",
            "Export it again, for example with numpy.save(path, vectors.astype('float32')).",
        ) from error
    _require_table(array, name)
    rows = min(len(array), limit or len(array))
    require_memory(2 * rows * array.shape[1] * 4, f"“{shorten(name)}”", "Set a smaller limit.")
    if words_path is not None:
        words = read_words(words_path)
    if words is None:
        raise VectorFileError(
            f"“{shorten(name)}” holds {len(array):,} vectors and no words.",
            "A word list is needed beside it: a text file with one word a line, in row order.",
            "Add the word list as a second file.",
        )
    if len(words) != len(array):
        raise VectorFileError(
            f"The word list has {len(words):,} words, “{shorten(name)}” {len(array):,} vectors.",
            "Both must have the same number, in the same order.",
            "Check that the two files belong together.",
        )
    return words[:rows], np.array(array[:rows], dtype=np.float32), kind


def read_tsv(
    path: Path, name: str, words_path: Path | None, limit: int | None, progress: Progress
) -> Found:
    """``n`` words, vectors ``(n, dim)`` and format name of a TSV of numbers and its metadata file.

    Raises:
        VectorFileError: a line is no row of numbers, there are no words, or not one for each row.
    """
    if words_path is None:
        raise VectorFileError(
            f"“{shorten(name)}” holds numbers and no words.",
            "Its metadata TSV is needed too, as for the Embedding Projector.",
            "Add metadata.tsv, or a list with one word a line, as a second file.",
        )
    words = read_words(words_path)
    rows: list[FloatArray] = []
    with path.open("rb") as stream:
        for number, line in enumerate(stream, start=1):
            if not line.strip():
                continue
            try:
                row = np.array(line.split(b"\t"), dtype=np.float32)
            except ValueError:
                row = np.empty(0, dtype=np.float32)
            if row.size == 0 or (rows and row.size != rows[0].size):
                wanted = f"{rows[0].size} numbers" if rows else "numbers"
                raise VectorFileError(
                    f"Line {number:,} of “{shorten(name)}” does not hold {wanted}.",
                    "Every line has the same number of tab-separated numbers.",
                    "Mend the line or export the file again.",
                )
            rows.append(row)
            if len(rows) % 10_000 == 0:
                progress(len(rows), len(words), f"{len(rows):,} rows read")
            if limit is not None and len(rows) >= limit:
                break
    if len(rows) != min(len(words), limit or len(words)):
        raise VectorFileError(
            f"“{shorten(name)}” has {len(rows):,} rows, its word list {len(words):,}.",
            "Both must have the same number, in the same order.",
            "Check that the two files belong together (metadata with more than one column has "
            "a header line, metadata with one column has none).",
        )
    return words[: len(rows)], np.stack(rows), "TSV pair"


def read_words(path: Path) -> list[str]:
    """Words of a list: one a line, or a TSV with a header, whose word column is taken.

    Raises:
        VectorFileError: not UTF-8 text.
    """
    remedy = "Take only the words that the vectors are of."
    require_memory(8 * path.stat().st_size, f"The word list “{shorten(path.name)}”", remedy)
    try:
        # Only line ends separate: a word may hold other marks that str.splitlines breaks at.
        text = path.read_bytes().decode("utf-8-sig")
        lines = text.replace("\r\n", "\n").split("\n")
    except UnicodeDecodeError as error:
        raise VectorFileError(
            f"The word list “{shorten(path.name)}” is not UTF-8 text.",
            "A text file with one word a line is needed.",
            "Save it as UTF-8.",
        ) from error
    while lines and not lines[-1].strip():
        lines.pop()
    if not lines or "\t" not in lines[0]:
        return [line.strip() for line in lines]
    header = [cell.strip().casefold() for cell in lines[0].split("\t")]
    column = next((header.index(known) for known in WORD_NAMES if known in header), 0)
    words = []
    for number, line in enumerate(lines[1:], start=2):
        cells = line.split("\t")
        if line and len(cells) <= column:
            raise VectorFileError(
                f"Line {number:,} of “{shorten(path.name)}” has {len(cells)} columns.",
                f"The words stand in column {column + 1}.",
                "Mend the line.",
            )
        words.append(cells[column].strip() if line else "")
    return words


def _from_npz(path: Path, name: str) -> tuple[np.ndarray, list[str] | None]:
    with zipfile.ZipFile(path) as archive:
        # Sizes are read before anything is unpacked, so that a small archive cannot fill memory.
        size = sum(entry.file_size for entry in archive.infolist())
    remedy = "Save the vectors alone as .npy, of which only the first rows need be read."
    require_memory(size, f"“{shorten(name)}” unpacked", remedy)
    with np.load(path, allow_pickle=False) as archive:
        loaded = {
            key: archive[key] for key in archive.files if f"{key}.npy" in archive.zip.namelist()
        }
    arrays = {key: array for key, array in loaded.items() if isinstance(array, np.ndarray)}
    texts = {key: a for key, a in arrays.items() if a.ndim == 1 and a.dtype.kind in "US"}
    key = next((k for k in WORD_NAMES if k in texts), next(iter(texts), None))
    words = None
    if key is not None:
        words = [
            w.decode("utf-8", "replace") if isinstance(w, bytes) else str(w) for w in texts[key]
        ]
    return _choose_table(arrays, name), words


def _from_safetensors(path: Path, name: str) -> tuple[np.ndarray, list[str] | None]:
    from safetensors import SafetensorError, safe_open

    try:
        with safe_open(path, framework="np") as tensors:
            words = (tensors.metadata() or {}).get("words")
            arrays = {key: tensors.get_tensor(key) for key in tensors.keys()}  # noqa: SIM118
    except (SafetensorError, TypeError) as error:
        raise ValueError(str(error)) from error
    return _choose_table(arrays, name), words.split("\n") if words else None


def _choose_table(arrays: dict[str, np.ndarray], name: str) -> np.ndarray:
    tables = {k: a for k, a in arrays.items() if a.ndim == 2 and a.dtype.kind in "fiu"}
    named = [tables[k] for k in VECTOR_NAMES if k in tables]
    if named or len(tables) == 1:
        return named[0] if named else next(iter(tables.values()))
    shapes = ", ".join(f"{k} {a.shape}" for k, a in list(arrays.items())[:6]) or "nothing"
    raise VectorFileError(
        f"“{shorten(name)}” holds {shapes}.",
        "One two-dimensional array of numbers is needed, or one of several called “vectors”.",
        "Rename the array that holds the vectors to “vectors”.",
    )


def _require_table(array: np.ndarray, name: str) -> None:
    if array.ndim != 2 or array.dtype.kind not in "fiu" or array.shape[1] < 1:
        raise VectorFileError(
            f"The array in “{shorten(name)}” has shape {array.shape} and type {array.dtype}.",
            "A two-dimensional array of numbers is needed, one row a word.",
            "Save the array of vectors itself.",
        )
