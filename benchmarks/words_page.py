"""The Words page in a real browser, against a bare Streamlit page, in one run.

Two things are timed in turn: from the process's start to the first page on screen, and, warm, from
Enter in the formula box to the new table on screen. The bare page has one text input and one table
of the same form. On screen means: the browser has drawn a frame after the new text stood in the
page (for the tables, in the text alternative that Streamlit gives every table's cells).
"""

from __future__ import annotations

import argparse
import os
import shutil
import socket
import statistics
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import Browser, Page, sync_playwright

from benchmarks.common import ROOT, machine, start_server, table

BARE = """
import streamlit as st

st.title("Bare")
word = st.text_input("Formula", "start")
rows = {"rank": list(range(3, 13)), "word": [f"{word} {n}" for n in range(10)], "score": [0.5] * 10}
st.dataframe(rows, hide_index=True, height="content")
"""
FORMULAS = (
    ("tokyo - japan + france", "paris"),
    ("puppy - dog + cat", "kitten"),
    ("biggest - big + small", "smallest"),
    ("king - man + woman", "queen"),
)
ON_SCREEN = """([selector, text]) => new Promise(done => {
  const look = () => {
    const cell = document.querySelector(selector);
    if (cell && cell.textContent.includes(text))
      requestAnimationFrame(() => setTimeout(() => done(performance.now()), 0));
    else requestAnimationFrame(look);
  };
  look();
})"""
FIRST_WORD = '[data-testid=stDataFrame] [role=gridcell][aria-colindex="2"]'


@contextmanager
def server(script: Path) -> Iterator[str]:
    """A Streamlit server on a free port, with nothing waited for; its address."""
    process, address = start_server(script, subprocess.DEVNULL)
    try:
        yield address
    finally:
        process.terminate()
        process.wait(30)


def wait_until_up(address: str) -> None:
    """Waits until a server takes connections."""
    port = int(address.rsplit(":", 1)[1])
    while True:
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.01)


def first_page(browser: Browser, script: Path, text: str) -> float:
    """Seconds from starting the server until its first page holds ``text``."""
    start = time.perf_counter()
    with server(script) as address:
        page = browser.new_page()
        wait_until_up(address)
        page.goto(address)
        page.evaluate(ON_SCREEN, ["body", text])
        taken = time.perf_counter() - start
        page.close()
    return taken


def enter_to_table(page: Page, formula: str, expected: str) -> float:
    """Seconds from Enter to the new first word on screen."""
    box = page.locator("input[aria-label=Formula]")  # its role changes while it completes
    box.fill(formula)
    page.evaluate(
        "() => document.querySelector('input[aria-label=Formula]').addEventListener('keydown',"
        " () => { window.pressed = performance.now(); }, {once: true})"
    )
    box.press("Enter")
    shown = page.evaluate(ON_SCREEN, [FIRST_WORD, expected])
    page.wait_for_timeout(1_500)  # the rest of the page, so that each starts from rest
    return (shown - page.evaluate("() => window.pressed")) / 1_000


def main() -> None:
    """Prints both comparisons."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=7)
    rounds = parser.parse_args().rounds
    print(machine())
    chromium = os.environ.get("CHROMIUM") or shutil.which("chromium")
    arguments = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        bare = Path(folder) / "bare.py"
        bare.write_text(BARE)
        browser = playwright.chromium.launch(executable_path=chromium, args=arguments)
        ours, app = "Embedding Explorer", ROOT / "app.py"
        starts: dict[str, list[float]] = {ours: [], "bare": []}
        for _ in range(rounds + 1):
            starts[ours].append(first_page(browser, app, "king − man + woman"))
            starts["bare"].append(first_page(browser, bare, "Bare"))
        turns: dict[str, list[float]] = {ours: [], "bare": []}
        with server(app) as address, server(bare) as bare_address:
            wait_until_up(address)
            wait_until_up(bare_address)
            time.sleep(5)
            pages = {ours: browser.new_page(), "bare": browser.new_page()}
            pages[ours].goto(f"{address}/words")
            pages[ours].evaluate(ON_SCREEN, [FIRST_WORD, "queen"])
            pages["bare"].goto(bare_address)
            pages["bare"].evaluate(ON_SCREEN, [FIRST_WORD, "start"])
            for number in range(4 * rounds + 4):
                formula, answer = FORMULAS[number % 4]
                turns[ours].append(enter_to_table(pages[ours], formula, answer))
                turns["bare"].append(enter_to_table(pages["bare"], formula, formula))
        browser.close()
    rows = [("what", "Embedding Explorer, s", "bare page, s", "ratio")]
    for name, times, skipped in (
        ("process start to first page", starts, 1),
        ("Enter to the new table, warm", turns, 4),
    ):
        a, b = (statistics.median(times[key][skipped:]) for key in (ours, "bare"))
        rows.append((name, f"{a:.3f}", f"{b:.3f}", f"{a / b:.2f}"))
    print(table(rows))


if __name__ == "__main__":
    main()
