"""Columns with several names in a cell, such as genres: lists, or text that is written as one."""

from __future__ import annotations

import json
from ast import literal_eval
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pandas as pd

Names = tuple[str, ...]

_SIGNS = ("|", ";")  # commas stand in prose too
_LOOKED_AT = 1_000  # cells, before all of them are taken apart
_LONGEST = 40  # characters of a name that stands between signs
_WRITTEN = 10_000  # characters of a list
_OFTEN = 0.1  # of the cells have a sign, at least


def names_in(column: pd.Series[object]) -> list[Names] | None:
    """What the cells name, each cell's names sorted and once; ``None`` for a column of other kind.

    Cells are lists of texts, or texts: JSON's or Python's lists of texts (``["old", "green"]``), or
    short names between bars or semicolons (``Action|Comedy``), which then come again in other
    cells. Empty and missing cells name nothing.
    """
    from pandas.api import types

    if types.is_numeric_dtype(column) or types.is_datetime64_any_dtype(column):
        return None  # of a million rows at once
    cells = column.tolist()
    filled = [cell for cell in cells if _is_filled(cell)]
    signs = [s for s in _SIGNS if any(isinstance(one, str) and s in one for one in filled)]
    for split in (_of_list, _of_written, *map(_between, signs)):
        if not filled or any(split(cell) is None for cell in filled[:_LOOKED_AT]):
            continue
        found = [split(cell) if _is_filled(cell) else () for cell in cells]
        names = [tuple(sorted({*one})) for one in found if one is not None]
        if len(names) == len(cells) and (split in (_of_list, _of_written) or _come_again(names)):
            return names
    return None


def _is_filled(cell: object) -> bool:
    if isinstance(cell, str):
        return bool(cell.strip())
    return isinstance(cell, list | tuple) or hasattr(cell, "tolist")


def _of_list(cell: object) -> Names | None:
    if isinstance(cell, str):
        return None
    items = cell if isinstance(cell, list | tuple) else getattr(cell, "tolist", list)()
    return _names(items)


def _of_written(cell: object) -> Names | None:
    text = cell.strip() if isinstance(cell, str) else ""
    if not (text.startswith("[") and text.endswith("]") and len(text) <= _WRITTEN):
        return None
    for read in (json.loads, literal_eval):
        try:
            return _names(read(text))
        except (ValueError, SyntaxError, RecursionError, MemoryError):
            continue
    return None


def _between(sign: str) -> Callable[[object], Names | None]:
    def split(cell: object) -> Names | None:
        if not isinstance(cell, str):
            return None
        names = [name.strip() for name in cell.split(sign)]
        return _names([n for n in names if n]) if max(map(len, names)) <= _LONGEST else None

    return split


def _names(items: object) -> Names | None:
    if not isinstance(items, list | tuple) or not all(isinstance(one, str) for one in items):
        return None
    return tuple(one.strip() for one in items if one.strip())


def _come_again(found: Sequence[Names]) -> bool:
    """Whether several names stand in a cell often enough, and each in two cells on average."""
    several = sum(len(names) > 1 for names in found)
    filled = sum(bool(names) for names in found)
    different = {name for names in found for name in names}
    return several >= max(1, _OFTEN * filled) and 2 * len(different) <= sum(map(len, found))
