"""Galleries that are here: OpenMoji, and those a person brought.

A brought gallery is a folder of the data home with ``about.json`` and its pictures, in a ZIP
archive or a Parquet file whose SHA-256 is in ``about.json``; or with the path of a folder of this
computer, whose pictures are read where they are. A public set that was downloaded is kept alike.
"""

from __future__ import annotations

import json
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from core.base.errors import (
    NOT_AS_WRITTEN,
    DamagedError,
    InputError,
    StorageError,
    counted,
    shorten,
)
from core.base.reasons import reason_of
from core.base.types import Progress, no_progress
from core.images import openmoji, sources, tars, uploads
from core.images.gallery import Gallery, Skipped
from core.images.public import catalog
from core.images.sources import Choice
from core.images.uploads import ARCHIVE, PARQUET, VECTORS
from core.readers import isolated, webdataset
from core.readers.picture_parquet import join_picture_tables
from core.storage import data_home

OPENMOJI = openmoji.NAME
FOLDER, ABOUT, LICENCE = "galleries", "about.json", "LICENSE.txt"


@dataclass(frozen=True, slots=True)
class GalleryEntry:
    """A gallery in the list.

    Attributes:
        digest: stands for its pictures and all that is written with them.
        folder: of the data home; ``None`` for OpenMoji.
        path: of a folder of this computer that is read where it is.
        table: the file that names the pictures of an archive, where there is one.
        public: the name of the public set that it is, or a part of.
        left_out: what the source names and could not be fetched.
        choice: how it is read, as a person said when it was brought.
    """

    name: str
    about: str
    digest: str
    folder: Path | None = None
    path: Path | None = None
    table: str = ""
    public: str = ""
    left_out: tuple[Skipped, ...] = ()
    choice: Choice = sources.DEFAULT


@dataclass(frozen=True, slots=True)
class Brought:
    """A gallery that was kept, and what of the files was not."""

    entry: GalleryEntry
    skipped: tuple[Skipped, ...]


def list_galleries() -> list[GalleryEntry]:
    """OpenMoji, then the brought ones by name. A damaged one has no digest."""
    return [_openmoji()] + [
        _own_entry(folder) for folder in sorted(_home().glob("[!.]*")) if folder.is_dir()
    ]


def languages() -> tuple[str, ...]:
    """Codes of the languages that OpenMoji's captions are in."""
    return openmoji.languages()


def load(entry: GalleryEntry, language: str = "en", choice: Choice | None = None) -> Gallery:
    """The gallery of an entry, read as was chosen when it was brought, or as ``choice`` says.

    Raises:
        StorageError: it cannot be read, or is not what was written.
        InputError: its pictures cannot be used.
    """
    if entry.folder is None:
        return sources.load_gallery(entry.name, language, choice or entry.choice)
    if not entry.digest:
        raise _damaged(entry.name, entry.about)
    gallery = _load_own(entry, entry.folder, choice)
    known = catalog.find_set(entry.public)
    return replace(
        gallery,
        name=entry.name,
        attribution=f"{known.title}. Licence: {known.licence}" if known else "",
        skipped=(*gallery.skipped, *entry.left_out),
    )


def _load_own(entry: GalleryEntry, folder: Path, choice: Choice | None) -> Gallery:
    chosen = entry.choice if choice is None else choice
    if choice is not None:
        vectors = choice.vectors or entry.choice.vectors
        chosen = replace(choice, vectors=vectors, boxes=choice.boxes or entry.choice.boxes)
    if entry.path is not None:
        return sources.from_path(entry.path, chosen)
    parts = [PARQUET] if (folder / PARQUET).exists() else [ARCHIVE]
    parts += [entry.table] if entry.table else []
    array = next((name for name in VECTORS if (folder / name).exists()), "")
    parts += [array] if array else []
    with data_home.storage_errors("read", folder):
        found = data_home.digest_bytes(*(folder / part for part in parts))
    if found != entry.digest:
        raise _damaged(entry.name, "its files are not what was written")
    return sources.from_parts(folder, parts, chosen)


def import_files(
    name: str,
    files: Sequence[tuple[str, bytes]],
    progress: Progress = no_progress,
    choice: Choice = sources.DEFAULT,
) -> Brought:
    """Keeps uploaded files as a gallery: a Parquet file, a ZIP archive, or pictures.

    With an archive or pictures, a CSV or TSV that names them may come along. What is none of these
    is skipped, and told.

    Raises:
        InputError: there is no picture among them, or they cannot be used together.
        Cancelled: by ``progress``.
    """
    with isolated.folder_with({}) as folder:
        parts, table, skipped = _parts(files, folder, progress)
        return _keep_upload(name, files, parts, table, skipped, choice, progress)


Files = Sequence[tuple[str, bytes]]
Parts = Mapping[str, bytes | Path]


def _parts(
    files: Files, folder: Path, progress: Progress
) -> tuple[Parts, str, tuple[Skipped, ...]]:
    """As ``uploads.sort_files``; tar archives, and several Parquet files, are made one first."""
    several = [
        kind
        for kind in (webdataset.ENDINGS, uploads.PARQUETS)
        if all(name.lower().endswith(kind) for name, _ in files)
    ]
    if not files or not several or (len(files) == 1 and several[0] == uploads.PARQUETS):
        return uploads.sort_files(files)
    paths = []
    with data_home.storage_errors("write", folder):
        for number, (_, data) in enumerate(files):
            paths.append(folder / f"{number}")
            paths[-1].write_bytes(data)
    if several[0] == uploads.PARQUETS:
        return {PARQUET: join_picture_tables(paths, folder, {}, progress)}, "", ()
    packed = webdataset.repack(paths, folder, progress, [name for name, _ in files])
    skipped = tuple(Skipped(one, why) for one, why in packed.left_out)
    if packed.table is None:
        return {ARCHIVE: packed.archive}, "", skipped
    table = f"{uploads.TABLE}{packed.table.suffix}"
    return {ARCHIVE: packed.archive, table: packed.table}, table, skipped


def _keep_upload(  # noqa: PLR0913, PLR0917
    name: str,
    files: Files,
    parts: Parts,
    table: str,
    skipped: tuple[Skipped, ...],
    choice: Choice,
    progress: Progress,
) -> Brought:
    try:
        return Brought(_keep(name, parts, table, choice=choice, progress=progress), skipped)
    except InputError as error:
        raise uploads.in_own_names(error, files) from error


def link_folder(
    text: str, progress: Progress = no_progress, choice: Choice = sources.DEFAULT
) -> GalleryEntry:
    """As ``link``, its entry alone."""
    return link(text, progress, choice)[0]


def link(
    text: str, progress: Progress = no_progress, choice: Choice = sources.DEFAULT
) -> tuple[GalleryEntry, Gallery]:
    """Adds a folder of this computer (or a CSV or Parquet file in one), read where it is.

    Raises:
        InputError: there is none, or it holds no pictures.
        Cancelled: by ``progress``.
    """
    path = data_home.given_path(text)
    if not path.exists():
        raise InputError(
            f"There is no folder “{shorten(text)}” on this computer.",
            "The path of a folder, ZIP archive, Parquet file or CSV is needed.",
            "Check it.",
        )
    path = path.resolve()
    for entry in list_galleries():
        if entry.path == path and entry.choice == choice:
            return _read_again(entry, path, progress)
    gallery = sources.from_path(path, choice, progress)
    # The token makes a new entry of each reading: what was read before may have changed.
    about = {"format": 1, "path": str(path), "read": secrets.token_hex(8), "count": len(gallery)}
    about |= _kept_choice(choice)
    folder = _home() / _distinct(data_home.safe_name(path.stem))
    with data_home.write_folder(folder, exclusive=True) as beside:
        (beside / ABOUT).write_text(json.dumps(about, indent=1), encoding="utf-8")
    return _own_entry(folder), gallery


def read_again(entry: GalleryEntry, progress: Progress = no_progress) -> GalleryEntry:
    """A linked gallery as its folder is now.

    Raises:
        InputError: it is not linked, so there is no folder to read again.
        Cancelled: by ``progress``.
    """
    if entry.folder is None or entry.path is None:
        raise InputError(f"{entry.name} is kept as it was.", "", "")
    return _read_again(entry, entry.path, progress)[0]


def _read_again(
    entry: GalleryEntry, path: Path, progress: Progress
) -> tuple[GalleryEntry, Gallery]:
    folder = _home() / entry.name
    gallery = sources.from_path(path, entry.choice, progress)
    about = json.loads((folder / ABOUT).read_bytes())
    about |= {"read": secrets.token_hex(8), "count": len(gallery)}
    data_home.write_file(folder / ABOUT, json.dumps(about, indent=1).encode())
    return _own_entry(folder), gallery


def remove(entry: GalleryEntry) -> None:
    """Forgets a brought gallery; what was kept of it is deleted, a linked folder is not.

    Raises:
        InputError: it comes with the app.
    """
    if entry.folder is None:
        raise InputError(f"{entry.name} comes with the app.", "It stays.", "")
    data_home.delete(entry.folder)
    if entry.path is not None:
        tars.forget(entry.path)


def keep_public(
    known: catalog.PublicSet,
    parts: Mapping[str, Path],
    table: str = "",
    left_out: Sequence[Skipped] = (),
    progress: Progress = no_progress,
) -> GalleryEntry:
    """Keeps a public set that was fetched, its files by their names in a gallery's folder.

    Raises:
        InputError: it holds no pictures.
        StorageError: it cannot be written.
    """
    listed = [[one.id, one.reason] for one in left_out]
    more = {"public": known.name, "left_out": listed}
    return _keep(known.name, parts, table, more, progress)


def keep_fetched(
    name: str,
    parts: Mapping[str, Path],
    table: str,
    left_out: Sequence[Skipped],
    progress: Progress = no_progress,
) -> GalleryEntry:
    """Keeps pictures that were fetched as a table names them; as ``keep_public``."""
    listed = [[one.id, one.reason] for one in left_out]
    return _keep(name, parts, table, {"left_out": listed}, progress)


def _keep(  # noqa: PLR0913, PLR0917
    name: str,
    parts: Mapping[str, bytes | Path],
    table: str,
    more: Mapping[str, object] | None = None,
    progress: Progress = no_progress,
    choice: Choice = sources.DEFAULT,
) -> GalleryEntry:
    """Writes the files and opens them once, so that nothing useless is kept."""
    searched = [part for part in parts if part != LICENCE]
    with data_home.storage_errors("read", _home()):
        digest = data_home.digest_bytes(*(parts[part] for part in searched))
    for entry in list_galleries():
        if entry.digest == digest and entry.choice == choice:
            return entry
    folder = _home() / _distinct(data_home.safe_name(name))
    with data_home.write_folder(folder, exclusive=True) as beside:
        for file, data in parts.items():
            data_home.put(beside / file, data)
        gallery = sources.from_parts(beside, searched, choice, progress)
        about = {"format": 1, "sha256": digest, "count": len(gallery), "table": table}
        about_file = json.dumps(about | _kept_choice(choice) | dict(more or {}), indent=1)
        (beside / ABOUT).write_text(about_file, encoding="utf-8")
    return _own_entry(folder)


def _distinct(stem: str) -> str:
    return data_home.distinct_name(stem, {entry.name for entry in list_galleries()}, "{}-{}")


def _damaged(name: str, reason: str) -> StorageError:
    return DamagedError(
        f"The gallery {shorten(name)} is damaged: {shorten(reason, 100)}.",
        "",
        "Remove it and upload it again.",
    )


def _home() -> Path:
    return data_home.data_home() / FOLDER


def _openmoji() -> GalleryEntry:
    about = f"{len(openmoji.list_emoji()):,} emoji with captions in {len(openmoji.languages())} "
    version = openmoji.version()
    return GalleryEntry(
        openmoji.NAME,
        f"{about}languages. {openmoji.ATTRIBUTION}",
        data_home.digest_bytes(version.encode()),
    )


def _kept_choice(choice: Choice) -> dict[str, object]:
    """What ``_choice_of`` reads; nothing where nothing was chosen."""
    return {} if choice == sources.DEFAULT else {"choice": asdict(choice)}


def _choice_of(about: Mapping[str, Any]) -> Choice:
    """How a gallery is read, as it is kept; raises as for what is not as it was written."""
    kept = about.get("choice", {})
    captions = kept.get("captions")
    return Choice(
        None if captions is None else str(captions),
        str(kept.get("vectors", "")),
        boxes=bool(kept.get("boxes", False)),
    )


def _own_entry(folder: Path) -> GalleryEntry:
    try:
        with data_home.storage_errors("read", folder / ABOUT):
            found = json.loads((folder / ABOUT).read_bytes())
        pictures = counted(int(found["count"]), "picture")
        if "path" in found:
            path = Path(str(found["path"]))
            digest = data_home.digest_bytes(*data_home.as_bytes([str(path), str(found["read"])]))
            about = f"Your own: {pictures}, read in {path}."
            choice = _choice_of(found)
            return GalleryEntry(folder.name, about, digest, folder, path, choice=choice)
        known = catalog.find_set(str(found.get("public", "")))
        about = f"Your own: {pictures}."
        if known:
            about = f"{known.title}: {pictures}. Licence: {known.licence}"
        return GalleryEntry(
            folder.name,
            about,
            str(found["sha256"]),
            folder,
            table=str(found["table"]),
            public=known.name if known else "",
            left_out=tuple(Skipped(str(i), str(why)) for i, why in found.get("left_out", ())),
            choice=_choice_of(found),
        )
    except (StorageError, *NOT_AS_WRITTEN) as error:
        return GalleryEntry(folder.name, f"Damaged: {reason_of(error)}.", "", folder)
