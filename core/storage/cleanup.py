"""Clearing away what killed processes left unfinished in the data home.

Pieces that a later run goes on from stay: parts of downloads and vocabularies, chunks of vectors.
"""

from __future__ import annotations

import os
import re
import shutil
import time
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from core.storage import data_home, locks

PARTS = ".parts"  # of a vocabulary, beside it until it is whole
_UNFINISHED = re.compile(r"\..+\.([0-9a-f]{8})([0-9a-f]{8})?\.partial", re.DOTALL)
_LEFT = 7 * 24 * 3600.0  # seconds after which nobody looks at a selection any more
_OLD = 24 * 3600.0  # seconds after which a name without a mark belongs to nobody


@dataclass(frozen=True, slots=True)
class Swept:
    """How many files and folders were deleted that were unfinished or left."""

    count: int = 0


def sweep(*, quick: bool = False) -> Swept:
    """Deletes what no living process is writing.

    Args:
        quick: look only where a process ended without letting go of its lock.

    A data home that cannot be read or written is left as it is, without an error: who needs it
    will be told.
    """
    home = data_home.data_home()
    if not home.is_dir():
        return Swept()
    with locks.dead_marks(home) as dead:
        if quick and not dead:
            return Swept()
        count = 0
        for path in unfinished(home):
            if not belongs(path, home, dead) and _delete(path):
                count += 1
        for parts in (home / "vocabularies").glob(f"*{PARTS}"):
            whole = parts.with_name(parts.name.removesuffix(PARTS))
            if (whole / "about.json").is_file() and _delete(parts):
                count += 1
        count += sum(_delete(path) for path in _left_reports(home, dead))
    return Swept(count)


def _left_reports(home: Path, dead: frozenset[str]) -> Iterator[Path]:
    """Selections for programs that were killed: their names end with the mark of who made them.

    A notebook may outlive the child that made one, so only what is old as well has been left.
    """
    for path in (home / "reports").glob("*.json"):
        mark = path.stem[-8:]
        with suppress(OSError):
            old = time.time() - path.lstat().st_mtime > _LEFT
            if old and (mark in dead or not locks.is_living(home, mark)):
                yield path


def unfinished(folder: Path) -> Iterator[Path]:
    """Files and folders that are being written in a folder, or were left; no link is followed."""
    for entry in _entries(folder):
        if _UNFINISHED.fullmatch(entry.name):
            yield Path(entry.path)
        elif _is_folder(entry):
            yield from unfinished(Path(entry.path))


def belongs(path: Path, home: Path, dead: frozenset[str] = frozenset()) -> bool:
    """Whether a living process is writing this unfinished file or folder, this one included."""
    found = _UNFINISHED.fullmatch(path.name)
    if found is None:
        return False
    mark = found[1]
    if found[2] is None:  # written by an earlier version, or on a full disk
        with suppress(OSError):
            return time.time() - path.lstat().st_mtime < _OLD
        return False
    return mark not in dead and locks.is_living(home, mark)


def _entries(folder: Path) -> list[os.DirEntry[str]]:
    with suppress(OSError), os.scandir(folder) as found:  # deleted meanwhile, or not ours to read
        return list(found)
    return []


def _is_folder(entry: os.DirEntry[str]) -> bool:
    with suppress(OSError):
        junction = getattr(entry.stat(follow_symlinks=False), "st_reparse_tag", 0)  # of Windows
        return entry.is_dir(follow_symlinks=False) and not junction
    return False


def _delete(path: Path) -> bool:
    with suppress(OSError):
        if path.is_dir() and not path.is_symlink():
            shutil.rmtree(path)
        else:
            path.unlink()
        return True
    return False
