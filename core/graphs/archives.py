"""Archives of files of triples, unpacked in memory within limits."""

from __future__ import annotations

from pathlib import PurePosixPath

from core.base.errors import InputError
from core.graphs.columns import PART_NAMES
from core.graphs.rdf import SUFFIXES as RDF_SUFFIXES
from core.graphs.triples import MAX_BYTES
from core.readers.archives import (
    PackedError,
    TooLargeError,
    Zip,
    gunzip,
    is_folder,
    is_stream,
    tar_files,
    unusable,
)

PACKED = (".gz", ".bz2", ".xz")
SUFFIXES = (".tsv", ".csv", ".txt", ".json", ".jsonl", ".ndjson", *RDF_SUFFIXES)
MAX_UNPACKED = 4 * MAX_BYTES  # of all members of a tar archive, those that are not read too
ZIP = b"PK\x03\x04"
_ENDS = (".zip", ".tar", ".tgz", *PACKED)


def is_packed(name: str, data: bytes) -> bool:
    """Whether ``unpack`` would unpack a file."""
    return data.startswith(ZIP) or is_stream(data[:8]) or name.lower().endswith(_ENDS)


def is_triples(name: str) -> bool:
    """Whether a file is named as one of triples, packed or not."""
    path = PurePosixPath(name.lower())
    if path.suffix in PACKED:
        path = path.with_suffix("")
    return path.suffix in SUFFIXES or (not path.suffix and path.name in PART_NAMES)


def unpack(name: str, data: bytes, left_out: list[str] | None = None) -> dict[str, bytes]:
    """The files of triples in an archive (ZIP, tar, tar.gz), or the one file that ``data`` is.

    Args:
        left_out: gets the names of the other files in the archive.

    Raises:
        InputError: it is damaged, or unpacks to more than is read.
    """
    if not is_packed(name, data):
        return {name: data}
    others = [] if left_out is None else left_out
    try:
        if data.startswith(ZIP) or name.lower().endswith(".zip"):
            return _from_zip(data, others)
        if is_stream(data[:8]) and not _is_tar(name):
            return _from_stream(name, data, others)
        return _from_tar(data, others, packed=is_stream(data[:8]))
    except PackedError as error:
        raise unusable(InputError, name, error) from error


def _is_tar(name: str) -> bool:
    return name.lower().endswith((".tgz", *(f".tar{suffix}" for suffix in PACKED)))


def _from_zip(data: bytes, others: list[str]) -> dict[str, bytes]:
    with Zip(data, MAX_BYTES) as packed:
        members = {member.filename: member for member in packed.members}
        files = {name: one for name, one in members.items() if not is_folder(one)}
        chosen = [member for name, member in files.items() if _is_chosen(name, others)]
        if (total := sum(member.file_size for member in chosen)) > MAX_BYTES:
            raise TooLargeError(total, MAX_BYTES)
        return {PurePosixPath(one.filename).name: packed.read(one) for one in chosen}


def _from_stream(name: str, data: bytes, others: list[str]) -> dict[str, bytes]:
    """The one file that is packed, or those of a tar archive, whose first header says so."""
    if next(gunzip(data, MAX_UNPACKED), b"")[257:262] == b"ustar":
        return _from_tar(data, others, packed=True)
    plain = name.rpartition(".")[0] if name.lower().endswith(PACKED) else name
    return {plain: b"".join(gunzip(data, MAX_BYTES))}


def _from_tar(data: bytes, others: list[str], *, packed: bool) -> dict[str, bytes]:
    found: dict[str, bytes] = {}
    total = 0
    for file in tar_files(data, packed=packed, limit=MAX_UNPACKED):
        if _is_chosen(file.name, others):
            total += file.size
            if total > MAX_BYTES:
                raise TooLargeError(total, MAX_BYTES)
            found[PurePosixPath(file.name).name] = file.read()
    return found


def _is_chosen(member: str, others: list[str]) -> bool:
    """Whether a member is a file of triples, and not a hidden one; the rest joins ``others``."""
    path = PurePosixPath(member)
    if any(part.startswith((".", "__MACOSX")) for part in path.parts):
        return False
    chosen = is_triples(path.name) and path.suffix.lower() not in PACKED
    if not chosen:
        others.append(path.name)
    return chosen
