"""Tags that a dataset's rows were given while they were called otherwise.

Tags belong to items by their ids and texts (``tags``). The texts of a table's rows change with the
column that names them, and captions with their language: the tags are on the disk then and nobody
sees them. They can be taken over by the rows' order, where there are as many, or deleted.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from core.base.errors import DamagedError
from core.base.types import IntArray
from core.maps import row_ranges, tags
from core.maps.items import MapData
from core.maps.tags import Tags
from core.storage import data_home


@dataclass(frozen=True, slots=True)
class Orphans:
    """Tags of as many items of a dataset of this name, under the ``digest`` of other items."""

    digest: str
    tags: Mapping[str, IntArray]


def find(data: MapData, known: Tags, digest: str | None = None, browser: str = "") -> list[Orphans]:
    """The tags of a browser that the items ``data`` had under other names, by row.

    Args:
        known: the tags that the items have: what is among them already is left out.
        digest: that of its items, where it is known already.
        browser: as for ``tags.path_of``.

    Raises:
        StorageError: the folder of tags cannot be read.
    """
    digest = digest or row_ranges.items_digest(data.ids, data.texts)
    folder = tags.path_of(digest).parent
    with data_home.storage_errors("read", folder):
        if not folder.is_dir():
            return []
        names = [path.name.removesuffix(".json").split(".") for path in folder.glob("*.json")]
        own = tags.path_of(digest, browser).name.removesuffix(".json").split(".")[1:]
        others = {first for first, *of in names if of in ([], own)} - {digest}
        found = [(other, _read(data, other, browser)) for other in sorted(others)]
    left = {
        other: {name: rows for name, rows in held.items() if not _has(known, name, rows)}
        for other, held in found
    }
    return [Orphans(other, held) for other, held in left.items() if held]


def _has(known: Tags, name: str, rows: IntArray) -> bool:
    return name in known and bool(np.isin(rows, known[name]).all())


def _read(data: MapData, digest: str, browser: str) -> dict[str, IntArray]:
    """What lies under another digest for these items; damage is told where it is theirs."""
    try:
        return tags.load(data, digest, browser, named=data.name)
    except DamagedError:
        return {}


def take_over(
    data: MapData, orphans: Orphans, digest: str | None = None, browser: str = ""
) -> dict[str, IntArray]:
    """The tags of ``data``, rows ``(m,)`` by name, with the orphans by row; those stay as they are.

    Raises:
        InputError: there would be too many.
        DamagedError, StorageError: as ``tags.change``.
    """

    def add(known: Tags) -> Tags:
        for name, rows in orphans.tags.items():
            known = tags.with_tag(known, name, np.union1d(known.get(name, rows), rows))
        return known

    return tags.change(data, add, digest, browser)


def delete(orphans: Orphans, name: str, browser: str = "") -> None:
    """Deletes them, for this browser alone.

    Args:
        name: of the dataset.

    Raises:
        StorageError: it cannot be written.
    """
    folder = tags.path_of(orphans.digest).parent
    with data_home.alone(folder):
        tags.write(orphans.digest, name, {}, browser)
