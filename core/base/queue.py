"""One piece of work at a time on a device, many waiting: who is next, and who has which place."""

from __future__ import annotations

import threading
from collections.abc import Callable, Hashable, Iterator
from contextlib import contextmanager

_LOOK_EVERY = 0.25  # seconds between two looks of one that waits


def place_note(place: int) -> str:
    """A place as a progress bar notes it; nothing for the first."""
    return f"waits, {place} before it" if place else ""


class Queue:
    """Work in the order it came. One piece is served at a time."""

    def __init__(self) -> None:
        self._line: list[Hashable] = []
        self._changed = threading.Condition()

    def place(self, who: Hashable) -> int:
        """How many are before it; 0 is being served, or has not come yet."""
        with self._changed:
            return self._line.index(who) if who in self._line else 0

    def __len__(self) -> int:
        return len(self._line)

    @contextmanager
    def turn(self, who: Hashable, waits: Callable[[int], None]) -> Iterator[None]:
        """Takes the last place, waits until it is served, and frees the place at the end.

        Only the thread that will work takes a place: one taken for it, by a page that is left at
        that moment, would never be freed.

        Args:
            who: stands for the work; no two have the same at a time.
            waits: called with the place, several times a second, until it is 0; what it raises
                gives the place back.
        """
        with self._changed:
            self._line.append(who)
        try:
            with self._changed:
                while place := self._line.index(who):
                    waits(place)
                    self._changed.wait(_LOOK_EVERY)
            waits(0)
            yield
        finally:
            with self._changed:
                self._line.remove(who)
                self._changed.notify_all()
