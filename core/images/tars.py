"""Pictures of tar archives of this computer, read where they lie: an index says where each begins.

What an archive holds is found once and kept in the data home; of a packed one its pictures are kept
there as well, since none can be read without those before it. When an archive has changed, by its
time, its size or its place on the disk, it is read again.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from core.base.errors import NOT_AS_WRITTEN, PictureError, StorageError, shorten
from core.base.types import Progress
from core.readers import isolated, webdataset
from core.readers.archives import TarFile
from core.readers.picture_folders import PictureFiles
from core.readers.webdataset import Archive
from core.spaces.vector_store import item_digest
from core.storage import data_home

FOLDER = "archives"
_INDEX, _PICTURES = "index.json", "pictures"
_FORMAT = 1


@dataclass(frozen=True, slots=True)
class Opened:
    """The pictures of tar archives.

    Attributes:
        digests: of each picture's bytes, in the order of ``files``.
        table: JSON Lines of what is said of them, by their names; ``None`` where nothing is.
        left_out: files that are in neither, with the reasons.
    """

    files: PictureFiles
    digests: list[bytes]
    table: bytes | None
    left_out: tuple[tuple[str, str], ...]


def open_tars(source: Path, paths: Sequence[Path], progress: Progress) -> Opened:
    """The pictures of the archives at ``paths``, which the person named as ``source``.

    Raises:
        PictureError: one is damaged, or they hold no picture.
        Cancelled: by ``progress``.
    """
    folder, stamps = _folder(source), _stamps(paths)
    with suppress(StorageError, *NOT_AS_WRITTEN):
        return _load(folder, paths, stamps)
    try:
        data_home.delete(folder)  # of the archives as they were
        with data_home.write_folder(folder) as beside:
            _index(paths, stamps, beside, progress)
        return _load(folder, paths, stamps)
    except (StorageError, *NOT_AS_WRITTEN):  # a full or read-only disk: for as long as it is open
        place = TemporaryDirectory(prefix="archive-")
        _index(paths, stamps, Path(place.name), progress)
        return _load(Path(place.name), paths, stamps, place)


def forget(source: Path) -> None:
    """Deletes what is kept of the archives that were named as ``source``, if anything is."""
    data_home.delete(_folder(source))


def _folder(source: Path) -> Path:
    path = str(source.resolve())
    digest = data_home.digest_bytes(*data_home.as_bytes([path]))
    return data_home.data_home() / FOLDER / f"{data_home.safe_name(source.name)}-{digest[:16]}"


def _stamps(paths: Sequence[Path]) -> list[list[Any]]:
    return [[str(path.resolve()), *(data_home.stamp(path) or ())] for path in paths]


def _index(
    paths: Sequence[Path], stamps: list[list[Any]], folder: Path, progress: Progress
) -> None:
    """Writes what a child process finds in the archives."""
    answer = isolated.run(
        f"{__name__}:index_in_child",
        {"paths": [str(path.absolute()) for path in paths], "folder": str(folder.absolute())},
        name=paths[0].name,
        limits=isolated.limits_for(sum(path.stat().st_size for path in paths)),
        progress=progress,
        error=PictureError,
    )
    told = json.dumps(answer | {"format": _FORMAT, "stamps": stamps})
    with data_home.storage_errors("write", folder):
        (folder / _INDEX).write_text(told, encoding="utf-8")


def index_in_child(paths: list[str], folder: str, progress: Progress) -> dict[str, Any]:
    """What ``open_tars`` has a child do: where each picture begins, its size and its digest.

    Raises:
        PictureError: as ``open_tars``.
    """
    archives = [Archive(Path(path), Path(path).name) for path in paths]
    places = {archive.path: at for at, archive in enumerate(archives) if not archive.packed}
    found: list[tuple[str, int, int, int, str]] = []
    with (Path(folder) / _PICTURES).open("wb") as unpacked:

        def put(name: str, file: TarFile, archive: Archive) -> None:
            data = file.read()
            at, offset = places.get(archive.path, -1), file.offset
            if at < 0:
                offset = unpacked.tell()
                unpacked.write(data)
            found.append((name, at, offset, len(data), item_digest(data).hex()))

        told = webdataset.sort_files(archives, put, Path(folder), progress)
    return told | {"pictures": sorted(found)}


def _load(
    folder: Path,
    paths: Sequence[Path],
    stamps: list[list[Any]],
    place: TemporaryDirectory[str] | None = None,
) -> Opened:
    """What was kept of the archives as they are now.

    Args:
        place: the folder, where it is deleted with the last picture.

    Raises:
        StorageError, ValueError: it cannot be read, or is of other archives.
    """
    with data_home.storage_errors("read", folder):
        told = json.loads((folder / _INDEX).read_bytes())
        table = (folder / webdataset.TABLE).read_bytes() if told["table"] else None
    if told["format"] != _FORMAT or told["stamps"] != stamps:
        raise ValueError("it is of other archives")
    files: list[Path] = [*paths, folder / _PICTURES]
    spans = [(files[at], int(begin), int(size)) for _, at, begin, size, _ in told["pictures"]]
    ids = [str(one[0]) for one in told["pictures"]]

    def read(number: int, _place: object = place) -> bytes:
        path, begin, size = spans[number]
        try:
            with path.open("rb") as stream:
                stream.seek(begin)
                data: bytes = stream.read(size)
        except OSError as error:
            raise _gone(ids[number]) from error
        if len(data) < size:
            raise _gone(ids[number])
        return data

    return Opened(
        PictureFiles(ids, read),
        [bytes.fromhex(one[4]) for one in told["pictures"]],
        table,
        tuple((str(name), str(why)) for name, why in told["left_out"]),
    )


def _gone(name: str) -> PictureError:
    return PictureError(
        f"“{shorten(name)}” is no more where it was in its archive.",
        "The archive must stay as it was when the gallery was opened.",
        "Read it again.",
    )
