"""Dropped pictures on the disk, so that they survive a reload: a folder a browser, for a day.

As the shelf they are found again by the browser's id alone: the folder is named by the id's
SHA-256, a file in it by that of the picture's name. A file holds the name, a line break and the
picture's bytes, so that each is written, read and deleted whole, and no list can disagree with it.
"""

from __future__ import annotations

import time
from collections.abc import Collection
from contextlib import suppress
from pathlib import Path

from core.base.errors import StorageError, shorten
from core.storage import data_home

FOLDER = "dropped"
HOURS = 24  # how long a picture is kept after it was dropped
MOST = 12  # of one browser
MAX_BYTES = 100_000_000  # of one browser's together; one picture may be larger
ALL_BYTES = 1_000_000_000  # of all browsers'
_LONGEST = 40  # characters of a name
_TEXT = ("utf-8", "surrogatepass")


class StoredPictures:
    """A browser's pictures by name, the oldest first; in memory until ``attach`` gives a place.

    Attributes:
        trouble: why one could not be written or read; it is then in memory alone.
    """

    def __init__(self) -> None:
        self.items: dict[str, bytes] = {}
        self.folder: Path | None = None
        self.trouble: StorageError | None = None
        self._stored: dict[str, str] = {}  # names by file, of what was on the disk when last seen

    def attach(self, browser: str) -> None:
        """Takes the place of this browser; what is held so far is written there."""
        pending, self.items = self.items, {}
        self.folder = data_home.data_home() / FOLDER / data_home.sha256(browser.encode())
        expire()
        self.refresh()
        for name, data in pending.items():
            self._put(name, data)

    def refresh(self) -> None:
        """Takes over what another tab has added and removed, and what has had its time."""
        if self.folder is None:
            return
        there = _files(self.folder)
        for file in [file for file in self._stored if file not in there]:
            self.items.pop(self._stored.pop(file), None)
        for file, (written, _) in sorted(there.items(), key=lambda item: item[1]):
            path = self.folder / file
            if written < _oldest():
                self.items.pop(self._stored.pop(file, ""), None)
                with suppress(OSError):  # another time, then
                    path.unlink()
            elif file not in self._stored:
                self._read(path)

    def add(self, name: str, data: bytes, taken: Collection[str] = ()) -> str:
        """Keeps a picture and gives its name, made distinct; one that is here keeps its name.

        The oldest go where there are too many or too large ones.
        """
        self.refresh()
        for known, held in self.items.items():
            if held == data:
                return known
        wanted = shorten(name, _LONGEST) or "picture"
        chosen = data_home.distinct_name(wanted, {*self.items, *taken}, longest=_LONGEST)
        self._put(chosen, data)
        while len(self.items) > MOST or (
            len(self.items) > 1 and sum(map(len, self.items.values())) > MAX_BYTES
        ):
            self.remove(next(iter(self.items)))
        expire()
        return chosen

    def remove(self, name: str) -> None:
        """Deletes a picture; what is not there is no error."""
        self.items.pop(name, None)
        file = _file(name)
        self._stored.pop(file, None)
        if self.folder is not None:
            try:
                with data_home.storage_errors("delete", self.folder / file):
                    (self.folder / file).unlink(missing_ok=True)
            except StorageError as error:
                self.trouble = error

    def _put(self, name: str, data: bytes) -> None:
        self.items[name] = data
        if self.folder is None:
            return
        try:
            data_home.write_file(self.folder / _file(name), name.encode(*_TEXT) + b"\n" + data)
        except StorageError as error:
            self.trouble = error
        else:
            self._stored[_file(name)] = name
            self.trouble = None

    def _read(self, path: Path) -> None:
        try:
            with data_home.storage_errors("read", path):
                name, _, data = path.read_bytes().partition(b"\n")
        except StorageError as error:
            self.trouble = error
            return
        told = name.decode(*_TEXT)
        if _file(told) == path.name:  # else somebody else's file
            self.items[told] = data
            self._stored[path.name] = told


def expire() -> None:
    """Deletes pictures that have had their time, and the oldest where all take too much."""
    root = data_home.data_home() / FOLDER
    if not root.is_dir():
        return
    with suppress(OSError):  # what cannot be listed or deleted now is another time
        folders = [path for path in root.iterdir() if path.is_dir() and not path.is_symlink()]
        found = [
            (written, size, folder / file)
            for folder in folders
            for file, (written, size) in _files(folder).items()
        ]
        room = ALL_BYTES
        for written, size, path in sorted(found, reverse=True):  # the newest first
            room -= size
            if written < _oldest() or room < 0:
                path.unlink(missing_ok=True)
        for folder in folders:
            with suppress(OSError):  # not empty
                folder.rmdir()


def _oldest() -> float:
    return time.time() - HOURS * 3_600


def _file(name: str) -> str:
    return data_home.sha256(name.encode(*_TEXT))


def _files(folder: Path) -> dict[str, tuple[float, int]]:
    """When each picture of a folder was written, in seconds, and its bytes."""
    found = {}
    with suppress(OSError):  # it is not there yet, or was deleted meanwhile
        for path in folder.iterdir():
            if not path.name.startswith("."):  # which are being written
                told = path.stat()
                found[path.name] = (told.st_mtime, told.st_size)
    return found
