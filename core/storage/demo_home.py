"""The data home of a demo: what may be written there at all, and what is deleted after a day."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

from core.base import demo
from core.base.errors import StorageError

# Computed from what ships with the app: kept, or the first visitor of each day would wait.
_SHIPPED = ("vocabularies", "networks", "locks")
# Computed from what anybody typed or dropped, or found again by a browser's own id.
_PASSING = (
    *("texts", "pictures", "thumbnails", "maps", "indexes", "exports", "reports"),
    *("shelves", "dropped", "lessons", "selections"),
)


def require_kept(target: Path, home: Path) -> None:
    """Passes where a demo may write ``target``, or this is none.

    All that people add to the app lies in other folders of the data home: datasets, galleries,
    graphs, models, pictures of the history, tags, downloads.

    Raises:
        StorageError: it may not.
    """
    if not demo.is_on() or home not in target.parents:
        return
    if target.relative_to(home).parts[0] not in (*_SHIPPED, *_PASSING):
        raise StorageError(
            "This demo keeps nothing.",
            "What is added to the app needs a data folder of one's own.",
            "Run the app on your own computer: it is one command.",
        )


def expire(home: Path) -> int:
    """Deletes what visits left more than ``demo.HOURS`` ago; how many files. Nothing in no demo."""
    if not demo.is_on():
        return 0
    oldest, count = time.time() - demo.HOURS * 3600, 0
    for path in _passing(home):
        with suppress(OSError):  # another time, then
            if path.is_dir() and not path.is_symlink():
                path.rmdir()  # where it is empty by now
            elif path.lstat().st_mtime < oldest:
                path.unlink()
                count += 1
    return count


def _passing(home: Path) -> Iterator[Path]:
    """Files and folders below the folders that pass, the deepest first; no link is followed."""
    for name in _PASSING:
        for place, folders, files in os.walk(home / name, topdown=False):
            yield from (Path(place, file) for file in files if file != ".lock")
            yield from (Path(place, folder) for folder in folders)
