"""Uploaded files as the parts of one gallery."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Sequence
from pathlib import PurePosixPath

from core.base.errors import InputError, counted, shorten
from core.images.gallery import Skipped
from core.readers.picture_folders import ARRAYS, SUFFIXES, reason_by_name

ARCHIVE, PARQUET, TABLE = "pictures.zip", "pictures.parquet", "table"
VECTORS = tuple(f"vectors{suffix}" for suffix in ARRAYS)
PARQUETS = (".parquet",)
TABLES = (".csv", ".tsv", ".json", ".jsonl")
# What makes a file of an archive hidden, or its path one that leads out.
_UNREAD = re.compile(r"^(?:\.|__MACOSX)|[\0:]")
File = tuple[str, bytes]


def sort_files(files: Sequence[File]) -> tuple[dict[str, bytes], str, tuple[Skipped, ...]]:
    """What is kept, by name, the pictures first; the name of the table; and what is left out.

    Raises:
        InputError: there is no picture among the files, or they cannot be used together.
    """
    parquet = _of(files, PARQUETS)
    archives = _of(files, (".zip",))
    tables = _of(files, TABLES)
    arrays = _of(files, ARRAYS)
    pictures = _of(files, tuple(SUFFIXES))
    if parquet and (archives or pictures) and not tables:  # its rows name them
        parquet, tables = [], parquet
    kinds = [kind for kind in (parquet, archives, pictures) if kind]
    if len(kinds) != 1 or max(map(len, (parquet, archives, tables, arrays))) > 1:
        raise InputError(
            f"{counted(len(files), 'file')} cannot be one gallery: "
            f"{shorten(', '.join(name for name, _ in files), 100) or 'none was given'}.",
            "Give pictures, or one ZIP archive of pictures (either with one table that names them, "
            "if you like), or Parquet files, or tar archives; with pictures, an archive or one "
            "Parquet file also one file of vectors.",
            "Choose other files.",
        )
    if parquet and tables:
        raise InputError(
            "A table beside a Parquet file is not read.",
            "The Parquet file holds its own columns.",
            "Give the Parquet file alone.",
        )
    used = {name for kind in (parquet, archives, tables, arrays, pictures) for name, _ in kind}
    skipped = tuple(Skipped(name, reason_by_name(name)) for name, _ in files if name not in used)
    if parquet:
        parts = {PARQUET: parquet[0][1]}
    else:
        parts = {ARCHIVE: archives[0][1] if archives else _pack(pictures)}
    table = f"{TABLE}{_suffix(tables[0][0])}" if tables else ""
    if tables:
        parts[table] = tables[0][1]
    if arrays:
        parts[f"vectors{_suffix(arrays[0][0])}"] = arrays[0][1]
    return parts, table, skipped


def in_own_names(error: InputError, files: Sequence[File]) -> InputError:
    """An error about kept files, with the names that the person gave them."""
    given = error.given
    kinds = ((ARCHIVE, (".zip",)), (PARQUET, (".parquet",)), (TABLE, TABLES), ("vectors", ARRAYS))
    for kept, suffixes in kinds:
        for name, _ in _of(files, suffixes):
            told = kept if "." in kept else f"{kept}{_suffix(name)}"
            given = given.replace(f"“{told}”", f"“{shorten(name)}”")
    return InputError(given, error.expected, error.remedy)


def _of(files: Sequence[File], suffixes: tuple[str, ...]) -> list[File]:
    return [file for file in files if _suffix(file[0]) in suffixes]


def _pack(pictures: Sequence[File]) -> bytes:
    """Pictures as a ZIP archive; of two files of one name the second gets a number."""
    stream = io.BytesIO()
    taken: set[str] = set()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_STORED) as archive:
        for name, data in pictures:
            path = PurePosixPath(name.replace("\\", "/"))
            stem = _UNREAD.sub("_", path.stem).encode("utf-8", "replace").decode()
            chosen, number = f"{stem}{path.suffix}", 1
            while chosen in taken:
                number += 1
                chosen = f"{stem} ({number}){path.suffix}"
            taken.add(chosen)
            # A fixed date: the same pictures give the same archive.
            archive.writestr(zipfile.ZipInfo(chosen, (1980, 1, 1, 0, 0, 0)), data)
    return stream.getvalue()


def _suffix(name: str) -> str:
    return PurePosixPath(name.lower()).suffix
