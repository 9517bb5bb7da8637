"""Numbers as programs write them into tables of text."""

from __future__ import annotations

import re
from collections.abc import Sequence

# Not 007, +1, 1e5, 1,000, which may be names of things; before the point only as many digits as a
# float64 holds (from 1e16 on programs write an exponent). Behind it there may be any number: near 0
# even a float32 is written with 18 decimals and more.
_WHOLE = re.compile(r"(?!-0$)-?(?:0|[1-9]\d{0,14})", re.ASCII)
_FRACTION = re.compile(
    r"-?(?:0|[1-9]\d{0,15})\.\d+|-?\d(?:\.\d+)?(?:[eE][+-](?:[0-2]?\d\d)|e-\d)", re.ASCII
)
_MISSING = ("nan", "NaN", "NA")  # as NumPy and R write them


def is_number(cell: str) -> bool:
    """Whether a cell is a number and nothing else; no space at its ends."""
    return bool(_WHOLE.fullmatch(cell) or _FRACTION.fullmatch(cell))


def to_numbers(cells: Sequence[str]) -> Sequence[int | float | str]:
    """Numbers for the cells of a column that are all numbers or missing; else the cells.

    A cell is missing where it is empty or, among fractions, where it is nan or NA; it becomes "".
    """
    there = [cell.strip() for cell in cells if cell]
    if any(map(_FRACTION.fullmatch, there)):
        there = [cell for cell in there if cell not in _MISSING]
    return [_number(cell.strip()) for cell in cells] if all(map(is_number, there)) else cells


def _number(cell: str) -> int | float | str:
    if not cell or cell in _MISSING:
        return ""
    return int(cell) if _WHOLE.fullmatch(cell) else float(cell)
