"""The rows of a JSON value, in whatever shape programs write tables.

pandas' orients are as ``DataFrame.to_json`` documents them; ``rows`` with ``row`` in each is the
Hugging Face hub's viewer, ``_source`` Elasticsearch's hits, ``properties`` GeoJSON's features.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from core.base.errors import listed

_LISTS = (
    "data",
    "rows",
    "records",
    "items",
    "results",
    "examples",
    "documents",
    "hits",
    "features",
)
_INSIDE = {"row": {"row_idx", "truncated_cells"}, "_source": None, "properties": None}
_DEPTH = 4
_PLACE = re.compile(r"0|[1-9]\d*")

_LEAST_DIM = 8  # numbers of a vector, in an object that has more keys than that
Rows = tuple[list[dict[str, Any]], list[str]]


def rows_of(whole: Any) -> Rows:
    """The rows of a table, and notes on what was set aside.

    Raises:
        ValueError: it is no table.
    """
    if isinstance(whole, list):
        return _from_list(whole)
    if not isinstance(whole, dict):
        raise ValueError(whole)
    for shape in (_split, _columns_of_cells, _lists_of_cells):
        if (found := shape(whole)) is not None:
            return found
    if (inside := _list_within(whole)) is not None:
        path, rows, others = inside
        items, notes = _from_list(rows)
        told = f"The rows were taken from “{path}”"
        aside = f"; set aside: {listed(others)}" if others else ""
        return items, [f"{told}{aside}.", *notes]
    return [as_row(whole)], []  # JSON Lines of one line


def as_row(value: Any) -> dict[str, Any]:
    """A row of an object, or of a text alone.

    Raises:
        ValueError: it is something else.
    """
    if isinstance(value, str):
        return {"text": value}
    if not isinstance(value, dict):
        raise ValueError(value)
    return value


def _from_list(values: Sequence[Any]) -> Rows:
    if values and all(isinstance(value, list) for value in values):
        return _from_lists(values)
    items = [as_row(value) for value in values]
    for key, beside in _INSIDE.items():
        inside = [item.get(key) for item in items]
        others = {name for item in items for name in item} - {key}
        rows = [row for row in inside if isinstance(row, dict)]
        if items and len(rows) == len(items) and (beside is None or others <= beside):
            aside = f"; set aside: {listed(sorted(others))}" if others else ""
            return rows, [f"Each row was taken from “{key}”{aside}."]
    return items, []


def _from_lists(values: Sequence[list[Any]]) -> Rows:
    """Rows as lists of cells; the first names the columns where all its cells are texts."""
    if not any(values):
        return [], []
    if any(isinstance(cell, dict | list) for row in values for cell in row):
        raise ValueError(values)
    width = max(map(len, values))
    names = [str(at + 1) for at in range(width)]
    first = values[0]
    below = [cell for row in values[1:] for cell in row if isinstance(cell, str)]
    named = (
        len(values) > 1
        and len(first) == width
        and all(isinstance(cell, str) and cell for cell in first)
        and len(set(first)) == width
        and not set(first) & set(below)
    )
    names = [*first] if named else [f"column {name}" for name in names]
    body = values[1:] if named else values
    odd = sum(len(row) != width for row in body)
    notes = [f"{odd} rows have fewer cells than the others; those were left empty."] if odd else []
    return [dict(zip(names, row, strict=False)) for row in body], notes


def _lists_of_cells(whole: Mapping[str, Any]) -> Rows | None:
    """An object of equally long lists, one a column."""
    lists = [*whole.values()]
    if not all(isinstance(value, list) for value in lists):
        return None
    if len({len(value) for value in lists}) != 1 or _of_objects(lists):
        found = [name for name, value in whole.items() if value and _of_objects([value])]
        if found:  # a list of rows beside others, as in {"features": [], "rows": [...]}
            return None
    dims = {len(value) for value in lists}
    if len(dims) == 1 and len(lists) > max(dims) >= _LEAST_DIM and all(map(_is_vector, lists)):
        rows = [{"word": name, "vector": value} for name, value in whole.items()]
        return rows, ["Each key was taken for a word, and its list for its vector."]
    return [dict(zip(whole, row, strict=True)) for row in zip(*lists, strict=True)], []


def _is_vector(cells: Sequence[Any]) -> bool:
    numbers = all(isinstance(one, int | float) and not isinstance(one, bool) for one in cells)
    return numbers and any(isinstance(one, float) for one in cells)


def _of_objects(lists: Sequence[Sequence[Any]]) -> bool:
    return all(value and all(isinstance(one, dict) for one in value) for value in lists)


def _split(whole: Mapping[str, Any]) -> Rows | None:
    """pandas' orients ``split`` and ``table``."""
    if isinstance(whole.get("columns"), list) and isinstance(whole.get("data"), list):
        names = [_name(column) for column in whole["columns"]]
        rows = whole["data"]
        if not all(isinstance(row, list) and len(row) == len(names) for row in rows):
            return None
        items = [dict(zip(names, row, strict=True)) for row in rows]
        return _with_index(items, whole.get("index")), []
    schema = whole.get("schema")
    if isinstance(schema, dict) and isinstance(whole.get("data"), list):
        items = [as_row(row) for row in whole["data"]]
        key = schema.get("primaryKey")
        index = key[0] if isinstance(key, list) and len(key) == 1 else None
        if index is not None and [item.get(index) for item in items] == [*range(len(items))]:
            items = [{k: v for k, v in item.items() if k != index} for item in items]
        return items, []
    return None


def _name(column: Any) -> str:
    return "_".join(map(str, column)) if isinstance(column, list) else str(column)


def _with_index(items: list[dict[str, Any]], index: Any) -> list[dict[str, Any]]:
    """The rows with their index as a column, unless it counts from 0."""
    if not isinstance(index, list) or len(index) != len(items) or index == [*range(len(items))]:
        return items
    return [
        {_free("index", item): _name(at), **item} for at, item in zip(index, items, strict=True)
    ]


def _free(name: str, item: Mapping[str, Any]) -> str:
    while name in item:
        name += "_"
    return name


def _columns_of_cells(whole: Mapping[str, Any]) -> Rows | None:
    """pandas' orients ``columns`` and ``index``: an object of objects of cells."""
    parts = [*whole.values()]
    if not parts or not all(isinstance(part, dict) and part for part in parts):
        return None
    keys = [*parts[0]]
    if any([*part] != keys for part in parts) or len(parts) * len(keys) < 2:
        return None
    if any(isinstance(cell, dict) for part in parts for cell in part.values()):
        return None
    outer, inner = all(map(_PLACE.fullmatch, whole)), all(map(_PLACE.fullmatch, keys))
    if not outer and not inner and len(parts) == 1:
        return None  # one object in another
    columns = inner if outer != inner else _one_kind(parts) and not _one_kind(_turned(parts))
    table = {_: [*part.values()] for _, part in whole.items()} if columns else None
    index = keys if columns else [*whole]
    if table is not None:
        items = [dict(zip(table, row, strict=True)) for row in zip(*table.values(), strict=True)]
    else:
        items = [dict(part) for part in parts]
    places = [str(at) for at in range(len(items))]
    return _with_index(items, None if index == places else index), []


def _turned(parts: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    return [{str(at): part[key] for at, part in enumerate(parts)} for key in parts[0]]


def _one_kind(parts: Sequence[Mapping[str, Any]]) -> bool:
    """Whether the cells of each part are of one kind."""
    return all(
        len({_kind(cell) for cell in part.values() if cell is not None}) <= 1 for part in parts
    )


def _kind(cell: Any) -> str:
    return (
        "number"
        if isinstance(cell, int | float) and not isinstance(cell, bool)
        else type(cell).__name__
    )


def _list_within(whole: Mapping[str, Any]) -> tuple[str, list[Any], list[str]] | None:
    """The list of rows within an object: its path, itself, and the keys beside it.

    The list that lies least deep is taken, and of several there one by a usual name.
    """
    found = [
        (len(path), path[-1] not in _LISTS, path, value)
        for path, value in _lists(whole, ())
        if value and all(isinstance(one, dict) for one in value)
    ]
    if not found:
        return None
    first = min(found, key=lambda one: one[:2])
    _, unusual, path, rows = first
    if sum(one[:2] == first[:2] for one in found) > 1 or (unusual and len(rows) < 2):
        return None
    return ".".join(path), rows, [key for key in whole if key != path[0]]


def _lists(value: Any, path: tuple[str, ...]) -> Iterator[tuple[tuple[str, ...], list[Any]]]:
    if isinstance(value, dict) and len(path) < _DEPTH:
        for key, inner in value.items():
            if isinstance(inner, list):
                yield (*path, key), inner
            else:
                yield from _lists(inner, (*path, key))
