"""Archives of files of triples, unpacked in memory within limits."""

from __future__ import annotations

from pathlib import Path, PurePosixPath

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
    is_tar_stream,
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
        if _is_zip(name, data):
            return _from_zip(data, others)
        if is_stream(data[:8]) and not _is_tar(name) and not is_tar_stream(data):
            return {_plain_name(name): b"".join(gunzip(data, MAX_BYTES))}
        return _from_tar(data, others)
    except PackedError as error:
        raise unusable(InputError, name, error) from error


def members(name: str, source: bytes | Path, size: int, most: int) -> dict[str, bytes]:
    """The files in an archive by their paths, those of triples with the bytes they begin with.

    Args:
        size: bytes of each, at most.
        most: files; of an archive with more nothing is given.

    Raises:
        PackedError: it is damaged, or unpacks to more than is read.
    """
    start = _start(source)
    found: dict[str, bytes] = {}
    if _is_zip(name, start):
        with Zip(source) as packed:
            files = [one for one in packed.members if not is_folder(one)]
            shown = [one for one in files if not _is_hidden(one.filename)]
            for member in shown if len(shown) <= most else ():
                wanted = is_triples(member.filename)
                found[member.filename] = next(packed.pieces(member), b"")[:size] if wanted else b""
        return found
    if is_stream(start) and not _is_tar(name) and not is_tar_stream(source):
        return {_plain_name(name): next(gunzip(source, MAX_UNPACKED), b"")[:size]}
    for file in tar_files(source, MAX_UNPACKED):
        if not _is_hidden(file.name):
            found[file.name] = file.read(size) if is_triples(file.name) else b""
        if len(found) > most:
            return {}
    return found


def _start(source: bytes | Path) -> bytes:
    if isinstance(source, bytes):
        return source[:8]
    with source.open("rb") as stream:
        return stream.read(8)


def _is_zip(name: str, start: bytes) -> bool:
    return start.startswith(ZIP) or name.lower().endswith(".zip")


def _is_tar(name: str) -> bool:
    return name.lower().endswith((".tgz", *(f".tar{suffix}" for suffix in PACKED)))


def _plain_name(name: str) -> str:
    """What a packed file is called when it is unpacked."""
    return name.rpartition(".")[0] if name.lower().endswith(PACKED) else name


def _from_zip(data: bytes, others: list[str]) -> dict[str, bytes]:
    with Zip(data, MAX_BYTES) as packed:
        files = {one.filename: one for one in packed.members if not is_folder(one)}
        chosen = [one for name, one in files.items() if _is_chosen(name, others)]
        if (total := sum(member.file_size for member in chosen)) > MAX_BYTES:
            raise TooLargeError(total, MAX_BYTES)
        found: dict[str, bytes] = {}
        for member in chosen:
            _put(found, member.filename, packed.read(member))
        return found


def _from_tar(data: bytes, others: list[str]) -> dict[str, bytes]:
    found: dict[str, bytes] = {}
    total = 0
    for file in tar_files(data, MAX_UNPACKED):
        if _is_chosen(file.name, others):
            total += file.size
            if total > MAX_BYTES:
                raise TooLargeError(total, MAX_BYTES)
            _put(found, file.name, file.read())
    return found


def _put(found: dict[str, bytes], path: str, data: bytes) -> None:
    """Adds a file by its name alone.

    Raises:
        PackedError: another one in another folder is called so: which of them counts is unknown.
    """
    name = PurePosixPath(path).name
    if name in found:
        raise PackedError(
            f"several of its folders have a file “{name}”",
            "One graph an archive, of files with names of their own.",
            "Unpack it, and name the folder of the graph that is meant.",
        )
    found[name] = data


def _is_hidden(member: str) -> bool:
    return any(part.startswith((".", "__MACOSX")) for part in PurePosixPath(member).parts)


def _is_chosen(member: str, others: list[str]) -> bool:
    """Whether a member is a file of triples, and not a hidden one; the rest joins ``others``."""
    if _is_hidden(member):
        return False
    path = PurePosixPath(member)
    chosen = is_triples(path.name) and path.suffix.lower() not in PACKED
    if not chosen:
        others.append(path.name)
    return chosen
