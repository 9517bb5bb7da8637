"""One guard for all that is packed: ZIP, tar, gzip, bzip2 and xz, unpacked within limits.

A size is never believed: what is stated is a limit for what is unpacked, a piece at a time. Of the
methods of ZIP those are taken that can be unpacked so, of tar's further headers only short ones.
"""

from __future__ import annotations

import bz2
import gzip
import io
import lzma
import struct
import tarfile
import zipfile
import zlib
from collections.abc import Callable, Generator, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import IO, Self, TypeVar, cast

from core.base.errors import ExplorerError, shorten
from core.base.memory import format_bytes
from core.base.reasons import reason_of
from core.readers import file_kinds

MAX_ENTRIES = 250_000
# The other methods cannot be unpacked a piece at a time, so a small archive could fill the memory.
METHODS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
PIECE = 1 << 22
GZIP, BZIP2, XZ = b"\x1f\x8b", b"BZh", b"\xfd7zXZ\x00"  # as such files begin
_ENTRY = b"PK\x01\x02"  # before each entry in a ZIP's directory, of 46 bytes at least
_ENTRY_BYTES = 46
_TAR_HEADER = 512  # bytes
# Bytes of each of a tar's further headers, whose square the standard library takes in time.
_MAX_HEADER = 16_384
_ENDS = ("EOFHeaderError", "EmptyHeaderError")  # of the standard library: the end, as it should be
_FURTHER = (
    tarfile.XHDTYPE,
    tarfile.XGLTYPE,
    tarfile.SOLARIS_XHDTYPE,
    tarfile.GNUTYPE_LONGNAME,
    tarfile.GNUTYPE_LONGLINK,
)
# What the standard library raises for damaged archives: it has no list of it.
_DAMAGE = (
    *(zipfile.BadZipFile, zipfile.LargeZipFile, tarfile.TarError, zlib.error, struct.error),
    *(OSError, EOFError, ValueError, OverflowError, IndexError, KeyError),
    *(NotImplementedError, RuntimeError, lzma.LZMAError),  # another method, a password; too deep
)

Error = TypeVar("Error", bound=ExplorerError)


class PackedError(Exception):
    """A packed file is damaged, or packed as none is read; says why.

    Attributes:
        expected: the limit that it does not keep to; empty for a damaged one.
        remedy: what to do about it.
    """

    def __init__(self, reason: str, expected: str = "", remedy: str = "") -> None:
        super().__init__(reason)
        self.expected, self.remedy = expected, remedy


class TooLargeError(PackedError):
    """A packed file unpacks to more than is read.

    Attributes:
        size: bytes that it has, or says that it has.
        limit: bytes that it may have.
    """

    def __init__(self, size: int, limit: int) -> None:
        told, most = format_bytes(size), format_bytes(limit)
        more = "more than " if told == most else ""  # by a little
        remedy = "Take a part of it."
        super().__init__(f"it unpacks to {more}{told}", f"At most {most} are read.", remedy)
        self.size, self.limit = size, limit


def unusable(
    kind: type[Error],
    name: str,
    error: PackedError,
    whole: str = "A whole archive is needed.",
    remedy: str = "Download or pack it again.",
) -> Error:
    """What a person is told of a packed file called ``name``.

    Args:
        whole: what is expected in place of a damaged one; ``remedy`` what to do about that.
    """
    reason = shorten(str(error), 80).rstrip(".…")
    if isinstance(error, TooLargeError):
        given = f"“{shorten(name)}” {reason.removeprefix('it ')}."
    else:
        given = f"“{shorten(name)}” could not be unpacked: {reason}."
    return kind(given, error.expected or whole, error.remedy or remedy)


@contextmanager
def _packing_errors(*, begins_right: bool = False) -> Iterator[None]:
    try:
        yield
    except _DAMAGE as error:
        raise PackedError(reason_of(error, begins_right=begins_right)) from error


def is_folder(member: zipfile.ZipInfo) -> bool:
    """Whether an entry is a folder; its name may be empty."""
    return member.filename.endswith("/")


def shown_name(member: zipfile.ZipInfo) -> str:
    """What a file of an archive is called, for a person; its name may be empty."""
    return member.filename if member.filename.strip() else "a file without a name"


class Zip:
    """A ZIP archive, whose files are read one at a time.

    Args:
        source: its bytes, or where they are.
        limit: bytes that all that is read of it may have together; ``None`` where each file is
            let go before the next.

    Attributes:
        members: all its entries.

    Raises:
        PackedError: it is damaged, or has more than ``MAX_ENTRIES`` entries.
    """

    def __init__(self, source: Path | bytes, limit: int | None = None) -> None:
        self._limit, self._left = limit, limit
        begins_right = file_kinds.start_of(source).startswith(b"PK")
        with _packing_errors(begins_right=begins_right), ExitStack() as opened:
            _require_few_entries(source)
            file = opened.enter_context(_opened(source))
            self._archive = opened.enter_context(zipfile.ZipFile(file))
            self.members = self._archive.infolist()
            self._opened = opened.pop_all()

    def __enter__(self) -> Zip:
        return self

    def __exit__(self, *_: object) -> None:
        self._opened.close()

    def pieces(
        self, member: zipfile.ZipInfo, limit: int | None = None
    ) -> Generator[bytes, None, None]:
        """A file's content, in pieces.

        Args:
            limit: bytes that it may have.

        Raises:
            PackedError: it is damaged, locked, or packed by another method.
            TooLargeError: it is larger than ``limit``, or than what is left of the archive's.
        """
        if member.flag_bits & 1:
            raise PackedError("it is locked with a password")
        if member.compress_type not in METHODS:
            raise PackedError(
                "it is packed by another method than Deflate",
                "Files that are stored as they are or packed by Deflate can be unpacked a piece at "
                "a time, so that their size is known to keep to the limit.",
                "Pack it again by Deflate, as most programs for ZIP do by themselves.",
            )
        if limit is not None and member.file_size > limit:
            raise TooLargeError(member.file_size, limit)
        if self._limit is not None and self._left is not None and member.file_size > self._left:
            raise TooLargeError(self._limit - self._left + member.file_size, self._limit)
        done = 0
        with _packing_errors(), self._archive.open(member) as stream:
            while piece := stream.read(min(PIECE, member.file_size + 1 - done)):
                done += len(piece)
                yield piece
        if done != member.file_size:
            raise PackedError(f"it has {done:,} bytes, and not {member.file_size:,} as it says")
        if self._left is not None:
            self._left -= done

    def read(self, member: zipfile.ZipInfo, limit: int | None = None) -> bytes:
        """A file's content; as ``pieces``."""
        return b"".join(self.pieces(member, limit))


def _require_few_entries(source: Path | bytes) -> None:
    """Counts before the standard library makes an object of each."""
    size = len(source) if isinstance(source, bytes) else source.stat().st_size
    if size < _ENTRY_BYTES * MAX_ENTRIES:
        return
    count, rest = 0, b""
    with _opened(source) as stream:
        while piece := stream.read(PIECE):
            count += (rest + piece).count(_ENTRY)
            rest = piece[-3:]
    if count > MAX_ENTRIES:
        raise _too_many(f"it has {count:,} entries")


def _too_many(told: str) -> PackedError:
    allowed = f"At most {MAX_ENTRIES:,} entries of an archive are read."
    return PackedError(told, allowed, "Split it into several archives.")


def gunzip(source: Path | bytes, limit: int) -> Iterator[bytes]:
    """What a file packed by gzip, bzip2 or xz unpacks to, in pieces.

    Raises:
        PackedError: it is damaged.
        TooLargeError: it unpacks to more than ``limit`` bytes.
    """
    with _packing_errors(), _opened(source) as packed:
        bounded = _Bounded(_unpacked(packed), limit)
        while piece := bounded.read(PIECE):
            yield piece


@dataclass(frozen=True, slots=True)
class TarFile:
    """A file of a tar archive; ``read`` gives its content until the next is asked for.

    ``read(n)`` gives its first ``n`` bytes.

    Its content begins at ``offset`` bytes of the archive, unpacked.
    """

    name: str
    size: int
    offset: int
    read: Callable[..., bytes]


def tar_files(source: Path | bytes, limit: int) -> Iterator[TarFile]:
    """The files of a tar archive in their order, without links, folders and the like.

    Args:
        source: its bytes, or where they are; also packed by gzip, bzip2 or xz.
        limit: bytes that the whole archive may unpack to, with what is not read of it.

    Raises:
        PackedError: it is damaged, has more than ``MAX_ENTRIES`` entries or a long header.
        TooLargeError: it unpacks to more.
    """
    header, faults = _watched_headers()
    with _packing_errors(), _opened(source) as file:
        stream = _unpacked(file) if is_stream(_start(file)) else file
        bounded = cast("IO[bytes]", _Bounded(stream, limit))
        with tarfile.open(fileobj=bounded, mode="r|", tarinfo=header) as archive:
            stated = 0
            for member in archive:
                stated += member.size
                if stated > limit:
                    raise TooLargeError(stated, limit)
                content = None
                if member.isreg() and not member.issparse():
                    content = archive.extractfile(member)
                if content is not None:
                    read = partial(_read, content)
                    # A name in no UTF-8 has halves of surrogate pairs, which nothing can write.
                    name = member.name.encode("utf-8", "replace").decode("utf-8")
                    yield TarFile(name, member.size, member.offset_data, read)
    if faults:  # at which the standard library takes the archive to be at its end
        raise PackedError(faults[-1])


def _read(content: IO[bytes], size: int = -1) -> bytes:
    with _packing_errors():
        return content.read(size)


def _opened(source: Path | bytes) -> IO[bytes]:
    return io.BytesIO(source) if isinstance(source, bytes) else source.open("rb")


def is_stream(start: bytes) -> bool:
    """Whether a file that begins so is packed by gzip, bzip2 or xz."""
    return start.startswith((GZIP, BZIP2, XZ))


def _start(file: IO[bytes]) -> bytes:
    start = file.read(len(XZ))
    file.seek(0)
    return start


def is_tar_stream(source: Path | bytes) -> bool:
    """Whether what a file packed by gzip, bzip2 or xz unpacks to is a tar archive by its header.

    Raises:
        PackedError: it is damaged.
    """
    with _packing_errors(), _opened(source) as file:
        return _unpacked(file).read(_TAR_HEADER)[257:262] == b"ustar"


def _unpacked(file: IO[bytes]) -> IO[bytes]:
    start = _start(file)
    if start.startswith(BZIP2):
        return cast("IO[bytes]", bz2.BZ2File(file))
    if start.startswith(XZ):
        return cast("IO[bytes]", lzma.LZMAFile(file))
    return cast("IO[bytes]", gzip.GzipFile(fileobj=file))


class _Bounded:
    """A stream that gives no more than ``limit`` bytes."""

    def __init__(self, stream: IO[bytes], limit: int) -> None:
        self._stream, self._limit, self._done = stream, limit, 0

    def read(self, size: int) -> bytes:
        piece = self._stream.read(size)
        self._done += len(piece)
        if self._done > self._limit:
            raise TooLargeError(self._done, self._limit)
        return piece


def _watched_headers() -> tuple[type[tarfile.TarInfo], list[str]]:
    """Headers of one archive that are looked at before what they announce is read; their faults."""
    count = 0
    faults: list[str] = []

    class Header(tarfile.TarInfo):
        @classmethod
        def frombuf(cls, buf: bytes | bytearray, encoding: str, errors: str) -> Self:
            nonlocal count
            try:
                info = super().frombuf(buf, encoding, errors)
            except tarfile.HeaderError as error:
                if type(error).__name__ not in _ENDS:
                    faults.append(reason_of(error))
                raise
            count += 1
            if count > MAX_ENTRIES:
                raise _too_many(f"it has more than {MAX_ENTRIES:,} entries")
            if info.type in _FURTHER and info.size > _MAX_HEADER:
                raise PackedError(
                    f"a header of it has {info.size:,} bytes",
                    f"At most {_MAX_HEADER:,} bytes of a header are read.",
                    "Pack it again, with shorter names and without further attributes.",
                )
            return info

    return Header, faults
