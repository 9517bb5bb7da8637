"""What failed unforeseen is told without paths and without data, with details to copy."""

from __future__ import annotations

import re
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from tests.browser.conftest import ROOT, wait_for

FAILS = f"""
import sys
sys.path.insert(0, {str(ROOT)!r})
import streamlit as st
from core.base import errors

def callback():
    errors.counted(None, "/secret/in-a-callback")

st.title("Before")
st.button("In a callback", on_click=callback)
if st.button("Again"):
    st.rerun()
if st.button("Halt"):
    st.stop()
if st.toggle("Break it"):
    with st.container(), st.expander("inside"):
        open("/secret/of-a-person.txt")
st.title("After")
"""
SERVES = f"""
import sys
sys.path.insert(0, {str(ROOT)!r})
import streamlit as st
from core.ui.common import last_resort
app = st.App("fails.py", on_script_error=last_resort.show)
"""


@pytest.fixture
def failing(tmp_path: Path) -> Iterator[tuple[str, Path]]:
    """A server of an app that fails where it is told to; its address and its log."""
    (tmp_path / "fails.py").write_text(FAILS)
    (tmp_path / "served.py").write_text(SERVES)
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    log = tmp_path / "log"
    options = [f"--server.port={port}", "--server.headless=true"]
    with log.open("wb") as out:
        command = [sys.executable, "-m", "streamlit", "run", "served.py", *options]
        server = subprocess.Popen(command, cwd=tmp_path, stdout=out, stderr=out)
        try:
            wait_for(f"http://localhost:{port}/_stcore/health", server)
            yield f"http://localhost:{port}", log
        finally:
            server.terminate()
            server.wait(30)


@pytest.mark.slow
def test_a_fault_is_told_without_its_path_and_found_in_the_log(
    browser: Browser, failing: tuple[str, Path]
) -> None:
    address, log = failing
    with browser.new_context() as context:
        page = context.new_page()
        page.goto(address)
        expect(page.get_by_role("heading", name="After")).to_be_visible()
        for passes in ("Halt", "Again"):  # no faults: they end a run
            page.get_by_role("button", name=passes).click()
            page.wait_for_timeout(500)
            assert "nobody foresaw" not in page.locator("body").inner_text()
        page.get_by_text("Break it").click()
        expect(page.get_by_text("Something failed here that nobody foresaw")).to_be_visible()
        told = page.locator("body").inner_text()
        assert page.get_by_test_id("stException").count() == 0
        details = page.get_by_test_id("stCode").inner_text()
        assert details.startswith("FileNotFoundError, ")
        assert "fails.py:" in details
        assert "/secret" not in told
        assert str(ROOT) not in told
        assert str(Path.home()) not in told
        mark = re.search(r"in the log: ([0-9a-f]{8})", details)
        assert mark is not None
        heard = log.read_text()
        assert mark[1] in heard
        assert "/secret/of-a-person.txt" in heard
        page.get_by_text("Break it").click()
        expect(page.get_by_role("heading", name="After")).to_be_visible()
        page.get_by_role("button", name="In a callback").click()
        expect(page.get_by_test_id("stCode")).to_contain_text("TypeError, ")
        expect(page.get_by_test_id("stCode")).to_contain_text("core/base/errors.py:")
        assert "/secret" not in page.locator("body").inner_text()
