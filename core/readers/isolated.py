"""Readers of strangers' files in a child process, within limits of memory, time and output.

A file that a library cannot bear ends or holds up the child and not the server: that becomes a
message like any other, and Cancel kills the child. What it gives is JSON, and files in a folder of
the caller's; nothing is pickled. The child has none of the environment's keys.

The system keeps the limits where it has them (``RLIMIT_AS`` and ``RLIMIT_CPU``: Linux has both,
macOS the second, Windows neither), and everywhere this process looks every tenth of a second. A
child ends with its parent: on Linux at once, also after ``kill -9``; elsewhere after ``kill -9``
when it has read, or at its limit of time.
"""

from __future__ import annotations

import atexit
import contextlib
import importlib
import json
import os
import queue
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from core.base import child_process, errors, memory
from core.base.errors import ExplorerError, InputError, OutOfMemoryError, StorageError, shorten
from core.base.memory import format_bytes
from core.base.reasons import reason_of
from core.base.types import Progress, no_progress

CHILD = "core.readers.isolated_child"
TICK = 0.1  # seconds between looks at a child
PATIENCE = 10  # times the seconds of computing that a child may take in all, beside busy others
IDLE = 30.0  # seconds that a child which is kept waits for more to do
ANSWER = 500_000_000  # bytes of an answer's JSON
# What a child sees of the environment: where things are, and no keys.
ENVIRONMENT = (
    *("PATH", "HOME", "USERPROFILE", "APPDATA", "LOCALAPPDATA", "SYSTEMROOT", "WINDIR"),
    *("TMPDIR", "TEMP", "TMP", "LANG", "LC_ALL", "LC_CTYPE", "LD_LIBRARY_PATH", "VIRTUAL_ENV"),
    *("PYTHONPATH", "PYTHONHOME", "PYTHONDONTWRITEBYTECODE", "EMBEDDING_EXPLORER_HOME"),
)
# Each thread reserves address space, which counts, and a GPU's driver more than any limit leaves.
FRUGAL = {
    "OMP_NUM_THREADS": "1",
    "OPENBLAS_NUM_THREADS": "1",
    "MKL_NUM_THREADS": "1",
    "ARROW_IO_THREADS": "1",
    "ARROW_DEFAULT_MEMORY_POOL": "system",
    "MALLOC_ARENA_MAX": "2",
    "CUDA_VISIBLE_DEVICES": "",
}
_ANSWERS = {"progress", "over", "error", "result"}
KILLED, OUT_OF_TIME = -9, -24  # statuses: by the system, short of memory; by SIGXCPU
# What libraries say, in some line of their last ones, as they end without memory.
NO_MEMORY = ("memory allocation of", "bad_alloc", "MemoryError", "annot allocate memory")

inside = False  # whether this process is a child, which does its work itself


@dataclass(frozen=True, slots=True)
class Limits:
    """What reading may take.

    Attributes:
        memory: bytes beyond what the child has when its libraries are loaded.
        seconds: of computing.
        output: bytes of a file that it writes.
    """

    memory: int
    seconds: float
    output: int


def limits_for(size: int) -> Limits:
    """What reading a file of ``size`` bytes may take: some times what usual ones do."""
    room = max(500_000_000, memory.available_bytes())
    return Limits(min(1_500_000_000 + 30 * size, room), 60 + size / 250_000, 2_000_000_000 + size)


@contextlib.contextmanager
def folder_with(files: Mapping[str, bytes]) -> Iterator[Path]:
    """A folder with these files for a child, and for what it gives; it is deleted afterwards.

    Raises:
        StorageError: they cannot be written.
    """
    with contextlib.ExitStack() as stack:
        try:
            folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="reader-")))
            for file, data in files.items():
                (folder / file).write_bytes(data)
        except OSError as error:
            raise _no_room(reason_of(error)) from error
        yield folder


def _no_room(reason: str) -> StorageError:
    return StorageError(
        f"A file could not be laid aside while it is read: {reason}.",
        "The folder for temporary files must have room for it.",
        "Free some space, or point TMPDIR to another folder.",
    )


def run(  # noqa: PLR0913
    function: str,
    arguments: Mapping[str, Any],
    *,
    name: str,
    limits: Limits,
    progress: Progress = no_progress,
    error: type[InputError] = InputError,
    libraries: Sequence[str] = (),
    keep: bool = False,
) -> Any:
    """What ``function(progress=..., **arguments)`` gives in a child; arguments and answer are JSON.

    Args:
        function: ``module:name``.
        name: of the file, for messages.
        error: what is raised where the child came to an end.
        libraries: modules that are imported before memory and time are counted.
        keep: let the child wait for the next call of this kind, where there are many small files.

    Raises:
        ExplorerError: as the function raised it; ``error`` where it came to its limits or died.
        StorageError: the disk is full.
        Cancelled: by ``progress``, which is called all the while.
    """
    if inside:
        return resolve(function)(progress=progress, **arguments)
    request = {
        "function": function,
        "arguments": dict(arguments),
        "libraries": list(libraries),
        "alone": not keep,
    }
    with _place(_KEPT_PLACES if keep else _PLACES, progress), _child(keep=keep) as child:
        try:
            answer = child.ask(request, limits, progress)
        except _OverError as over:
            if over.cause == "disk":
                raise _no_room("No space left on device") from over
            raise _explained(over, name, limits, error) from over
    if "error" in answer:
        raise _raised(answer["error"])
    return answer["result"]


def resolve(function: str) -> Callable[..., Any]:
    """The function of a name ``module:name``."""
    module, _, name = function.partition(":")
    reader: Callable[..., Any] = getattr(importlib.import_module(module), name)
    return reader


@contextlib.contextmanager
def _place(places: threading.Semaphore, progress: Progress) -> Iterator[None]:
    """Waits until few enough others read, since each may take its limit of memory."""
    while not places.acquire(timeout=TICK):
        progress(0, 0)
    try:
        yield
    finally:
        places.release()


_PLACES = threading.BoundedSemaphore(2)
_KEPT_PLACES = threading.BoundedSemaphore(2)


class _OverError(Exception):
    """A child ended before its answer: ``memory``, ``time``, ``output``, ``disk``, ``fault``."""

    def __init__(self, cause: str, detail: str = "") -> None:
        super().__init__(cause, detail)
        self.cause, self.detail = cause, detail


class _Child:
    """A process that takes requests, one JSON object a line, and answers each on a line."""

    def __init__(self) -> None:
        self._stderr = tempfile.TemporaryFile()  # noqa: SIM115  # closed by end
        seen = {name: os.environ[name] for name in ENVIRONMENT if name in os.environ}
        try:
            self._process = child_process.start_module(
                CHILD, str(os.getpid()), environment=seen | FRUGAL, stderr=self._stderr
            )
        except OSError as error:
            self._stderr.close()
            raise OutOfMemoryError(
                f"The process that reads files did not start: {error.strerror}.",
                "The system must have room for one more.",
                "Close something, and try again.",
            ) from error
        _living.add(self)
        self._lines: queue.SimpleQueue[bytes] = queue.SimpleQueue()
        threading.Thread(target=self._listen, name="reader's answers", daemon=True).start()

    def _listen(self) -> None:
        stream = self._process.stdout
        assert stream is not None  # noqa: S101  # for mypy
        with stream, contextlib.suppress(ValueError, OSError):  # closed meanwhile
            while (line := stream.readline(ANSWER)).endswith(b"\n"):
                self._lines.put(line)
        self._lines.put(b"")

    @property
    def alive(self) -> bool:
        return self._process.poll() is None

    def ask(
        self, request: Mapping[str, Any], limits: Limits, progress: Progress
    ) -> Mapping[str, Any]:
        """The answer to a request: ``result`` or ``error``."""
        stream = self._process.stdin
        assert stream is not None  # noqa: S101  # for mypy
        with contextlib.suppress(OSError):  # it has died, which its empty line tells
            child_process.write_line(stream, {**request, "limits": asdict(limits)})
        watch = _Watch(self._process.pid, limits)
        state: tuple[int, int, str] = (0, 0, "")
        while True:
            with contextlib.suppress(queue.Empty):
                answer = self._answer(self._lines.get(timeout=TICK))
                if "progress" not in answer:
                    break
                done, total, note = answer["progress"]
                state = (int(done), int(total), str(note))
            progress(*state)
            watch.look()
        if "over" in answer:
            raise _OverError(str(answer["over"]))
        return answer

    def _answer(self, line: bytes) -> dict[str, Any]:
        if not line:
            raise self._death()
        try:
            answer = json.loads(line)
        except (ValueError, RecursionError) as error:
            raise _OverError("fault", "its answer is no JSON") from error
        if not isinstance(answer, dict) or not answer.keys() & _ANSWERS:
            raise _OverError("fault", "its answer is none")
        return answer

    def _death(self) -> _OverError:
        """Why it ended, by its status and its last words."""
        with contextlib.suppress(subprocess.TimeoutExpired):
            self._process.wait(5)
        status = self._process.returncode or 0
        self._stderr.seek(max(0, self._stderr.seek(0, os.SEEK_END) - 20_000))
        words = self._stderr.read().decode("utf-8", "replace")
        if any(sign in words for sign in NO_MEMORY) or status == KILLED:
            return _OverError("memory")
        if status == OUT_OF_TIME:
            return _OverError("time")
        sys.stderr.write(words)
        last = next((line for line in reversed(words.splitlines()) if line.strip()), "")
        return _OverError("fault", last or f"status {status}")

    def end(self) -> None:
        """Kills it; a second call does nothing."""
        _living.discard(self)
        child_process.end(self._process, patience=0)
        self._stderr.close()


class _Watch:
    """Looks whether a child keeps to its limits, for systems that do not see to that."""

    def __init__(self, pid: int, limits: Limits) -> None:
        self._pid, self._limits = pid, limits
        self._started = time.monotonic()
        self._before: tuple[float, int] | None = None  # seconds and bytes at the first look

    def look(self) -> None:
        """Raises ``_OverError`` where it does not."""
        import psutil

        try:
            process = psutil.Process(self._pid)
            times, resident = process.cpu_times(), process.memory_info().rss
        except psutil.Error:
            return  # it has ended
        used = times.user + times.system
        if self._before is None:
            self._before = (used, resident)
        allowed = self._limits
        if resident - self._before[1] > allowed.memory:
            raise _OverError("memory")
        late = time.monotonic() - self._started > PATIENCE * allowed.seconds
        if late or used - self._before[0] > allowed.seconds:
            raise _OverError("time")


_living: set[_Child] = set()


@atexit.register
def _end_all() -> None:
    for child in list(_living):
        child.end()


@contextlib.contextmanager
def _child(*, keep: bool) -> Iterator[_Child]:
    """A child, which is ended afterwards unless it is to be kept and all went well."""
    child = (_waiting.pop() if keep and _waiting else None) or _Child()
    with contextlib.ExitStack() as stack:
        stack.callback(child.end)
        yield child
        if keep and child.alive:
            stack.pop_all()
            _waiting.append(child)


class _Waiting:
    """Children that wait for more to do; they are ended when nothing came for a while."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._children: list[tuple[float, _Child]] = []  # and since when they wait

    def __len__(self) -> int:
        return len(self._children)

    def append(self, child: _Child) -> None:
        with self._lock:
            self._children.append((time.monotonic(), child))
        timer = threading.Timer(IDLE + TICK, self._end_old)
        timer.daemon = True
        timer.start()

    def pop(self) -> _Child | None:
        with self._lock:
            while self._children:
                _, child = self._children.pop()
                if child.alive:
                    return child
                child.end()
        return None

    def _end_old(self) -> None:
        with self._lock:
            now = time.monotonic()
            old = [child for since, child in self._children if now - since > IDLE]
            self._children = [pair for pair in self._children if now - pair[0] <= IDLE]
        for child in old:
            child.end()


_waiting = _Waiting()


def _raised(parts: Any) -> ExplorerError:
    """An error of a child, as it raised it."""
    name, given, expected, remedy = map(str, parts)
    kind: Any = getattr(errors, name, None)
    plain = isinstance(kind, type) and issubclass(kind, ExplorerError)
    if not plain or kind in (errors.UnknownTermError, errors.Cancelled):
        return InputError(given, expected, remedy)
    error: ExplorerError = kind(given, expected, remedy)
    return error


def _explained(over: _OverError, name: str, limits: Limits, error: type[InputError]) -> InputError:
    quoted = f"“{shorten(name)}”"
    if over.cause == "memory":
        return error(
            f"{quoted} could not be read: that took more than {format_bytes(limits.memory)} of "
            "memory.",
            "Files of its size take less.",
            "Take a part of it, save it in another format, or close other programs.",
        )
    if over.cause == "time":
        return error(
            f"{quoted} could not be read: that took more than {limits.seconds:,.0f} seconds of "
            "computing.",
            "Files of its size take less.",
            "Take a part of it, or save it in another format.",
        )
    if over.cause == "output":
        return error(
            f"{quoted} could not be read: it unpacks to more than {format_bytes(limits.output)}.",
            "That is the most that is kept while reading.",
            "Take a part of it.",
        )
    return error(
        f"{quoted} could not be read: its reader failed ({shorten(over.detail, 120)}).",
        "A whole file is needed, as the programs of its format write it.",
        "Export it again, or save it in another format.",
    )
