"""WebDataset's tar archives as a ZIP archive of pictures and a table of what is said of each.

The files of a sample have one path up to the first dot of their names: ``12.jpg``, ``12.cls``,
``12.txt``, ``12.json`` (https://github.com/webdataset/webdataset). A tar of pictures alone has no
table.
"""

from __future__ import annotations

import json
import zipfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from typing import Any

from core.base.errors import PictureError, shorten
from core.base.types import Progress
from core.readers import isolated
from core.readers.archives import PackedError, TarFile, is_stream, tar_files, unusable
from core.readers.picture_archives import MAX_TOTAL, add_picture
from core.readers.picture_folders import MAX_BYTES, MAX_FILES, SUFFIXES, reason_by_name
from core.readers.table_columns import cell_text

ENDINGS = (".tar", ".tar.gz", ".tgz", ".tar.bz2", ".tar.xz")
FILE, TABLE = "file_name", "table.jsonl"
_TEXTS = {
    "txt": "caption",
    "caption": "caption",
    "text": "caption",
    "cls": "class",
    "label": "class",
}
_MAX_SAID = 1_000_000  # bytes of a file beside a picture
_NAMED = 1_000  # files that are left out by name


@dataclass(frozen=True, slots=True)
class Repacked:
    """A ZIP archive, its table if there is more than pictures, and what is in neither."""

    archive: Path
    table: Path | None
    left_out: tuple[tuple[str, str], ...]


@dataclass(slots=True)
class _Sample:
    """The pictures of one key, and what is said of them."""

    pictures: list[str] = field(default_factory=list)
    said: dict[str, Any] = field(default_factory=dict)


def is_tar(name: str) -> bool:
    """Whether a file is a tar archive by its name."""
    return name.lower().endswith(ENDINGS)


def repack(
    paths: Sequence[Path], folder: Path, progress: Progress, names: Sequence[str] = ()
) -> Repacked:
    """The samples of tar archives, in files of ``folder`` that a child process writes.

    Args:
        names: what the archives are called, where their files are called otherwise.

    Raises:
        PictureError: one is damaged, or they hold no picture.
        Cancelled: by ``progress``.
    """
    called = list(names) or [path.name for path in paths]
    answer = isolated.run(
        f"{__name__}:repack_in_child",
        {
            "paths": [str(path.absolute()) for path in paths],
            "names": called,
            "folder": str(folder.absolute()),
        },
        name=called[0],
        limits=isolated.limits_for(sum(path.stat().st_size for path in paths)),
        progress=progress,
        error=PictureError,
    )
    table = folder / TABLE if answer["table"] else None
    left_out = tuple((str(one), str(why)) for one, why in answer["left_out"])
    return Repacked(folder / "pictures.zip", table, left_out)


def repack_in_child(
    paths: list[str], names: list[str], folder: str, progress: Progress
) -> dict[str, Any]:
    """What ``repack`` has a child do.

    Raises:
        PictureError: as ``repack``.
    """
    with zipfile.ZipFile(Path(folder) / "pictures.zip", "w", zipfile.ZIP_STORED) as archive:

        def put(name: str, file: TarFile, _: Archive) -> None:
            add_picture(archive, name, file.read())

        given = [Archive(Path(path), name) for path, name in zip(paths, names, strict=True)]
        return sort_files(given, put, Path(folder), progress)


@dataclass(frozen=True, slots=True)
class Archive:
    """A tar archive, and what it is called."""

    path: Path
    name: str

    @property
    def packed(self) -> bool:
        """Whether its bytes must be unpacked before they are a tar archive."""
        with self.path.open("rb") as stream:
            return is_stream(stream.read(16))


Put = Callable[[str, TarFile, Archive], None]


def sort_files(
    archives: Sequence[Archive], put: Put, folder: Path, progress: Progress
) -> dict[str, Any]:
    """Sorts the files of tar archives into pictures and what is said of them; for a child process.

    Args:
        put: takes each picture by its name, while its file can be read.
        folder: ``table.jsonl`` is written to it, where more than pictures is known.

    Returns:
        whether there is a ``table``, and what is ``left_out`` by name and reason.

    Raises:
        PictureError: one is damaged, or they hold no picture.
    """
    samples: dict[str, _Sample] = {}
    left_out: list[list[str]] = []
    taken: set[str] = set()
    for archive in archives:
        # Keys are of their archive: two may count from 0.
        within = "" if len(archives) == 1 else f"{archive.name.split('.')[0]}/"
        _add(archive, within, put, _Sorting(samples, left_out, taken), progress)
    shown = [sample for sample in samples.values() if sample.pictures]
    if not shown:
        raise PictureError(
            f"“{shorten(archives[0].name)}” holds no pictures.",
            f"Files ending in {', '.join(sorted(SUFFIXES))} are looked for.",
            "Choose another archive.",
        )
    left_out += [
        [key, "it has no picture"] for key, sample in samples.items() if not sample.pictures
    ]
    columns = dict.fromkeys(column for sample in shown for column in sample.said)
    if columns:
        with (folder / TABLE).open("w", encoding="utf-8") as table:
            for sample in shown:
                row = {column: sample.said.get(column) for column in columns}
                for picture in sample.pictures:
                    line = json.dumps({FILE: picture} | row)
                    table.write(f"{line}\n")
    total = len(left_out)
    if total > _NAMED:
        left_out[_NAMED:] = [[f"{total - _NAMED:,} more", "as those before"]]
    return {"table": bool(columns), "left_out": left_out}


@dataclass(slots=True)
class _Sorting:
    """What was found so far: samples by their keys, files that are left out, pictures' names."""

    samples: dict[str, _Sample]
    left_out: list[list[str]]
    taken: set[str]


def _add(archive: Archive, within: str, put: Put, found: _Sorting, progress: Progress) -> None:
    """The files of one tar archive."""
    taken, left_out = found.taken, found.left_out
    try:
        for file in tar_files(archive.path, MAX_TOTAL):
            parts = PurePosixPath(file.name).parts
            if not parts or parts == ("/",):
                left_out.append([file.name, "it has no name"])
                continue
            if ".." in parts:
                left_out.append([file.name, "its path leads out of the archive"])
                continue
            if any(part.startswith(".") and part != "." for part in parts):
                continue  # hidden, as systems add
            name = f"{within}{PurePosixPath(file.name.lstrip('/'))}"
            reason = _take(file, name, lambda n, f: put(n, f, archive), found)
            progress(len(taken), max(len(taken), 1), "pictures unpacked")
            if reason:
                left_out.append([name, reason])
            if len(taken) > MAX_FILES:
                raise PictureError(
                    f"“{shorten(archive.name)}” holds more than {MAX_FILES:,} pictures.",
                    f"At most {MAX_FILES:,} are read.",
                    "Choose fewer archives.",
                )
    except PackedError as error:
        whole = "A whole tar archive is needed."
        raise unusable(PictureError, archive.name, error, whole) from error


def _take(file: TarFile, name: str, put: Callable[[str, TarFile], None], found: _Sorting) -> str:
    """Puts a file where it belongs; why it is left out, if it is."""
    stem, _, ending = PurePosixPath(name).name.partition(".")
    sample = found.samples.setdefault(str(PurePosixPath(name).with_name(stem or name)), _Sample())
    if PurePosixPath(name).suffix.lower() in SUFFIXES:
        if name in found.taken:
            return "an earlier file of the archive has the same name"
        if file.size > MAX_BYTES:
            return f"it has {file.size:,} bytes; at most {MAX_BYTES:,} are read"
        put(name, file)
        found.taken.add(name)
        sample.pictures.append(name)
        return ""
    return _say(file, name, ending.lower(), sample)


def _say(file: TarFile, name: str, kind: str, sample: _Sample) -> str:
    """Adds what a file beside a picture says of it; why it says nothing, if so."""
    if kind not in _TEXTS and kind != "json":
        return reason_by_name(name)
    if file.size > _MAX_SAID:
        return f"it has {file.size:,} bytes; at most {_MAX_SAID:,} are read"
    text = file.read().decode("utf-8", "replace").strip()
    if kind in _TEXTS:
        sample.said[_TEXTS[kind]] = text
        return ""
    try:
        found = json.loads(text)
    except (ValueError, RecursionError):
        return "it is no whole JSON"
    if not isinstance(found, dict):
        return "it is no JSON object"
    sample.said = {cell_text(key): value for key, value in found.items()} | sample.said
    sample.said.pop(FILE, None)
    return ""
