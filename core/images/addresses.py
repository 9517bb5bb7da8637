"""Tables that name pictures by addresses on the net: fetched when that is asked for, within limits.

Nothing is fetched by reading such a table. What could not be had is named with the reason.
"""

from __future__ import annotations

import io
import mimetypes
import re
import shutil
import time
from collections import deque
from collections.abc import Sequence
from concurrent.futures import Future, ThreadPoolExecutor, wait
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from core.base.errors import InputError, PictureError, counted, shorten
from core.base.memory import format_bytes
from core.base.types import Progress, no_progress
from core.images import galleries
from core.images.galleries import Brought
from core.images.gallery import Skipped
from core.images.uploads import ARCHIVE, TABLE
from core.readers import parquet, tables
from core.readers.picture_archives import pack
from core.readers.picture_folders import SUFFIXES
from core.readers.pictures import open_picture
from core.readers.tables import Table
from core.storage import data_home, public_web
from core.storage.downloads import alone
from core.storage.public_web import RefusedError

if TYPE_CHECKING:
    import httpx2
    import pandas as pd

FOLDER = "downloads"
COUNT, MAX_COUNT = 500, 10_000  # pictures that are fetched: at first, and at most
MAX_PICTURE, MAX_TOTAL = 20_000_000, 2_000_000_000  # bytes
PICTURE_SECONDS, TOTAL_SECONDS = 30.0, 3_600.0
AT_ONCE = 8  # addresses that are asked at a time
GIVE_UP = 20  # addresses in a row that could not be had, from which on the net is taken to be away
_ADDRESS = re.compile(r"https?://\S+", re.IGNORECASE)
_NAMED = re.compile(r"ima?ge?|picture|photo|thumb|url|link|src", re.IGNORECASE)
_FILE, _TABLE_PART = "file", f"{TABLE}.parquet"


@dataclass(frozen=True, slots=True)
class AddressList:
    """A table whose rows name pictures by addresses.

    Attributes:
        column: the column with the addresses.
        rows: the rows that have one, each address once, and ``addresses`` as long.
    """

    name: str
    table: Table
    column: str
    rows: tuple[int, ...]
    addresses: tuple[str, ...]

    @property
    def hosts(self) -> list[str]:
        """Whom fetching asks, by name."""
        return sorted({urlsplit(one).netloc.lower() for one in self.addresses})


def find_addresses(name: str, data: bytes, progress: Progress = no_progress) -> AddressList:
    """The addresses in a table.

    Raises:
        InputError: it cannot be read, or no column holds addresses.
        Cancelled: by ``progress``.
    """
    table = tables.read_table(name, data, progress=progress)
    if table.detected is not None and table.detected.header:
        names = [str(one) for one in table.frame.columns]
        if any(_ADDRESS.fullmatch(one) for one in names):  # a list without a row of names
            table = tables.read_table(name, data, header=False, progress=progress)
    frame = table.frame
    scores = {str(column): _score(str(column), frame[column]) for column in frame.columns}
    column = max(scores, key=lambda one: scores[one], default="")
    if not column or not scores[column][0]:
        raise InputError(
            f"No column of “{shorten(name)}” holds addresses of pictures.",
            "Addresses begin with https:// or http://.",
            "Choose another table.",
        )
    found: dict[str, int] = {}
    for row, cell in enumerate(frame[column]):
        if _ADDRESS.fullmatch(text := tables.cell_text(cell)):
            found.setdefault(text, row)
    return AddressList(name, table, column, tuple(found.values()), tuple(found))


def _score(name: str, column: pd.Series[str]) -> tuple[bool, int, bool, int]:
    """How likely a column holds pictures' addresses: most with a picture's ending, by its name."""
    if column.dtype.kind in "fiubM":
        return False, 0, False, 0
    cells = [text for cell in column if _ADDRESS.fullmatch(text := tables.cell_text(cell))]
    endings = sum(PurePosixPath(urlsplit(one).path).suffix.lower() in SUFFIXES for one in cells)
    return bool(cells), endings, bool(_NAMED.search(name)), len(cells)


def fetch(
    listed: AddressList, count: int = COUNT, name: str = "", progress: Progress = no_progress
) -> Brought:
    """The first ``count`` pictures of a list as a gallery; call it only where that was asked for.

    After a cancel the next call goes on from what was fetched.

    Raises:
        InputError: ``count`` is none, or no picture could be had.
        StorageError: they cannot be written.
        NotReadyError: another process is fetching them.
        Cancelled: by ``progress``.
    """
    if not 1 <= count <= MAX_COUNT:
        raise InputError(
            f"{count:,} pictures were asked for.", f"From 1 to {MAX_COUNT:,}.", "Change the number."
        )
    addresses = listed.addresses[:count]
    mark = data_home.digest_bytes(*data_home.as_bytes(listed.addresses))
    place = data_home.data_home() / FOLDER / f"addresses-{mark[:16]}"
    with alone(place, listed.name):
        work = place / "files"
        files, failed = _Fetching(work / "pictures").get(addresses, progress)
        if not files:
            raise InputError(
                f"None of {counted(len(addresses), 'picture')} could be had: {failed[0].reason}.",
                "At least one is needed.",
                "Check the addresses and the connection.",
            )
        over = len(listed.addresses) - len(addresses)
        more = [Skipped(f"{over:,} more", "not asked for")] if over else []
        left_out = (*_unnamed(listed), *failed, *more)
        parts = _write(listed, files, work)
        kept = galleries.keep_fetched(
            name or Path(listed.name).stem, parts, _TABLE_PART, left_out, progress
        )
        shutil.rmtree(work, ignore_errors=True)
    return Brought(kept, left_out)


def _unnamed(listed: AddressList) -> list[Skipped]:
    """Rows without an address, or with one that an earlier row has."""
    taken = set(listed.rows)
    cells = [tables.cell_text(cell) for cell in listed.table.frame[listed.column]]
    known = set(listed.addresses)
    return [
        Skipped(
            cell or f"row {row + 1}",
            "an earlier row has the same address"
            if cell in known
            else "it is no address that begins with http:// or https://",
        )
        for row, cell in enumerate(cells)
        if row not in taken
    ]


def _write(listed: AddressList, files: dict[str, tuple[str, Path]], work: Path) -> dict[str, Path]:
    """An archive of what was fetched, and the table with the files' names."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    rows = [row for row, one in zip(listed.rows, listed.addresses, strict=True) if one in files]
    names = [files[one][0] for one in listed.addresses if one in files]
    frame = listed.table.frame.iloc[rows].reset_index(drop=True)
    column = _FILE
    while column in frame.columns:
        column += "_"
    frame.insert(0, column, names)
    parts = {ARCHIVE: work / ARCHIVE, _TABLE_PART: work / _TABLE_PART}
    with data_home.storage_errors("write", work):
        pack(parts[ARCHIVE], files.values())
        table = pa.Table.from_pandas(frame, preserve_index=False)
        for one, vectors in listed.table.vectors.items():
            table = table.append_column(one, parquet.as_lists(vectors[rows]))
        stream = io.BytesIO()
        pq.write_table(table, stream)
        parts[_TABLE_PART].write_bytes(stream.getvalue())
    return parts


class _Fetching:
    """Pictures from the net, each a file in ``folder``; what is there already is not asked for.

    Some are asked for at once. What came is taken in the order of the addresses, so the limits hold
    as if one were asked for after another.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.here = {path.stem: path for path in folder.glob("*.*")}
        self.total, self.row = 0, 0  # bytes so far, and failures in a row
        self.ends = time.monotonic() + TOTAL_SECONDS

    def get(
        self, addresses: Sequence[str], progress: Progress
    ) -> tuple[dict[str, tuple[str, Path]], list[Skipped]]:
        """For each address the name of its picture and the file; and those that failed."""
        files, failed = {}, []
        asked: deque[Future[Path]] = deque()
        # The client goes first, so that a cancel does not wait for what a server still sends.
        with ThreadPoolExecutor(AT_ONCE) as workers, public_web.client() as opened:
            for number, address in enumerate(addresses):
                for one in addresses[number + len(asked) : number + AT_ONCE]:
                    asked.append(workers.submit(self._one, opened, one))
                coming = asked.popleft()
                while True:
                    progress(number, len(addresses), "pictures fetched")
                    if wait([coming], timeout=0.2).done:
                        break
                try:
                    files[address] = self._take(number, coming)
                except (RefusedError, PictureError) as error:
                    failed.append(Skipped(address, error.given.rstrip(".")))
        progress(len(addresses), len(addresses), "pictures fetched")
        return files, failed

    def _take(self, number: int, coming: Future[Path]) -> tuple[str, Path]:
        """The name and the file of the next picture; what came after a limit is not taken."""
        error = coming.exception()
        if error is not None:
            self.row += 1
            raise error
        path = coming.result()
        if path.stem not in self.here:
            self._hold_limits()
        self.row = 0
        self.total += path.stat().st_size
        return f"{number + 1:05d}{path.suffix}", path

    def _one(self, opened: httpx2.Client, address: str) -> Path:
        """The file of a picture, in a worker."""
        stem = data_home.sha256(address.encode("utf-8", "replace"))
        if stem in self.here:
            return self.here[stem]
        self._hold_limits()
        data, kind = public_web.read(opened, address, MAX_PICTURE, PICTURE_SECONDS)
        suffix = _suffix(address, kind)
        open_picture(data, f"{stem[:8]}{suffix}")  # what is none is not kept
        target = self.folder / f"{stem}{suffix}"
        data_home.write_file(target, data)
        return target

    def _hold_limits(self) -> None:
        if self.total >= MAX_TOTAL:
            raise RefusedError(
                f"the limit of {format_bytes(MAX_TOTAL)} was reached before it", "", ""
            )
        if time.monotonic() > self.ends:
            raise RefusedError(f"{TOTAL_SECONDS / 60:.0f} minutes went by before it", "", "")
        if self.row >= GIVE_UP:
            raise RefusedError(f"{GIVE_UP} before it could not be had, one after another", "", "")


def _suffix(address: str, kind: str) -> str:
    """The ending of a picture's file, by its type and its address; its bytes decide what it is."""
    by_type = mimetypes.guess_extension(kind.partition(";")[0].strip()) or ""
    by_name = PurePosixPath(urlsplit(address).path).suffix.lower()
    return next((one for one in (by_type, by_name) if one in SUFFIXES), ".jpg")
