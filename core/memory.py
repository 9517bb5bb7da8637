"""Asking whether something fits into memory before making it."""

from __future__ import annotations

from core.errors import InputError

# What is left to the system and to the other sessions.
RESERVE = 0.15


def available_bytes() -> int:
    """Memory that can be taken without swapping."""
    import psutil

    memory = psutil.virtual_memory()
    return max(0, int(memory.available - RESERVE * memory.total))


def require_memory(needed: int, what: str, remedy: str) -> None:
    """Raises ``InputError`` where ``needed`` bytes for ``what`` are not to be had."""
    free = available_bytes()
    if needed > free:
        raise InputError(
            f"{what} needs {format_bytes(needed)} of memory.",
            f"{format_bytes(free)} can be used here.",
            remedy,
        )


def format_bytes(count: float) -> str:
    """A number of bytes for a person, as in ``46 MB``."""
    for unit in ("bytes", "kB", "MB"):
        if count < 1000:
            return f"{count:.0f} {unit}"
        count /= 1000
    return f"{count:.1f} GB"
