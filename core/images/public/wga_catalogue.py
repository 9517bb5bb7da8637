"""The catalogue of the Web Gallery of Art, or a table like it: its rows, and where pictures are.

Of what a row says only the path of the picture counts, and a row that names another site is left
out: pictures come from one address.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from core.base.errors import InputError, counted, shorten
from core.base.filters import Filter, parse_filter
from core.base.types import Progress, no_progress
from core.images.filters import apply_filters
from core.images.gallery import Skipped
from core.readers import isolated, tables
from core.readers.archives import PackedError, Zip, unusable
from core.storage import data_home

if TYPE_CHECKING:
    import pandas as pd

HOSTS = ("www.wga.hu", "wga.hu")
ADDRESSES = ("url", "jpg_link")
NEEDED = ("author", "title")
KEPT = (
    *NEEDED,
    "date",
    "technique",
    "location",
    "form",
    "type",
    "school",
    "timeframe",
    "born-died",
)
MAX_BYTES = 50_000_000
MAX_COUNT = 5_000
_GIVEN, _TABLE = "given.zip", "table"
_PATH = re.compile(
    r"/?(?:art|html|html_m)/((?:\w[\w.~-]*/)*\w[\w.~-]*)\.(?:html?|jpe?g)", re.ASCII | re.IGNORECASE
)


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which pictures are fetched.

    Attributes:
        count: how many at most; which ones is left to chance, but always the same.
        filters: as in ``school=Italian``; all must hold.
        catalogue: the bytes of an own table; empty for the site's.
        name: of that table's file.
    """

    count: int = 500
    filters: tuple[str, ...] = ()
    catalogue: bytes = b""
    name: str = "catalog.csv"

    def parsed(self) -> list[Filter]:
        """The filters, by columns in small letters.

        Raises:
            InputError: one is none, or the number of pictures is not allowed.
        """
        if not 1 <= self.count <= MAX_COUNT:
            raise InputError(
                f"{self.count:,} pictures are asked for.",
                f"From 1 to {MAX_COUNT:,} are fetched at a time, to spare the site.",
                "Change the number.",
            )
        filters = [parse_filter(text) for text in self.filters]
        return [replace(one, column=one.column.lower()) for one in filters]


def picture_path(cell: str, host: str) -> tuple[str, str]:
    """The path of a picture below ``art/`` for the address of it or of its page; else why not."""
    try:
        parts = urlsplit(cell.strip())
    except ValueError:
        return "", "its address is none"
    if parts.scheme not in {"", "http", "https"} or (parts.scheme and not parts.netloc):
        return "", "its address is not of the web"
    if parts.netloc and parts.netloc.lower() not in {*HOSTS, host}:
        return "", "its address is of another site"
    if ".." in parts.path.split("/"):
        return "", "its path leads out of the site's pictures"
    found = _PATH.fullmatch(parts.path)
    if not found or parts.query or parts.fragment:
        return "", "its address is not of a picture or its page"
    return f"{found[1]}.jpg", ""


def read_catalogue(name: str, data: bytes, progress: Progress = no_progress) -> pd.DataFrame:
    """A catalogue's rows: ``address`` and those of ``KEPT`` that it has, text on one line each.

    Raises:
        InputError: it is damaged, or lacks a column that is needed.
        Cancelled: by ``progress``.
    """
    if data[:2] == b"PK":
        name, data = "catalog.csv", _unpacked(name, data, progress)
    frame = tables.read_table(name, data, header=True, progress=progress).frame
    columns = {str(column).strip().lower(): column for column in frame.columns}
    addresses = next((column for column in ADDRESSES if column in columns), None)
    missing = [column for column in NEEDED if column not in columns]
    if addresses is None or missing:
        raise InputError(
            f"“{shorten(name)}” is no catalogue: its columns are "
            f"{shorten(', '.join(columns), 100)}.",
            f"It needs {', '.join(NEEDED)} and {' or '.join(ADDRESSES)}, as that of the Web "
            "Gallery of Art has.",
            "Choose another file.",
        )
    picked = {"address": addresses, **{column: column for column in KEPT if column in columns}}
    chosen = frame[[columns[column] for column in picked.values()]].set_axis([*picked], axis=1)
    return chosen.map(lambda cell: " ".join(str(cell).split()))


def _unpacked(name: str, data: bytes, progress: Progress) -> bytes:
    """The one table in a ZIP archive, which a child unpacks."""
    with isolated.folder_with({_GIVEN: data}) as folder:
        isolated.run(
            f"{__name__}:unpack_in_child",
            {"folder": str(folder), "name": name, "limit": MAX_BYTES},
            name=name,
            limits=isolated.limits_for(len(data)),
            progress=progress,
        )
        return (folder / _TABLE).read_bytes()


def unpack_in_child(folder: str, name: str, limit: int, progress: Progress) -> None:
    """Writes the one table in a ZIP archive beside it.

    Raises:
        InputError: it is damaged, unpacks to too much, or holds another number of tables.
    """
    try:
        with Zip((Path(folder) / _GIVEN).read_bytes()) as archive:
            endings = (".csv", ".txt")
            found = [m for m in archive.members if m.filename.lower().endswith(endings)]
            if len(found) != 1:
                raise InputError(
                    f"“{shorten(name)}” holds {counted(len(found), 'table')}.",
                    "One CSV is expected.",
                    "Unpack it and give the table.",
                )
            (Path(folder) / _TABLE).write_bytes(archive.read(found[0], limit))
    except PackedError as error:
        whole = "A whole ZIP archive is needed."
        raise unusable(InputError, name, error, whole, "Download it again.") from error


def choose(
    catalogue: pd.DataFrame, wanted: Wanted, host: str
) -> tuple[pd.DataFrame, list[Skipped]]:
    """The rows that are wanted, with the paths of their pictures as ``file``; and those left out.

    Raises:
        InputError: no row passes the filters or has an address that can be used.
    """
    known = catalogue.drop(columns="address")
    rows = apply_filters(wanted.name, known, wanted.parsed())
    left_out, paths = [], {}
    for row in rows:
        cell = str(catalogue["address"].iloc[row])
        path, reason = picture_path(cell, host)
        if reason or path in paths:
            left_out.append(Skipped(cell, reason or "another row names the same picture"))
        else:
            paths[path] = int(row)
    if not paths:
        raise InputError(
            f"No row of “{shorten(wanted.name)}” can be fetched: {shorten(left_out[0].id)}, "
            f"{left_out[0].reason}.",
            f"Addresses at {HOSTS[0]} are needed.",
            "Choose another catalogue.",
        )
    by_chance = sorted(paths, key=lambda path: data_home.sha256(path.encode()))[: wanted.count]
    files = sorted(by_chance, key=paths.__getitem__)
    chosen = known.iloc[[paths[path] for path in files]].reset_index(drop=True)
    chosen.insert(0, "file", files)
    return chosen, left_out
