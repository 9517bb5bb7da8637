"""Pictures in a folder or a ZIP archive; what is no picture by its name is passed over."""

from __future__ import annotations

import re
import zipfile
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from importlib.util import find_spec
from pathlib import Path, PurePosixPath

from core.base.errors import PictureError, shorten
from core.base.memory import format_bytes
from core.readers.archives import PackedError, Zip, is_folder, shown_name, unusable

_JXL = (".jxl",) if find_spec("pylibjxl") is not None else ()  # its decoder is optional
SUFFIXES = frozenset(
    (
        *_JXL,
        *(".jpg", ".jpeg", ".jpe", ".jif", ".jfif", ".mpo", ".png", ".webp", ".gif", ".tif"),
        *(".tiff", ".bmp", ".avif", ".heic", ".heif", ".hif", ".ico", ".tga", ".jp2", ".j2k"),
        *(".ppm", ".pgm", ".pbm", ".pnm", ".pdf"),
    )
)
# Why files are left out that people take for pictures.
_NO_PICTURES = {
    ".svg": "a drawing of lines, not of pixels: save it as PNG",
    ".psd": "a project of Photoshop: save it as PNG or JPEG",
    ".jxl": "JPEG XL, whose decoder is not installed (pip install pylibjxl): save it as PNG or "
    "JPEG, or install that",
    ".mp4": "a film",
    ".mov": "a film (the moving part of a Live Photo)",
    **dict.fromkeys(
        (".cr2", ".cr3", ".nef", ".arw", ".dng", ".raf"),
        "a camera's raw data: save it as JPEG",
    ),
}
_SINGLES = 20  # JSON files of one folder, from which on each is of one picture
MAX_TABLE = 200_000_000  # bytes of a table beside pictures
MAX_ARRAY = 1_000_000_000  # of a file of vectors beside them
_NAMING = re.compile(r".*(caption|label|annotation|metadata).*", re.IGNORECASE)  # texts as well
_LISTS = (".csv", ".tsv", ".json", ".jsonl", ".parquet")
ARRAYS = (".npy", ".npz", ".safetensors", ".faiss")  # vectors that may be of the pictures
_TOP = 2  # parts of a path that is near enough to the top
TABLES = (".csv", ".tsv", ".json", ".jsonl", ".parquet")
MAX_FILES = 200_000
MAX_BYTES = 100_000_000  # of one picture's file, unpacked
MAX_GROWTH, MAX_GROWN = 100, 500_000_000  # of a whole archive, unpacked: times, and bytes


@dataclass(frozen=True, slots=True)
class PackedFile:
    """A file beside pictures, by its path there.

    Attributes:
        unpacked: gives the path of the file itself, written into a folder where it has to be.
    """

    name: str
    unpacked: Callable[[Path], Path]


@dataclass(frozen=True, slots=True)
class PictureFiles:
    """Pictures by their paths inside the folder or archive, in the order of the alphabet.

    Attributes:
        ids: paths with ``/`` between their parts.
        read: gives the bytes of one, by its number; raises ``PictureError`` where it cannot.
        passed_over: ``(path, reason)`` of files that are not among them.
        tables: tables beside them, by their paths, with what gives their bytes.
        arrays: files of vectors beside them.
        places: the path or address of each, where it is a file or object of its own.
    """

    ids: list[str]
    read: Callable[[int], bytes]
    passed_over: tuple[tuple[str, str], ...] = ()
    tables: tuple[tuple[str, Callable[[], bytes]], ...] = ()
    arrays: tuple[PackedFile, ...] = ()
    places: tuple[str, ...] = ()


def read_folder(folder: Path) -> PictureFiles:
    """The pictures below a folder. Links that lead out of it are not followed.

    Raises:
        PictureError: there is none, or there are too many.
    """
    found: dict[str, Path] = {}
    passed_over: list[tuple[str, str]] = []
    tables: list[tuple[str, Callable[[], bytes]]] = []
    arrays: list[PackedFile] = []
    for path in files_below(folder):
        name = _told(path.relative_to(folder))
        if reason := _why_not(path, folder):
            passed_over.append((name, reason))
            if may_name(name) and path.stat().st_size <= MAX_TABLE:
                tables.append((name, path.read_bytes))
            elif is_array(name):
                arrays.append(PackedFile(name, partial(_in_place, path)))
        else:
            found[name] = path
    ids = checked(str(folder), sorted(found))

    arrays.sort(key=lambda one: one.name)
    return PictureFiles(
        ids,
        lambda number: read_file(found[ids[number]], ids[number]),
        tuple(sorted(passed_over)),
        of_all(tables),
        tuple(arrays),
        tuple(str(found[one].absolute()) for one in ids),
    )


def read_file(path: Path, name: str) -> bytes:
    """The bytes of a picture's file, which is called ``name`` in messages.

    Raises:
        PictureError: it cannot be read, or is too large for a picture.
    """
    try:
        _require_size(name, path.stat().st_size)
        return path.read_bytes()
    except OSError as error:
        raise PictureError(
            f"“{shorten(name)}” could not be read: {error.strerror}.",
            "A file that this user may read is needed.",
            "Check the file.",
        ) from error


def _in_place(path: Path, folder: Path) -> Path:
    return path


def _told(path: Path) -> str:
    """A path as valid Unicode, also where the system's names are not."""
    return path.as_posix().encode("utf-8", "backslashreplace").decode()


def files_below(folder: Path) -> Iterator[Path]:
    """All files below a folder but hidden ones."""
    for path in folder.rglob("*"):
        hidden = any(part.startswith(".") for part in path.relative_to(folder).parts)
        if not hidden and path.is_file():
            yield path


def _why_not(path: Path, folder: Path) -> str:
    """Why a file is passed over; empty for a picture."""
    if reason := reason_by_name(path.name):
        return reason
    return "" if path.resolve().is_relative_to(folder.resolve()) else "its link leads out"


def may_name(path: str) -> bool:
    """Whether a table may say what is known of the pictures: one at the top, or ``metadata``."""
    pure = PurePosixPath(path)
    top = len(pure.parts) <= _TOP
    if pure.suffix.lower() == ".txt":
        return top and bool(_NAMING.fullmatch(pure.stem))
    return pure.suffix.lower() in _LISTS and (top or pure.stem.lower() == "metadata")


Tables = Sequence[tuple[str, Callable[[], bytes]]]


def of_all(tables: Tables) -> tuple[tuple[str, Callable[[], bytes]], ...]:
    """Tables without the JSON files of folders that hold one for each picture."""
    folders = Counter(
        PurePosixPath(name).parent for name, _ in tables if name.lower().endswith(".json")
    )
    return tuple(
        (name, read)
        for name, read in tables
        if not name.lower().endswith(".json") or folders[PurePosixPath(name).parent] <= _SINGLES
    )


def is_array(path: str) -> bool:
    """Whether a file may hold the pictures' vectors: one at the top."""
    pure = PurePosixPath(path)
    return pure.suffix.lower() in ARRAYS and len(pure.parts) <= _TOP


def reason_by_name(name: str) -> str:
    """Why a file is no picture by its name; empty where it may be one."""
    suffix = PurePosixPath(name).suffix.lower()
    if suffix in SUFFIXES:
        return ""
    if suffix in TABLES:
        return "a table, not a picture"
    if suffix in ARRAYS:
        return "vectors, not a picture"
    return _NO_PICTURES.get(suffix, "it is no picture by its name")


def read_zip(path: Path) -> PictureFiles:
    """The pictures in a ZIP archive, unpacked one at a time and only into memory.

    Raises:
        PictureError: it is damaged, or holds no picture.
    """
    try:
        archive = Zip(path)
    except PackedError as error:
        raise _damaged(path.name, error) from error
    found = [member for member in archive.members if not _is_hidden(member)]
    members = {member.filename: member for member in found if not _reason(member)}
    passed_over = [
        (shown_name(member), _reason(member) or "a later file of the archive has the same name")
        for member in found
        if members.get(member.filename) is not member
    ]
    ids = checked(path.name, sorted(members))
    _require_plausible(path, [members[name] for name in ids])

    def read(number: int) -> bytes:
        member = members[ids[number]]
        _require_size(member.filename, member.file_size)
        try:
            return archive.read(member)
        except PackedError as error:
            raise _damaged(member.filename, error) from error

    tables = tuple(
        (member.filename, partial(archive.read, member, MAX_TABLE))
        for member in found
        if may_name(member.filename) and member.file_size <= MAX_TABLE
    )
    arrays = tuple(
        PackedFile(member.filename, partial(_extracted, archive, member))
        for member in sorted(found, key=lambda one: one.filename)
        if is_array(member.filename)
    )
    return PictureFiles(ids, read, tuple(passed_over), of_all(tables), arrays)


def names_pictures(path: Path) -> bool:
    """Whether a ZIP archive holds a picture by its files' names; false where it is damaged."""
    try:
        with Zip(path) as archive:
            return any(not _is_hidden(one) and not _reason(one) for one in archive.members)
    except PackedError:
        return False


def _extracted(archive: Zip, member: zipfile.ZipInfo, folder: Path) -> Path:
    """A file of an archive, written into a folder.

    Raises:
        PictureError: it is damaged, or too large.
    """
    target = folder / f"unpacked{PurePosixPath(member.filename).suffix.lower()}"
    try:
        with target.open("wb") as file:
            file.writelines(archive.pieces(member, MAX_ARRAY))
    except PackedError as error:
        raise _damaged(member.filename, error) from error
    return target


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
    if reason := reason_by_name(name):
        return reason
    if name.startswith("/") or ".." in name.split("/") or name[1:2] == ":":
        return "its path leads out of the archive"
    return ""


def _require_plausible(path: Path, members: list[zipfile.ZipInfo]) -> None:
    """Pictures are packed already: an archive that grows hundredfold holds something else."""
    size = sum(member.file_size for member in members)
    own = path.stat().st_size
    if size > max(MAX_GROWN, MAX_GROWTH * own):
        raise PictureError(
            f"“{shorten(path.name)}” would unpack to {format_bytes(size)}.",
            f"An archive of its size may unpack to {format_bytes(max(MAX_GROWN, MAX_GROWTH * own))}"
            f": {MAX_GROWTH} times its own size, as pictures never do.",
            "Pack the pictures again, without anything else.",
        )


def _require_size(name: str, size: int) -> None:
    if size > MAX_BYTES:
        raise PictureError(
            f"“{shorten(name)}” has {size:,} bytes.",
            f"At most {MAX_BYTES:,} are read.",
            "Leave it out, or scale it down.",
        )


def checked(name: str, ids: list[str], most: int | None = MAX_FILES) -> list[str]:
    """The paths of pictures in what is called ``name``.

    Raises:
        PictureError: there are none, or more than ``most``.
    """
    if not ids:
        raise PictureError(
            f"“{shorten(name)}” holds no pictures.",
            f"Files ending in {', '.join(sorted(SUFFIXES))} are looked for.",
            "Choose another folder or archive.",
        )
    if most is not None and len(ids) > most:
        raise PictureError(
            f"“{shorten(name)}” holds {len(ids):,} pictures.",
            f"At most {most:,} are read.",
            "Choose a part of them.",
        )
    return ids


def _damaged(name: str, error: PackedError) -> PictureError:
    whole = "A whole ZIP archive is needed, without a password."
    return unusable(PictureError, name, error, whole)
