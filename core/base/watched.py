"""Long work that reports seldom, in a thread of its own: who waits for it can leave at once."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor, wait
from typing import TypeVar

from core.base.errors import Cancelled
from core.base.types import Progress

_LOOK = 0.2  # seconds between two looks
T = TypeVar("T")


class _Reports:
    """What the work reported last, and whether who waited has left."""

    def __init__(self, progress: Progress, name: str) -> None:
        self._progress, self._name = progress, name
        self.last: tuple[int, int, str] = (0, 0, "")
        self.left = False

    def take(self, done: int, total: int, note: str = "") -> None:
        """Hands a report on; ends the work once nobody waits for it any more."""
        if self.left:
            raise Cancelled(self._name)
        self.last = (done, total, note)
        self._progress(done, total, note)


def run_watched(work: Callable[[Progress], T], progress: Progress, name: str = "work") -> T:
    """What ``work(report)`` gives.

    Args:
        progress: told what the work reports, and its last report again several times a second while
            there is no other. What it raises ends the waiting at once, and the work at its next
            report, wherever that comes.
        name: of the thread.

    Raises:
        Whatever the work or ``progress`` raises.
    """
    reports = _Reports(progress, name)
    pool = ThreadPoolExecutor(1, thread_name_prefix=name)
    running = pool.submit(work, reports.take)
    pool.shutdown(wait=False)
    try:
        while wait([running], _LOOK).not_done:
            progress(*reports.last)
    finally:
        reports.left = True
    return running.result()
