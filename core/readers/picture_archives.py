"""Packed archives of folders of pictures, one folder a class, as ZIP archives for a gallery."""

from __future__ import annotations

import zipfile
from collections.abc import Iterable
from pathlib import Path, PurePosixPath

from core.base.errors import PictureError
from core.base.types import Progress
from core.readers.archives import PackedError, tar_files, unusable
from core.readers.picture_folders import MAX_BYTES, SUFFIXES

MAX_TOTAL = 10_000_000_000  # bytes of a whole archive, unpacked
EPOCH = (1980, 1, 1, 0, 0, 0)  # a fixed date: the same pictures give the same archive


def add_picture(archive: zipfile.ZipFile, name: str, data: bytes) -> None:
    """Stores a picture, which is packed already, under its name."""
    archive.writestr(zipfile.ZipInfo(name, EPOCH), data)


def pack(target: Path, pictures: Iterable[tuple[str, Path]]) -> None:
    """An archive of the pictures in some files, by the names that they get in it."""
    with zipfile.ZipFile(target, "w", zipfile.ZIP_STORED) as archive:
        for name, path in pictures:
            add_picture(archive, name, path.read_bytes())


def repack(source: Path, target: Path, count: int, progress: Progress) -> bytes:
    """The pictures of a ``.tgz`` file as a ZIP archive, without the folder that holds them all.

    Args:
        count: how many pictures there should be, for ``progress``.

    Returns:
        what its file LICENSE.txt says, empty where there is none.

    Raises:
        PictureError: it is damaged.
    """
    licence = b""
    try:
        with zipfile.ZipFile(target, "w", zipfile.ZIP_STORED) as archive:
            for file in tar_files(source, MAX_TOTAL):
                name = _inside(file.name)
                if file.size > MAX_BYTES:
                    continue
                if PurePosixPath(name).suffix.lower() in SUFFIXES:
                    add_picture(archive, name, file.read())
                    done = len(archive.filelist)
                    progress(min(done, count), count, "pictures unpacked")
                elif name.upper() == "LICENSE.TXT":
                    licence = file.read()
    except PackedError as error:
        raise unusable(PictureError, source.name, error, remedy="Download it again.") from error
    return licence


def _inside(name: str) -> str:
    """A member's path without its first folder; empty for what is hidden or leads out."""
    parts = PurePosixPath(name).parts
    if name.startswith("/") or any(part.startswith(".") for part in parts):
        return ""
    return "/".join(parts[1:])
