"""Runs commands one after another in this process, each with a time limit, all with one of memory.

Reads a JSON list of commands from the file that is named, and prints a line of JSON for each:
its exit status, or what it raised, and its standard error.
"""

from __future__ import annotations

import contextlib
import io
import json
import resource
import signal
import sys
from pathlib import Path
from typing import NoReturn

from core.cli.main import main

MEMORY = 24_000_000_000  # bytes of addresses, of which torch alone takes many
SECONDS = 120


def hangs(*_: object) -> NoReturn:
    """What the alarm raises."""
    raise TimeoutError("it hangs")


def run(command: list[str]) -> tuple[str, str]:
    """Status or exception, and what was told."""
    out, err = io.StringIO(), io.StringIO()
    signal.alarm(SECONDS)
    try:
        with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
            return f"status {main(command)}", err.getvalue()
    except BaseException as error:  # noqa: BLE001  # whatever it is, the parent shall see it
        return f"{type(error).__name__}: {error}", err.getvalue()
    finally:
        signal.alarm(0)


if __name__ == "__main__":
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    signal.signal(signal.SIGALRM, hangs)
    for asked in json.loads(Path(sys.argv[1]).read_text(encoding="utf-8")):
        sys.stdout.write(json.dumps(run(asked)) + "\n")
