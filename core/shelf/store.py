"""Shelves on the disk, so that they survive a reload: one file a browser, for a time.

The browser keeps an id that cannot be guessed; the file is named by the id's SHA-256, so that a
look at the disk gives no id. Tabs of one browser, and servers on one data home, share the file:
each change is made under a lock, to what is there by then. What cannot be written stays in memory.
A file that cannot be read whole is set aside beside it: what can be read of it can be put back.
"""

from __future__ import annotations

import os
import re
import secrets
import time
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from core.base.errors import InputError, StorageError, counted
from core.shelf.file import Contents, pack, salvage, unpack
from core.shelf.kept import Kept
from core.shelf.shelf import MAX_KEPT, Change, Shelf, joined
from core.storage import data_home
from core.storage.data_home import Stamp

FOLDER = "shelves"
DAYS = 30  # how long a shelf is kept after it was last used
_DAY = 86_400
_ID = re.compile(r"[A-Za-z0-9_-]{43}")
# Of ``path_of``, and what was set aside of it; all else is a person's.
_OURS = re.compile(r"[0-9a-f]{64}(\.[0-9a-f]{8})?\.(zip|damaged)")
_ASIDE = ".damaged"


def new_id() -> str:
    """An id that cannot be guessed: 32 random bytes as 43 characters."""
    return secrets.token_urlsafe(32)


def is_id(text: object) -> bool:
    """Whether ``text`` has the form of an id."""
    return isinstance(text, str) and _ID.fullmatch(text) is not None


def path_of(browser: str) -> Path:
    """Where the shelf of the browser with this id lies."""
    return data_home.data_home() / FOLDER / f"{data_home.sha256(browser.encode())}.zip"


def expire() -> None:
    """Deletes shelves that were not used for ``DAYS`` days."""
    folder = data_home.data_home() / FOLDER
    if not folder.is_dir():
        return
    oldest = time.time() - DAYS * _DAY
    with (
        suppress(StorageError),
        data_home.alone(folder),
    ):  # what cannot be deleted now is another time
        for path in folder.iterdir():
            with suppress(OSError):
                if _OURS.fullmatch(path.name) and path.stat().st_mtime < oldest:
                    path.unlink()


@dataclass(frozen=True, slots=True)
class SetAside:
    """A file that could not be read whole; ``since`` is when it was set aside, in seconds."""

    path: Path
    size: int
    since: float

    def read(self) -> bytes:
        """Its bytes.

        Raises:
            StorageError: it is gone, or cannot be read.
        """
        with data_home.storage_errors("read", self.path):
            return self.path.read_bytes()

    def contents(self) -> Contents:
        """What of it can still be read.

        Raises:
            InputError: nothing.
            StorageError: it is gone, or cannot be read.
        """
        return salvage(self.read(), self.path.name)


class StoredShelf(Shelf):
    """A shelf that is in memory until ``attach`` gives it a place on the disk.

    Attributes:
        trouble: why it could not be read or written; it then lives in memory, and each further
            change tries again.
        note: what a person should know of what was found on the disk.
        aside: the files that were set aside, the newest first.
    """

    def __init__(self) -> None:
        super().__init__()
        self.path: Path | None = None
        self.trouble: StorageError | None = None
        self.note = ""
        self.aside: list[SetAside] = []
        self._stamp: Stamp = None
        self._known: set[str] = set()  # keys of what was on the disk when last seen

    def attach(self, browser: str) -> None:
        """Takes the place of this browser; what it holds so far is added to what lies there."""
        own, self.items = self.items, []
        self.path, self._stamp, self._known, self.trouble = path_of(browser), None, set(), None
        expire()
        self.refresh()
        self._look_aside()
        if own:
            self._change(lambda items: _merged(items, own, set()))

    def refresh(self) -> None:
        """Takes over what another tab has changed; a look at the file's date where nothing did."""
        if self.path is None or self.trouble is not None:
            return
        stamp = data_home.stamp(self.path)
        if stamp != self._stamp:
            try:
                self._take(self._seen(self.path), stamp)
            except StorageError as error:
                self.trouble = error
        if stamp is not None and stamp[0] < (time.time() - _DAY) * 1e9:
            with suppress(OSError):  # in use: its time begins anew
                os.utime(self.path)

    def _change(self, change: Change) -> None:
        if self.path is None:
            super()._change(change)
            return
        try:
            with data_home.alone(self.path.parent):
                there = self._sound(self.path)
                if self.trouble is not None:  # what was done meanwhile, and what others added
                    there = _merged(self.items, there, self._known)
                items = change(there)
                _write(self.path, items)
                self._take(items, data_home.stamp(self.path))
        except StorageError as error:
            self.trouble = error
            super()._change(change)

    def restore(self, file: SetAside) -> tuple[int, Contents]:
        """Adds what can be read of a file that was set aside: how much was new, and what it held.

        Raises:
            InputError: nothing can be read of it, or the shelf has no room.
            StorageError: it is gone, or cannot be read.
        """
        found = file.contents()
        added = self.add(found.items)
        self.note = ""
        return added, found

    def drop(self, file: SetAside) -> None:
        """Deletes a file that was set aside.

        Raises:
            StorageError: it cannot be deleted.
        """
        if file in self.aside:  # of this browser
            data_home.delete(file.path)
            self.note = ""
        self._look_aside()

    def _look_aside(self) -> None:
        if self.path is None:
            return
        found = []
        for path in self.path.parent.glob(f"{self.path.stem}*{_ASIDE}"):
            with suppress(OSError):  # deleted meanwhile
                told = path.stat()
                found.append(SetAside(path, told.st_size, told.st_mtime))
        self.aside = sorted(found, key=lambda one: one.since, reverse=True)

    def _take(self, items: list[Kept], stamp: Stamp) -> None:
        self.items, self._stamp, self.trouble = items, stamp, None
        self._known = {item.key for item in items}
        self._look_aside()

    def _seen(self, path: Path) -> list[Kept]:
        """What lies at ``path``, read without the lock: a file is there whole or not at all."""
        try:
            found = _read(path)
        except InputError:
            found = None
        if found is not None and not found.left_out:
            return found.items
        try:
            with data_home.alone(path.parent):
                return self._sound(path)
        except StorageError:
            if found is None:
                raise
            return found.items  # what is sound serves though the file cannot be set aside

    def _sound(self, path: Path) -> list[Kept]:
        """The same under the lock; a file that cannot be read whole is set aside.

        What is sound in it stays on the shelf, unless its bytes are not those that were written.
        """
        try:
            found = _read(path)
        except InputError as error:
            with data_home.storage_errors("set aside", path):
                path.replace(_aside(path))
            self.note = f"The saved vectors were damaged and are set aside: {error.given}"
            return []
        if found.left_out:
            with data_home.storage_errors("set aside", path):
                data_home.write_file(_aside(path), path.read_bytes())
            _write(path, found.items)
            self.note = (
                f"{counted(len(found.left_out), 'vector')} of those saved cannot be used and "
                f"the file with all of them is set aside: {found.left_out[0]}"
            )
        return found.items


def _read(path: Path) -> Contents:
    with data_home.storage_errors("read", path):
        data = path.read_bytes() if path.exists() else None
    return Contents([]) if data is None else unpack(data, path.name)


def _aside(path: Path) -> Path:
    """Where a file is set aside: a name by its bytes, so that none takes the place of another."""
    data = path.read_bytes()
    os.utime(path)  # its time there begins now
    return path.with_suffix(f".{data_home.sha256(data)[:8]}{_ASIDE}")


def _merged(items: list[Kept], more: list[Kept], known: set[str]) -> list[Kept]:
    """``items`` and those of ``more`` that are neither there nor ``known``, as many as fit."""
    here = known | {item.key for item in items}
    new = [item for item in more if item.key not in here]
    return joined(items, new[: MAX_KEPT - len(items)])


def _write(path: Path, items: list[Kept]) -> None:
    if items:
        data_home.write_file(path, pack(items))
        return
    with data_home.storage_errors("delete", path):
        path.unlink(missing_ok=True)
