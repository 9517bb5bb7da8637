"""Who is writing in a data home: a process that writes holds a locked file there while it lives.

The file is ``locks/MARK.lock``, locked by the system (``flock``, on Windows ``msvcrt``), which
frees it when the process ends, also after ``kill -9``. What is unfinished has the mark in its name,
so that a sweep tells what is being written from what was left. Where the file system knows no locks
(some network drives), all marks count as living, and nothing is swept.
"""

from __future__ import annotations

import atexit
import errno
import re
import secrets
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from filelock import BaseFileLock

FOLDER, SUFFIX = "locks", ".lock"
_MARK = re.compile(r"[0-9a-f]{8}")
_TRIES = 5
_NO_LOCKS = {errno.ENOSYS, errno.ENOTSUP, errno.ENOLCK}
_turn = threading.Lock()
_held: dict[Path, tuple[str, BaseFileLock | None]] = {}  # by data home; None where none can be had
_unfinished: set[Path] = set()


def own_mark(home: Path) -> str:
    """The mark of this process in the data home ``home``, whose lock is held from now on.

    Raises:
        OSError: the lock's file cannot be written.
    """
    with _turn:
        held = _held.get(home)
        if held is not None and lock_path(home, held[0]).exists():
            return held[0]
        if held is None and not _held:
            atexit.register(_let_go)
        # The first time, or the data home was deleted meanwhile.
        if held is not None and held[1] is not None:
            held[1].release(force=True)
        _held[home] = mark, _ = _take(home)
        return mark


@contextmanager
def writing(beside: Path) -> Iterator[None]:
    """Says that ``beside`` is unfinished for as long as the block."""
    _unfinished.add(beside)
    try:
        yield
    finally:
        _unfinished.discard(beside)


def lock_path(home: Path, mark: str) -> Path:
    """The file that the process with this mark holds."""
    return home / FOLDER / f"{mark}{SUFFIX}"


def is_own(home: Path, mark: str) -> bool:
    """Whether this process has the mark."""
    held = _held.get(home)
    return held is not None and held[0] == mark


def is_living(home: Path, mark: str) -> bool:
    """Whether the process with this mark lives; so it is told too where there are no locks."""
    path = lock_path(home, mark)
    if is_own(home, mark) or not path.exists():
        return is_own(home, mark)
    try:
        lock = _lock(path)
    except OSError:
        return True
    if lock is not None:
        lock.release(force=True)
    return lock is None


@contextmanager
def dead_marks(home: Path) -> Iterator[frozenset[str]]:
    """Marks of processes that ended without letting go; their files are gone after the block."""
    taken: dict[str, BaseFileLock] = {}
    for path in sorted((home / FOLDER).glob(f"*{SUFFIX}")):
        mark = path.name.removesuffix(SUFFIX)
        if _MARK.fullmatch(mark) and not is_own(home, mark) and not path.is_symlink():
            with suppress(OSError):  # no locks, or not ours to write: it counts as living
                lock = _lock(path)
                if lock is not None:
                    taken[mark] = lock
    try:
        yield frozenset(taken)
    finally:
        for mark, lock in taken.items():
            _drop(lock_path(home, mark), lock)


def _take(home: Path) -> tuple[str, BaseFileLock | None]:
    for _ in range(_TRIES):  # a sweep may hold a file that is not locked yet
        mark = secrets.token_hex(4)
        path = lock_path(home, mark)
        path.parent.mkdir(parents=True, exist_ok=True)
        try:
            lock = _lock(path)
        except OSError as error:
            if error.errno in _NO_LOCKS:
                return mark, None
            raise
        if lock is not None:
            return mark, lock
    raise OSError(errno.EAGAIN, "the lock of this process could not be taken")


def _lock(path: Path) -> BaseFileLock | None:
    """The lock of a file; ``None`` where another holds it."""
    from filelock import FileLock, Timeout

    lock = FileLock(path, timeout=0, thread_local=False, fallback_to_soft=False)
    try:
        lock.acquire()
    except Timeout:
        return None
    return lock


def _drop(path: Path, lock: BaseFileLock) -> None:
    with suppress(OSError):
        path.unlink()
    lock.release(force=True)
    with suppress(OSError):  # Windows refuses while it is held
        path.unlink(missing_ok=True)


def _let_go() -> None:
    """At the end: a lock without unfinished work needs no sweep."""
    for home, (mark, lock) in _held.items():
        if lock is not None and not any(home in path.parents for path in _unfinished):
            _drop(lock_path(home, mark), lock)


def others(home: Path) -> bool:
    """Whether another living process writes in the data home, as far as can be told."""
    marks = (path.name.removesuffix(SUFFIX) for path in (home / FOLDER).glob(f"*{SUFFIX}"))
    return any(
        _MARK.fullmatch(mark) and not is_own(home, mark) and is_living(home, mark) for mark in marks
    )
