"""Progress of a headless command."""

from __future__ import annotations

import time

from core.cli import streams


class StderrProgress:
    """Progress as lines on standard error, at most one every two seconds."""

    def __init__(self) -> None:
        self._last = time.monotonic()

    def __call__(self, done: int, total: int, note: str = "") -> None:
        """Prints how far the work is; where nothing is counted yet (0 of 0), the note alone."""
        told = f"{done:,} of {total:,} {note}".rstrip() if total else note
        now = time.monotonic()
        if told and now - self._last >= 2:
            self._last = now
            streams.tell(told)
