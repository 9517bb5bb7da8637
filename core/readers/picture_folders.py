"""Pictures in a folder or a ZIP archive; what is no picture by its name is passed over."""

from __future__ import annotations

import zipfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from core.base.errors import PictureError, shorten
from core.readers.archives import PackedError, Zip, is_folder

SUFFIXES = frozenset(
    {".jpg", ".jpeg", ".png", ".webp", ".gif", ".tif", ".tiff", ".bmp", ".avif", ".jfif"}
)
MAX_FILES = 200_000
MAX_BYTES = 100_000_000  # of one picture's file, unpacked
MAX_GROWTH, MAX_GROWN = 100, 500_000_000  # of a whole archive, unpacked: times, and bytes


@dataclass(frozen=True, slots=True)
class PictureFiles:
    """Pictures by their paths inside the folder or archive, in the order of the alphabet.

    Attributes:
        ids: paths with ``/`` between their parts.
        read: gives the bytes of one, by its number; raises ``PictureError`` where it cannot.
        passed_over: ``(path, reason)`` of files of an archive that are not among them.
    """

    ids: list[str]
    read: Callable[[int], bytes]
    passed_over: tuple[tuple[str, str], ...] = ()


def read_folder(folder: Path) -> PictureFiles:
    """The pictures below a folder. Links that lead out of it are not followed.

    Raises:
        PictureError: there is none, or there are too many.
    """
    found = {_told(path.relative_to(folder)): path for path in _files(folder)}
    ids = _checked(str(folder), sorted(found))

    def read(number: int) -> bytes:
        path = found[ids[number]]
        try:
            _require_size(ids[number], path.stat().st_size)
            return path.read_bytes()
        except OSError as error:
            raise PictureError(
                f"“{shorten(ids[number])}” could not be read: {error.strerror}.",
                "A file that this user may read is needed.",
                "Check the file.",
            ) from error

    return PictureFiles(ids, read)


def _told(path: Path) -> str:
    """A path as valid Unicode, also where the system's names are not."""
    return path.as_posix().encode("utf-8", "backslashreplace").decode()


def _files(folder: Path) -> Iterator[Path]:
    root = folder.resolve()
    for path in folder.rglob("*"):
        hidden = any(part.startswith(".") for part in path.relative_to(folder).parts)
        if path.suffix.lower() not in SUFFIXES or hidden or not path.is_file():
            continue
        if path.resolve().is_relative_to(root):
            yield path


def read_zip(path: Path) -> PictureFiles:
    """The pictures in a ZIP archive, unpacked one at a time and only into memory.

    Raises:
        PictureError: it is damaged, or holds no picture.
    """
    try:
        archive = Zip(path)
    except PackedError as error:
        raise _damaged(path.name, str(error)) from error
    found = [member for member in archive.members if not _is_hidden(member)]
    members = {member.filename: member for member in found if not _reason(member)}
    passed_over = [
        (member.filename, _reason(member) or "a later file of the archive has the same name")
        for member in found
        if members.get(member.filename) is not member
    ]
    ids = _checked(path.name, sorted(members))
    _require_plausible(path, [members[name] for name in ids])

    def read(number: int) -> bytes:
        member = members[ids[number]]
        _require_size(member.filename, member.file_size)
        try:
            return archive.read(member)
        except PackedError as error:
            raise _damaged(member.filename, str(error)) from error

    return PictureFiles(ids, read, tuple(passed_over))


def _is_hidden(member: zipfile.ZipInfo) -> bool:
    """Folders, and what systems add of their own accord."""
    parts = [part for part in member.filename.split("/") if part != ".."]
    return is_folder(member) or any(part.startswith((".", "__MACOSX")) for part in parts)


def _reason(member: zipfile.ZipInfo) -> str:
    """Why a file of an archive is passed over; empty for a picture."""
    name = member.filename
    suffix = PurePosixPath(name).suffix.lower()
    if not name:
        return "it has no name"
    if suffix == ".zip":
        return "an archive inside the archive is not opened"
    if suffix not in SUFFIXES:
        return "it is no picture by its name"
    if name.startswith("/") or ".." in name.split("/") or name[1:2] == ":":
        return "its path leads out of the archive"
    return ""


def _require_plausible(path: Path, members: list[zipfile.ZipInfo]) -> None:
    """Pictures are packed already: an archive that grows hundredfold holds something else."""
    size = sum(member.file_size for member in members)
    if size > MAX_GROWN and size > MAX_GROWTH * path.stat().st_size:
        raise PictureError(
            f"“{shorten(path.name)}” would unpack to {size:,} bytes.",
            f"That is more than {MAX_GROWTH} times its own size, as pictures never are.",
            "Pack the pictures again, without anything else.",
        )


def _require_size(name: str, size: int) -> None:
    if size > MAX_BYTES:
        raise PictureError(
            f"“{shorten(name)}” has {size:,} bytes.",
            f"At most {MAX_BYTES:,} are read.",
            "Leave it out, or scale it down.",
        )


def _checked(name: str, ids: list[str]) -> list[str]:
    if not ids:
        raise PictureError(
            f"“{shorten(name)}” holds no pictures.",
            f"Files ending in {', '.join(sorted(SUFFIXES))} are looked for.",
            "Choose another folder or archive.",
        )
    if len(ids) > MAX_FILES:
        raise PictureError(
            f"“{shorten(name)}” holds {len(ids):,} pictures.",
            f"At most {MAX_FILES:,} are read.",
            "Choose a part of them.",
        )
    return ids


def _damaged(name: str, reason: str) -> PictureError:
    return PictureError(
        f"“{shorten(name)}” could not be unpacked: {shorten(reason, 80)}.",
        "A whole ZIP archive is needed, without a password.",
        "Pack or download it again.",
    )
