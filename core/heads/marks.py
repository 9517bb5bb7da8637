"""Marks: pairs of items that a person calls alike or not alike, kept with their dataset.

A file of JSON for each dataset, by its kind and name, so that its marks are there in every
embedding model, and are told of where items have gone. An item is known by its id and the digest of
what it is: under the same id another picture is another item. What is read goes through the checks
that writing goes through.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from itertools import combinations
from pathlib import Path
from typing import Any, NamedTuple

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
from core.base.types import BoolArray, IntArray, Modality
from core.images.gallery import Gallery
from core.sentences.dataset import TextDataset
from core.storage import data_home
from core.storage.data_home import Stamp

FOLDER, FORMAT = "marks", 1
MOST = 1_000  # marks of a dataset
_LONGEST = 10_000  # characters of an id
_LARGEST = 50_000_000  # bytes of a file that are read


class Item(NamedTuple):
    """An item by its id, and the digest of what it is in hexadecimal digits."""

    id: str
    digest: str


@dataclass(frozen=True, slots=True)
class Mark:
    """Two items, and whether they are alike."""

    first: Item
    second: Item
    alike: bool

    @property
    def pair(self) -> frozenset[Item]:
        """Both items, whichever is first."""
        return frozenset((self.first, self.second))


Marks = tuple[Mark, ...]  # in the order in which they were made; no pair twice


@dataclass(frozen=True, slots=True)
class Collection:
    """The items of a dataset that can be marked, in their order."""

    kind: Modality
    name: str
    items: tuple[Item, ...]

    @property
    def path(self) -> Path:
        """Where its marks lie."""
        named = data_home.sha256(f"{self.kind.value}\0{self.name}".encode("utf-8", "replace"))
        return data_home.data_home() / FOLDER / f"{named[:32]}.json"


def of_pictures(gallery: Gallery) -> Collection:
    """The pictures of a gallery."""
    items = tuple(
        Item(name, content.hex())
        for name, content in zip(gallery.ids, gallery.digests, strict=True)
    )
    return Collection(Modality.IMAGE, gallery.name, items)


def of_texts(dataset: TextDataset) -> Collection:
    """The texts of a dataset; the number of a text is its id."""
    items = tuple(
        Item(str(number), data_home.sha256(text.encode("utf-8", "surrogatepass"))[:32])
        for number, text in zip(dataset.numbers, dataset.texts, strict=True)
    )
    return Collection(Modality.TEXT, dataset.name, items)


def of_query(of: Collection, alike: Sequence[int], other: Sequence[int]) -> Marks:
    """What rows that are alike, and others that are not like these, say of pairs.

    All pairs of ``alike`` are alike; each of ``other`` is not like any of them.
    """
    items = of.items
    pairs = [(one, two, True) for one, two in combinations(alike, 2)]
    pairs += [(one, two, False) for one in alike for two in other]
    return tuple(
        Mark(items[one], items[two], same) for one, two, same in pairs if items[one] != items[two]
    )


def with_mark(marks: Marks, mark: Mark) -> Marks:
    """``marks`` with one more, the last; of a pair that is marked already the new one counts.

    Raises:
        InputError: an item is paired with itself or is none, or there are too many marks.
    """
    for item in (mark.first, mark.second):
        if not item.id or len(item.id) > _LONGEST or not item.digest.isalnum():
            raise InputError(
                f"“{shorten(item.id)}” cannot be marked.",
                f"An item has an id of 1 to {_LONGEST:,} characters, and a digest.",
                "Mark another one.",
            )
    if mark.first == mark.second:
        raise InputError(
            f"“{shorten(mark.first.id)}” is paired with itself.",
            "A mark is of two items.",
            "Choose another one.",
        )
    others = tuple(one for one in marks if one.pair != mark.pair)
    if len(others) >= MOST:
        raise InputError(
            f"There are {counted(len(others), 'mark')}.",
            f"At most {MOST:,} of a dataset are kept.",
            "Remove some first.",
        )
    return (*others, mark)


def with_marks(marks: Marks, more: Iterable[Mark]) -> Marks:
    """``marks`` with several more, as ``with_mark``.

    Raises:
        InputError: as ``with_mark``.
    """
    for one in more:
        marks = with_mark(marks, one)
    return marks


def load(of: Collection) -> Marks:
    """The marks of a dataset; none where nobody made any.

    Raises:
        DamagedError: the file is not what was written; it stays as it is.
        StorageError: it cannot be read.
    """
    path = of.path
    with data_home.storage_errors("read", path):
        if not path.is_file():
            return ()
        if path.stat().st_size > _LARGEST:
            raise _damaged(path, "it is larger than marks are")
        text = path.read_bytes()
    try:
        return _read(json.loads(text))
    except (*NOT_AS_WRITTEN, InputError) as error:
        raise _damaged(path, reason_of(error)) from error


def _read(told: Any) -> Marks:
    if told["format"] != FORMAT:
        raise ValueError(f"its format is {told['format']}")
    marks: Marks = ()
    for first, second, alike in told["marks"]:
        if not isinstance(alike, bool):
            raise ValueError("a mark is neither true nor false")  # told as it stands
        items = [Item(str(item[0]), str(item[1])) for item in (first, second)]
        longer = with_mark(marks, Mark(items[0], items[1], alike))
        if len(longer) == len(marks):
            raise ValueError("a pair is there twice")
        marks = longer
    return marks


def change(of: Collection, work: Callable[[Marks], Marks]) -> Marks:
    """What ``work`` makes of the marks of a dataset, written whole.

    Raises:
        InputError: as ``work`` does, or what it makes cannot be kept.
        DamagedError: what lies there is not what was written: nothing takes its place.
        StorageError: it cannot be written.
    """
    path = of.path
    with data_home.alone(path.parent):
        marks = with_marks((), work(load(of)))
        if not marks:
            with data_home.storage_errors("delete", path):
                path.unlink(missing_ok=True)
            return marks
        told = {
            "format": FORMAT,
            "kind": of.kind.value,
            "name": of.name,
            "marks": [[[*one.first], [*one.second], one.alike] for one in marks],
        }
        data_home.write_file(path, json.dumps(told, indent=1).encode())
    return marks


def stamp(of: Collection) -> Stamp:
    """What changes when the marks do; ``None`` where there are none."""
    try:
        return data_home.stamp(of.path)
    except StorageError:
        return None


@dataclass(frozen=True, slots=True)
class Pairs:
    """Marks as rows of a dataset's items.

    Attributes:
        rows: ``(p, 2)``, two different rows each; no pair twice.
        alike: ``(p,)``.
    """

    rows: IntArray
    alike: BoolArray

    def __len__(self) -> int:
        return len(self.rows)

    def take(self, which: IntArray | BoolArray) -> Pairs:
        """Some of them, by numbers ``(q,)`` or a mask ``(p,)``."""
        return Pairs(self.rows[which], self.alike[which])


def as_pairs(found: Sequence[tuple[int, int, bool]]) -> Pairs:
    """Pairs of rows, each with whether it is alike."""
    rows = np.array([one[:2] for one in found], dtype=np.int64).reshape(-1, 2)
    return Pairs(rows, np.array([one[2] for one in found], dtype=np.bool_))


def locate(marks: Marks, of: Collection) -> tuple[Pairs, Marks]:
    """The marks whose items are both there, in their order, and those whose items are not."""
    places = {item: row for row, item in enumerate(of.items)}
    there, gone = [], []
    for one in marks:
        first, second = places.get(one.first), places.get(one.second)
        if first is None or second is None:
            gone.append(one)
        else:
            there.append((first, second, one.alike))
    return as_pairs(there), tuple(gone)


def _damaged(path: Path, what: str) -> DamagedError:
    return DamagedError(
        f"The marks in “{path}” are damaged: {shorten(what, 120)}.",
        "The file must be as it was written.",
        "Put a copy of it back, or delete it; marks are kept nowhere else.",
    )
