"""Which steps of lessons a browser has done: a small file on the disk, found by the browser's id.

As with saved vectors the file is named by the SHA-256 of the id, so that a look at the disk gives
no id, and it goes some time after its last use.
"""

from __future__ import annotations

import json
import re
import time
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

from core.base.errors import NOT_AS_WRITTEN, StorageError
from core.storage import data_home

FOLDER = "lessons"
DAYS = 90  # how long it is kept after it was last written
_OURS = re.compile(r"[0-9a-f]{64}\.json")
_MOST = 100  # steps of a lesson, whatever a file says


class Progress:
    """The steps done, by lesson; in memory until ``attach`` gives them a place on the disk.

    Attributes:
        trouble: why they could not be read or written; they are then in memory alone.
    """

    def __init__(self) -> None:
        self.done: dict[str, set[int]] = {}
        self.path: Path | None = None
        self.trouble: StorageError | None = None
        self._stamp: data_home.Stamp = None

    def attach(self, browser: str) -> None:
        """Takes the place of the browser with this id; what was done so far is added there."""
        name = f"{data_home.sha256(browser.encode())}.json"
        self.path = data_home.data_home() / FOLDER / name
        expire()
        own = self.done
        self.refresh()
        self._merge(own)
        if own:
            self._write()

    def refresh(self) -> None:
        """Takes over what another tab has done."""
        if self.path is None:
            return
        stamp = data_home.stamp(self.path)
        if stamp is None or stamp == self._stamp:
            return
        self._stamp = stamp
        self._merge(_read(self.path))

    def add(self, lesson: str, step: int) -> None:
        """Notes a step, numbered from 1, as done."""
        if step in self.done.get(lesson, set()):
            return
        self.refresh()
        self._merge({lesson: {step}})
        self._write()

    def clear(self) -> None:
        """Forgets all that was done."""
        self.done = {}
        if self.path is not None:
            with suppress(StorageError):  # it is written anew by the next step
                data_home.delete(self.path)

    def _merge(self, more: Mapping[str, set[int]]) -> None:
        self.done = {
            lesson: self.done.get(lesson, set()) | more.get(lesson, set())
            for lesson in {**self.done, **more}
        }

    def _write(self) -> None:
        if self.path is None:
            return
        listed = {lesson: sorted(steps) for lesson, steps in sorted(self.done.items())}
        try:
            data_home.write_file(self.path, json.dumps(listed).encode())
            self._stamp, self.trouble = data_home.stamp(self.path), None
        except StorageError as error:
            self.trouble = error


def expire() -> None:
    """Deletes files that were not written for ``DAYS`` days."""
    folder = data_home.data_home() / FOLDER
    if not folder.is_dir():
        return
    oldest = time.time() - DAYS * 86_400
    with suppress(OSError):  # what cannot be listed or deleted now is another time
        for path in folder.iterdir():
            if _OURS.fullmatch(path.name) and path.stat().st_mtime < oldest:
                path.unlink()


def _read(path: Path) -> dict[str, set[int]]:
    """What a file says; nothing where it is gone or damaged: the steps can be done again."""
    try:
        found = json.loads(path.read_bytes())
        return {
            str(lesson): {int(step) for step in steps[:_MOST]} for lesson, steps in found.items()
        }
    except (OSError, *NOT_AS_WRITTEN):
        return {}
