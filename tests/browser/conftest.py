"""A real server and a real Chromium."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Generator, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Download, Error, Locator, Page, expect, sync_playwright

from core.images.vectors import EncodedGallery
from core.spaces.vocabulary_files import Loaded
from core.storage.data_home import data_home

ROOT = Path(__file__).resolve().parents[2]
WAIT = 60_000  # milliseconds: generous, since no test is about time
ARGUMENTS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--enable-unsafe-swiftshader",
)
PAGES = pytest.StashKey[list[Page]]()  # those that a test opened, in order
TOLD = 1_500  # characters of a failed test's page, from its end
expect.set_options(timeout=WAIT)


@contextmanager
def running_server(home: Path, *options: str) -> Iterator[str]:
    """The app on a free port of this computer with the data home ``home``; its address."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [sys.executable, "serve.py", f"--server.port={port}", *options]
    server = subprocess.Popen(
        command, cwd=ROOT, env={**os.environ, "EMBEDDING_EXPLORER_HOME": str(home)}
    )
    address = f"http://localhost:{port}"
    try:
        wait_for(f"{address}/_stcore/health", server)
        yield address
    finally:
        server.terminate()
        server.wait(30)


def wait_for(url: str, server: subprocess.Popen[Any]) -> None:
    """Waits until a server answers."""
    for _ in range(600):
        if server.poll() is not None:
            pytest.fail(f"the server ended with status {server.returncode}")
        try:
            with urllib.request.urlopen(url):
                return
        except urllib.error.URLError:
            time.sleep(0.1)
    pytest.fail("the server did not answer within a minute")


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """The system's Chromium; the variable CHROMIUM names another."""
    path = os.environ.get("CHROMIUM") or shutil.which("chromium")
    if path is None:
        pytest.fail("Chromium was not found: run the tests by `python3 run.py test`")
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=path, args=list(ARGUMENTS))
        yield started
        started.close()


@pytest.fixture(scope="session")
def browser_home(
    minilm: Loaded,
    minilm_layer2: Loaded,
    emoji: EncodedGallery,
    tmp_path_factory: pytest.TempPathFactory,
) -> Path:
    """A data home for this layer alone, with the vectors that are built already."""
    home = tmp_path_factory.mktemp("home")
    for kind in ("vocabularies", "pictures", "texts"):
        shutil.copytree(data_home() / kind, home / kind, ignore=shutil.ignore_patterns(".*"))
    return home


@pytest.fixture(scope="session")
def server(browser_home: Path) -> Iterator[str]:
    """One server for the tests of this layer."""
    with running_server(browser_home) as address:
        yield address


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, Any, Any]:
    """Of a test that failed, what its pages showed last: elsewhere it may not fail again."""
    report = yield
    if report.when == "call" and report.failed:
        for page in item.stash.get(PAGES, []):
            report.sections.append(("the page at the end", _seen(page)))
    return report


def _seen(page: Page) -> str:
    try:
        shown = " | ".join(page.locator("body").inner_text(timeout=5_000).split("\n\n"))
    except Error as error:
        shown = f"could not be read: {error}"
    return f"{page.url}\n{shown[-TOLD:]}"


class Tabs:
    """Tabs of one browser, each with cookies of its own, that test after test opens the app in.

    In a tab that has shown the app before, a page takes a fifth of the time: its scripts are
    compiled. Nothing else of an earlier test is left in it.
    """

    def __init__(self, browser: Browser, server: str) -> None:
        self.browser, self.server = browser, server
        self._free: list[Page] = []
        self._taken: list[Page] = []

    def take(self) -> Page:
        """A tab that no one has opened in this test."""
        page = self._free.pop(0) if self._free else self._make()
        self._taken.append(page)
        return page

    def _make(self) -> Page:
        # What moves while a page loads took as much time as all its scripts.
        page = self.browser.new_context(reduced_motion="reduce").new_page()
        page.set_default_timeout(WAIT)
        return page

    def give_back(self) -> None:
        """Ends the sessions of a test and empties its tabs; those that stick are closed."""
        for page in self._taken:
            try:
                for other in page.context.pages:
                    if other is not page:
                        other.close()
                page.goto(f"{self.server}/_stcore/health")
                page.evaluate("() => { localStorage.clear(); sessionStorage.clear(); }")
                page.context.clear_cookies()
                page.mouse.move(0, 0)
                self._free.append(page)
            except Error:
                page.context.close()
        self._taken.clear()

    def throw_away(self, page: Page) -> None:
        """Closes a tab that a test has changed beyond what is emptied."""
        self._taken.remove(page)
        page.context.close()


@pytest.fixture(scope="session")
def tabs(browser: Browser, server: str) -> Tabs:
    return Tabs(browser, server)


@pytest.fixture
def open_page(tabs: Tabs, request: pytest.FixtureRequest) -> Iterator[Callable[..., Page]]:
    """Opens an address of the app in a session of its own.

    With ``alone`` its tab is not used again: for tests that listen to it or change its browser.
    """
    pages = request.node.stash[PAGES] = []
    closed = []

    def open_address(
        path: str, *, width: int = 1440, dark: bool = False, alone: bool = False
    ) -> Page:
        page = tabs.take()
        pages.append(page)
        if alone:
            closed.append(page)
        page.set_viewport_size({"width": width, "height": 1000})
        page.emulate_media(color_scheme="dark" if dark else "light", reduced_motion="reduce")
        page.goto(f"{tabs.server}/{path}")
        return page

    yield open_address
    for page in closed:
        tabs.throw_away(page)
    tabs.give_back()


def settled(page: Page) -> None:
    """Waits until the page's script is done: what a button downloads is renewed by each run."""
    expect(
        page.locator('[data-testid="stApp"][data-test-script-state="notRunning"]')
    ).to_be_visible()


def brought_about(page: Page, event: str, act: Callable[[], None]) -> Any:
    """The page's first ``event`` that ``act`` leads to.

    What hits a page that is being run again is lost, so it is done once more after a while.
    """
    seen: list[Any] = []

    def note(found: Any) -> None:  # Playwright sets attributes on it, which a list's method bars
        seen.append(found)

    page.on(event, note)  # type: ignore[call-overload]
    try:
        for _ in range(4):
            act()
            for _ in range(80):
                if seen:
                    return seen[0]
                page.wait_for_timeout(250)
    finally:
        page.remove_listener(event, note)
    pytest.fail(f"no {event} began")


def downloaded(page: Page, button: Locator) -> Download:
    """What a button downloads."""

    def click() -> None:
        settled(page)
        button.click()

    found: Download = brought_about(page, "download", click)
    return found
