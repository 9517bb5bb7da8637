"""The app's verbs, run in one child process that keeps its models open between calls.

So the package ``core`` of the app never meets another of that name, and what a caller has imported
stays as it is.
"""

from __future__ import annotations

import atexit
import json
import os
import subprocess
import sys
import threading
from contextlib import suppress
from typing import Any

from embedding_explorer.app_files import APP


class EmbeddingExplorerError(Exception):
    """What was given cannot be used: what it was, what was expected, what to do."""


_lock = threading.Lock()
_child: subprocess.Popen[str] | None = None


def run(*arguments: str) -> dict[str, Any]:
    """What a verb of ``python -m core`` answers with ``--json``; paths are absolute.

    Raises:
        EmbeddingExplorerError: the arguments, or what they name, cannot be used.
        RuntimeError: the child ended without an answer.
    """
    with _lock:
        child = _started()
        assert child.stdin is not None and child.stdout is not None  # noqa: S101
        try:
            child.stdin.write(json.dumps({"arguments": arguments}) + "\n")
            child.stdin.flush()
            line = child.stdout.readline()
        except (KeyboardInterrupt, BrokenPipeError):
            stop()  # its answer would be taken for that of the next question
            raise
    if not line:
        stop()  # it may still be ending, and would be taken for one that answers
        raise RuntimeError("The process that runs the app's verbs ended; its messages say why.")
    answer = json.loads(line)
    if "error" in answer:
        error = answer["error"]
        raise EmbeddingExplorerError(
            " ".join(error[part] for part in ("given", "expected", "remedy") if error[part])
        )
    result: dict[str, Any] = answer["result"]
    return result


def environment() -> dict[str, str]:
    """The environment of the app's processes: with it ``-m`` finds the package in its folder."""
    return {key: value for key, value in os.environ.items() if key != "PYTHONSAFEPATH"}


def stop() -> None:
    """Ends the child; the next call starts another."""
    global _child  # noqa: PLW0603  # one a process
    if _child is not None:
        _child.kill()
        with suppress(OSError):  # what was not written yet has no reader any more
            _child.communicate()
        _child = None


def _started() -> subprocess.Popen[str]:
    global _child  # noqa: PLW0603  # one a process
    if _child is None or _child.poll() is not None:
        _child = subprocess.Popen(
            [sys.executable, "-m", "core.cli.kept"],
            cwd=APP,
            env=environment(),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            encoding="utf-8",
            process_group=0,  # Ctrl-C is ours: ``run`` ends the child where it waits for it
        )
        atexit.register(stop)
    return _child
