"""Archives of files of triples, unpacked in memory within limits."""

from __future__ import annotations

from pathlib import PurePosixPath

from core.base.errors import InputError, shorten
from core.base.memory import format_bytes
from core.graphs.triples import MAX_BYTES
from core.readers.archives import PackedError, TooLargeError, Zip, gunzip, tar_files

SUFFIXES = (".tsv", ".csv", ".txt")
MAX_UNPACKED = 4 * MAX_BYTES  # of all members of a tar archive, those that are not read too
ZIP, GZIP = b"PK\x03\x04", b"\x1f\x8b"


def is_packed(name: str, data: bytes) -> bool:
    """Whether ``unpack`` would unpack a file."""
    return data.startswith((ZIP, GZIP)) or name.lower().endswith((".zip", ".gz", ".tgz", ".tar"))


def unpack(name: str, data: bytes) -> dict[str, bytes]:
    """The files of triples in an archive (ZIP, tar, tar.gz), or the one file that ``data`` is.

    Raises:
        InputError: it is damaged, or unpacks to more than is read.
    """
    if not is_packed(name, data):
        return {name: data}
    try:
        if data.startswith(ZIP) or name.lower().endswith(".zip"):
            return _from_zip(data)
        if data.startswith(GZIP) and not name.lower().endswith((".tar.gz", ".tgz")):
            return _from_gzip(name, data)
        return _from_tar(data, packed=data.startswith(GZIP))
    except TooLargeError as error:
        raise InputError(
            f"“{shorten(name)}” unpacks to {format_bytes(error.size)}.",
            f"At most {format_bytes(MAX_BYTES)} are read.",
            "Take a part of it.",
        ) from error
    except PackedError as error:
        raise InputError(
            f"“{shorten(name)}” could not be unpacked: {shorten(str(error), 80)}.",
            "A whole archive is needed.",
            "Download or pack it again.",
        ) from error


def _from_zip(data: bytes) -> dict[str, bytes]:
    with Zip(data, MAX_BYTES) as packed:
        members = {member.filename: member for member in packed.members}
        chosen = [member for name, member in members.items() if _is_chosen(name)]
        if (total := sum(member.file_size for member in chosen)) > MAX_BYTES:
            raise TooLargeError(total)
        return {PurePosixPath(one.filename).name: packed.read(one) for one in chosen}


def _from_gzip(name: str, data: bytes) -> dict[str, bytes]:
    """The one file that is packed, or those of a tar archive, whose first header says so."""
    if next(gunzip(data, MAX_UNPACKED), b"")[257:262] == b"ustar":
        return _from_tar(data, packed=True)
    plain = name[:-3] if name.lower().endswith(".gz") else name
    return {plain: b"".join(gunzip(data, MAX_BYTES))}


def _from_tar(data: bytes, *, packed: bool) -> dict[str, bytes]:
    found: dict[str, bytes] = {}
    total = 0
    for file in tar_files(data, packed=packed, limit=MAX_UNPACKED):
        if _is_chosen(file.name):
            total += file.size
            if total > MAX_BYTES:
                raise TooLargeError(total)
            found[PurePosixPath(file.name).name] = file.read()
    return found


def _is_chosen(member: str) -> bool:
    """Whether a member is a file of triples, and not a hidden one."""
    path = PurePosixPath(member)
    hidden = any(part.startswith((".", "__MACOSX")) for part in path.parts)
    return path.suffix.lower() in SUFFIXES and not hidden
