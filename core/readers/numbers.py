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
# The same with a decimal comma, the thousands apart by points, blanks or apostrophes or not at all.
_THOUSANDS = re.compile("[.\u00a0\u202f '’]")
_COMMA = re.compile(
    r"-?(?:0|[1-9]\d{0,15}|[1-9]\d{0,2}(?:[.\u00a0\u202f '’]\d{3}){1,4})"
    r"(?:,\d+(?:[eE][+-]?\d\d?)?)?",
    re.ASCII,
)
_GROUPED = re.compile(r"-?[1-9]\d{0,2}(?:\.\d{3}){1,4}|-?(?:0|[1-9]\d{0,14})", re.ASCII)
# With a decimal point, the thousands apart by commas or apostrophes; and what proves the comma so.
_POINT = re.compile(r"-?(?:0|[1-9]\d{0,15}|[1-9]\d{0,2}(?:[,'’]\d{3}){1,4})(?:\.\d+)?", re.ASCII)
_POINT_PROOF = re.compile(r".*(?:['’]\d|,\d{3}[.,]\d).*", re.ASCII)
# A comma that parts no thousands: other than three digits follow it, or points stand before.
_PROOF = re.compile(r"-?\d+,(?:\d{1,2}|\d{4,})|-?[\d.]+\.\d{3},\d+|-?0\d*,\d+", re.ASCII)
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


def has_decimal_commas(cells: Sequence[str], *, proof: bool) -> bool:
    """Whether all cells of a column that are there are numbers, and some have a decimal comma.

    Args:
        proof: ask for one whose comma cannot part thousands.
    """
    there = [cell.strip() for cell in cells if cell.strip() and cell.strip() not in _MISSING]
    if not any("," in cell for cell in there) or not all(map(_COMMA.fullmatch, there)):
        return False
    return not proof or any(map(_PROOF.fullmatch, there))


def has_thousands(cells: Sequence[str]) -> bool:
    """Whether all cells that are there are whole numbers, some with points between thousands."""
    there = [cell.strip() for cell in cells if cell.strip() and cell.strip() not in _MISSING]
    return any("." in cell for cell in there) and all(map(_GROUPED.fullmatch, there))


def has_parted_thousands(cells: Sequence[str]) -> bool:
    """Whether all cells that are there are numbers, some with commas or apostrophes between
    thousands and, where these are commas, one that can be nothing else (``1,234.5``)."""
    there = [cell.strip() for cell in cells if cell.strip() and cell.strip() not in _MISSING]
    return all(map(_POINT.fullmatch, there)) and any(map(_POINT_PROOF.fullmatch, there))


def from_parted(cells: Sequence[str]) -> Sequence[int | float | str]:
    """The numbers of a column of which ``has_parted_thousands`` is true."""
    plain = (re.sub("[,'’]", "", cell.strip()) for cell in cells)
    return [
        "" if not cell or cell in _MISSING else float(cell) if "." in cell else int(cell)
        for cell in plain
    ]


def from_commas(cells: Sequence[str]) -> Sequence[int | float | str]:
    """The numbers of a column of which ``has_decimal_commas`` or ``has_thousands`` is true."""
    plain = (_THOUSANDS.sub("", cell.strip()).replace(",", ".") for cell in cells)
    return [
        "" if not cell or cell in _MISSING else float(cell) if "." in cell else int(cell)
        for cell in plain
    ]


def _number(cell: str) -> int | float | str:
    if not cell or cell in _MISSING:
        return ""
    return int(cell) if _WHOLE.fullmatch(cell) else float(cell)
