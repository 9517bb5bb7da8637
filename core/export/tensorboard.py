"""TensorBoard's projector for an export of ``core.export.projector``, in a process of its own."""

from __future__ import annotations

import atexit
import importlib.util
import subprocess
import threading
from pathlib import Path

from core.base import child_process
from core.base.child_process import LastLine
from core.base.errors import InputError, NotReadyError, ServiceError, shorten
from core.base.reasons import reason_of
from core.export import projector
from core.export.tensorboard_child import HOST

START_SECONDS = 180.0  # TensorBoard reads about a million numbers a second, one by one


class ProjectorServer:
    """A child process that serves one export folder to this computer alone, without a password.

    It has read the export when it is made and never reads it again: a replaced export needs a new
    server. It ends with this process, also after ``kill -9``, since it watches the pipe to it.

    Attributes:
        url: the address of the projector.
        folder: the export it serves.
    """

    def __init__(self, process: subprocess.Popen[bytes], port: int, folder: Path) -> None:
        self.url = f"http://{HOST}:{port}/#projector"
        self.folder = folder
        self._process = process
        atexit.register(self.stop)

    @property
    def running(self) -> bool:
        """Whether the child is alive."""
        return self._process.poll() is None

    def stop(self) -> None:
        """Ends the child; a second call does nothing."""
        atexit.unregister(self.stop)
        child_process.end(self._process)


def start(folder: Path) -> ProjectorServer:
    """Serves ``folder``, as ``projector.write_projector`` wrote it, on a free port.

    Returns when the projector can be opened. An export of 12,000 vectors of 384 numbers takes
    some seconds, and TensorBoard some 40 bytes for each number while it reads.

    Raises:
        InputError: if there is no export in the folder.
        NotReadyError: if TensorBoard is not installed.
        ServiceError: if it does not start, or not within ``START_SECONDS``.
    """
    files = (projector.VECTORS, projector.METADATA, projector.CONFIG)
    missing = [file for file in files if not (folder / file).is_file()]
    if missing:
        raise InputError(
            f"The folder “{folder}” lacks {' and '.join(missing)}.",
            f"An export has the files {', '.join(files)}.",
            "Export the vectors to this folder first.",
        )
    if importlib.util.find_spec("tensorboard") is None:
        raise NotReadyError(
            "TensorBoard is not installed.", "", "Install it: pip install tensorboard"
        )
    try:
        process = child_process.start_module("core.export.tensorboard_child", str(folder.resolve()))
    except OSError as error:
        raise _failed(reason_of(error)) from error
    return ProjectorServer(process, _wait_for_port(process), folder)


def _wait_for_port(process: subprocess.Popen[bytes]) -> int:
    """The port the child says it serves on; ends a child that does not say one in time."""
    assert process.stdout is not None and process.stderr is not None  # noqa: S101  # for mypy
    last = LastLine(process.stderr)
    late = threading.Event()

    def give_up() -> None:
        late.set()
        process.kill()

    timer = threading.Timer(START_SECONDS, give_up)
    timer.daemon = True
    timer.start()
    try:
        line = process.stdout.readline()
    finally:
        timer.cancel()
    if line.strip().isdigit():
        return int(line)
    child_process.end(process)
    if late.is_set():
        raise _failed(f"it did not answer within {START_SECONDS:g} seconds")
    raise _failed(last.wait() or f"it ended with status {process.returncode}")


def _failed(reason: str) -> ServiceError:
    return ServiceError(
        f"TensorBoard did not start: {shorten(reason, 200).rstrip('.')}.",
        "It must be able to read the export and to open a port on this computer.",
        "Export again, or open the files on projector.tensorflow.org.",
    )
