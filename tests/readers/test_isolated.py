"""Children that read strangers' files: what they give, and each way in which they end."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path
from typing import Any

import psutil
import pytest

from core.base import child_process
from core.base.errors import Cancelled, InputError, OutOfMemoryError, StorageError, TableError
from core.base.jobs import Jobs
from core.base.paths import ROOT
from core.base.types import Progress, no_progress
from core.readers import isolated
from core.readers.isolated import Limits
from tests.support.children import gone

FUNCTIONS = "tests.support.isolated_functions"
LIMITS = Limits(memory=500_000_000, seconds=60, output=1_000_000)


def run(
    name: str,
    limits: Limits = LIMITS,
    progress: Progress = no_progress,
    **options: Any,
) -> Any:
    arguments = options.pop("arguments", {})
    return isolated.run(
        f"{FUNCTIONS}:{name}",
        arguments,
        name="photo.xlsx",
        limits=limits,
        progress=progress,
        **options,
    )


def test_the_answer_comes_back_and_what_is_printed_does_not_spoil_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("SOME_API_KEY", "secret")
    monkeypatch.setenv("ANY_NAME", "secret")
    told: list[tuple[int, int, str]] = []
    given = {"text": "ü\ud800\n", "numbers": [1, 2.5, None]}
    found = run("answer", progress=lambda *state: told.append(state), arguments={"given": given})
    assert found["given"] == given
    assert (1, 2, "halves") in told
    assert "secret" not in found["environment"].values()
    assert found["process"] != os.getpid()
    assert gone(found["process"])


def test_errors_come_back_as_they_were_raised() -> None:
    with pytest.raises(TableError) as caught:
        run("refuse")
    assert caught.value.args == ("Given.", "Expected.", "Remedy.")
    with pytest.raises(InputError, match="Given"):
        run("miss")


@pytest.mark.parametrize(
    ("name", "why"),
    [
        ("fill_memory", "more than 500 MB of memory"),
        ("abort_for_memory", "more than 500 MB of memory"),
        ("fail", "its reader failed .ZeroDivisionError: a fault of ours"),
        ("abort", "its reader failed"),
        ("lie", "its reader failed .its answer is"),
    ],
)
def test_a_childs_end_is_a_message(name: str, why: str, capfd: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(TableError, match=why) as caught:
        run(name, error=TableError)
    assert "“photo.xlsx” could not be read" in caught.value.given
    assert caught.value.expected
    assert caught.value.remedy
    assert ("isolated_functions.py" in capfd.readouterr().err) == (name == "fail")


def test_what_takes_too_long_or_writes_too_much_is_ended(tmp_path: Path) -> None:
    mark = tmp_path / "mark"
    short = Limits(memory=LIMITS.memory, seconds=0.5, output=1_000_000)
    with pytest.raises(InputError, match=r"more than \d seconds of computing"):
        run("never_end", short, arguments={"mark": str(mark)})
    assert gone(int(mark.read_text()))
    with pytest.raises(InputError, match=r"unpacks to more than 1\.0 MB"):
        run("fill_disk", arguments={"path": str(tmp_path / "full")})
    assert (tmp_path / "full").stat().st_size <= 1_000_000


def test_a_full_disk_is_told_wherever_it_is_met(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    with pytest.raises(StorageError, match="No space left on device"):
        run("find_the_disk_full")
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "none"))
    with (
        pytest.raises(StorageError, match="No such file or directory"),
        isolated.folder_with({"a": b""}),
    ):
        pass


def test_a_child_that_the_system_does_not_start_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    def start(*_: object, **__: object) -> None:
        raise BlockingIOError(11, "Resource temporarily unavailable")

    monkeypatch.setattr(child_process, "start_module", start)
    with pytest.raises(OutOfMemoryError, match="did not start: Resource temporarily unavailable"):
        run("answer", arguments={"given": 1})


def test_a_child_that_waits_for_ever_is_ended_too(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(isolated, "PATIENCE", 0.01)
    with pytest.raises(InputError, match="seconds of computing"):
        run("sleep")


@pytest.mark.parametrize(("memory", "seconds", "cause"), [(-1, 9, "memory"), (1, -1, "time")])
def test_limits_are_watched_where_the_system_keeps_none(
    memory: int, seconds: float, cause: str
) -> None:
    child = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE)
    with child, pytest.raises(isolated._OverError) as caught:
        isolated._Watch(child.pid, Limits(memory, seconds, 1)).look()
    assert caught.value.cause == cause


def started(mark: Path) -> int:
    """The process that wrote its number there."""
    for _ in range(600):
        if mark.exists() and (text := mark.read_text()):
            return int(text)
        time.sleep(0.1)
    raise AssertionError("it did not start")


def test_cancel_and_the_end_of_the_server_kill_a_child_that_listens_to_nobody(
    tmp_path: Path,
) -> None:
    for end in ("cancel", "stop"):
        jobs, mark = Jobs(), tmp_path / end

        def work(progress: Progress, mark: Path = mark) -> Any:
            return run("never_end", progress=progress, arguments={"mark": str(mark)})

        job = jobs.start("key", "Reading", work)
        child = started(mark)
        job.cancel() if end == "cancel" else jobs.stop()
        with pytest.raises(Cancelled):
            job.future.result(20)
        assert gone(child)


@pytest.mark.skipif(sys.platform != "linux", reason="others end it at its limits")
@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGKILL])
def test_a_child_ends_with_its_server(tmp_path: Path, how: signal.Signals) -> None:
    mark = tmp_path / "mark"
    code = (
        "from core.readers import isolated\n"
        f"isolated.run('{FUNCTIONS}:never_end', {{'mark': {str(mark)!r}}}, name='a', "
        "limits=isolated.limits_for(0))\n"
    )
    server = subprocess.Popen([sys.executable, "-c", code], cwd=ROOT)
    child = started(mark)
    assert psutil.pid_exists(child)
    server.send_signal(how)
    server.wait()
    assert gone(child)


def test_no_more_than_two_read_at_a_time(tmp_path: Path) -> None:
    running: list[int] = []

    def read(number: int) -> None:
        arguments = {"mark": str(tmp_path / str(number))}
        with pytest.raises(Cancelled):
            run("never_end", progress=stop_when_told, arguments=arguments)

    told = threading.Event()

    def stop_when_told(*_: object) -> None:
        if told.is_set():
            raise Cancelled("Reading")

    threads = [threading.Thread(target=read, args=(number,)) for number in range(3)]
    for thread in threads:
        thread.start()
    for _ in range(600):
        running = [int(path.read_text() or 0) for path in tmp_path.iterdir()]
        if len(running) >= 2:
            break
        time.sleep(0.1)
    time.sleep(0.5)  # a third would be there by now
    assert len(list(tmp_path.iterdir())) == 2
    told.set()
    for thread in threads:
        thread.join(60)
        assert not thread.is_alive()
    assert all(gone(process) for process in running)


def test_a_child_that_is_kept_serves_again_and_is_replaced_when_it_dies() -> None:
    def ask() -> int:
        found = run("answer", keep=True, arguments={"given": 1})
        return int(found["process"])

    first = ask()
    assert ask() == first
    with pytest.raises(TableError):
        run("refuse", keep=True)
    assert ask() == first  # a refusal is an answer
    with pytest.raises(InputError):
        run("abort", keep=True)
    second = ask()
    assert second != first
    os.kill(second, signal.SIGKILL)
    assert gone(second)
    assert ask() not in (first, second)


def test_a_child_that_is_kept_ends_when_nothing_comes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(isolated, "IDLE", 0.2)
    found = run("answer", keep=True, arguments={"given": 1})
    assert gone(found["process"])
