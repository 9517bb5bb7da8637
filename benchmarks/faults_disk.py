"""The real server where the disk is full, read-only or deleted under it, and two of them on one.

Each page is opened in Chromium: a fault shows a clear message and never a traceback, nothing is
damaged, and once the cause is gone the work goes on from its finished pieces. The disk is a tmpfs,
which needs root on Linux; without it these two are left out, and that is said. Exit status 1 if
anything was not so.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import Browser, Page, sync_playwright

from benchmarks import faults_check
from benchmarks.common import ROOT, machine, table
from benchmarks.faults import ARGUMENTS, ASKED, PROGRESS, WAIT, Server, agree, environment

SMALL, LARGE = "size=2m", "size=500m"
FULL, READ_ONLY = "No space left on device", "Read-only file system"
TEXTS = "sentences?data=trial"
ENCODING = "images?space=colour-outline"
MAP = "map?of=Texts&data=trial&method=PCA"
PAGES = ("", "words?tool=Upload embeddings", TEXTS, "images", MAP, "generate", "graph", "storage")


class Trial:
    """One fault: what was checked, and what was wrong."""

    def __init__(self, name: str) -> None:
        self.name, self.checks, self.messages = name, 0, set[str]()
        self.wrong: list[str] = []

    def check(self, what: str, *, right: bool) -> None:
        """Counts a check."""
        self.checks += 1
        if not right:
            self.wrong.append(what)
            print(f"{self.name}: {what}", file=sys.stderr, flush=True)

    def visit(self, page: Page, address: str, click: str = "") -> str:
        """Opens a page, waits until it has settled, and checks that it shows no traceback."""
        page.goto(address)
        page.get_by_role("heading", level=1).first.wait_for()
        if click:
            page.get_by_role("button", name=click, exact=True).first.click()
        settle(page)
        if page.locator(ASKED).count():
            agree(page)
            settle(page)
        shown = page.locator("[data-testid=stException]")
        told = shown.first.inner_text()[:300] if shown.count() else ""
        self.check(f"{address} shows a traceback: {told}", right=not told)
        return self.read(page)

    def read(self, page: Page) -> str:
        """What the alerts on the page say."""
        texts = page.locator("[data-testid=stAlert]").all_inner_texts()
        self.messages.update(text.split("\n")[0] for text in texts if "“/" in text)
        return "\n".join(texts)


def settle(page: Page) -> None:
    """Waits until no bar is shown and the script has run to its end."""
    page.wait_for_timeout(3_000)
    page.locator(PROGRESS).first.wait_for(state="detached")
    page.locator("[data-testid=stApp][data-test-script-state=notRunning]").wait_for()
    page.wait_for_timeout(300)


def disk_full(trial: Trial, home: Path, browser: Browser) -> None:
    """Encoding fills the disk; more room, and it goes on."""
    bring(home, 4_000)
    with opened(home, browser) as (page, address):
        said = trial.visit(page, f"{address}/{TEXTS}")
        trial.check(f"the full disk is told: {said}", right=FULL in said)
        trial.check("what is there is whole", right=not faults_check.faults(home))
        trial.check("no orphans", right=not faults_check.orphans(home))
        before = faults_check.finished(home)
        trial.visit(page, f"{address}/generate?prompt=a blue cat", "Generate")
        for path in (*PAGES, "words"):
            trial.visit(page, f"{address}/{path}")
        remount(home, LARGE)
        page.goto(f"{address}/{TEXTS}")
        page.get_by_role("button", name="Try again").click()
        for _ in range(1_200):
            if len(faults_check.encoded(home, "texts")) == 4_000:
                break
            time.sleep(0.2)
        settle(page)
        after = faults_check.finished(home)
        kept = all(after.get(path) == told for path, told in before.items())
        trial.check("with more room finished pieces are used", right=kept)
        counts = faults_check.encoded(home, "texts")
        trial.check("each text was encoded once", right=set(counts.values()) == {1})
        trial.check(f"all texts are encoded, not {len(counts)}", right=len(counts) == 4_000)


def read_only(trial: Trial, home: Path, browser: Browser) -> None:
    """A server starts on a data home that it cannot write to."""
    bring(home, 300)
    remount(home, "ro")
    before = faults_check.finished(home)
    with opened(home, browser) as (page, address):
        for path in PAGES:
            trial.visit(page, f"{address}/{path}")
        for path in (TEXTS, "words"):
            said = trial.visit(page, f"{address}/{path}")
            trial.check(f"it is told: {said}", right=READ_ONLY in said)
        trial.visit(page, f"{address}/generate?prompt=a blue cat", "Generate")
        drawn = page.get_by_role("img", name="Generated: a blue cat").count()
        trial.check("a picture is shown though it cannot be kept", right=drawn == 1)
        note = page.get_by_text("It is not in the history", exact=False).count()
        trial.check("and it says so", right=note == 1)
    trial.check("nothing was changed", right=faults_check.finished(home) == before)


def deleted(trial: Trial, home: Path, browser: Browser) -> None:
    """The data home goes while texts are being encoded."""
    bring(home, 4_000)
    with opened(home, browser) as (page, address):
        page.goto(f"{address}/{TEXTS}")
        agree(page)
        page.locator(PROGRESS).first.wait_for()
        for _ in range(600):
            if any(home.glob("texts/*/*.safetensors")):
                break
            time.sleep(0.1)
        shutil.rmtree(home, ignore_errors=True)
        settle(page)
        for path in PAGES:
            trial.visit(page, f"{address}/{path}")
        bring(home, 300)
        trial.visit(page, f"{address}/{TEXTS}")
        trial.check("texts are encoded again", right=bool(any(home.glob("texts/*/*"))))
        said = trial.visit(page, f"{address}/images?find=a fruit")
        trial.check(f"it works again: {said}", right=bool(any(home.glob("pictures/*/*"))))
    trial.check("what is there is whole", right=not faults_check.faults(home))


def two_servers(trial: Trial, home: Path, browser: Browser) -> None:
    """Both do the same at once; one is killed, and the other goes on."""
    bring(home, 3_000)
    with opened(home, browser) as (page, address), opened(home, browser) as (other, beside):
        for one, place in ((page, address), (other, beside)):
            one.goto(f"{place}/{TEXTS}")
            agree(one)
        for one in (page, other):
            settle(one)
            trial.check("no traceback", right=not one.locator("[data-testid=stException]").count())
        for path in PAGES:
            trial.visit(page, f"{address}/{path}")
            trial.visit(other, f"{beside}/{path}")
        with opened(home, browser) as (last, third):
            last.goto(f"{third}/{ENCODING}")
            agree(last)
            last.locator(PROGRESS).first.wait_for()
        trial.visit(page, f"{address}/{ENCODING}")  # that one was killed meanwhile
        counts = faults_check.encoded(home, "pictures")
        trial.check("pictures are encoded", right=len(counts) > 0)
    trial.check("what is there is whole", right=not faults_check.faults(home))
    with opened(home, browser) as (page, address):
        trial.visit(page, address)
        time.sleep(2)
        trial.check("no orphans", right=not faults_check.orphans(home))


def bring(home: Path, count: int) -> None:
    """A table of different texts, as a person brings one; in a process that then lets go."""
    code = (
        "from core.sentences import datasets\n"
        f"lines = [f'sentence number {{at}} says {{at * at}} and more' for at in range({count})]\n"
        "datasets.import_table('trial.txt', '\\n'.join(lines).encode())\n"
    )
    subprocess.run([sys.executable, "-c", code], cwd=ROOT, env=environment(home), check=True)


@contextmanager
def opened(home: Path, browser: Browser) -> Iterator[tuple[Page, str]]:
    """A server and a page of a new session."""
    server = Server(home)
    try:
        with browser.new_context() as context:
            page = context.new_page()
            page.set_default_timeout(WAIT)
            yield page, server.address
    finally:
        server.kill()


def remount(home: Path, option: str) -> None:
    """Another size, or read-only."""
    subprocess.run(["mount", "-o", f"remount,{option}", str(home)], check=True)


@contextmanager
def tmpfs(home: Path, size: str) -> Iterator[bool]:
    """``home`` as a small disk; false where that cannot be."""
    home.mkdir()
    made = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", size, "tmpfs", str(home)], check=False, capture_output=True
    )
    try:
        yield made.returncode == 0
    finally:
        if made.returncode == 0:
            subprocess.run(["umount", "-l", str(home)], check=False)


TRIALS: tuple[tuple[str, str, Callable[[Trial, Path, Browser], None]], ...] = (
    ("disk full", SMALL, disk_full),
    ("read-only", LARGE, read_only),
    ("deleted while running", "", deleted),
    ("two servers", "", two_servers),
)


def main() -> int:
    """Runs all and prints the table."""
    only = sys.argv[1] if sys.argv[1:] else ""
    rows, wrong = [("fault", "checks", "wrong", "a message")], 0
    with tempfile.TemporaryDirectory(prefix="faults-") as folder, sync_playwright() as playwright:
        path = os.environ.get("CHROMIUM") or "/usr/bin/chromium"
        browser = playwright.chromium.launch(executable_path=path, args=ARGUMENTS)
        for name, size, work in TRIALS:
            if only in name:
                trial = Trial(name)
                home = Path(folder) / name.replace(" ", "-")
                if size:
                    with tmpfs(home, size) as made:
                        if made:
                            work(trial, home, browser)
                        else:
                            trial.messages.add("left out: no tmpfs can be mounted without root")
                else:
                    work(trial, home, browser)
                wrong += len(trial.wrong)
                told = next(iter(sorted(trial.messages)), "-").replace(str(home), "HOME")
                rows.append((name, str(trial.checks), str(len(trial.wrong)), told))
                print(rows[-1], trial.wrong, file=sys.stderr, flush=True)
        browser.close()
    print(machine())
    print(table(rows))
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
