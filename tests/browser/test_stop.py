"""A server that is stopped while it works ends by itself: status 0, nothing torn, no fault told."""

from __future__ import annotations

import signal
import time
from pathlib import Path

import pytest
from playwright.sync_api import Browser

from benchmarks.common import APP, start_server
from benchmarks.words_page import wait_until_up

FAULTS = ("terminate called", "Traceback", "Exception in thread", "Fatal", "Error")


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
