"""What the child processes of ``core.readers.isolated`` run.

``python -m core.readers.isolated_child PARENT`` takes requests on stdin, a JSON object a line, and
answers each on a line of stdout: ``result``, ``error`` (type and three parts) or ``over`` (what
came to its limit), with lines of ``progress`` before. It ends when stdin does.
"""

from __future__ import annotations

import contextlib
import errno
import importlib
import json
import os
import signal
import sys
import time
from pathlib import Path
from typing import IO, Any

from core.base import child_process
from core.base.errors import ExplorerError
from core.readers import isolated

REPORTS = 0.1  # seconds between reports of progress
_FULL = (errno.ENOSPC, getattr(errno, "EDQUOT", errno.ENOSPC))  # which Windows has not
_DEATH_SIGNAL = 1  # Linux's PR_SET_PDEATHSIG


def main(parent: int) -> None:
    """Answers until stdin ends."""
    answers = child_process.take_stdout()
    isolated.inside = True
    with contextlib.suppress(AttributeError, OSError):  # Windows has other ways
        os.nice(5)
    for line in sys.stdin.buffer:
        request = json.loads(line)
        if request["alone"]:
            _end_with_thread(parent)
        child_process.write_line(answers, _answer(request, answers))


def _answer(request: dict[str, Any], answers: IO[bytes]) -> dict[str, Any]:
    function = isolated.resolve(request["function"])
    for library in request["libraries"]:
        with contextlib.suppress(ImportError):  # what needs it tells that it is missing
            importlib.import_module(library)
    last = 0.0

    def progress(done: int, total: int, note: str = "") -> None:
        nonlocal last
        if time.monotonic() - last > REPORTS:
            last = time.monotonic()
            child_process.write_line(answers, {"progress": [done, total, note]})

    _limit(**request["limits"])
    try:
        return {"result": function(progress=progress, **request["arguments"])}
    except ExplorerError as error:
        parts = [error.given, error.expected, error.remedy]
        return {"error": [type(error).__name__, *parts]}
    except MemoryError:
        return {"over": "memory"}
    except OSError as error:
        if error.errno in _FULL:
            return {"over": "disk"}
        if error.errno != errno.EFBIG:
            raise
        return {"over": "output"}


def _end_with_thread(parent: int) -> None:
    """Asks Linux to kill this process with the thread that started it, whatever it is doing."""
    if sys.platform == "linux":
        import ctypes

        ctypes.CDLL(None).prctl(_DEATH_SIGNAL, int(signal.SIGKILL))
        if os.getppid() != parent:  # it died before
            os._exit(0)


def _limit(memory: int, seconds: float, output: int) -> None:
    """Has the system keep the limits, counted from here on, as far as it can."""
    if sys.platform == "win32":
        return
    import resource

    wanted = {
        resource.RLIMIT_CPU: int(time.process_time() + seconds) + 1,
        resource.RLIMIT_FSIZE: output,
        resource.RLIMIT_CORE: 0,
    }
    with contextlib.suppress(OSError):  # only Linux tells, and keeps it
        pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[0])
        wanted[resource.RLIMIT_AS] = pages * resource.getpagesize() + memory
    for kind, value in wanted.items():
        hard = resource.getrlimit(kind)[1]
        allowed = value if hard == resource.RLIM_INFINITY else min(value, hard)
        with contextlib.suppress(ValueError, OSError):
            resource.setrlimit(kind, (allowed, hard))


if __name__ == "__main__":
    main(int(sys.argv[1]))
