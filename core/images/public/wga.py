"""The Web Gallery of Art: its pictures, fetched one by one as its catalogue names them."""

from __future__ import annotations

import csv
import io
import os
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from core.base.errors import InputError, PictureError, ServiceError, counted, shorten
from core.base.types import Progress
from core.images.gallery import Skipped
from core.images.public.wga_catalogue import MAX_BYTES, Wanted, choose, read_catalogue
from core.images.uploads import ARCHIVE, TABLE
from core.readers.picture_archives import pack
from core.readers.pictures import open_picture
from core.storage import data_home
from core.storage.downloads import Host, opened

VARIABLE = "EMBEDDING_EXPLORER_WGA"  # another address of the site, such as a mirror
ADDRESS = "https://www.wga.hu"
CATALOGUE = "database/download/data_txt.zip"
PAUSE = 0.5  # seconds between two pictures, to spare the site
GIVE_UP = 3  # pictures in a row that could not be reached
MAX_PICTURE = 20_000_000


@dataclass(frozen=True, slots=True)
class Fetched:
    """Files for a gallery, the name of the table among them, and what could not be had."""

    parts: dict[str, Path]
    table: str
    left_out: tuple[Skipped, ...]


def address() -> str:
    """Where the site is; ``EMBEDDING_EXPLORER_WGA`` names another place.

    Raises:
        InputError: that is no address of a site.
    """
    chosen = (os.environ.get(VARIABLE) or ADDRESS).rstrip("/")
    try:
        parts = urlsplit(chosen)
        usable = parts.scheme in {"http", "https"} and bool(parts.hostname) and parts.port != 0
    except ValueError:
        usable = False
    if not usable or parts.username or parts.query or parts.fragment:
        raise InputError(
            f"{VARIABLE} is “{shorten(chosen)}”.",
            f"The address of a site is needed, such as {ADDRESS}.",
            "Change it, or unset it.",
        )
    return chosen


def fetch(
    wanted: Wanted, folder: Path, held: Callable[[str], bytes | None], progress: Progress
) -> Fetched:
    """The wanted pictures and their table, as files in ``folder``.

    What is in ``folder`` from an earlier try, or is ``held``, is not fetched again. A picture that
    cannot be had is left out, with the reason.

    Raises:
        InputError: the catalogue cannot be used, or none of its pictures be had.
        ServiceError: the site is out of reach.
        StorageError: a picture cannot be written.
        Cancelled: by ``progress``.
    """
    site = address()
    wanted.parsed()  # what is wrong is told before any long work
    host = Host("the Web Gallery of Art", urlsplit(site).netloc.lower())
    with opened(host):
        name, data = wanted.name, wanted.catalogue
        if not data:
            name, data = "data_txt.zip", _catalogue(host, site, folder, progress)
        rows, left_out = choose(read_catalogue(name, data, progress), wanted, host.host)
        files = list(rows["file"])
        kept, failed = _Pictures(host, f"{site}/art", folder).get(files, held, progress)
    if not kept:
        raise InputError(
            f"None of {counted(len(files), 'picture')} could be had: {failed[0].reason}.",
            "At least one is needed.",
            "Try again later.",
        )
    rows = rows[rows["file"].isin(kept)]
    parts = {ARCHIVE: folder / ARCHIVE, f"{TABLE}.csv": folder / f"{TABLE}.csv"}
    with data_home.storage_errors("write", folder):
        pack(parts[ARCHIVE], kept.items())
        lines = io.StringIO(newline="")
        csv.writer(lines).writerows([list(rows.columns), *rows.to_numpy().tolist()])
        parts[f"{TABLE}.csv"].write_bytes(lines.getvalue().encode("utf-8", "replace"))
    return Fetched(parts, f"{TABLE}.csv", (*left_out, *failed))


def _catalogue(host: Host, site: str, folder: Path, progress: Progress) -> bytes:
    kept = folder / "catalogue.zip"
    if not kept.is_file():
        data, _ = host.read(f"{site}/{CATALOGUE}", MAX_BYTES)
        read_catalogue("data_txt.zip", data, progress)  # what cannot be read is not kept
        data_home.write_file(kept, data)
    with data_home.storage_errors("read", kept):
        return kept.read_bytes()


class _Pictures:
    """Pictures of the site, each a file in ``folder``."""

    def __init__(self, host: Host, place: str, folder: Path) -> None:
        self.host, self.place, self.folder = host, place, folder
        self.unreached = 0

    def get(
        self, files: Sequence[str], held: Callable[[str], bytes | None], progress: Progress
    ) -> tuple[dict[str, Path], list[Skipped]]:
        """The pictures' files by their paths, and those that could not be had."""
        kept, failed = {}, []
        for done, file in enumerate(files):
            progress(done, len(files), "pictures")
            target = self.folder / "pictures" / data_home.sha256(file.encode())
            if not target.is_file():
                data = held(file)
                if data is None:
                    data, reason = self._ask(file)
                    if reason:
                        failed.append(Skipped(file, reason))
                        continue
                data_home.write_file(target, data)
            kept[file] = target
        progress(len(files), len(files), "pictures")
        return kept, failed

    def _ask(self, file: str) -> tuple[bytes, str]:
        """A picture, or why it cannot be had."""
        import httpx2

        time.sleep(PAUSE)
        try:
            data, kind = self.host.read(f"{self.place}/{file}", MAX_PICTURE)
            if kind.lower().startswith("text/"):
                raise self.host.failed("answers with a page in place of a picture")
            open_picture(data, file)
        except httpx2.TransportError as error:
            self.unreached += 1
            if self.unreached >= GIVE_UP:
                raise
            return b"", f"it could not be reached: {shorten(str(error))}"
        except (ServiceError, PictureError) as error:
            data, reason = b"", error.given.rstrip(".")
        else:
            reason = ""
        self.unreached = 0
        return data, reason
