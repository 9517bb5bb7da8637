"""Long work runs once for all, reports, stops when asked, and hands on its errors."""

import threading
from typing import Any

import pytest

from core.errors import Cancelled, InputError
from core.jobs import Job, Jobs
from core.types import Progress

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
    job.cancel()
    go.set()
    with pytest.raises(Cancelled, match="Working was cancelled"):
        job.future.result(TIMEOUT)
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
    monkeypatch.setattr("core.jobs.time.monotonic", lambda: now[0])
    job = Job("key", "Working")
    assert job.seconds_left is None
    job.progress(600, 1_000)  # resumed: these were there already
    assert job.rate is None
    now[0] += 10
    job.progress(700, 1_000)
    assert job.rate == pytest.approx(10)
    assert job.seconds_left == pytest.approx(30)
    assert job.share == pytest.approx(0.7)
