"""The pictures that were made, PNGs with their records in the data home; the oldest go first."""

from __future__ import annotations

import re
import time
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from core.base.errors import DamagedError, InputError, PictureError
from core.generation import png_metadata
from core.generation.png_metadata import Record
from core.generation.request import Generated
from core.storage import data_home

_DIGITS = 8  # of a picture's SHA-256, in its name
LIMIT = 500_000_000  # bytes
_NAME = re.compile(r"[0-9]{8}-[0-9]{6}-[0-9]{6}-[0-9a-f]{8}\.png")


@dataclass(frozen=True, slots=True)
class Item:
    """A picture of the history, and when it was made."""

    path: Path
    made: str
    size: int

    @property
    def id(self) -> str:
        """Its name without the ending; also names it in formulas."""
        return self.path.stem


def folder() -> Path:
    """Where they are."""
    return data_home.data_home() / "history"


def keep(generated: Generated, *, limit: int = LIMIT) -> Item:
    """Writes a picture, and removes the oldest where all together exceed ``limit`` bytes.

    Raises:
        StorageError: it cannot be written.
    """
    item = place(generated)
    data_home.write_file(item.path, png_metadata.to_png(generated))
    _forget_oldest(limit)
    return _item(item.path)


def place(generated: Generated) -> Item:
    """Where a picture would be kept now."""
    data = png_metadata.to_png(generated)
    now = time.time_ns() // 1000
    stamp = time.strftime("%Y%m%d-%H%M%S", time.gmtime(now // 1_000_000))
    path = folder() / f"{stamp}-{now % 1_000_000:06}-{data_home.sha256(data)[:_DIGITS]}.png"
    return Item(path, _made(path), len(data))


def list_items() -> list[Item]:
    """All of them, the newest first."""
    if not folder().is_dir():
        return []
    names = sorted((path.name for path in folder().iterdir()), reverse=True)
    return [_item(folder() / name) for name in names if _NAME.fullmatch(name)]


def find(name: str) -> Item | None:
    """The picture with this id; a name that is none of ours finds nothing."""
    if not _NAME.fullmatch(f"{name}.png"):  # before it is part of a path: it may come from a link
        return None
    path = folder() / f"{name}.png"
    return _item(path) if path.is_file() else None


def read(item: Item) -> bytes:
    """A picture's bytes.

    Raises:
        StorageError: it is gone or cannot be read.
        DamagedError: it is not what was written.
    """
    with data_home.storage_errors("read", item.path):
        data = item.path.read_bytes()
    if data_home.sha256(data)[:_DIGITS] != item.path.stem[-_DIGITS:]:
        raise DamagedError(
            f"The picture {item.id} of the history is damaged.",
            "It must be as it was written.",
            "Remove it, and generate it again.",
        )
    return data


@lru_cache(maxsize=256)  # a name holds its picture's digest, so what it tells never changes
def _record(path: Path) -> Record | None:
    try:
        return png_metadata.read_record(read(_item(path)), path.name)
    except (InputError, PictureError):
        return None  # written by another version: still a picture


def record(item: Item) -> Record | None:
    """The settings in a picture; ``None`` where they cannot be used.

    Raises:
        StorageError: it is gone or cannot be read.
    """
    return _record(item.path)


def remove(item: Item) -> None:
    """Deletes a picture.

    Raises:
        StorageError: it cannot be deleted.
    """
    with data_home.storage_errors("delete", item.path):
        item.path.unlink(missing_ok=True)


def _item(path: Path) -> Item:
    try:
        size = path.stat().st_size
    except OSError:
        size = 0  # another session removed it
    return Item(path, _made(path), size)


def _made(path: Path) -> str:
    stamp = path.name
    return f"{stamp[:4]}-{stamp[4:6]}-{stamp[6:8]} {stamp[9:11]}:{stamp[11:13]} UTC"


def _forget_oldest(limit: int) -> None:
    total = 0
    for number, item in enumerate(list_items()):
        total += item.size
        if number and total > limit:  # the newest stays, however large
            remove(item)
