"""What children of ``core.readers.isolated`` are asked to do in tests: to go wrong in all ways."""

from __future__ import annotations

import errno
import os
import re
import sys
import time
from pathlib import Path
from typing import Any

from core.base.errors import TableError, UnknownTermError
from core.base.types import Progress


def answer(given: Any, progress: Progress) -> dict[str, Any]:
    progress(1, 2, "halves")
    sys.stdout.write("a library that prints\n")
    os.write(1, b"and one that is not Python\n")
    return {"given": given, "environment": dict(os.environ), "process": os.getpid()}


def refuse(progress: Progress) -> None:
    raise TableError("Given.", "Expected.", "Remedy.")


def miss(progress: Progress) -> None:
    raise UnknownTermError("Given.", "Expected.", "Remedy.", "term")


def fail(progress: Progress) -> None:
    raise ZeroDivisionError("a fault of ours")


def abort(progress: Progress) -> None:
    os.abort()


def fill_memory(progress: Progress) -> int:
    return len(bytearray(2_000_000_000))


def abort_for_memory(progress: Progress) -> None:
    """As Rust's libraries end when they get no memory, and are to tell where."""
    os.write(2, b"memory allocation of 206158430208 bytes failed\nstack backtrace:\nnote\n")
    os.abort()


def fill_disk(path: str, progress: Progress) -> None:
    with Path(path).open("wb") as file:
        for _ in range(100):
            file.write(bytes(100_000))


def find_the_disk_full(progress: Progress) -> None:
    raise OSError(errno.ENOSPC, "No space left on device")


def never_end(mark: str, progress: Progress) -> None:
    """One call into C that holds Python's lock for longer than any test lasts."""
    Path(mark).write_text(str(os.getpid()), encoding="ascii")
    re.match("(a+)+b", "a" * 60)


def sleep(progress: Progress) -> None:
    time.sleep(3_600)


def lie(progress: Progress) -> object:
    os.write(3, b"no JSON\n")
    for number in range(3, 10):  # the child's own way to answer is one of these
        try:
            os.write(number, b"[1, 2]\n")
        except OSError:
            continue
    return None
