"""The data home on disk: where things lie, what they are (digests), and writing them whole.

Everything is written beside its place and renamed into it, so that a reader sees either the
whole thing or nothing, also after ``kill -9``.
"""

from __future__ import annotations

import hashlib
import os
import secrets
import shutil
import stat
from collections.abc import Container, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

from core.base.errors import InputError, StorageError, counted, shorten
from core.base.memory import format_bytes, require_memory
from core.base.reasons import reason_of
from core.storage import demo_home, locks

HOME_VARIABLE = "EMBEDDING_EXPLORER_HOME"
PARTIAL = ".partial"
OWN = "own"  # the folder of imported vocabularies
_WAIT = 10  # seconds for a lock that is held for milliseconds


def data_home() -> Path:
    """The folder for what the app builds and keeps; ``EMBEDDING_EXPLORER_HOME`` moves it.

    Raises:
        StorageError: that variable names what can be no folder.
    """
    chosen = os.environ.get(HOME_VARIABLE)
    if chosen:
        try:
            return Path(chosen).expanduser().resolve()
        except (OSError, RuntimeError, ValueError) as error:
            raise StorageError(
                f"{HOME_VARIABLE} is “{shorten(chosen)}”: {reason_of(error)}.",
                "It names the folder for what the app keeps.",
                "Set it to another folder, or unset it.",
            ) from error
    import platformdirs

    return platformdirs.user_data_path("embedding-explorer", appauthor=False)


def given_path(text: str) -> Path:
    """What a person typed as a path that the system can be asked for, ``~`` made out.

    Raises:
        InputError: it can be no path.
    """
    if not text.strip():  # which would be the folder that the app was started in
        raise InputError("The path is empty.", "A file or folder is needed.", "Name one.")
    try:
        path = Path(text).expanduser()
        mode = path.stat().st_mode if path.exists() else 0
        path.resolve()  # links that lead in a circle
    except (OSError, RuntimeError, ValueError) as error:
        raise InputError(
            f"“{shorten(text)}” is no path: {reason_of(error)}.",
            "A file or folder is needed.",
            "Check it.",
        ) from error
    if mode and not stat.S_ISREG(mode) and not stat.S_ISDIR(mode):
        # They may have no end, and opening a pipe waits for somebody who writes into it.
        raise InputError(
            f"“{shorten(text)}” is a device, a pipe or a socket.",
            "A file or folder is needed.",
            "Save its content as a file, and name that.",
        )
    return path


def read_given(path: Path, limit: int) -> bytes:
    """The bytes of a file that a person named; no more than it has, nor than ``limit``.

    Raises:
        InputError: it is a folder, cannot be read, or is larger than the limit or the memory.
    """
    name = shorten(path.name or str(path))
    try:
        with path.open("rb") as stream:
            size = os.fstat(stream.fileno()).st_size
            if size > limit:
                raise InputError(
                    f"“{name}” has {format_bytes(size)}.",
                    f"At most {format_bytes(limit)} are read.",
                    "Take a part of it.",
                )
            require_memory(size, f"“{name}”", "Take a part of it.")
            data = stream.read(size + 1)
    except OSError as error:
        raise InputError(
            f"“{name}” could not be read: {reason_of(error)}.",
            "A file that this user may read is needed.",
            "Check the path.",
        ) from error
    if len(data) > size:
        raise InputError(
            f"“{name}” holds more than the {counted(size, 'byte')} that it says.",
            "A file that stays as it is while it is read.",
            "Copy it, and name the copy.",
        )
    return data


def digest_file(path: Path) -> str:
    """SHA-256 of a file's bytes, in hex."""
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def sha256(data: bytes) -> str:
    """SHA-256 of bytes, in hex."""
    return hashlib.sha256(data).hexdigest()


def as_bytes(texts: Iterable[str]) -> list[bytes]:
    """Texts for a digest; halves of surrogate pairs, which are in no UTF-8, count as they are."""
    return [text.encode("utf-8", "surrogatepass") for text in texts]


def digest_bytes(*parts: bytes | memoryview | Path) -> str:
    """SHA-256 of byte strings, each preceded by its length so that borders count, in hex.

    A path stands for the file's bytes, which are not held in memory; the view of an array, whose
    rows follow each other, is not copied.
    """
    total = hashlib.sha256()
    for part in parts:
        if isinstance(part, bytes | memoryview):
            total.update(memoryview(part).nbytes.to_bytes(8, "little"))
            total.update(part)
            continue
        total.update(part.stat().st_size.to_bytes(8, "little"))
        with part.open("rb") as stream:
            while piece := stream.read(1 << 20):
                total.update(piece)
    return total.hexdigest()


@contextmanager
def storage_errors(action: str, path: Path) -> Iterator[None]:
    """Turns the system's errors into a ``StorageError`` that says what to do about the disk."""
    try:
        yield
    except OSError as error:
        reason = reason_of(error)
        raise StorageError(
            f"Could not {action} “{path}”: {reason}.",
            "The data folder must be one this user can write to, with free space.",
            f"Free some space, or point {HOME_VARIABLE} to another folder.",
        ) from error


@contextmanager
def write_folder(target: Path, *, exclusive: bool = False) -> Iterator[Path]:
    """A new folder beside ``target`` to fill; it takes target's place when the block ends well.

    If ``target`` has appeared meanwhile, that one stays: a folder named by the digest of what is
    in it is the same. With ``exclusive``, for folders that a person names, that is an error.
    """
    demo_home.require_kept(target, data_home())
    with storage_errors("write", target):
        beside = _beside(target)
        with locks.writing(beside):
            beside.mkdir(parents=True)
            try:
                yield beside
                for path in beside.rglob("*"):
                    _flush(path)
                _publish(beside, target, exclusive=exclusive)
            finally:
                shutil.rmtree(beside, ignore_errors=True)


@contextmanager
def scratch_folder() -> Iterator[Path]:
    """A folder of the data home for what is large and not whole yet; it is deleted afterwards."""
    beside = _beside(data_home() / "scratch")
    with storage_errors("write", beside), locks.writing(beside):
        beside.mkdir(parents=True)
        try:
            yield beside
        finally:
            shutil.rmtree(beside, ignore_errors=True)


def _publish(beside: Path, target: Path, *, exclusive: bool) -> None:
    try:
        beside.rename(target)
    except OSError:
        if exclusive or not target.is_dir():
            raise


def write_file(target: Path, data: bytes) -> None:
    """``data`` as the file ``target``, whole or not at all."""
    with writing_file(target) as beside:
        beside.write_bytes(data)


@contextmanager
def writing_file(target: Path) -> Iterator[Path]:
    """A file beside ``target`` to write bit by bit, which takes its place when the block ends well.

    Raises:
        StorageError: the disk refuses.
    """
    demo_home.require_kept(target, data_home())
    with storage_errors("write", target):
        beside = _beside(target)
        target.parent.mkdir(parents=True, exist_ok=True)
        with locks.writing(beside):
            try:
                yield beside
                _flush(beside)
                beside.replace(target)
            finally:
                beside.unlink(missing_ok=True)


@contextmanager
def alone(folder: Path) -> Iterator[None]:
    """Holds the one lock of a folder whose files are changed by what is in them.

    The system frees it after a kill.

    Raises:
        StorageError: the folder cannot be written to.
    """
    from filelock import FileLock

    with storage_errors("write", folder):
        folder.mkdir(parents=True, exist_ok=True)
        lock = FileLock(folder / ".lock")
        lock.acquire(timeout=_WAIT)
    try:
        yield
    finally:
        lock.release()


Stamp = tuple[int, int, int] | None


def stamp(path: Path) -> Stamp:
    """What changes when a file does: time, inode and size; ``None`` where there is none."""
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_mtime_ns, found.st_ino, found.st_size


def delete(target: Path) -> None:
    """Deletes a file or folder of the data home; it is gone at once, also after a kill meanwhile.

    What is not there is no error. A link is deleted, not what it leads to.

    Raises:
        StorageError: it cannot be deleted, or is not in the data home.
    """
    _require_ours(target)
    with storage_errors("delete", target):
        try:
            beside = _beside(target)
        except OSError:  # a full disk has no room for a lock; deleting makes some
            beside = _unfinished(target)
        with locks.writing(beside):
            try:
                target.rename(beside)
            except FileNotFoundError:
                return
            if beside.is_dir() and not beside.is_symlink():
                shutil.rmtree(beside, ignore_errors=True)
            else:
                beside.unlink(missing_ok=True)


def _require_ours(target: Path) -> None:
    """Whatever a caller was given, what a person has elsewhere is theirs."""
    home = data_home()
    if home not in target.parents or ".." in target.parts:
        raise StorageError(
            f"“{target}” is not in the data folder.",
            f"Only what the app keeps in “{home}” is deleted.",
            "Delete it by other means.",
        )


def _beside(target: Path) -> Path:
    """A name for what is not whole yet; in the data home it tells which process is at it."""
    home = data_home()
    mark = locks.own_mark(home) if home in target.parents else ""
    return _unfinished(target, mark)


def _unfinished(target: Path, mark: str = "") -> Path:
    return target.with_name(f".{target.name}.{mark}{secrets.token_hex(4)}{PARTIAL}")


def put(target: Path, data: bytes | Path) -> None:
    """``data``, or the content of a file, as ``target`` in a folder that is being filled."""
    if isinstance(data, bytes):
        target.write_bytes(data)
        return
    try:
        target.hardlink_to(data)
    except OSError:  # another disk, or one that has no such links
        shutil.copyfile(data, target)


def _flush(path: Path) -> None:
    """Bytes on the disk before the rename that makes them visible."""
    if path.is_file():
        with path.open("rb") as stream:
            os.fsync(stream.fileno())


def distinct_name(
    wanted: str, taken: Container[str], form: str = "{} ({})", longest: int | None = None
) -> str:
    """``wanted``, or where that is taken, ``wanted`` with the first free number from 2 on.

    With ``longest`` it is cut so that the number fits into so many characters.
    """
    chosen, number = wanted, 1
    while chosen in taken:
        number += 1
        room = None if longest is None else longest - len(form.format("", number))
        chosen = form.format(wanted[:room].rstrip(), number)
    return chosen


def safe_name(text: str, *, fallback: str = "unnamed") -> str:
    """``text`` as a name for a file or folder: letters, digits, ``-``, ``_`` and ``.`` inside.

    At most 80 characters and 160 bytes: file systems take 255, and numbers, digests and the marks
    of what is unfinished come beside it.
    """
    kept = "".join(c if c.isalnum() or c in "-_." else "-" for c in text.strip())
    kept = "-".join(part for part in kept.split("-") if part).strip(".-")[:80]
    return kept.encode()[:160].decode("utf-8", "ignore").rstrip(".-") or fallback
