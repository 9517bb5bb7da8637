"""Tags: named selections of the items of a map, kept on the disk until somebody deletes them.

A file of JSON for each dataset and browser, named by the digest of the items' ids and texts, so
that its tags are there in every embedding model and on every map of it, and by the SHA-256 of the
browser's id. Tags from before browsers had their own lie in a file without one: each browser begins
with these, and leaves them as they are. Each tag is written as links write rows. What is read goes
through the checks that writing goes through.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import replace
from enum import StrEnum
from pathlib import Path

import numpy as np

from core.base.errors import (
    NOT_AS_WRITTEN,
    DamagedError,
    InputError,
    StorageError,
    counted,
    shorten,
)
from core.base.reasons import reason_of
from core.base.types import IntArray
from core.maps import row_ranges
from core.maps.items import MapData
from core.storage import data_home
from core.storage.data_home import Stamp

FOLDER, FORMAT = "tags", 1
COLUMN, SEPARATOR = "tags", "; "  # of tables; between the tags of one item
MOST, LONGEST = 100, 60  # tags of a dataset; characters of a name
_LARGEST = 100_000_000  # bytes of a file that are read

Tags = Mapping[str, IntArray]  # name -> rows of the dataset, ascending; none is empty


class Combine(StrEnum):
    """What becomes of a selection by a tag."""

    REPLACE = "replace"
    UNION = "union"
    INTERSECTION = "intersection"
    DIFFERENCE = "difference"


def combine(selected: IntArray, tagged: IntArray, how: Combine) -> IntArray:
    """The rows ``(m,)`` that a selection becomes by a tag, ascending."""
    if how is Combine.UNION:
        found = np.union1d(selected, tagged)
    elif how is Combine.INTERSECTION:
        found = np.intersect1d(selected, tagged)
    elif how is Combine.DIFFERENCE:
        found = np.setdiff1d(selected, tagged)
    else:
        found = np.unique(tagged)
    return found.astype(np.int64)


def checked_name(name: str) -> str:
    """The name of a tag as it is kept: without spaces around it.

    Raises:
        InputError: it is empty, too long, or holds what separates tags in a table.
    """
    kept = " ".join(name.split())
    if not kept or len(kept) > LONGEST or ";" in kept or not kept.isprintable():
        raise InputError(
            f"The name of the tag is “{shorten(name)}”.",
            f"A tag has from 1 to {LONGEST} characters, none of them a semicolon.",
            "Choose another name.",
        )
    return kept


def with_tag(tags: Tags, name: str, rows: IntArray) -> dict[str, IntArray]:
    """``tags`` with the one called ``name`` standing for ``rows`` ``(m,)``; gone where it has none.

    Raises:
        InputError: the name cannot be one, or there are too many tags.
    """
    kept = checked_name(name)
    changed = {**tags, kept: np.unique(rows).astype(np.int64)}
    if not len(changed[kept]):
        del changed[kept]
    if len(changed) > MOST:
        raise InputError(
            f"The dataset has {counted(len(tags), 'tag')}.",
            f"At most {MOST} are kept.",
            "Delete one first.",
        )
    return dict(sorted(changed.items()))


def path_of(digest: str, browser: str = "") -> Path:
    """Where the tags of the items with this digest (``row_ranges.items_digest``) lie.

    Args:
        browser: the id of the browser whose tags they are; "" for those from before.
    """
    own = f".{data_home.sha256(browser.encode())}" if browser else ""
    return data_home.data_home() / FOLDER / f"{digest}{own}.json"


def _read_from(digest: str, browser: str) -> Path:
    """The browser's own file, or that from before where it has none."""
    own = path_of(digest, browser)
    return own if own.is_file() else path_of(digest)


def load(
    data: MapData, digest: str | None = None, browser: str = "", *, named: str | None = None
) -> dict[str, IntArray]:
    """The tags of a dataset: rows ``(m,)`` by name; none where nobody tagged it.

    Args:
        digest: that of its items, where it is known already.
        browser: as for ``path_of``.
        named: leaves out what was written for a dataset of another name.

    Raises:
        DamagedError: the file is not what was written; it stays as it is.
        StorageError: it cannot be read.
    """
    digest = digest or row_ranges.items_digest(data.ids, data.texts)
    return _load(_read_from(digest, browser), data, digest, named)


def load_all(data: MapData) -> dict[str, IntArray]:
    """The tags of every browser on this data home: rows ``(m,)`` by name, of one name together.

    Raises:
        DamagedError, StorageError: as ``load``.
    """
    digest = row_ranges.items_digest(data.ids, data.texts)
    folder = data_home.data_home() / FOLDER
    found: dict[str, IntArray] = {}
    for path in sorted(folder.glob(f"{digest}*.json")) if folder.is_dir() else ():
        for name, rows in _load(path, data, digest).items():
            found[name] = np.union1d(found.get(name, rows), rows)
    return dict(sorted(found.items()))


def _load(path: Path, data: MapData, digest: str, named: str | None = None) -> dict[str, IntArray]:
    with data_home.storage_errors("read", path):
        if not path.is_file():
            return {}
        if path.stat().st_size > _LARGEST:
            raise _damaged(path, "it is larger than tags are")
        text = path.read_bytes()
    try:
        told = json.loads(text)
        if told["format"] != FORMAT:
            raise _damaged(path, f"its format is {shorten(str(told['format']))}")
        tags: dict[str, IntArray] = {}
        if named is not None and told["name"] != named:
            return tags
        for name, entry in told["tags"].items():
            if checked_name(name) != name:
                raise _damaged(path, f"“{shorten(name)}” is no name of a tag")
            rows = row_ranges.unpack(entry, data.ids, data.texts, digest)
            tags = with_tag(tags, name, rows)
    except (*NOT_AS_WRITTEN, InputError) as error:
        raise _damaged(path, reason_of(error)) from error
    return tags


def change(
    data: MapData, work: Callable[[Tags], Tags], digest: str | None = None, browser: str = ""
) -> dict[str, IntArray]:
    """What ``work`` makes of the tags of a dataset, rows ``(m,)`` by name, written whole.

    Raises:
        InputError: as ``work`` does.
        DamagedError: what lies there is not what was written: nothing takes its place.
        StorageError: it cannot be written.
    """
    digest = digest or row_ranges.items_digest(data.ids, data.texts)
    with data_home.alone(path_of(digest).parent):
        tags = dict(work(load(data, digest, browser)))
        entries = {
            name: row_ranges.pack(rows, data.ids, data.texts, digest) for name, rows in tags.items()
        }
        write(digest, data.name, entries, browser)
    return tags


def write(digest: str, name: str, entries: Mapping[str, str], browser: str = "") -> None:
    """Writes the tags of the items with this digest, for who holds the folder's lock.

    Args:
        name: of the dataset.
        entries: by the name of each tag, as ``row_ranges.pack`` gives them; none deletes the file.
        browser: as for ``path_of``.

    Raises:
        StorageError: it cannot be written.
    """
    path = path_of(digest, browser)
    # An empty file stays where those from before would come back.
    if not entries and not (browser and path_of(digest).is_file()):
        with data_home.storage_errors("delete", path):
            path.unlink(missing_ok=True)
        return
    told = {"format": FORMAT, "name": name, "tags": dict(entries)}
    data_home.write_file(path, json.dumps(told, indent=1).encode())


def adopt(before: str, browser: str) -> None:
    """Gives a browser the tags that lie under the id that its session had before.

    Of datasets that the browser has tags of already, those are added whose names it does not have.

    Raises:
        StorageError: a file cannot be read or written.
    """
    folder = data_home.data_home() / FOLDER
    if before == browser or not folder.is_dir():
        return
    with data_home.alone(folder), data_home.storage_errors("move", folder):
        for path in folder.glob(f"*.{data_home.sha256(before.encode())}.json"):
            own = path_of(path.name.split(".", maxsplit=1)[0], browser)
            if own.is_file():
                try:
                    mine, theirs = (json.loads(one.read_bytes()) for one in (own, path))
                    mine["tags"] = theirs["tags"] | mine["tags"]
                except NOT_AS_WRITTEN:
                    continue  # what is damaged is told where it is read
                data_home.write_file(own, json.dumps(mine, indent=1).encode())
                path.unlink()
            else:
                path.rename(own)


def stamp(digest: str, browser: str = "") -> Stamp:
    """What changes when the tags do; ``None`` where there are none."""
    try:
        return data_home.stamp(_read_from(digest, browser))
    except StorageError:
        return None


def stamps() -> tuple[tuple[str, Stamp], ...]:
    """What changes when any file of tags does.

    Raises:
        StorageError: their folder cannot be read.
    """
    folder = data_home.data_home() / FOLDER
    with data_home.storage_errors("read", folder):
        return tuple((path.name, data_home.stamp(path)) for path in sorted(folder.glob("*.json")))


def column(tags: Tags, count: int) -> list[str]:
    """The tags of each of ``count`` items as a cell of a table; "" for none."""
    held: list[list[str]] = [[] for _ in range(count)]
    for name, rows in tags.items():
        for row in rows.tolist():
            held[row].append(name)
    return [SEPARATOR.join(names) for names in held]


def attach(data: MapData, tags: Tags) -> MapData:
    """The items with their tags as one more column of the metadata, the last one.

    It is no part of the digest: a map, and a selection, stay when something is tagged.
    """
    if not tags:
        return data
    name = data_home.distinct_name(COLUMN, [str(held) for held in data.frame.columns])
    cells = column(tags, len(data))
    frame = data.frame.copy()
    frame[name] = cells
    return replace(
        data,
        frame=frame,
        tag_column=name,
        tags=data_home.digest_bytes(*data_home.as_bytes([name, *cells])),
    )


def _damaged(path: Path, what: str) -> DamagedError:
    return DamagedError(
        f"The tags in “{path}” are damaged: {shorten(what, 120)}.",
        "The file must be as it was written.",
        "Put a copy of it back, or delete it; tags are kept nowhere else.",
    )
