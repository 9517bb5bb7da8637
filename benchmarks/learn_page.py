"""Each lesson's link in a real browser: how soon its first step stands there, warm.

Timed is from the start of the navigation, in a tab of its own, until the first frame of the
browser with the step's text, and until the prediction can be given (the box for it is there). The
server has shown each lesson before; the browser holds the app's files, as at a second visit.
"""

from __future__ import annotations

import argparse
import os
import re
import shutil
import statistics

from playwright.sync_api import BrowserContext, Page, sync_playwright

from benchmarks.common import ROOT, Rows, machine, table
from benchmarks.words_page import server, wait_until_up
from core.ui.learn.lessons import LESSONS

LESSON = ".st-key-lesson"
LONG = 180_000  # milliseconds, for the first time: models are opened, words are encoded
GOAL = 2.0  # seconds
# The clock of a page counts from where its navigation began.
SEEN = """([selector, text]) =>
  document.querySelector(selector)?.textContent.includes(text) && performance.now()"""


def opening(text: str) -> str:
    """The first words of a step's text as they stand on the page, without Markdown's signs."""
    return " ".join(re.sub(r"[*`]", "", text).split()[:6])


def opened(context: BrowserContext, address: str, name: str) -> tuple[float, float]:
    """Seconds from the start of the navigation to the first step's text, and to its box."""
    page = context.new_page()
    page.set_default_timeout(LONG)
    page.goto(f"{address}/learn?lesson={name}&step=1", wait_until="commit")
    told = _seen(page, LESSON, opening(LESSONS[name].steps[0].text))
    asked = _seen(page, f"{LESSON} [data-testid=stForm]", "Check")
    page.close()
    return told, asked


def _seen(page: Page, selector: str, text: str) -> float:
    """Seconds since the navigation began, at the first frame in which ``text`` stands there."""
    found: float = page.wait_for_function(SEEN, arg=[selector, text]).json_value()
    return found / 1_000


def main() -> None:
    """Prints the times of each lesson, or of those that are named."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("names", nargs="*", choices=[[], *LESSONS])
    parser.add_argument("--rounds", type=int, default=7)
    options = parser.parse_args()
    names, rounds = options.names or list(LESSONS), options.rounds
    print(machine())
    chromium = os.environ.get("CHROMIUM") or shutil.which("chromium")
    arguments = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]
    times: dict[str, list[tuple[float, float]]] = {name: [] for name in names}
    with server(ROOT / "app.py") as address, sync_playwright() as playwright:
        wait_until_up(address)
        browser = playwright.chromium.launch(executable_path=chromium, args=arguments)
        context = browser.new_context()
        for turn in range(rounds + 1):
            for name in names:
                seen = opened(context, address, name)
                if turn:  # the first one is not warm
                    times[name].append(seen)
        browser.close()
    rows: Rows = [("lesson", "first step's text, s", "longest, s", "its prediction's box, s")]
    for name, taken in times.items():
        told, asked = zip(*taken, strict=True)
        medians = f"{statistics.median(told):.2f}", f"{statistics.median(asked):.2f}"
        rows.append((LESSONS[name].title, medians[0], f"{max(told):.2f}", medians[1]))
    print(table(rows))
    late = sum(time > GOAL for taken in times.values() for time, _ in taken)
    print(f"{late} of {len(names) * rounds} first steps took longer than {GOAL:.0f} s")


if __name__ == "__main__":
    main()
