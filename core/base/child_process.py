"""Child processes that run a module of ours, and what they say.

A child is to end when its stdin does: the system closes that pipe when this process ends, however
it ends, after ``kill -9`` too.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
from collections import deque
from collections.abc import Mapping
from contextlib import suppress
from typing import IO, Any

import numpy as np
from numpy.typing import NDArray

from core.base.paths import ROOT

STOP_SECONDS = 10.0


def start_module(
    module: str,
    *arguments: str,
    environment: Mapping[str, str] | None = None,
    stderr: IO[bytes] | int = subprocess.PIPE,
) -> subprocess.Popen[bytes]:
    """``python -m module`` with pipes for its stdin, stdout and stderr.

    Args:
        environment: what it sees of the environment; ours by default.
        stderr: where its messages go.

    Raises:
        OSError: the system starts no process.
    """
    given = os.environ if environment is None else environment
    # With PYTHONSAFEPATH, -m would not find the package core in the working directory.
    env = {key: value for key, value in given.items() if key != "PYTHONSAFEPATH"}
    return subprocess.Popen(  # noqa: S603  # our own module
        [sys.executable, "-m", module, *arguments],
        cwd=ROOT,
        env=env,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=stderr,
    )


def write_array(stream: IO[bytes], array: NDArray[Any]) -> None:
    """An array ``(…)`` of any shape as ``.npy``, without pickle, into a pipe."""
    np.lib.format.write_array(_Pipe(stream), array, allow_pickle=False)


def read_array(stream: IO[bytes]) -> NDArray[Any]:
    """The array ``(…)`` that ``write_array`` wrote, in its shape.

    Raises:
        ValueError: the stream ends before the array does, or holds none.
    """
    array: NDArray[Any] = np.lib.format.read_array(_Pipe(stream), allow_pickle=False)
    return array


class _Pipe:
    """A pipe that is not known for a file: numpy asks files for their place, which pipes lack."""

    def __init__(self, stream: IO[bytes]) -> None:
        self.write, self.read = stream.write, stream.read


def end_with_error(failure: threading.ExceptHookArgs) -> None:
    """For ``threading.excepthook`` of a child, which a thread that failed would leave waiting."""
    words = " ".join(str(failure.exc_value).split())
    sys.stderr.write(f"{failure.exc_type.__name__}: {words}\n")
    sys.stderr.flush()
    os._exit(1)


def take_stdout() -> IO[bytes]:
    """Stdout of a child for its answers alone: what a library prints goes to stderr from now on.

    Ctrl+C in the terminal is for the app; the child ends with it.
    """
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    answers = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    return answers


def write_line(stream: IO[bytes], message: Mapping[str, Any]) -> None:
    """A message as a line of JSON."""
    stream.write(json.dumps(message).encode() + b"\n")
    stream.flush()


class LastLine:
    """Reads all that a child says on a stream, so that it never waits for a reader.

    ``wait`` gives the last line that says something, once the child has ended.
    """

    def __init__(self, stream: IO[bytes]) -> None:
        self._last: deque[bytes] = deque(maxlen=1)
        self._reader = threading.Thread(target=self._read, args=(stream,), daemon=True)
        self._reader.start()

    def _read(self, stream: IO[bytes]) -> None:
        with stream:
            self._last.extend(line for line in stream if line.strip())

    def wait(self) -> str:
        """The last line, once the stream has ended; "" for none."""
        self._reader.join(STOP_SECONDS)
        return b"".join(self._last).decode("utf-8", "replace").strip()


def end(process: subprocess.Popen[bytes], patience: float = STOP_SECONDS) -> None:
    """Ends a child: asks it to, and kills it where it does not within ``patience`` seconds."""
    if patience > 0:
        process.terminate()
    try:
        process.wait(patience)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
    for stream in (process.stdin, process.stdout):
        if stream is not None:
            with suppress(OSError):  # of what could not be written any more
                stream.close()
