"""Columns for Parquet: what Arrow takes of a table's columns."""

from __future__ import annotations

from typing import Any

from core.base.columns import Columns


def _valid(text: str) -> str:
    """``text`` with a question mark for what UTF-8 cannot hold (half of a surrogate pair)."""
    return text.encode("utf-8", "replace").decode("utf-8")


def arrow_columns(columns: Columns, taken: str = "") -> dict[str, Any]:
    """Columns as Arrow arrays; a name that is there or ``taken`` gets a ``_`` behind it.

    A column of mixed types becomes text.
    """
    import pyarrow as pa

    arrays: dict[str, Any] = {}
    for column, values in columns.items():
        name = _valid(column)
        while name == taken or name in arrays:
            name += "_"
        cells = [_valid(value) if isinstance(value, str) else value for value in values]
        try:
            arrays[name] = pa.array(cells)
        except (pa.ArrowException, OverflowError):
            arrays[name] = pa.array([None if cell is None else _valid(str(cell)) for cell in cells])
    return arrays
