"""Demo mode: for a public host, where the app takes little of strangers and keeps nothing.

One variable switches it on, before the start. What it guards asks here, on every page and below.
"""

from __future__ import annotations

import os

from core.base.errors import InputError

VARIABLE = "EMBEDDING_EXPLORER_DEMO"
MEGABYTES = 5  # of an upload at most
HOURS = 24  # after which what a visit left on the disk is deleted


def is_on() -> bool:
    """Whether this process serves a demo."""
    return os.environ.get(VARIABLE) == "1"


def megabytes(most: int) -> int:
    """How large an upload may be that is otherwise taken up to ``most`` megabytes."""
    return min(most, MEGABYTES) if is_on() else most


def require_off(what: str) -> None:
    """Passes where this is no demo; ``what`` begins the sentence that says what is off.

    Raises:
        InputError: it is one.
    """
    if is_on():
        raise InputError(
            f"{what} is off in this demo.",
            "It keeps nothing and serves many at once.",
            "Run the app on your own computer for that: it is one command.",
        )
