"""Marks from a file: a CSV of two ids and whether they are alike."""

from __future__ import annotations

import csv
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from core.base.errors import InputError, counted, shorten
from core.base.reasons import reason_of
from core.heads.marks import MOST, Pairs, as_pairs

ALIKE = ("1", "true", "yes", "y", "+")
NOT_ALIKE = ("0", "false", "no", "n", "-", "-1")
_SEPARATORS = ",;\t"


@dataclass(frozen=True, slots=True)
class LeftOut:
    """A row of a file, from 1, without its header, that no mark came of, and why."""

    row: int
    reason: str


@dataclass(frozen=True, slots=True)
class Given:
    """What came of a file: each of its ``count`` rows is taken or left out."""

    count: int
    pairs: Pairs
    left_out: tuple[LeftOut, ...]


def read_pairs(text: str, ids: Sequence[str]) -> Given:
    """The pairs in a table of ``id,id,alike``, with or without a header.

    Of a pair that is marked both ways all rows are left out, of one that is marked the same way
    again all but the first.

    Args:
        ids: of the items, by row.

    Raises:
        InputError: there is no row, or there are too many.
    """
    places: dict[str, int] = {}
    for row, name in enumerate(ids):
        places.setdefault(name, row)  # of items of one id the first
    rows = _rows(text, places)
    if len(rows) > MOST:
        raise InputError(
            f"The file has {len(rows):,} pairs.", f"At most {MOST:,} are taken.", "Leave some out."
        )
    ways: dict[frozenset[int], set[bool]] = {}
    read = [_read(cells, places) for cells in rows]
    for one in read:
        if not isinstance(one, str):
            ways.setdefault(frozenset(one[:2]), set()).add(one[2])
    taken: dict[frozenset[int], tuple[int, int, bool]] = {}
    left_out = []
    for number, one in enumerate(read, 1):
        if isinstance(one, str):
            left_out.append(LeftOut(number, one))
        elif len(ways[frozenset(one[:2])]) > 1:
            left_out.append(LeftOut(number, "the same pair is marked alike and not alike"))
        elif frozenset(one[:2]) in taken:
            left_out.append(LeftOut(number, "the same pair is marked before"))
        else:
            taken[frozenset(one[:2])] = one
    return Given(len(rows), as_pairs(list(taken.values())), tuple(left_out))


def _rows(text: str, places: Mapping[str, int]) -> list[list[str]]:
    """The cells of each row, without spaces around them, empty rows and the header."""
    first = next((line for line in text.splitlines() if line.strip()), "")
    separator = max(_SEPARATORS, key=first.count)
    try:
        read = list(csv.reader(text.splitlines(), delimiter=separator, strict=True))
    except csv.Error as error:
        raise InputError(
            f"The file of pairs could not be read: {shorten(reason_of(error), 80)}.",
            "A CSV of id,id,alike is needed.",
            "Check its quotation marks.",
        ) from error
    rows = [[cell.strip() for cell in cells] for cells in read]
    rows = [cells for cells in rows if any(cells)]
    if rows and not {*rows[0][:2]} & {*places} and rows[0][-1].lower() not in (*ALIKE, *NOT_ALIKE):
        rows = rows[1:]  # the names of the columns
    if not rows:
        raise InputError(
            "The file has no pair.", "A CSV of id,id,alike is needed.", "Add some pairs."
        )
    return rows


def _read(cells: Sequence[str], places: Mapping[str, int]) -> tuple[int, int, bool] | str:
    """Two rows and whether they are alike; or why that cannot be told."""
    if len(cells) != 3:
        return f"it has {counted(len(cells), 'cell')} in place of id,id,alike"
    for name in cells[:2]:
        if name not in places:
            return f"there is no item “{shorten(name)}”"
    if cells[0] == cells[1]:
        return f"“{shorten(cells[0])}” is paired with itself"
    said = cells[2].lower()
    if said not in (*ALIKE, *NOT_ALIKE):
        return f"“{shorten(cells[2])}” says neither alike (1) nor not alike (0)"
    return places[cells[0]], places[cells[1]], said in ALIKE
