"""How much a file or folder takes; no link is followed."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

from core.base.types import Progress, no_progress

MOST_FILES = 500_000  # that are counted


def measure(path: Path, progress: Progress = no_progress) -> tuple[int, int, float]:
    """Bytes, files, and the time of the last writing; a file with two names counts once."""
    size, files, written = 0, 0, 0.0
    seen: set[tuple[int, int]] = set()
    for stat in _stats(path):
        files += 1
        if files % 1_000 == 0:
            progress(0, 0, "files measured")
        if files > MOST_FILES:
            break
        written = max(written, stat.st_mtime)
        if stat.st_nlink > 1:
            if (stat.st_dev, stat.st_ino) in seen:
                continue
            seen.add((stat.st_dev, stat.st_ino))
        size += stat.st_size
    return size, files, written


def inside(folder: Path) -> list[Path]:
    """What lies in a folder; nothing where it cannot be read."""
    try:
        return list(folder.iterdir())
    except OSError:
        return []


def is_link(path: Path) -> bool:
    """Whether a path is a link, or on Windows a junction."""
    try:
        return path.is_symlink() or bool(getattr(path.lstat(), "st_reparse_tag", 0))
    except OSError:
        return False


def _stats(path: Path) -> Iterator[os.stat_result]:
    """What the system says of each file in a folder, or of the file itself."""
    try:
        stat = path.lstat()
        if not path.is_dir() or is_link(path):
            yield stat
            return
        with os.scandir(path) as entries:
            found = [Path(entry.path) for entry in entries]
    except OSError:  # gone meanwhile, or not ours to read
        return
    for inner in found:
        yield from _stats(inner)
