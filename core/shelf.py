"""The shelf: vectors a person keeps to use again, in a formula or on another page."""

from __future__ import annotations

from dataclasses import dataclass, replace

from core.errors import InputError, shorten
from core.formula_tokens import clean
from core.store import distinct_name
from core.types import FloatArray

MAX_NAME = 60
MAX_KEPT = 200


@dataclass(frozen=True, slots=True)
class Kept:
    """A kept vector: its name, its space, the unit vector ``(dim,)``, and how it was made."""

    name: str
    space: str
    vector: FloatArray
    made: str


class Shelf:
    """Kept vectors in the order they were kept; names are distinct."""

    def __init__(self) -> None:
        self.items: list[Kept] = []

    def keep(self, space: str, vector: FloatArray, made: str, name: str = "") -> Kept:
        """Adds a vector under ``name``, made distinct by a number where it is taken.

        Raises:
            InputError: the shelf is full.
        """
        if len(self.items) >= MAX_KEPT:
            raise InputError(
                f"The shelf holds {MAX_KEPT} vectors.", "It is full.", "Remove some first."
            )
        item = Kept(self._distinct(_clean(name or made)), space, vector, made)
        self.items.append(item)
        return item

    def rename(self, old: str, new: str) -> None:
        """Gives an item another name.

        Raises:
            InputError: the new name is empty or taken.
        """
        name = _clean(new)
        if name != old and any(item.name == name for item in self.items):
            raise InputError(
                f"“{shorten(name)}” is on the shelf already.",
                "Names are distinct.",
                "Choose another name.",
            )
        self.items = [replace(i, name=name) if i.name == old else i for i in self.items]

    def remove(self, name: str) -> None:
        """Takes an item off the shelf."""
        self.items = [item for item in self.items if item.name != name]

    def of_space(self, space: str) -> dict[str, FloatArray]:
        """Vectors by name that can be used in ``space``: only its own can be compared."""
        return {item.name: item.vector for item in self.items if item.space == space}

    def _distinct(self, name: str) -> str:
        return distinct_name(name, {item.name for item in self.items})


def _clean(name: str) -> str:
    """``name`` as a formula reads it, without square brackets, which enclose names there."""
    cleaned = shorten(clean(name).replace("[", "(").replace("]", ")"), MAX_NAME)
    if not cleaned:
        raise InputError("The name is empty.", "A name is needed.", "Type one.")
    return cleaned
