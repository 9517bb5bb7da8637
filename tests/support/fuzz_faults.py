"""The child of `bench fuzz` with a reader that goes wrong in several ways."""

from __future__ import annotations

import json
import os
import sys

from benchmarks import fuzz
from core.base.types import no_progress
from tests.support.isolated_functions import abort_for_memory


def read(reader: str, data: bytes) -> bool:
    number = int(data)
    if number == 1:
        raise ZeroDivisionError("a fault")
    if number == 3:
        raise MemoryError
    if number == 4:
        os.abort()
    if number == 5:
        abort_for_memory(no_progress)
    return number == 2


if __name__ == "__main__":
    fuzz.read = read
    fuzz.case = lambda reader, seed, number: str(number).encode()
    fuzz.files = lambda reader: [b"0"]
    left, count, seed = json.loads(sys.argv[-1])
    fuzz.work(left, count, seed)
