"""The shelf: vectors a person keeps to use again, in a formula or on another page."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

import numpy as np

from core.base.errors import InputError, shorten
from core.base.types import FloatArray, Space
from core.shelf.kept import MAX_NAME, Kept, checked, clean_name, new_key
from core.storage.data_home import distinct_name

MAX_KEPT = 200
NEVER = "Vectors of two embedding models can't be compared."
Change = Callable[[list[Kept]], list[Kept]]


class Shelf:
    """Kept vectors in the order a person gave them; names are distinct.

    Every change goes through ``_change``, as a function of the items that are there: a shelf that
    others change too (``shelf_store``) first looks at what is there now.
    """

    def __init__(self) -> None:
        self.items: list[Kept] = []
        self.removed: list[tuple[int, Kept]] = []  # what ``undo`` puts back, by its place

    def _change(self, change: Change) -> None:
        self.items = change(self.items)

    def find(self, name: str) -> Kept | None:
        """The item called ``name``."""
        return next((item for item in self.items if item.name == name), None)

    def keep(  # noqa: PLR0913
        self,
        space: str,
        vector: FloatArray,
        made: str,
        name: str = "",
        *,
        title: str = "",
        picture: bytes = b"",
        formula: str = "",
    ) -> Kept:
        """Adds a vector ``(dim,)`` under ``name``, made distinct by a number where it is taken.

        The same vector, made in the same way, is not kept twice: the item that is there is given.

        Raises:
            InputError: the shelf is full, or could not be read again with this vector on it.
        """
        with np.errstate(over="ignore"):  # then it is infinite, and told
            row = np.array(vector, dtype=np.float32)
        item = Kept(clean_name(name or made), space, row, made, title, picture, formula=formula)
        item = checked(item)

        def is_there(one: Kept) -> bool:
            alike = one.made == made if not name else one.name == item.name
            return alike and one.space == space and np.array_equal(one.vector, item.vector)

        def change(items: list[Kept]) -> list[Kept]:
            return items if any(map(is_there, items)) else joined(items, [item])

        self._change(change)
        return next(one for one in self.items if one.key == item.key or is_there(one))

    def add(self, more: Sequence[Kept]) -> int:
        """Adds items, such as imported ones, but none that is here already; how many were added.

        Raises:
            InputError: they do not fit on the shelf; none is added then.
        """
        before = {item.key for item in self.items}

        def change(items: list[Kept]) -> list[Kept]:
            here = {_identity(item) for item in items}
            new = [item for item in more if _identity(item) not in here]
            return joined(items, [replace(item, key=new_key()) for item in new])

        self._change(change)
        return len({item.key for item in self.items} - before)

    def rename(self, old: str, new: str) -> None:
        """Gives an item another name.

        Raises:
            InputError: the new name is empty or taken.
        """
        name = clean_name(new)

        def change(items: list[Kept]) -> list[Kept]:
            if name != old and any(item.name == name for item in items):
                raise InputError(
                    f"“{shorten(name)}” is saved already.",
                    "Names are distinct.",
                    "Choose another name.",
                )
            return [replace(item, name=name) if item.name == old else item for item in items]

        self._change(change)

    def move(self, name: str, steps: int) -> None:
        """Moves an item down by ``steps`` places, up where negative, at most to the end."""

        def change(items: list[Kept]) -> list[Kept]:
            at = next((at for at, item in enumerate(items) if item.name == name), None)
            if at is None:
                return items
            others = items[:at] + items[at + 1 :]
            to = min(max(at + steps, 0), len(others))
            return [*others[:to], items[at], *others[to:]]

        self._change(change)

    def remove(self, name: str) -> None:
        """Takes an item off the shelf; ``undo`` puts it back."""
        self._remove(lambda item: item.name == name)

    def clear(self) -> None:
        """Takes all off the shelf; ``undo`` puts them back."""
        self._remove(lambda item: True)

    def _remove(self, chosen: Callable[[Kept], bool]) -> None:
        def change(items: list[Kept]) -> list[Kept]:
            self.removed = [(at, item) for at, item in enumerate(items) if chosen(item)]
            return [item for item in items if not chosen(item)]

        self._change(change)

    def undo(self) -> None:
        """Puts what was removed last back where it stood.

        Raises:
            InputError: the shelf is full.
        """
        removed = self.removed

        def change(items: list[Kept]) -> list[Kept]:
            here = {item.key for item in items}
            back = [(at, item) for at, item in removed if item.key not in here]
            named = joined(items, [item for _, item in back])[len(items) :]
            found = list(items)
            for (at, _), item in zip(back, named, strict=True):
                found.insert(at, item)
            return found

        self._change(change)
        self.removed = []

    def of_space(self, space: str, dim: int | None = None) -> dict[str, FloatArray]:
        """Vectors ``(dim,)`` by name that can be used in ``space``: only its own compare."""
        return {
            item.name: item.vector
            for item in self.items
            if item.space == space and dim in (None, item.vector.size)
        }

    def refuse(self, name: str, space: Space) -> None:
        """Raises where ``name`` is a kept vector of another space; to be asked last.

        Raises:
            InputError: it is; the message names both spaces.
        """
        item = self.find(name)
        if item is not None and not item.fits(space):
            raise InputError(
                f"[{shorten(name)}] is a vector {why_not(item, space)}.",
                NEVER,
                f"Choose the model of [{shorten(name)}] here, or save a vector of "
                f"{space.title} and use that.",
            )


def why_not(item: Kept, space: Space) -> str:
    """What an item is of, and that the page works in another space."""
    if item.space == space.name:
        return f"of {item.vector.size} numbers, and {space.title} now has {space.dim}"
    return f"of the embedding model {item.space_title}; this page uses {space.title}"


def joined(items: Sequence[Kept], more: Sequence[Kept]) -> list[Kept]:
    """``items`` and then ``more``, whose names are made distinct.

    Raises:
        InputError: these are more than a shelf holds.
    """
    if len(items) + len(more) > MAX_KEPT:
        fuller = f"{len(more):,} more do not fit." if len(more) > 1 else "It is full."
        raise InputError(
            f"At most {MAX_KEPT} vectors are saved, and {len(items)} are there.",
            fuller,
            "Remove some first.",
        )
    found, taken = list(items), {item.name for item in items}
    for item in more:
        name = distinct_name(item.name, taken, longest=MAX_NAME)
        taken.add(name)
        found.append(item if name == item.name else replace(item, name=name))
    return found


def _identity(item: Kept) -> tuple[str, str, bytes]:
    return item.name, item.space, item.vector.tobytes()
