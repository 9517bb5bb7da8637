"""Work of libraries in a child process that is kept for the next work of its kind.

Their compiled loops may hold the interpreter from their start to their end: in this process no
other session would be answered meanwhile, and nothing but the end of a process stops them. So what
``report`` raises ends the child, whatever it does.

Work is sent as a line of JSON, ``{"options": {…}, "arrays": 1}``, and the arrays as ``.npy``; the
answer is lines ``{"done": 3}``, at times ``{"piece": {…}}`` with an array, and at last
``{"result": true}`` with an array.
"""

from __future__ import annotations

import json
import os
import queue
import re
import subprocess
import sys
import threading
import warnings
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack, suppress
from typing import IO, Any

import numpy as np
from numpy.typing import NDArray

from core.base import child_process
from core.base.child_process import LastLine
from core.base.errors import OutOfMemoryError, shorten

KEPT_SECONDS = 300.0  # a child that has nothing to do
LOOK = 0.2  # seconds between two looks whether the work was cancelled
_KILLED = -9

Array = NDArray[Any]
Report = Callable[[int], None]
Piece = Callable[[dict[str, Any], Array], None]
Work = Callable[[dict[str, Any], list[Array], "Answers"], Array]


_Answer = int | Array | tuple[dict[str, Any], Array] | None


class ChildError(Exception):
    """The work failed in the child: its last words."""


class Worker:
    """Children that run a module, which calls ``serve``; started when they are needed.

    Args:
        module: what they run.
        name: of the work, for messages.
        instead: what helps where the memory does not suffice.
        at_once: how many work at the same time; other work waits.
    """

    def __init__(self, module: str, *, name: str, instead: str, at_once: int = 1) -> None:
        self._module, self._name, self._instead = module, name, instead
        self._places = threading.BoundedSemaphore(at_once)
        self._lock = threading.Lock()
        self._idle: list[_Child] = []
        self.working: list[_Child] = []

    def ask(
        self,
        options: Mapping[str, Any],
        arrays: Sequence[Array],
        report: Report,
        piece: Piece | None = None,
    ) -> Array:
        """What the module makes of ``options`` (JSON) and arrays.

        Args:
            report: told how far it is, also several times a second while nothing happens; what it
                raises ends the child.
            piece: given what the work hands over on its way; what it raises ends the child too.

        Raises:
            OutOfMemoryError: no process can be started, or the system ended it.
            ChildError: the work failed.
        """
        while not self._places.acquire(timeout=LOOK):
            report(0)
        try:
            child = self._take()
            with ExitStack() as failing:
                failing.callback(child.end)
                try:
                    answer = child.ask(options, arrays, report, piece)
                finally:
                    self.working.remove(child)
                failing.pop_all()
            self._keep(child)
        finally:
            self._places.release()
        return answer

    def stop(self) -> None:
        """Ends the children that wait for work."""
        with self._lock:
            idle, self._idle = self._idle, []
        for child in idle:
            child.end()

    def _take(self) -> _Child:
        with self._lock:
            while self._idle:
                child = self._idle.pop()
                if child.process.poll() is None:
                    break
                child.end()
            else:
                child = _Child(self._module, self._name, self._instead)
            child.timer.cancel()
            self.working.append(child)
        return child

    def _keep(self, child: _Child) -> None:
        with self._lock:
            self._idle.append(child)
            child.timer = threading.Timer(KEPT_SECONDS, self._let_go, (child,))
            child.timer.daemon = True
            child.timer.start()

    def _let_go(self, child: _Child) -> None:
        with self._lock:
            if child not in self._idle:
                return
            self._idle.remove(child)
        child.end()


class _Child:
    """A process with what it said last on stderr, and the timer that ends it when it is idle."""

    def __init__(self, module: str, name: str, instead: str) -> None:
        self._name, self._instead = name, instead
        self.timer = threading.Timer(0, lambda: None)
        try:
            self.process = child_process.start_module(module)
        except OSError as error:
            raise OutOfMemoryError(
                f"The process of {name} did not start: {error.strerror}.",
                "The system must have room for one more.",
                f"Close something, or {instead}.",
            ) from error
        assert self.process.stderr is not None  # noqa: S101  # for mypy
        self._errors = LastLine(self.process.stderr)

    def ask(
        self,
        options: Mapping[str, Any],
        arrays: Sequence[Array],
        report: Report,
        piece: Piece | None,
    ) -> Array:
        """As ``Worker.ask``."""
        answers: queue.Queue[_Answer] = queue.Queue()
        # Writing waits for the child as well, which imports before it reads.
        talk = threading.Thread(
            target=_talk, args=(self.process, options, arrays, answers), daemon=True
        )
        talk.start()
        done = 0
        while True:
            report(done)
            try:
                answer = answers.get(timeout=LOOK)
            except queue.Empty:
                continue
            if answer is None:
                raise self._failed()
            if isinstance(answer, int):
                done = answer
            elif isinstance(answer, tuple):
                if piece is not None:
                    piece(*answer)
            else:
                return answer

    def end(self) -> None:
        """Ends the process, whatever it does."""
        self.timer.cancel()
        child_process.end(self.process)

    def _failed(self) -> ChildError | OutOfMemoryError:
        with suppress(subprocess.TimeoutExpired):
            self.process.wait(child_process.STOP_SECONDS)
        status = self.process.returncode
        if status == _KILLED:
            return OutOfMemoryError(
                f"The system ended the process of {self._name}.",
                "It does so where the memory does not suffice.",
                f"Take fewer items, or {self._instead}.",
            )
        return ChildError(shorten(self._errors.wait() or f"it ended with status {status}", 300))


def _talk(
    process: subprocess.Popen[bytes],
    options: Mapping[str, Any],
    arrays: Sequence[Array],
    answers: queue.Queue[_Answer],
) -> None:
    """Sends work, and hands on how far it is, pieces and then the result, or ``None``."""
    stdin, stdout = process.stdin, process.stdout
    assert stdin is not None and stdout is not None  # noqa: S101  # for mypy
    with suppress(OSError, ValueError):  # it has ended: cut pipes, and what was cut by that
        child_process.write_line(stdin, {"options": options, "arrays": len(arrays)})
        for array in arrays:
            child_process.write_array(stdin, array)
        stdin.flush()
        while line := stdout.readline():
            answer = json.loads(line)
            if "done" in answer:
                answers.put(int(answer["done"]))
            elif "piece" in answer:
                answers.put((answer["piece"], child_process.read_array(stdout)))
            else:
                answers.put(child_process.read_array(stdout))
                return
    answers.put(None)


class Answers:
    """How work in the child says how far it is, by being called, and hands over pieces."""

    def __init__(self, stream: IO[bytes]) -> None:
        self._stream = stream

    def __call__(self, done: int) -> None:
        """Says that so much of the work is done."""
        child_process.write_line(self._stream, {"done": done})

    def piece(self, told: Mapping[str, Any], array: Array) -> None:
        """Hands over ``told`` (JSON) and an array of any shape before the work is over."""
        self._send({"piece": told}, array)

    def result(self, array: Array) -> None:
        """Hands over what the work gave, of any shape."""
        self._send({"result": True}, array)

    def _send(self, message: Mapping[str, Any], array: Array) -> None:
        child_process.write_line(self._stream, message)
        child_process.write_array(self._stream, array)
        self._stream.flush()


class PrintedSteps:
    """A file for a library that prints how far it is: tells ``report`` what it finds in that.

    Args:
        pattern: a regular expression whose first group is the number of steps that are done.
    """

    def __init__(self, pattern: str, report: Report) -> None:
        self._pattern, self._report = re.compile(pattern), report

    def write(self, text: str) -> None:
        """``text`` as it is printed."""
        if found := self._pattern.search(text):
            self._report(int(found[1]))

    def flush(self) -> None:
        """Each line is, as it is written."""


def serve(prepare: Callable[[], Work]) -> None:
    """What the child's module calls: does work after work until stdin ends.

    Args:
        prepare: imports what is needed and gives what does the work. It is called before stdin is
            read: on Windows, importing a library may wait for such a read to end.
    """
    warnings.simplefilter("ignore")  # the last line of stderr tells why it ended
    answers = Answers(child_process.take_stdout())
    work = prepare()
    threading.excepthook = child_process.end_with_error
    jobs: queue.Queue[tuple[dict[str, Any], list[Array]]] = queue.Queue()

    def do_work() -> None:
        while True:
            options, arrays = jobs.get()
            answers.result(np.asarray(work(options, arrays, answers)))

    threading.Thread(target=do_work, daemon=True).start()
    stdin = sys.stdin.buffer
    while line := stdin.readline():
        job = json.loads(line)
        jobs.put((job["options"], [child_process.read_array(stdin) for _ in range(job["arrays"])]))
    os._exit(0)  # in the middle of work as well
