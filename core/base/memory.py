"""Asking whether something fits into memory before making it."""

from __future__ import annotations

from core.base.errors import InputError, counted

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
    """A number of bytes for a person, as in ``46 MB``, ``4.4 MB`` or ``16.3 GB``."""
    if round(count) < 1000:
        return counted(round(count), "byte")
    for unit in ("kB", "MB", "GB", "TB"):
        count /= 1000
        if count < 999.5 or unit == "TB":
            break
    return f"{count:,.{int(count < 9.95 or unit in ('GB', 'TB'))}f} {unit}"
