"""Archives of files of triples, unpacked in memory within limits."""

from __future__ import annotations

import io
import tarfile
import zipfile
import zlib
from collections.abc import Iterator, Mapping
from pathlib import PurePosixPath

from core.base.errors import InputError, shorten
from core.base.memory import format_bytes
from core.graphs.triples import MAX_BYTES

SUFFIXES = (".tsv", ".csv", ".txt")
_FAULTS = (EOFError, OSError, RuntimeError, NotImplementedError)  # a password, another method
MAX_UNPACKED = 4 * MAX_BYTES  # of all members of a tar archive, those that are not read too


def unpack(name: str, data: bytes) -> dict[str, bytes]:
    """The files of triples in an archive (ZIP, tar, tar.gz), or the one file that ``data`` is.

    Raises:
        InputError: it is damaged, or unpacks to more than is read.
    """
    try:
        if data.startswith(b"PK\x03\x04") or name.lower().endswith(".zip"):
            with zipfile.ZipFile(io.BytesIO(data)) as packed:
                sizes = {one.filename: one.file_size for one in packed.infolist()}
                return {PurePosixPath(one).name: packed.read(one) for one in _chosen(name, sizes)}
        if not name.lower().endswith((".gz", ".tgz", ".tar")):
            return {name: data}
        with tarfile.open(fileobj=io.BytesIO(data)) as held:
            members = {one.name: one for one in _members(name, held) if one.isreg()}
            chosen = _chosen(name, {one: member.size for one, member in members.items()})
            streams = {one: held.extractfile(members[one]) for one in chosen}
            return {
                PurePosixPath(one).name: stream.read()
                for one, stream in streams.items()
                if stream is not None
            }
    except (*_FAULTS, zipfile.BadZipFile, tarfile.TarError, zlib.error) as error:
        raise InputError(
            f"“{shorten(name)}” could not be unpacked: {shorten(str(error), 80)}.",
            "A whole archive is needed.",
            "Download or pack it again.",
        ) from error


def _members(name: str, held: tarfile.TarFile) -> Iterator[tarfile.TarInfo]:
    """The members in their order; going on to the next unpacks what lies between, so that is
    limited as well."""
    total = 0
    for member in held:
        total += member.size
        if total > MAX_UNPACKED:
            raise _too_large(name, total)
        yield member


def _chosen(name: str, sizes: Mapping[str, int]) -> list[str]:
    """Members that are files of triples, hidden ones aside."""
    chosen = []
    for member in sizes:
        path = PurePosixPath(member)
        hidden = any(part.startswith((".", "__MACOSX")) for part in path.parts)
        if path.suffix.lower() in SUFFIXES and not hidden:
            chosen.append(member)
    total = sum(sizes[member] for member in chosen)
    if total > MAX_BYTES:
        raise _too_large(name, total)
    return chosen


def _too_large(name: str, size: int) -> InputError:
    return InputError(
        f"“{shorten(name)}” unpacks to {format_bytes(size)}.",
        f"At most {format_bytes(MAX_BYTES)} are read.",
        "Take a part of it.",
    )
