"""Selections that are too long for an address: text in the data home, under a short name.

The name is that of what is in the file (the beginning of its SHA-256), so that nobody can have
another one written under it, and what was cut or changed on the disk is not taken.
"""

from __future__ import annotations

import re
from contextlib import suppress
from pathlib import Path

from core.base.errors import StorageError
from core.storage import data_home

FOLDER = "selections"
MARK = "here~"  # before a name, where an address may hold the text itself as well
MOST = 500  # that are kept; those used longest ago go first
_NAME = re.compile(rf"{MARK}[0-9a-f]{{24}}")


def name_of(entry: str) -> str:
    """What stands for the text."""
    return MARK + data_home.sha256(entry.encode())[:24]


def keep(entry: str) -> str:
    """Keeps a text and gives its name.

    Raises:
        StorageError: it cannot be written.
    """
    name = name_of(entry)
    if find(name) is None:
        data_home.write_file(_folder() / name.removeprefix(MARK), entry.encode())
        _let_oldest_go()
    return name


def find(name: str) -> str | None:
    """The text that a name stands for; ``None`` where it is no name, or the text is not here."""
    if not _NAME.fullmatch(name):
        return None
    path = _folder() / name.removeprefix(MARK)
    try:
        entry = path.read_text(encoding="utf-8")
        with suppress(OSError):  # on a disk that is read only
            path.touch()  # used just now
    except (OSError, UnicodeDecodeError):
        return None
    return entry if name_of(entry) == name else None


def _let_oldest_go() -> None:
    with suppress(OSError, StorageError):  # another time, then
        kept = sorted(_folder().iterdir(), key=lambda path: path.stat().st_mtime, reverse=True)
        for path in kept[MOST:]:
            data_home.delete(path)


def _folder() -> Path:
    return data_home.data_home() / FOLDER
