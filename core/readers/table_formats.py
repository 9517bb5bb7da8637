"""What a file of a table is by its bytes, whatever its name ends in; and what it is packed in."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import PurePath
from zipfile import ZipInfo

from core.base.errors import TableError, listed, shorten
from core.readers import anndata_files, file_kinds
from core.readers.archives import (
    PackedError,
    Zip,
    gunzip,
    is_folder,
    shown_name,
    unusable,
)
from core.readers.table_cells import CellKind, is_header, kind_of_column
from core.readers.table_layout import evenness, reader

SUFFIXES = (
    *("txt", "csv", "tsv", "json", "jsonl", "ndjson", "parquet", "feather", "arrow", "xlsx"),
    *("h5ad", "tab", "dat", "data", "gz", "zip"),
)
NAMES = {
    "txt": "text",
    "csv": "text",
    "tsv": "text",
    "json": "JSON",
    "jsonl": "JSON Lines",
    "parquet": "a Parquet file",
    "arrow": "an Arrow file",
    "xlsx": "an Excel workbook",
    "h5ad": "an AnnData file",
}
FORMATS = NAMES | {
    "txt": "lines of text",
    "csv": "delimited text",
    "tsv": "delimited text",
    "parquet": "Parquet",
    "arrow": "Arrow",
    "xlsx": "Excel workbook",
    "h5ad": "AnnData",
}
_OF_SUFFIX = {"tab": "tsv", "ndjson": "jsonl", "feather": "arrow", "dat": "csv", "data": "csv"}
BINARY = ("parquet", "arrow", "xlsx", "h5ad")  # read by libraries
_PARTS = {"train", "valid", "test"}  # as those of a graph are called
_GZIP = b"\x1f\x8b"
_ZIP = (b"PK\3\4", b"PK\5\6")
_STREAM = b"\xff\xff\xff\xff"  # Arrow's streams, as the datasets library keeps them
_TABLES = (
    "csv",
    "tsv",
    "tab",
    "txt",
    "json",
    "jsonl",
    "ndjson",
    "parquet",
    "feather",
    "arrow",
    "h5ad",
)
_WORKBOOK = re.compile(r"xl/|\[content_types\]\.xml|content\.xml|mimetype", re.IGNORECASE)
_FILE = re.compile(r"\S.*\.(jpe?g|png|webp|gif|tiff?|bmp|wav|mp[34])", re.IGNORECASE)
_LINES = 300


@dataclass(frozen=True, slots=True)
class Unpacked:
    """A file's name and bytes without what they were packed in, and notes on that."""

    name: str
    data: bytes
    notes: tuple[str, ...] = ()


def suffix_of(name: str) -> str:
    """What a name ends in, in small letters without its point."""
    return PurePath(name).suffix.lower().lstrip(".")


def is_packed(data: bytes) -> bool:
    """Whether bytes are a gzip file or a ZIP archive, workbooks among them."""
    return data.startswith((_GZIP, *_ZIP))


def unpack(name: str, data: bytes, limit: int) -> Unpacked:
    """What is in a gzip file or in a ZIP archive of one table; anything else as it is.

    Raises:
        TableError: it is damaged, holds several tables or none, or unpacks to more than ``limit``.
    """
    if not is_packed(data):
        return Unpacked(name, data)
    try:
        if data.startswith(_ZIP) and suffix_of(name) == "xlsx":
            return Unpacked(name, data)
        if data.startswith(_GZIP):
            inner = PurePath(name).stem if suffix_of(name) in ("gz", "gzip") else name
            return Unpacked(inner, b"".join(gunzip(data, limit)), ())
        return _from_zip(name, data, limit)
    except PackedError as error:
        whole = "The whole file is needed, without a password."
        raise unusable(TableError, name, error, whole, "Download or export it again.") from error


def _of_a_graph(files: Sequence[ZipInfo]) -> str:
    """What would make the parts of a graph of files that are called so."""
    stems = {PurePath(one.filename).stem.lower() for one in files}
    if len(stems & _PARTS) < 2:
        return ""
    return (
        " Parts of a graph are taken together where each line is a triple: head, relation and "
        "tail, parted by tabs."
    )


def _from_zip(name: str, data: bytes, limit: int) -> Unpacked:
    with Zip(data, limit) as archive:
        members = [member for member in archive.members if not is_folder(member)]
        if any(_WORKBOOK.match(member.filename.replace("\\", "/")) for member in members):
            return Unpacked(name, data)
        files = [member for member in members if not is_hidden(member.filename)]
        tables = [one for one in files if suffix_of(one.filename) in _TABLES]
        chosen = files if len(files) == 1 else tables
        if len(chosen) != 1:
            told = listed([shown_name(one) for one in files]) or "nothing"
            raise TableError(
                f"“{shorten(name)}” holds {told}.",
                "An archive with one table in it is read.",
                f"Unpack it, and bring one of its files.{_of_a_graph(files)}",
            )
        inner = PurePath(chosen[0].filename).name
        others = [shown_name(one) for one in files if one is not chosen[0]]
        notes = [f"“{shorten(inner)}” of the archive was read."]
        if others:
            notes.append(f"Left out of the archive: {listed(others)}.")
        return Unpacked(inner, archive.read(chosen[0]), tuple(notes))


def is_hidden(name: str) -> bool:
    """Whether a path in an archive is of what systems add of their own accord."""
    return any(part.startswith((".", "__MACOSX")) for part in name.split("/"))


def kind_of_bytes(name: str, data: bytes) -> str:
    """The format of a file that its bytes tell: one of ``BINARY``; ``txt`` for anything else.

    Raises:
        TableError: its suffix is of no table, or its bytes are of something else: empty, a
            picture, a web page, an old or a locked Office file and the like.
    """
    suffix = suffix_of(name)
    if suffix not in SUFFIXES or (suffix in ("gz", "zip") and not is_packed(data)):
        raise _no_table(name, data)
    if data[:4] in file_kinds.PARQUET and (suffix == "parquet" or data[-4:] == data[:4]):
        return "parquet"
    if data[:6] == b"ARROW1" or data[:4] == b"FEA1":
        return "arrow"
    if data.startswith(anndata_files.MAGIC):
        return "h5ad"
    if data[:4] == _STREAM and suffix in ("arrow", "feather"):
        return "arrow"
    if data.startswith(_ZIP):
        return "xlsx"
    if data.startswith(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"):
        locked = "EncryptedPackage".encode("utf-16-le") in data
        raise TableError(
            f"“{shorten(name)}” is {'locked with a password' if locked else 'an old Office file'}.",
            "Expected an Excel workbook (XLSX) without a password.",
            "Open it in a spreadsheet and save it as XLSX or CSV.",
        )
    found = file_kinds.kind_of(data)
    if found is not None and not found.text and not is_packed(data):
        raise _no_table(name, data)
    return "txt"


def _no_table(name: str, data: bytes) -> TableError:
    return file_kinds.refusal(
        TableError,
        name,
        data,
        "Expected TXT, CSV, TSV, JSON, JSON Lines, Parquet, Feather or Arrow, AnnData (H5AD), or "
        "an Excel workbook (XLSX), each also packed with gzip or alone in a ZIP archive; vectors "
        "in .npy, .npz, safetensors, .vec and the like; or pictures in a folder or ZIP archive.",
        ("is not a table that can be read", "Save it in one of these formats."),
    )


def kind_of_text(name: str, text: str) -> str:
    """The format of a file of text: ``json``, ``jsonl``, ``csv``, ``tsv`` or ``txt`` for lines."""
    own = _OF_SUFFIX.get(suffix_of(name), suffix_of(name))
    if own in BINARY:
        own = "csv"
    start = text[:200_000]
    if own in ("json", "jsonl"):
        return own if start.lstrip()[:1] in '{["' or not _is_table(start, ",\t;|") else "csv"
    if (found := _json_kind(text)) is not None:
        return found
    if own == "txt":
        if _is_table(start, "\t"):
            return "tsv"
        return "csv" if _is_table(start, ",;|") else "txt"
    return own


def _json_kind(text: str) -> str | None:
    """What a text is by its first line or whole, if it is JSON of objects."""
    start = text.lstrip()
    if not start.startswith(("{", "[{", "[\n", "[ ", "[\r")):
        return None
    lines = [line for line in start[:1_000_000].splitlines() if line.strip()]
    if start.startswith("{") and len(lines) > 1 and all(map(_is_object, lines[:3])):
        return "jsonl"
    try:
        whole = json.loads(text)
    except (ValueError, RecursionError):
        return None
    objects = whole if isinstance(whole, list) else [whole]
    return "json" if objects and all(isinstance(one, dict) for one in objects) else None


def _is_object(line: str) -> bool:
    try:
        return isinstance(json.loads(line), dict)
    except (ValueError, RecursionError):
        return False


def _is_table(text: str, marks: str) -> bool:
    """Whether lines are hardly anything but a table: all parted alike, with a row of names.

    By tabs that suffices; by other signs, which sentences have too, a column must be of numbers,
    dates and the like below its name.
    """
    whole = text.rpartition("\n")[0] if len(text) >= 200_000 else text
    for mark in marks:
        if evenness(whole, mark) < 1:
            continue
        rows = [row for row in reader(whole, mark) if row][:_LINES]
        if len(rows) < 2:
            continue
        kinds = [kind_of_column([row[at] for row in rows[1:]]) for at in range(len(rows[0]))]
        typed = any(kind not in (CellKind.TEXT, CellKind.MISSING) for kind in kinds)
        typed = typed or all(_FILE.fullmatch(row[0].strip()) for row in rows[1:])
        if mark == "\t" or (typed and len(rows) > 2 and is_header(rows)[0]):
            return True
    return False
