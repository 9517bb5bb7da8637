"""Long work runs once for all, reports, stops when asked, and hands on its errors."""

import threading
import weakref
from typing import Any

import numpy as np
import pytest

from core.base import jobs as base_jobs
from core.base.errors import Cancelled, InputError
from core.base.jobs import Job, Jobs
from core.base.types import Progress

TIMEOUT = 10


def test_a_job_hands_on_its_result_and_is_started_once() -> None:
    jobs, go, runs = Jobs(), threading.Event(), []

    def work(progress: Progress) -> str:
        runs.append(1)
        progress(1, 2, "halves")
        assert go.wait(TIMEOUT)
        return "done"

    first = jobs.start("key", "Working", work)
    assert jobs.start("key", "Working", work) is first
    go.set()
    assert first.future.result(TIMEOUT) == "done"
    assert runs == [1]
    assert (first.done, first.total, first.note) == (1, 2, "halves")
    jobs.forget("key")
    assert jobs.get("key") is None


def test_a_cancelled_job_stops_at_its_next_report_and_can_start_again() -> None:
    jobs, reached, go = Jobs(), threading.Event(), threading.Event()

    def work(progress: Progress) -> None:
        reached.set()
        assert go.wait(TIMEOUT)
        progress(1, 2)

    job = jobs.start("key", "Working", work)
    assert reached.wait(TIMEOUT)
    assert not job.stopping
    job.cancel()
    assert job.stopping  # and says so until its next report
    go.set()
    with pytest.raises(Cancelled, match="Working was cancelled"):
        job.future.result(TIMEOUT)
    assert not job.stopping
    again = jobs.start("key", "Working", lambda progress: 5)
    assert again.future.result(TIMEOUT) == 5


@pytest.mark.parametrize("error", [InputError("a", "b", "c"), ZeroDivisionError()])
def test_a_job_hands_on_its_error_and_only_faults_of_ours_are_logged(
    error: Exception, monkeypatch: pytest.MonkeyPatch
) -> None:
    logged: list[Any] = []
    monkeypatch.setattr(threading, "excepthook", lambda caught: logged.append(caught.exc_value))

    def work(progress: Progress) -> Any:
        raise error

    job = Jobs().start("key", "Working", work)
    assert job.future.exception(TIMEOUT) is error
    for thread in threading.enumerate():
        if thread.name == "job key":
            thread.join(TIMEOUT)
    assert logged == ([] if isinstance(error, InputError) else [error])


def test_time_left_is_told_by_what_was_done_since_the_first_report(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    now = [100.0]
    monkeypatch.setattr("core.base.jobs.time.monotonic", lambda: now[0])
    job = Job("key", "Working")
    assert job.seconds_left is None
    job.progress(600, 1_000)  # resumed: these were there already
    assert job.rate is None
    now[0] += 10
    job.progress(700, 1_000)
    assert job.rate == pytest.approx(10)
    assert job.seconds_left == pytest.approx(30)
    assert job.share == pytest.approx(0.7)
    now[0] += 1_000
    job.progress(0, 20, "ranked")  # what comes after has units of its own
    assert job.rate is None
    now[0] += 2
    job.progress(5, 20, "ranked")
    assert job.seconds_left == pytest.approx(6)


def test_ended_jobs_that_nobody_comes_back_for_are_dropped_the_oldest_first() -> None:
    jobs = Jobs()
    for number in range(base_jobs.KEPT + 10):
        jobs.start(f"{number}", "Working", lambda progress: None).future.result(TIMEOUT)
    kept = [number for number in range(base_jobs.KEPT + 10) if jobs.get(f"{number}") is not None]
    assert kept == list(range(9, base_jobs.KEPT + 10))


def test_a_result_waits_for_its_session_for_a_time_a_failure_longer_and_what_runs_stays(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    now, go, jobs = [100.0], threading.Event(), Jobs()
    monkeypatch.setattr("core.base.jobs.time.monotonic", lambda: now[0])

    def fail(progress: Progress) -> None:
        raise InputError("a", "b", "c")

    running = jobs.start("running", "Working", lambda progress: go.wait(TIMEOUT))
    jobs.start("done", "Working", lambda progress: 5).future.result(TIMEOUT)
    assert jobs.start("failed", "Working", fail).future.exception(TIMEOUT) is not None
    now[0] += base_jobs.RESULTS_FOR
    jobs.start("other", "Working", lambda progress: 5).future.result(TIMEOUT)
    assert jobs.get("done") is not None
    now[0] += 1
    jobs.start("last", "Working", lambda progress: 5).future.result(TIMEOUT)
    assert jobs.get("done") is None
    assert jobs.get("failed") is not None
    assert jobs.get("running") is running
    go.set()
    running.future.result(TIMEOUT)


def test_a_kept_error_holds_nothing_of_what_the_work_had_in_hand() -> None:
    held: list[Any] = []

    def work(progress: Progress) -> None:
        array = np.zeros(4)
        held.append(weakref.ref(array))
        try:
            raise ValueError(array.sum())
        except ValueError as error:
            raise InputError("a", "b", "c") from error

    error = Jobs().start("key", "Working", work).future.exception(TIMEOUT)
    assert isinstance(error, InputError)
    assert isinstance(error.__cause__, ValueError)
    assert held[0]() is None


def test_all_jobs_are_stopped_at_the_end_and_those_that_go_on_are_named(
    capsys: pytest.CaptureFixture[str],
) -> None:
    jobs, ready, go = Jobs(), threading.Barrier(3), threading.Event()

    def work(progress: Progress) -> None:
        ready.wait(TIMEOUT)
        while not go.wait(0.01):
            progress(1, 2)

    def deaf(progress: Progress) -> None:
        ready.wait(TIMEOUT)
        assert go.wait(TIMEOUT)

    heeding, not_heeding = jobs.start("a", "Mapping", work), jobs.start("b", "Loading", deaf)
    ready.wait(TIMEOUT)
    assert jobs.stop(patience=0.5) == [not_heeding]
    assert isinstance(heeding.future.exception(TIMEOUT), Cancelled)
    assert capsys.readouterr().err == "  Waiting for work to stop: Loading\n"
    go.set()
    not_heeding.future.result(TIMEOUT)
    late = jobs.start("c", "Late", lambda progress: progress(0, 1))
    assert isinstance(late.future.exception(TIMEOUT), Cancelled)
    assert jobs.stop() == []


def test_work_that_nobody_watches_any_more_stops_and_other_work_goes_on(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    now, there = [100.0], {"ann", "bob"}
    monkeypatch.setattr("core.base.jobs.time.monotonic", lambda: now[0])
    jobs = Jobs(there.__contains__)
    steps = {name: threading.Semaphore(0) for name in ("watched", "own", "kept")}
    did = {name: threading.Semaphore(0) for name in steps}

    def work(name: str, progress: Progress) -> None:
        for number in range(100):
            assert steps[name].acquire(timeout=TIMEOUT)
            progress(number, 100)
            did[name].release()

    started = {
        name: jobs.start(name, name, lambda progress, name=name: work(name, progress))
        for name in steps
    }
    watched, kept = started["watched"], started["kept"]
    watched.watch("ann")
    watched.watch("bob")
    kept.watch("ann")
    kept.goes_on = True

    def after(seconds: float) -> None:
        now[0] += seconds
        for name, job in started.items():
            steps[name].release()
            if job.running:
                did[name].acquire(timeout=TIMEOUT if not job.abandoned else 0.1)

    after(100)
    there.remove("ann")
    after(100)  # bob is there
    there.remove("bob")
    after(20)
    there.add("bob")  # a reload
    after(5)
    there.remove("bob")
    after(base_jobs.GONE_AFTER)
    assert watched.running
    now[0] += 1.5
    steps["watched"].release()
    assert isinstance(watched.future.exception(TIMEOUT), Cancelled)
    assert (watched.abandoned, kept.abandoned, started["own"].abandoned) == (True, False, False)
    after(1_000)
    assert kept.running
    assert started["own"].running
    for job in (kept, started["own"]):
        job.cancel()
        steps[job.key].release()
        assert isinstance(job.future.exception(TIMEOUT), Cancelled)
        assert not job.abandoned


def test_who_asks_for_something_else_stops_what_nobody_else_watches() -> None:
    job = Job("key", "Mapping", {"ann", "bob"}.__contains__)
    job.watch("ann")
    job.watch("bob")
    job.leave("cleo")
    job.leave("ann")
    job.progress(1, 2)
    job.leave("bob")
    with pytest.raises(Cancelled):
        job.progress(2, 2)
    assert job.abandoned
    other = Job("key", "Mapping", lambda _: False)
    other.watch("gone")
    other.watch("ann")
    other.goes_on = True
    other.leave("ann")
    other.progress(1, 2)
    other.goes_on = False
    other.watch("ann")
    other.leave("ann")  # the one who is gone does not count
    with pytest.raises(Cancelled):
        other.progress(2, 2)


def test_running_jobs_are_found_by_how_their_keys_begin() -> None:
    jobs, go = Jobs(), threading.Event()
    first = jobs.start("train a 1", "Training", lambda _: go.wait(TIMEOUT))
    second = jobs.start("train a 2", "Training", lambda _: go.wait(TIMEOUT))
    other = jobs.start("train b 1", "Training", lambda _: go.wait(TIMEOUT))
    assert jobs.running("train a ") == [first, second]
    go.set()
    for job in (first, second, other):
        job.future.result(TIMEOUT)
    assert jobs.running("train a ") == []
