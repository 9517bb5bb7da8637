"""One picture at a time on a device, many sessions waiting: who is next, who went away."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from core.base.errors import Cancelled

GONE_AFTER = 30.0  # seconds without a sign of the session that asked
_LOOK_EVERY = 0.25


class Ticket:
    """A place in a queue, held for a session as long as it gives signs of life."""

    def __init__(self, title: str, clock: Callable[[], float] = time.monotonic) -> None:
        self.title = title
        self._clock = clock
        self._seen = clock()
        self._cancelled = threading.Event()

    def see(self) -> None:
        """The session is still there."""
        self._seen = self._clock()

    def cancel(self) -> None:
        """Gives the place back."""
        self._cancelled.set()

    def check(self) -> None:
        """Raises ``Cancelled`` where the place was given back, or its session went away."""
        if self._cancelled.is_set() or self._clock() - self._seen > GONE_AFTER:
            raise Cancelled(self.title)


class Queue:
    """Tickets in the order they came. One is served at a time."""

    def __init__(self) -> None:
        self._tickets: list[Ticket] = []
        self._changed = threading.Condition()

    def place(self, ticket: Ticket) -> int:
        """How many are before it; 0 is being served, or has not come yet."""
        with self._changed:
            return self._tickets.index(ticket) if ticket in self._tickets else 0

    def __len__(self) -> int:
        return len(self._tickets)

    @contextmanager
    def turn(self, ticket: Ticket) -> Iterator[None]:
        """Takes the last place, waits until it is served, and frees the place at the end.

        Only the thread that will draw takes a place: one taken for it, by a page that is left at
        that moment, would never be freed.

        Raises:
            Cancelled: the ticket was given back while it waited.
        """
        with self._changed:
            self._tickets.append(ticket)
        try:
            with self._changed:
                while self._tickets[0] is not ticket:
                    ticket.check()
                    self._changed.wait(_LOOK_EVERY)
            ticket.check()
            yield
        finally:
            with self._changed:
                self._tickets.remove(ticket)
                self._changed.notify_all()
