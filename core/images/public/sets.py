"""Public sets of pictures by name: what is here, and fetching the others as galleries."""

from __future__ import annotations

import shutil
import zipfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from urllib.parse import urlsplit

from core.base.memory import format_bytes
from core.base.types import Progress, no_progress
from core.images import galleries
from core.images.galleries import LICENCE, Brought, GalleryEntry
from core.images.public import wga
from core.images.public.catalog import PublicSet, Way
from core.images.public.wga_catalogue import Wanted
from core.images.uploads import ARCHIVE, PARQUET
from core.readers import picture_archives
from core.readers.archives import PackedError, Zip
from core.readers.picture_folders import MAX_BYTES
from core.readers.picture_parquet import join_picture_tables
from core.storage import data_home, downloads, hub
from core.storage.downloads import Host, RemoteFile

FOLDER, FILES = "downloads", "files"


def galleries_of(known: PublicSet) -> list[GalleryEntry]:
    """The galleries that are this set, or parts of it; damaged ones are not counted."""
    entries = galleries.list_galleries()
    return [entry for entry in entries if entry.public == known.name and entry.digest]


def size(known: PublicSet) -> str:
    """What a download takes, for a person."""
    return format_bytes(known.size) if known.size else "as many as you choose"


def state(known: PublicSet) -> str:
    """``here`` or ``needs download (size)``."""
    if galleries_of(known):
        return "here"
    return f"needs download ({size(known)})"


def download(
    known: PublicSet, progress: Progress = no_progress, wanted: Wanted | None = None
) -> Brought:
    """A public set as a gallery, fetched if it is not here; ``wanted`` of one picture by picture.

    After an error or a cancel the next call goes on from what was fetched.

    Raises:
        InputError: the set is not there any more, or holds what cannot be used.
        ServiceError: the place that it comes from is out of reach, or sent what is damaged.
        StorageError: it cannot be written.
        NotReadyError: another process is fetching it.
        Cancelled: by ``progress``.
    """
    place = data_home.data_home() / FOLDER / known.name
    with downloads.alone(place, known.title):
        work = place / FILES
        if known.way is Way.PICTURES:
            brought = _by_pictures(known, work, progress, wanted or Wanted())
        elif here := galleries_of(known):
            return Brought(here[0], ())
        elif known.way is Way.HUB:
            brought = _from_hub(known, work, progress)
        else:
            brought = _from_archive(known, work, progress)
        shutil.rmtree(work, ignore_errors=True)
    return brought


def _from_hub(known: PublicSet, work: Path, progress: Progress) -> Brought:
    paths = hub.download_tables(known.source, known.files, progress)
    with data_home.storage_errors("write", work):
        work.mkdir(parents=True, exist_ok=True)
        classes = {known.labels[0]: known.classes} if known.classes else {}
        table = join_picture_tables(paths, work, classes, progress)
    entry = galleries.keep_public(known, {PARQUET: table}, progress=progress)
    for path in paths:  # the gallery has its own; what a link leads to may be the person's
        if data_home.data_home() in path.resolve().parents:
            path.unlink(missing_ok=True)
    return Brought(entry, ())


def _from_archive(known: PublicSet, work: Path, progress: Progress) -> Brought:
    file = RemoteFile("archive", known.size, known.sha256, known.source)
    with downloads.opened(Host(known.title, urlsplit(known.source).netloc)) as host:
        host.fetch([file], work, progress)
    parts = {ARCHIVE: work / ARCHIVE, LICENCE: work / LICENCE}
    with data_home.storage_errors("write", work):
        licence = picture_archives.repack(
            work / file.path, parts[ARCHIVE], known.pictures, progress
        )
        parts[LICENCE].write_bytes(licence)
    return Brought(galleries.keep_public(known, parts, progress=progress), ())


def _by_pictures(known: PublicSet, work: Path, progress: Progress, wanted: Wanted) -> Brought:
    with _pictures_here(known) as pictures:

        def held(file: str) -> bytes | None:
            with suppress(KeyError, PackedError):  # then it is fetched
                archive, member = pictures[file]
                return archive.read(member, MAX_BYTES)
            return None

        fetched = wga.fetch(wanted, work, held, progress)
    entry = galleries.keep_public(known, fetched.parts, fetched.table, fetched.left_out, progress)
    return Brought(entry, fetched.left_out)


@contextmanager
def _pictures_here(known: PublicSet) -> Iterator[dict[str, tuple[Zip, zipfile.ZipInfo]]]:
    """For each picture that an earlier gallery of the set has, that gallery's archive."""
    folders = [entry.folder for entry in galleries_of(known) if entry.folder is not None]
    with ExitStack() as stack:
        pictures: dict[str, tuple[Zip, zipfile.ZipInfo]] = {}
        for folder in folders:
            with suppress(PackedError):
                archive = stack.enter_context(Zip(folder / ARCHIVE))
                pictures |= {one.filename: (archive, one) for one in archive.members}
        yield pictures
