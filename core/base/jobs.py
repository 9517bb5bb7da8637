"""Long work in the background: started once for all sessions, watched by each, cancelled by any.

A job runs in a thread and reports through the ``Progress`` it is given, which is also where a
cancelled job stops. Pages poll it; nothing here knows about pages.

Work that somebody watches goes on while one of them is there, and stops at its next report once
all have been gone for ``GONE_AFTER`` seconds, unless it was told to go on without them. Work that
nobody ever watched is the server's own and goes on.

When the process is told to end, jobs are stopped first: PyTorch ends the process with an error of
C++ ("terminate called without an active exception") where Python goes away under a thread of it.
"""

from __future__ import annotations

import contextlib
import sys
import threading
import time
import traceback
from collections.abc import Callable
from concurrent.futures import Future, wait
from typing import Any

from core.base.errors import Cancelled, ExplorerError
from core.base.types import Progress

KEPT = 64  # ended jobs whose sessions may still come to see what came of them
RESULTS_FOR = 600.0  # seconds: results may be large
GONE_AFTER = 30.0  # seconds without anybody who watches: a reload and a short break of the net
_LOOK_EVERY = 1.0  # seconds between two looks at who is there
PATIENCE = 30.0  # seconds for jobs to come to their next report when the process ends


class Job:
    """One piece of work. ``future`` holds its result or its error.

    Attributes:
        goes_on: also when nobody watches it.
        abandoned: it was stopped since nobody watched it any more.
    """

    def __init__(
        self, key: str, title: str, is_there: Callable[[str], bool] = lambda _: True
    ) -> None:
        self.key = key
        self.title = title
        self.goes_on, self.abandoned = False, False
        self._is_there = is_there
        self._watchers: set[str] = set()
        self._looked = self._seen = time.monotonic()
        self.future: Future[Any] = Future()
        self.done, self.total, self.note = 0, 0, ""
        self.ended = 0.0  # when, by the monotonic clock; it has where ``future`` is done
        self._cancelled = threading.Event()
        self._first: tuple[float, int] | None = None  # when and where this step's first one stood

    def progress(self, done: int, total: int, note: str = "") -> None:
        """Called by the work; raises ``Cancelled`` once ``cancel`` has been, or all are gone."""
        self._look()
        if self._cancelled.is_set():
            raise Cancelled(self.title)
        began_anew = done < self.done or (done == 0 and total != self.total)
        if self._first is None or began_anew:  # another step, whose units are its own
            self._first = (time.monotonic(), done)
        self.done, self.total, self.note = done, total, note

    def cancel(self) -> None:
        """Asks the work to stop at its next report."""
        self.abandoned = False
        self._cancelled.set()

    def _abandon(self) -> None:
        if not self._cancelled.is_set():
            self.abandoned = True
            self._cancelled.set()

    def watch(self, watcher: str) -> None:
        """Notes who watches; ``is_there`` is asked whether they still do."""
        self._watchers.add(watcher)

    def leave(self, watcher: str) -> None:
        """One who watched asks for something else instead; where that was the last, it stops."""
        if watcher in self._watchers:
            self._watchers.discard(watcher)
            if not self.goes_on and not self._is_watched():
                self._abandon()

    @property
    def watchers(self) -> list[str]:
        """Who has asked for it, there or not."""
        return list(self._watchers)

    def _look(self) -> None:
        now = time.monotonic()
        if self.goes_on or not self._watchers or now - self._looked < _LOOK_EVERY:
            return
        self._looked = now
        if self._is_watched():
            self._seen = now
        elif now - self._seen > GONE_AFTER:
            self._abandon()

    def _is_watched(self) -> bool:
        return any(self._is_there(watcher) for watcher in self.watchers)

    @property
    def running(self) -> bool:
        """Whether it has neither ended nor failed."""
        return not self.future.done()

    @property
    def stopping(self) -> bool:
        """Whether it was asked to stop, and has not come to its next report yet."""
        return self.running and self._cancelled.is_set()

    @property
    def share(self) -> float:
        """Part that is done, 0 to 1."""
        return min(1.0, self.done / self.total) if self.total else 0.0

    @property
    def rate(self) -> float | None:
        """Units a second since the step's first report; what was resumed is no speed."""
        if self._first is None or self.done <= self._first[1]:
            return None
        return (self.done - self._first[1]) / max(1e-9, time.monotonic() - self._first[0])

    @property
    def seconds_left(self) -> float | None:
        """Time left at the rate so far; ``None`` while there is nothing to go by."""
        rate = self.rate
        return (self.total - self.done) / rate if rate else None


class Jobs:
    """The jobs of a server, one for each key at a time.

    Args:
        is_there: whether one who watched is there still.
    """

    def __init__(self, is_there: Callable[[str], bool] = lambda _: True) -> None:
        self._is_there = is_there
        self._lock = threading.Lock()
        self._jobs: dict[str, Job] = {}
        self._ending = False

    def stop_at_exit(self) -> None:
        """Has them stopped when the process ends.

        That has to come before executors are shut down, from which jobs take threads, and so before
        the functions of ``atexit``; ``concurrent.futures`` itself registers in this way.
        """
        threading._register_atexit(self.stop)  # type: ignore[attr-defined]

    def stop(self, patience: float = PATIENCE) -> list[Job]:
        """Cancels what runs, and whatever starts from now on; those that did not end in time.

        Args:
            patience: seconds to wait for all of them together.
        """
        with self._lock:
            self._ending = True
        running = self.running("")
        for job in running:
            job.cancel()
        if wait([job.future for job in running], min(1.0, patience)).not_done:
            titles = ", ".join(job.title for job in running if job.running)
            sys.stderr.write(f"  Waiting for work to stop: {titles}\n")
            wait([job.future for job in running], patience)
        return [job for job in running if job.running]

    def start(self, key: str, title: str, work: Callable[[Progress], Any]) -> Job:
        """The running job called ``key``, or a new one that calls ``work(progress)``."""
        with self._lock:
            job = self._jobs.get(key)
            if job is not None and job.running:
                return job
            self._drop_old()
            job = self._jobs[key] = Job(key, title, self._is_there)
            if self._ending:
                job.cancel()
        threading.Thread(target=self._run, args=(job, work), name=f"job {key}", daemon=True).start()
        return job

    def get(self, key: str) -> Job | None:
        """The last job called ``key``, running or ended."""
        with self._lock:
            return self._jobs.get(key)

    def running(self, prefix: str) -> list[Job]:
        """The running jobs whose keys begin like that, those that were started first first."""
        with self._lock:
            return [
                job for key, job in self._jobs.items() if key.startswith(prefix) and job.running
            ]

    def forget(self, key: str) -> None:
        """Drops an ended job, so that its result is not kept in memory."""
        with self._lock:
            job = self._jobs.get(key)
            if job is not None and not job.running:
                del self._jobs[key]

    def _drop_old(self) -> None:
        """Drops what nobody came back for: a page that is left never forgets its jobs."""
        ended = sorted(
            (job for job in self._jobs.values() if not job.running), key=lambda job: job.ended
        )
        now = time.monotonic()
        for at, job in enumerate(ended):
            late = job.future.exception() is None and now - job.ended > RESULTS_FOR
            if late or len(ended) - at > KEPT:
                del self._jobs[job.key]

    @staticmethod
    def _run(job: Job, work: Callable[[Progress], Any]) -> None:
        # Whatever goes wrong is raised again where the result is asked for; faults of ours go on
        # from here to the log as well.
        with contextlib.suppress(ExplorerError):
            try:
                result = work(job.progress)
                job.ended = time.monotonic()
                job.future.set_result(result)
            finally:
                error = sys.exception()
                if error is not None and not job.future.done():
                    job.ended = time.monotonic()
                    _let_go(error)
                    job.future.set_exception(error)


def _let_go(error: BaseException | None) -> None:
    """Frees what an error's frames hold, such as arrays: the error itself may be kept for long."""
    while error is not None:
        traceback.clear_frames(error.__traceback__)
        error = error.__cause__ or error.__context__
