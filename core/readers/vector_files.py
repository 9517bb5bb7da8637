"""Files of word vectors: which format it is, reading it, and leaving out what cannot be used.

Formats: word2vec binary and text, GloVe text, fastText ``.vec``, each also gzipped; ``.npy``,
``.npz`` and safetensors with a word list; a TSV pair of vectors and metadata. Pickled files are
never opened. What is packed, and what is large, is read in a child process.
"""

from __future__ import annotations

import re
import shutil
from dataclasses import dataclass, replace
from itertools import islice
from pathlib import Path, PurePath
from typing import TYPE_CHECKING, Any

import numpy as np

from core.base import vectors as vec
from core.base.errors import TableError, VectorFileError, counted, shorten
from core.base.memory import format_bytes, require_memory
from core.base.reasons import reason_of
from core.base.types import FloatArray, Progress, no_progress
from core.readers import (
    file_kinds,
    isolated,
    table_formats,
    table_vectors,
    tables,
    vector_arrays,
    vector_text,
    word2vec_binary,
)
from core.readers.archives import PackedError, TooLargeError, Zip, gunzip, is_folder, unusable
from core.readers.table_formats import is_hidden
from core.readers.table_layout import Detected, LeftOut
from core.readers.vector_metadata import read_metadata
from core.readers.word_rows import find_words

if TYPE_CHECKING:
    import pandas as pd

FORMATS = (
    "word2vec binary or text, GloVe text, fastText .vec, .npy, .npz or safetensors with a word "
    "list, a flat FAISS index, or a TSV pair of vectors and metadata"
)
_LEAST_DIM = 10  # numbers at the end of a line, from which it is a vector and no sentence
SMALL = 1_000_000  # bytes of a file that is read in this process
GZIP = b"\x1f\x8b"
_OUTPUT = "vectors.npy"
SUFFIXES = ("bin", "txt", "vec", "gz", "zip", "npy", "npz", "safetensors", "tsv", "faiss")
_FAISS = (b"IxMp", b"IxM2", b"IxFI", b"IxF2")  # flat indexes, with ids or without
_TEXTS = (".txt", ".vec", ".tsv", ".bin", ".csv")
# Arrays, by what their names end in, and the tables of what is known of each vector.
_ARRAY = re.compile(r"(|.*[_. -])(?:vec(?:tor)?|emb(?:edding)?|tensor|feature)s?", re.IGNORECASE)
_TABLES = (".csv", ".tsv", ".txt", ".jsonl", ".json", ".parquet")
_PROJECTOR = re.compile(r".*\.pbtxt|sprite.*\.(?:png|jpe?g)", re.IGNORECASE)
_FEW = 10  # files of a folder that are looked at
_BESIDE = ("metadata", "meta", "labels", "words", "texts", "sentences", "vocab", "ids", "names")
_FASTTEXT = (793_712_314).to_bytes(4, "little")  # the first bytes of a model of fastText


@dataclass(frozen=True, slots=True)
class WordVectors:
    """Words with their vectors ``(n, dim)`` as read from a file, and notes on how it was read.

    ``left_out`` counts the rows that are not among them, with the reasons.
    """

    words: list[str]
    vectors: FloatArray
    format: str
    notes: tuple[str, ...] = ()
    left_out: tuple[LeftOut, ...] = ()


@dataclass(frozen=True, slots=True)
class VectorRows:
    """Vectors ``(n, dim)`` by row, whatever they are of: labels may repeat or be missing.

    Attributes:
        labels: what names the rows; their numbers where nothing does.
        frame: all that is known of them, a row each; it may have no columns.
        notes: what was done to read them, a sentence each.
        label: the column that ``labels`` are of; empty where they are numbers.
        left_out: the rows behind a limit, counted.
    """

    vectors: FloatArray
    labels: list[str]
    frame: pd.DataFrame
    format: str
    notes: tuple[str, ...] = ()
    label: str = ""
    left_out: tuple[LeftOut, ...] = ()


def as_table(rows: VectorRows) -> tables.Table:
    """Vectors with what is known of each as a table, in a column under a name that is free."""
    name = "vector" if "vector" not in rows.frame.columns else "the vector"
    detected = Detected(rows.format)
    vectors = {name: rows.vectors}
    return tables.Table(rows.frame, rows.notes, detected, rows.left_out, vectors)


@dataclass(slots=True)
class _Raw:
    """What a file holds: words where it has some, vectors, and how many rows it has in all."""

    words: list[str] | None
    vectors: FloatArray
    format: str
    rows: int
    notes: list[str]


def read_vectors(
    path: Path,
    words_path: Path | None = None,
    *,
    limit: int | None = None,
    progress: Progress = no_progress,
) -> WordVectors:
    """Reads a file of vectors of distinct words; ``words_path`` is the list beside an array.

    Args:
        path: the file with the vectors.
        words_path: one word a line, or a table whose column ``word``, ``label`` or first is taken.
        limit: read only the first so many words (files are usually sorted by frequency).

    Raises:
        VectorFileError: empty, damaged, of another format, or without usable rows.
        InputError: larger than memory allows.
    """
    raw = _read_somewhere(path, words_path, limit, progress)
    words, notes = raw.words, raw.notes
    if words_path is not None:
        metadata = read_metadata(words_path, path.name, raw.rows)
        words = metadata.words()[: len(raw.vectors)]
        notes = [*notes, *metadata.notes]
    if words is None:
        raise VectorFileError(
            f"“{shorten(path.name)}” holds {len(raw.vectors):,} vectors and no words.",
            "A word list is needed beside it: a text file with one word a line, in row order.",
            "Add the word list as a second file.",
        )
    if len(words) != len(raw.vectors):
        raise VectorFileError(
            f"The word list has {len(words):,} words, “{shorten(path.name)}” "
            f"{len(raw.vectors):,} vectors.",
            "Both must have the same number, in the same order.",
            "Check that the two files belong together.",
        )
    left_out = _after(raw.rows, len(words))
    notes = [*notes, *(f"Left out {one.told}." for one in left_out)]
    found = WordVectors(words, raw.vectors, raw.format, tuple(notes), left_out)
    return usable(found, path.name)


def read_rows(
    path: Path,
    beside: Path | None = None,
    *,
    limit: int | None = None,
    progress: Progress = no_progress,
) -> VectorRows:
    """Reads a file of vectors by row, with the table of what is known of each beside it.

    Rows keep their numbers; nothing is left out but what comes after ``limit`` rows. Those with
    NaN or infinite numbers stay as they are and are told.

    Raises:
        VectorFileError: empty, damaged, of another format, without a finite vector, or the table
            has other rows.
        InputError: larger than memory allows.
    """
    import pandas as pd

    raw = _read_somewhere(path, beside, limit, progress)
    count, notes = len(raw.vectors), raw.notes
    labels = [str(number) for number in range(1, count + 1)]
    frame, label = pd.DataFrame(index=range(count)), ""
    if beside is not None:
        metadata = read_metadata(beside, path.name, raw.rows)
        frame = metadata.frame.iloc[:count].reset_index(drop=True)
        labels, label = metadata.words()[:count], metadata.label
        notes = [*notes, *metadata.notes]
    elif raw.words is not None:
        labels, label = raw.words, "word"
        frame = pd.DataFrame({"word": pd.Series(raw.words, dtype="str")})
    notes = [*notes, *_not_finite(raw.vectors, path.name)]
    left_out = _after(raw.rows, count)
    return VectorRows(raw.vectors, labels, frame, raw.format, tuple(notes), label, left_out)


def _read_somewhere(path: Path, beside: Path | None, limit: int | None, progress: Progress) -> _Raw:
    """What a file holds; of large and packed ones as a child process reads them."""
    given = [each for each in (path, beside) if each is not None]
    for each in given:
        if not each.is_file():
            raise VectorFileError(
                f"There is no file “{each}”.", f"Expected a file: {FORMATS}.", "Check the path."
            )
        if each.stat().st_size == 0:
            raise VectorFileError(
                f"“{each.name}” is empty (0 bytes).",
                f"Expected {FORMATS}.",
                "Download or export it again.",
            )
    size = path.stat().st_size
    with isolated.folder_with({}) as folder:
        if size <= SMALL and not _is_packed(path):
            return _read_raw(path, folder, limit, progress)
        told = isolated.run(
            f"{__name__}:read_in_child",
            {"path": str(path.absolute()), "folder": str(folder), "limit": limit},
            name=path.name,
            limits=isolated.limits_for(size),
            progress=progress,
            error=VectorFileError,
        )
        vectors = table_vectors.load(folder / _OUTPUT)
        words = told["words"]
        return _Raw(words, vectors, told["format"], int(told["rows"]), [*told["notes"]])


def read_in_child(path: str, folder: str, limit: int | None, progress: Progress) -> dict[str, Any]:
    """What reading has a child do: the array goes to a file, the rest is returned."""
    found = _read_raw(Path(path), Path(folder), limit, progress)
    np.save(Path(folder) / _OUTPUT, found.vectors, allow_pickle=False)
    return {
        "words": found.words,
        "format": found.format,
        "rows": found.rows,
        "notes": found.notes,
    }


def read_here(
    path: Path,
    words_path: Path | None,
    folder: Path,
    limit: int | None = None,
    progress: Progress = no_progress,
) -> WordVectors:
    """As ``read_vectors``, in this process; what is packed is unpacked in ``folder``."""
    raw = _read_raw(path, folder, limit, progress)
    words = raw.words
    if words_path is not None:
        words = read_metadata(words_path, path.name, raw.rows).words()[: len(raw.vectors)]
    found = WordVectors(words or [], raw.vectors, raw.format, tuple(raw.notes))
    return usable(found, path.name)


def _is_packed(path: Path) -> bool:
    """Whether a library or an unpacker sees the file's bytes, not our own code and NumPy alone."""
    with path.open("rb") as stream:
        start = stream.read(16)
    return start.startswith((b"PK", GZIP, *_FAISS)) or file_kinds.is_safetensors(start)


def _read_raw(path: Path, folder: Path, limit: int | None, progress: Progress) -> _Raw:
    """What a file holds, read in this process; what is packed is unpacked in ``folder``."""
    plain, notes = _unpacked(path, folder)
    found = _read(plain, path.name, limit, progress)
    found.notes[:0] = notes
    return found


def _read(path: Path, name: str, limit: int | None, progress: Progress) -> _Raw:
    start = file_kinds.start_of(path)
    _refuse_fasttext(start, name)
    if start.startswith(_FAISS):
        return _from_faiss(path, name, limit)
    if start.startswith((file_kinds.NUMPY, b"PK\x03\x04")) or file_kinds.is_safetensors(start):
        return _Raw(*vector_arrays.read_array(path, name, limit), [])
    _refuse_others(start, name)
    if vector_arrays.is_vector_tsv(start):
        return _Raw(*vector_arrays.read_tsv(path, name, limit, progress), [])
    return _read_text(path, name, start, limit, progress)


def _read_text(path: Path, name: str, start: bytes, limit: int | None, progress: Progress) -> _Raw:
    """Words and numbers, one a line, or raw numbers behind a header."""
    header = vector_text.parse_header(start)
    if header is not None:
        count, dim, offset = header
        _check_size(path, name, count, dim, limit)
        if not vector_text.looks_like_rows(start[offset:], dim):
            words, vectors, notes = word2vec_binary.read_binary(path, name, header, limit, progress)
            return _Raw(words, vectors, "word2vec binary", count, notes)
        kind = "word2vec or fastText text"
    else:
        if (table := _from_table(path, name, start, limit)) is not None:
            return table
        if vector_arrays.is_number_rows(start):
            return _Raw(*vector_arrays.read_tsv(path, name, limit, progress, None), [])
        dim = vector_text.guess_dim(start, name)
        _check_size(path, name, vector_text.guess_count(path, start), dim, limit)
        kind = "GloVe text"
    layout = vector_text.find_layout(path, name, header)
    words, vectors, rows, notes = vector_text.read_text(path, name, layout, limit, progress)
    return _Raw(words, vectors, kind, rows, notes)


def _from_table(path: Path, name: str, start: bytes, limit: int | None) -> _Raw | None:
    """A table of words and numbers, separated by commas or semicolons; ``None`` if it is none."""
    line = start.removeprefix(vector_text.BOM).partition(b"\n")[0]
    marks = max(line.count(b","), line.count(b";"))
    if marks < 2 or (b" " in line.strip() and line.count(b" ") >= marks):
        return None
    try:
        suffix = path.suffix.lower()
        given = name if suffix in (".csv", ".tsv") else f"{PurePath(name).stem}.csv"
        table = tables.read_table(given, path.read_bytes())
    except TableError:
        return None
    frame = table.frame
    numeric = [column for column in frame.columns if frame[column].dtype.kind in "fi"]
    texts = [column for column in frame.columns if column not in numeric]
    if len(numeric) < 2 or len(texts) != 1:
        return None
    words = [tables.cell_text(cell) for cell in frame[texts[0]]][:limit]
    vectors = frame[numeric].to_numpy(dtype=np.float32)[:limit]
    return _Raw(words, vectors, "table of words and numbers", len(frame), [*table.notes])


def _from_faiss(path: Path, name: str, limit: int | None) -> _Raw:
    """The vectors of a flat FAISS index in the order of their ids; called in a child process."""
    import faiss

    try:
        whole = faiss.read_index(str(path))
    except RuntimeError as error:
        raise VectorFileError(
            f"“{shorten(name)}” could not be read as FAISS index: {shorten(reason_of(error), 80)}.",
            "A whole flat index is needed.",
            "Write it again, or save the vectors as .npy.",
        ) from error
    ids, index = None, whole  # which must live as long as what is in it
    if isinstance(whole, faiss.IndexIDMap):
        ids = faiss.vector_to_array(whole.id_map)
        index = faiss.downcast_index(whole.index)
    if not isinstance(index, faiss.IndexFlat):
        raise VectorFileError(
            f"“{shorten(name)}” is a FAISS index that holds no whole vectors.",
            "A flat index is read, which keeps them as they are.",
            "Save the vectors as .npy.",
        )
    vectors = np.array(index.reconstruct_n(0, index.ntotal), dtype=np.float32)
    if ids is not None:
        vectors = vectors[np.argsort(ids, kind="stable")]
    return _Raw(None, vectors[:limit], "FAISS index", len(vectors), [])


def _refuse_fasttext(start: bytes, name: str) -> None:
    """Raises ``VectorFileError`` if ``start`` begins a model of fastText, not its vectors."""
    if start.startswith(_FASTTEXT):
        raise VectorFileError(
            f"“{shorten(name)}” is a whole fastText model (.bin), with the vectors of parts of "
            "words.",
            "Its vectors of words are needed, which fastText writes beside it as .vec.",
            "Take the file that ends in .vec (for cc.en.300.bin that is cc.en.300.vec.gz).",
        )


def _refuse_others(start: bytes, name: str) -> None:
    """Raises ``VectorFileError`` if ``start`` begins neither text nor what may be raw numbers."""
    kind = file_kinds.kind_of(start)
    if kind is not None and not kind.text:
        otherwise = "is not a file of vectors", "Choose another file."
        raise file_kinds.refusal(VectorFileError, name, start, f"Expected {FORMATS}.", otherwise)


def holds_vectors(path: Path) -> bool:
    """Whether a file is one of vectors, by its name, or by its first line where texts may be."""
    return path.is_file() and are_vectors(path.name, path)


def are_vectors(name: str, source: Path | bytes) -> bool:
    """Whether a file called ``name`` with these bytes, or there, is one of vectors."""
    suffix = PurePath(name).suffix.lower().removeprefix(".")
    if suffix not in SUFFIXES:
        return False
    if suffix == "zip":
        inner = PurePath(_inner_text(source) or "").suffix.lower()
        return inner in (".vec", ".bin") or (bool(inner) and _begins_with_vectors(source, name))
    if suffix == "gz":
        suffix = table_formats.suffix_of(PurePath(name).stem)
    if suffix in ("txt", "tsv"):
        return _begins_with_vectors(source, name)
    return suffix not in table_formats.SUFFIXES


def has_words(source: Path | bytes) -> bool:
    """Whether a file of vectors has a word for each, which are usually sorted by frequency."""
    start = file_kinds.start_of(source)
    array = start.startswith((file_kinds.NUMPY, *_FAISS)) or file_kinds.is_safetensors(start)
    packed = start.startswith(b"PK") and _inner_text(source) is None
    numbers = vector_arrays.is_vector_tsv(start) or vector_arrays.is_number_rows(start)
    return not (array or packed or (numbers and vector_text.parse_header(start) is None))


def _begins_with_vectors(source: Path | bytes, name: str) -> bool:
    start = file_kinds.start_of(source)
    try:
        if start.startswith(GZIP):
            start = next(gunzip(source, 1 << 40), b"")[:4096]
        elif (inner := _inner_text(source)) is not None:
            with Zip(source) as archive:
                member = next(one for one in archive.members if one.filename == inner)
                start = next(archive.pieces(member), b"")[:4096]
    except PackedError:
        return True  # which reading it will tell
    numbers = vector_arrays.is_vector_tsv(start) or vector_arrays.is_number_rows(start)
    if numbers or vector_text.parse_header(start) is not None:
        return True
    try:
        return vector_text.guess_dim(start, name) >= _LEAST_DIM
    except VectorFileError:
        return False


def find_beside(path: Path) -> Path | None:
    """The table beside an array of vectors: called like it, or as such tables are called.

    Of an array called ``iris_tensors`` that is ``iris_metadata`` as well.
    """
    suffix = path.suffix.lower()
    if suffix not in (".npy", ".npz", ".faiss", ".safetensors", ".tsv", ".txt"):
        return None
    if suffix == ".txt" and has_words(path):
        return None
    before = _ARRAY.fullmatch(path.stem)
    names = [path.stem]
    if before is not None:
        names += [f"{before[1]}{name}" for name in _BESIDE]
    wanted = (path.parent / f"{name}{ending}" for name in names for ending in _TABLES)
    return next((one for one in wanted if one != path and one.is_file()), None)


def pair_in(folder: Path) -> tuple[Path, Path | None] | None:
    """The file of vectors in a folder that has nothing else but a table of what they are of.

    The projector's own files, which ``encode`` writes as well, are no third. ``None`` for others.
    """
    if not folder.is_dir():
        return None
    files = [one for one in islice(folder.iterdir(), _FEW) if one.name[0] not in "._"]
    files = [one for one in files if not _PROJECTOR.fullmatch(one.name)]
    vectors = [one for one in files if holds_vectors(one)]
    if len(vectors) != 1 or len(files) > 2 or not all(one.is_file() for one in files):
        return None
    return vectors[0], next((one for one in files if one != vectors[0]), None)


def _inner_text(source: Path | bytes) -> str | None:
    """The one file of vectors in a ZIP archive; ``None`` if it holds something else."""
    try:
        with Zip(source) as archive:
            names = [
                member.filename
                for member in archive.members
                if not is_folder(member) and not is_hidden(member.filename)
            ]
    except PackedError:
        return None
    alone = len(names) == 1 and PurePath(names[0]).suffix.lower() in _TEXTS
    return names[0] if alone else None


def _check_size(path: Path, name: str, count: int, dim: int, limit: int | None) -> None:
    """Refuses what memory cannot hold: the rows once as read and once at unit length."""
    vector_arrays.require_dim(name, dim)
    rows = min(count, limit or count)
    require_memory(
        2 * rows * dim * 4,
        f"“{shorten(name)}” ({rows:,} words of {dim} numbers, "
        f"{format_bytes(path.stat().st_size)} on disk)",
        "Open only its first words: set a smaller limit.",
    )


def _unpacked(path: Path, folder: Path) -> tuple[Path, list[str]]:
    """``path`` itself, or a file with its content where it is packed; and notes on that."""
    with path.open("rb") as stream:
        start = stream.read(4)
    inner = _inner_text(path) if start.startswith(b"PK") else None
    if not start.startswith(GZIP) and inner is None:
        return path, []
    plain = folder / "unpacked"
    allowed = shutil.disk_usage(folder).free // 2
    try:
        with plain.open("wb") as target:
            if inner is None:
                for piece in gunzip(path, allowed):
                    target.write(piece)
            else:
                with Zip(path, allowed) as archive:
                    member = next(one for one in archive.members if one.filename == inner)
                    for piece in archive.pieces(member):
                        target.write(piece)
    except TooLargeError as error:
        raise VectorFileError(
            f"“{path.name}” unpacks to more than {format_bytes(allowed)}.",
            "That is half of the free disk space.",
            "Free some space, or unpack it yourself and open the result.",
        ) from error
    except PackedError as error:
        whole = f"A whole {'gzip file' if inner is None else 'ZIP archive'} is needed."
        raise unusable(VectorFileError, path.name, error, whole, "Download it again.") from error
    return plain, [] if inner is None else [f"“{shorten(inner)}” of the archive was read."]


def usable(found: WordVectors, name: str) -> WordVectors:
    """``found`` less repeated words and rows that have no direction, with a note on each kind.

    Raises:
        VectorFileError: no row of the file called ``name`` is left.
    """
    rows = find_words(found.words, found.vectors)
    if not rows.count:
        raise VectorFileError(
            f"“{shorten(name)}” has no usable row: {', '.join(o.told for o in rows.left_out)}.",
            "At least one word with a finite vector that is not zero is needed.",
            "Check how the file was exported.",
        )
    if rows.keep.all():
        return found
    return replace(
        found,
        words=[word for word, kept in zip(found.words, rows.keep, strict=True) if kept],
        vectors=found.vectors[rows.keep],
        notes=(*found.notes, *rows.notes),
        left_out=(*found.left_out, *rows.left_out),
    )


def _not_finite(vectors: FloatArray, name: str) -> list[str]:
    """How many rows have numbers that are none, as a note; rows without a vector are all of it."""
    finite = vec.finite_rows(vectors)
    missing = int((~finite).sum())
    if missing and not finite.any():
        raise VectorFileError(
            f"“{shorten(name)}” has NaN or infinite numbers in {counted(missing, 'row')}, in each.",
            "At least one row of finite numbers is needed.",
            "Check how the file was exported.",
        )
    told = f"Without a vector, for NaN or infinite numbers: {counted(missing, 'row')}."
    return [told] if missing else []


def _after(rows: int, taken: int) -> tuple[LeftOut, ...]:
    """The rows of a file that a limit leaves out."""
    return (LeftOut(rows - taken, f"rows after the first {taken:,}"),) if rows > taken else ()
