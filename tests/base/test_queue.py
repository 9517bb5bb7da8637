"""Work on one device: served in the order it came, places told, places of who left given back."""

from __future__ import annotations

import threading
import time

from core.base import queue as base_queue
from core.base.errors import Cancelled
from core.base.jobs import Job
from core.base.queue import Queue

TIMEOUT = 10


def test_a_queue_serves_in_order_tells_places_and_skips_who_left() -> None:
    queue, gate, order = Queue(), threading.Event(), list[str]()
    jobs = [Job(f"{at}", f"{at}") for at in range(4)]

    def work(job: Job) -> None:
        try:
            with queue.turn(
                job.key, lambda place: job.progress(0, 0, base_queue.place_note(place))
            ):
                gate.wait(TIMEOUT)
                order.append(job.key)
        except Cancelled:
            order.append(f"{job.key} left")

    threads = [threading.Thread(target=work, args=(job,)) for job in jobs]
    for number, thread in enumerate(threads):
        thread.start()
        while len(queue) <= number:
            time.sleep(0.001)
    assert [queue.place(job.key) for job in jobs] == [0, 1, 2, 3]
    notes = ["", "waits, 1 before it", "waits, 2 before it", "waits, 3 before it"]
    for job, note in zip(jobs, notes, strict=True):
        while job.note != note:
            time.sleep(0.001)
    jobs[2].cancel()
    threads[2].join(TIMEOUT)
    assert [queue.place(key) for key in ("0", "1", "2", "3")] == [0, 1, 0, 2]
    gate.set()
    for thread in threads:
        thread.join(TIMEOUT)
    assert order == ["2 left", "0", "1", "3"]
    assert len(queue) == 0
    assert [job.note for job in jobs if job.key != "2"] == ["", "", ""]
