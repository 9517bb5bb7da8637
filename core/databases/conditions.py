"""What the fields of rows must have, as databases compare it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Literal

Value = str | float | int | bool


@dataclass(frozen=True, slots=True)
class Range:
    """From ``low`` to ``high``, both included; ``None`` for no end."""

    low: float | None = None
    high: float | None = None


Wanted = Value | tuple[Value, ...] | Range  # one value, one of several, or a range
Sign = Literal["=", "IN", ">=", "<="]


def comparisons(where: Mapping[str, Wanted]) -> Iterator[tuple[str, Sign, tuple[Value, ...]]]:
    """Field, sign and operands of each comparison, several behind ``IN``; all must hold."""
    for name, wanted in where.items():
        if isinstance(wanted, Range):
            for sign, end in ((">=", wanted.low), ("<=", wanted.high)):
                if end is not None:
                    yield name, sign, (_whole(end),)  # type: ignore[misc]
        elif isinstance(wanted, tuple):
            yield name, "IN", wanted
        else:
            yield name, "=", (wanted,)


def _whole(number: float) -> float | int:
    return int(number) if float(number).is_integer() else number
