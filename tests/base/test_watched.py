"""Work that reports seldom: who waits can leave, and it ends at its next report."""

from __future__ import annotations

import threading

import pytest

from core.base.errors import Cancelled, InputError
from core.base.types import Progress
from core.base.watched import run_watched


def test_reports_and_result_come_as_they_are() -> None:
    told: list[tuple[int, int, str]] = []

    def work(report: Progress) -> int:
        for done in range(3):
            report(done, 3, "steps")
        return 7

    assert run_watched(work, lambda *state: told.append(state)) == 7
    assert [*dict.fromkeys(told)][-3:] == [(0, 3, "steps"), (1, 3, "steps"), (2, 3, "steps")]


def test_who_leaves_does_not_wait_for_the_next_report_where_the_work_ends() -> None:
    going, gate, ended = threading.Event(), threading.Event(), threading.Event()

    def work(report: Progress) -> None:
        report(1, 3, "steps")
        going.set()
        assert gate.wait(60)
        try:
            report(2, 3, "steps")
        except Cancelled:
            ended.set()
            raise

    told: list[int] = []

    def leave(done: int, total: int, note: str = "") -> None:
        told.append(done)
        if going.is_set():
            raise Cancelled("work")

    with pytest.raises(Cancelled):
        run_watched(work, leave)
    assert not gate.is_set()  # it has not come to its next report
    gate.set()
    assert ended.wait(60)
    assert 2 not in told


@pytest.mark.parametrize("place", ["work", "report"])
def test_errors_of_the_work_and_of_a_report_come_through(place: str) -> None:
    def work(report: Progress) -> None:
        report(1, 2)
        raise InputError("Given.", "", "")

    def progress(done: int, total: int, note: str = "") -> None:
        if place == "report" and done:
            raise Cancelled("work")

    with pytest.raises(InputError if place == "work" else Cancelled):
        run_watched(work, progress)
