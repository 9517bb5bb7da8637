"""Work in a child process: its answer, its end when wanted, and what is said of its death."""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest

from core.base.child_worker import ChildError, Worker
from core.base.errors import Cancelled, OutOfMemoryError
from core.base.types import FloatArray

TIMEOUT = 60
ROWS = np.arange(6, dtype=np.float32).reshape(2, 3)


def nothing(done: int) -> None:
    """For work that nobody watches."""


@pytest.fixture
def worker() -> Iterator[Worker]:
    used = Worker("tests.support.child_sums", name="adding", instead="count by hand")
    yield used
    assert not used.working
    used.stop()


def pid(answer: FloatArray) -> int:
    return int(answer[0])


def test_a_child_does_work_after_work_and_says_how_far_it_is(worker: Worker) -> None:
    reports: list[int] = []
    first = worker.ask({"do": "add", "say": [1, 2, 3]}, [ROWS, 2 * ROWS], reports.append)
    assert first[1:].tolist() == [15, 30]
    assert pid(first) != os.getpid()
    assert sorted(reports) == reports
    assert set(reports) >= {0, 1, 2, 3}
    second = worker.ask({"do": "add"}, [ROWS.astype(np.int64)], nothing)
    assert second.tolist() == [pid(first), 15]


def test_pieces_come_before_the_result_and_may_end_the_work(worker: Worker) -> None:
    pieces: list[tuple[dict[str, Any], FloatArray]] = []
    asked = {"do": "add", "halves": True}
    total = worker.ask(asked, [ROWS, 2 * ROWS], nothing, lambda *given: pieces.append(given))
    assert total[1:].tolist() == [15, 30]
    assert [told for told, _ in pieces] == [{"number": 0}, {"number": 1}]
    assert np.array_equal(pieces[1][1], ROWS)
    assert worker.ask(asked, [ROWS], nothing)[1:].tolist() == [15]  # nobody takes them

    def stop(told: dict[str, Any], array: FloatArray) -> None:
        raise Cancelled("adding")

    with pytest.raises(Cancelled):
        worker.ask({"do": "hang", "halves": True}, [ROWS], nothing, stop)


def test_what_a_report_raises_ends_a_child_that_never_reports(worker: Worker) -> None:
    ended = []

    def stop(done: int) -> None:
        if len(ended) == 3:
            raise Cancelled("adding")
        ended.extend(child.process for child in worker.working)

    with pytest.raises(Cancelled):
        worker.ask({"do": "hang"}, [], stop)
    assert ended[0].returncode not in (0, None)
    assert worker.ask({"do": "add"}, [ROWS], nothing)[1] == 15


def test_the_last_words_of_work_that_fails_are_told(worker: Worker) -> None:
    with pytest.raises(ChildError, match="ZeroDivisionError: no sum"):
        worker.ask({"do": "fail"}, [ROWS], nothing)
    with pytest.raises(OutOfMemoryError) as caught:
        worker.ask({"do": "die"}, [ROWS], nothing)
    assert caught.value.given == "The system ended the process of adding."
    assert caught.value.remedy == "Take fewer items, or count by hand."
    assert worker.ask({"do": "add"}, [ROWS], nothing)[1] == 15


def test_a_child_that_died_while_it_waited_is_replaced(worker: Worker) -> None:
    first = pid(worker.ask({"do": "add"}, [], nothing))
    os.kill(first, 9)
    worker._idle[0].process.wait(TIMEOUT)
    assert pid(worker.ask({"do": "add"}, [], nothing)) != first


def test_a_child_ends_when_its_stdin_does(worker: Worker) -> None:
    """As it would with this process."""
    worker.ask({"do": "add"}, [], nothing)
    process = worker._idle[0].process
    assert process.stdin is not None
    process.stdin.close()
    assert process.wait(TIMEOUT) == 0


def test_other_work_waits_for_its_place_and_can_be_cancelled_there() -> None:
    worker = Worker("tests.support.child_sums", name="adding", instead="count", at_once=1)
    began, stop = threading.Event(), threading.Event()

    def hold(done: int) -> None:
        if done:
            began.set()
        if stop.is_set():
            raise Cancelled("first")

    def first() -> None:
        with pytest.raises(Cancelled):
            worker.ask({"do": "hang", "say": [1]}, [], hold)

    thread = threading.Thread(target=first)
    thread.start()
    assert began.wait(TIMEOUT)

    def give_up(done: int) -> None:
        raise Cancelled("second")

    with pytest.raises(Cancelled, match="second"):
        worker.ask({"do": "add"}, [ROWS], give_up)
    assert len(worker.working) == 1
    stop.set()
    thread.join(TIMEOUT)
    assert worker.ask({"do": "add"}, [ROWS], nothing)[1] == 15
    worker.stop()


def test_a_process_that_cannot_be_started_is_a_message(
    worker: Worker, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(module: str) -> None:
        raise BlockingIOError(11, "Resource temporarily unavailable")

    monkeypatch.setattr("core.base.child_process.start_module", refuse)
    with pytest.raises(OutOfMemoryError) as caught:
        worker.ask({"do": "add"}, [ROWS], nothing)
    assert "did not start: Resource temporarily unavailable" in caught.value.given
    assert caught.value.remedy == "Close something, or count by hand."
