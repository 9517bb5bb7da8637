"""Whether the values of a recipe or of settings lie in their ranges."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from core.base.errors import InputError, shorten


def require_in_ranges(
    held: Any,
    of: str,
    ranges: Mapping[str, tuple[float, float]],
    whole: Collection[str],
    optional: Collection[str] = (),
) -> None:
    """Checks the fields of ``held`` that ``ranges`` names; those ``optional`` may be ``None``.

    Args:
        of: what they belong to, as in “of the map”.

    Raises:
        InputError: a value is no number, not a whole one where it must be, or out of range.
    """
    for name, (low, high) in ranges.items():
        value = getattr(held, name)
        if value is None and name in optional:
            continue
        kinds = int if name in whole else int | float
        number = isinstance(value, kinds) and not isinstance(value, bool)
        if not number or not low <= value <= high:
            kind = "a whole number" if name in whole else "a number"
            raise InputError(
                f"“{name}” of {of} is {shorten(repr(value))}.",
                f"It is {kind} from {low:.12g} to {high:.12g}.",
                "Change it.",
            )


def with_whole(values: Mapping[str, Any], whole: Collection[str]) -> dict[str, Any]:
    """``values``, as of JSON, where ``whole`` names are ints also where 2.0 was written for 2."""
    return {
        name: int(value)
        if name in whole and isinstance(value, float) and value.is_integer()
        else value
        for name, value in values.items()
    }


def tells_number(text: str, low: float, high: float) -> bool:
    """Whether a text, as of a link, is a number from ``low`` to ``high``."""
    try:
        return low <= float(text) <= high
    except ValueError:
        return False
