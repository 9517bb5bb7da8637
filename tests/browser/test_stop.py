"""A server that is stopped while it works ends by itself: status 0, nothing torn, no fault told."""

from __future__ import annotations

import signal
import subprocess
import time
from contextlib import suppress
from pathlib import Path

import psutil
import pytest
from playwright.sync_api import Browser, expect

from benchmarks.common import APP, start_server
from benchmarks.words_page import wait_until_up
from core.readers import isolated
from tests.support.children import gone

FAULTS = ("terminate called", "Traceback", "Exception in thread", "Fatal", "Error")


@pytest.mark.slow
@pytest.mark.parametrize(
    ("page_name", "pieces", "ends_by"),
    [
        ("words", "vocabularies/*.parts/*", signal.SIGTERM),  # PyTorch in the job's own thread
        ("images", "pictures/*/*.safetensors", signal.SIGINT),  # and threads of an executor
    ],
)
def test_a_server_that_is_stopped_while_it_encodes_ends_without_a_fault(
    browser: Browser, tmp_path: Path, page_name: str, pieces: str, ends_by: signal.Signals
) -> None:
    home, log = tmp_path / "home", tmp_path / "log"
    with log.open("wb") as out:
        server, address = start_server(APP, out, home)
    try:
        wait_until_up(address)
        with browser.new_context() as context:
            page = context.new_page()
            page.goto(f"{address}/{page_name}")
            for _ in range(1_200):
                if any(home.glob(pieces)):
                    break
                time.sleep(0.1)
            else:
                pytest.fail("nothing was encoded in two minutes")
            assert page.locator("[data-testid=stProgress]").count(), "it is over already"
            server.send_signal(ends_by)
            status = server.wait(120)
    finally:
        server.kill()
    told = log.read_text(encoding="utf-8")
    assert not [fault for fault in FAULTS if fault in told], told
    assert status == 0, told
    assert "Stopping" in told


def reading_child(server: subprocess.Popen[bytes]) -> psutil.Process:
    """The child that reads a file for a server, held up, so that it does not end by itself."""
    for _ in range(12_000):
        for child in psutil.Process(server.pid).children():
            with suppress(psutil.Error):
                if isolated.CHILD in child.cmdline():
                    child.suspend()
                    return child
        time.sleep(0.01)
    pytest.fail("no child read in two minutes")


@pytest.mark.slow
@pytest.mark.parametrize("how", ["cancel", "stop"])
def test_cancel_and_the_end_of_the_server_end_the_child_that_reads_a_file(
    browser: Browser, tmp_path: Path, how: str
) -> None:
    texts, log = tmp_path / "texts.csv", tmp_path / "log"
    texts.write_text("number,text\n" + "7,It rains in the mountains.\n" * 100_000, encoding="ascii")
    with log.open("wb") as out:
        server, address = start_server(APP, out, tmp_path / "home")
    try:
        wait_until_up(address)
        with browser.new_context() as context:
            page = context.new_page()
            page.goto(f"{address}/sentences?do=Datasets")
            page.locator('input[type="file"]').first.set_input_files(texts)
            child = reading_child(server)  # it is read before it is imported: the preview shows it
            if how == "cancel":
                page.get_by_role("button", name="Cancel").click()
                expect(page.get_by_text("Reading texts.csv: cancelled")).to_be_visible()
                assert gone(child.pid)
                assert server.poll() is None
                expect(page.get_by_text("Nothing yet")).to_be_visible()
            else:
                server.send_signal(signal.SIGTERM)
                assert server.wait(60) == 0
                assert gone(child.pid)
    finally:
        server.kill()
    words = log.read_text(encoding="utf-8")
    assert not [fault for fault in FAULTS if fault in words], words
