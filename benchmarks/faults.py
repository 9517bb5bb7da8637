"""kill -9 of the real server at random moments of its work: what is finished is used, all is whole.

A Chromium opens the page whose work it is, and the server is killed at a random moment (by a seed)
after the work began, every second time as soon as something is being written. Then the next server
starts on the same data home. After each kill: what was finished is there, not written anew; every
piece is what its digest says; the work goes on past the finished pieces; and once the next server
has swept, no orphan is left. Indexing and training run in a process without a page, by the
functions that the pages call, since there a kill every few seconds would mostly meet the loading of
libraries. Exit status 1 if anything was not so.
"""

from __future__ import annotations

import argparse
import os
import random
import re
import signal
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from playwright.sync_api import Browser, Error, Page, sync_playwright

from benchmarks import faults_check
from benchmarks.common import APP, ROOT, machine, start_server, table
from core.sentences import datasets
from core.storage import data_home

PROGRESS = "[data-testid=stProgress]"
ASKED = "[class*=st-key-begin-] button"  # for a click before long work
WAIT = 240_000  # milliseconds
ARGUMENTS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]


@dataclass(frozen=True, slots=True)
class Kind:
    """Work that is killed.

    Attributes:
        page: its address, with the number of the round for ``{}``; "" for a process without a page.
        click: the button that starts it.
        span: seconds after its beginning within which the kill comes.
        counted: the folder of chunks whose items are each to be encoded once.
        done: what stands on the page when it is whole.
    """

    name: str
    kills: int
    page: str
    span: float
    click: str = ""
    counted: str = ""
    done: str = ""


KINDS = (
    Kind("encoding texts", 6, "sentences?data=trial", 6, counted="texts", done="row"),
    # In a model whose vectors of the emoji do not come along.
    Kind("encoding pictures", 6, "images?space=minilm", 8, "", "pictures", "About and caveats"),
    Kind("projecting", 4, "map?of=Pictures&neighbors={}", 8),
    Kind("generating", 5, "generate?prompt=a blue cat {}", 2, click="Generate"),
    Kind("indexing", 4, "", 8),
    Kind("training", 5, "", 8),
)


@dataclass(slots=True)
class Found:
    """What was seen of a kind."""

    kills: int = 0
    pieces: int = 0
    swept: int = 0
    resumed: list[str] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)


class Server:
    """A server in a data home, to be killed."""

    def __init__(self, home: Path) -> None:
        self.log = home.with_name(f"{home.name}.log").open("ab")
        self.process, self.address = start_server(APP, self.log, home)
        for _ in range(1200):
            try:
                with urllib.request.urlopen(f"{self.address}/_stcore/health"):
                    return
            except urllib.error.URLError:
                time.sleep(0.1)
        raise TimeoutError("the server did not start within two minutes")

    def kill(self) -> None:
        """``kill -9``, once."""
        if self.process.poll() is None:
            os.kill(self.process.pid, signal.SIGKILL)
            self.process.wait()
        self.log.close()


def environment(home: Path) -> dict[str, str]:
    """Ours, with a data home."""
    return {**os.environ, data_home.HOME_VARIABLE: str(home)}


def main() -> int:
    """Runs all kinds and prints the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--only", help="kinds whose names hold this")
    parser.add_argument("--kills", type=int, help="of each kind, instead of 4 to 6")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="faults-") as folder:
        home = Path(folder) / "home"
        os.environ[data_home.HOME_VARIABLE] = str(home)
        lines = [f"sentence number {at} says {at * at} and nothing else" for at in range(3_000)]
        datasets.import_table("trial.txt", "\n".join(lines).encode())
        kinds = [kind for kind in KINDS if (options.only or "") in kind.name]
        if options.kills is not None:
            kinds = [replace(kind, kills=options.kills) for kind in kinds]
        found = run(home, options.seed, kinds)
    report(found)
    wrong = [f"{name}: {one}" for name, seen in found.items() for one in seen.wrong]
    print("\n".join(wrong) or "Nothing was lost, damaged, done twice or left behind.")
    return 1 if wrong else 0


def run(home: Path, seed: int, kinds: Sequence[Kind]) -> dict[str, Found]:
    """Kinds one after another in one data home."""
    chance, found = random.Random(seed), {}
    with sync_playwright() as playwright:
        path = os.environ.get("CHROMIUM") or "/usr/bin/chromium"
        browser = playwright.chromium.launch(executable_path=path, args=ARGUMENTS)
        for kind in kinds:
            seen = found[kind.name] = Found()
            for number in range(kind.kills):
                one_kill(home, kind, number, chance, browser, seen)
            finish(home, kind, browser, seen)
            print(f"{kind.name}: {seen}", file=sys.stderr, flush=True)
        browser.close()
    return found


def one_kill(
    home: Path, kind: Kind, number: int, chance: random.Random, browser: Browser, seen: Found
) -> None:
    """Starts, lets work, kills, and looks at what is there."""
    before = faults_check.finished(home)
    delay = chance.uniform(0.1, kind.span)
    if kind.page:
        server = Server(home)
        try:
            with browser.new_context() as context:
                resumed = begin(context.new_page(), server.address, kind, number)
                look(home, kind, before, resumed, seen)
                time.sleep(delay)
                aim(home, number)
                server.kill()
        finally:
            server.kill()
    else:
        work_alone(home, kind, number, delay)
    seen.kills += 1
    compare(before, faults_check.finished(home), seen)
    seen.wrong += faults_check.faults(home)
    seen.swept += len(faults_check.orphans(home))


def aim(home: Path, number: int) -> None:
    """Every second kill waits until something is being written, which by chance is rarely so."""
    until = time.monotonic() + 5 * (number % 2)
    while time.monotonic() < until and not any(home.glob("*/**/.*.partial")):
        time.sleep(0.001)


def begin(page: Page, address: str, kind: Kind, number: int) -> str:
    """Opens the page and waits until the work goes on; what its progress first said."""
    page.set_default_timeout(WAIT)
    page.goto(f"{address}/{kind.page.format(number + 5)}")
    if kind.click:
        page.get_by_role("button", name=kind.click, exact=True).click()
    bar, first = page.locator(PROGRESS).first, ""
    try:
        agree(page, 90_000)
        bar.wait_for(timeout=90_000)
        while True:  # libraries are loaded after the first report
            text = " ".join(bar.inner_text(timeout=1_000).split())
            if first and text != first:
                break
            if re.search(r"\d of \d", text):
                first = text
            time.sleep(0.05)
    except Error:  # it is over
        pass
    return first


def agree(page: Page, timeout: float = WAIT) -> None:
    """Waits until work goes on, after the click that long work asks for.

    Raises:
        Error: neither came within ``timeout`` milliseconds.
    """
    asked = page.locator(ASKED).first
    asked.or_(page.locator(PROGRESS).first).first.wait_for(timeout=timeout)
    if asked.count():
        asked.click()


def look(home: Path, kind: Kind, before: object, resumed: str, seen: Found) -> None:
    """After a start: no orphans once it has swept, and the work goes on where it stood."""
    for _ in range(300):
        if not faults_check.orphans(home):
            break
        time.sleep(0.1)
    else:
        seen.wrong.append(f"orphans after the sweep: {faults_check.orphans(home)}")
    # Pictures are followed by their captions, which count anew.
    said = re.search(rf"([\d,]+) of ([\d,]+) {kind.counted}", resumed)
    if kind.counted and said and isinstance(before, dict):
        had = sum(1 for _ in chunks(before, kind))
        seen.resumed.append(said[0])
        if had and not int(said[1].replace(",", "")):
            seen.wrong.append(f"began anew at {said[0]} with {had} finished chunks")


def chunks(files: dict[str, tuple[str, int]], kind: Kind) -> list[str]:
    """The finished chunks of a kind."""
    return [path for path in files if path.startswith(f"{kind.counted}/")]


def work_alone(home: Path, kind: Kind, number: int, delay: float) -> None:
    """A process without a page, killed some seconds after its first piece of work."""
    command = [sys.executable, "-m", "benchmarks.faults_work", kind.name]
    process = subprocess.Popen(
        command, cwd=ROOT, env=environment(home), stdout=subprocess.PIPE, text=True
    )
    assert process.stdout is not None  # for mypy
    if not process.stdout.readline():
        raise RuntimeError(f"{kind.name} ended by itself")
    time.sleep(delay)
    aim(home, number)
    os.kill(process.pid, signal.SIGKILL)
    process.communicate()
    # A server that starts now clears away what was left.


def compare(
    before: dict[str, tuple[str, int]], after: dict[str, tuple[str, int]], seen: Found
) -> None:
    """What was finished is there as it was, not written anew."""
    for path, told in before.items():
        if after.get(path) != told and not path.startswith("thumbnails/"):
            seen.wrong.append(f"{path} {'was written anew' if path in after else 'is gone'}")
    seen.pieces = len(after)


def finish(home: Path, kind: Kind, browser: Browser, seen: Found) -> None:
    """Lets the work come to its end; nothing was done twice, and no orphan is left."""
    before = faults_check.finished(home)
    server = Server(home)
    try:
        context = browser.new_context()
        page = context.new_page()
        page.set_default_timeout(WAIT)
        begin(page, server.address, kind, kind.kills) if kind.page else page.goto(server.address)
        look(home, kind, before, "", seen)
        page.locator(PROGRESS).first.wait_for(state="detached")
        time.sleep(1)
        if page.locator("[data-testid=stException]").count():
            seen.wrong.append("the page shows a fault")
        context.close()
    finally:
        server.kill()
    compare(before, faults_check.finished(home), seen)
    seen.wrong += faults_check.faults(home)
    if kind.counted:
        twice = {item: n for item, n in faults_check.encoded(home, kind.counted).items() if n > 1}
        if twice:
            seen.wrong.append(f"{len(twice)} items were encoded twice")


def report(found: dict[str, Found]) -> None:
    """The table."""
    rows = [("work", "kills", "left unfinished, swept", "finished pieces at the end", "went on at")]
    for name, seen in found.items():
        resumed = "; ".join(seen.resumed[-3:]) or "-"
        rows.append((name, str(seen.kills), str(seen.swept), str(seen.pieces), resumed))
    print(machine())
    print(table(rows))


if __name__ == "__main__":
    sys.exit(main())
