"""Whether two sessions share one copy of the vectors: the server's memory after one and after two.

A session of its own is opened in real Chromium for each step, on the largest of the embedded
vocabularies, and the server's resident memory is read once it rests.
"""

from __future__ import annotations

import os
import shutil
import time

import psutil
from playwright.sync_api import sync_playwright

from benchmarks.common import ROOT, machine, table
from benchmarks.words_page import FIRST_WORD, ON_SCREEN, server
from core.spaces import registry


def server_memory() -> float:
    """Resident megabytes of the Streamlit server started by this process."""
    servers = [
        process
        for process in psutil.Process().children(recursive=True)
        if "--server.port" in " ".join(process.cmdline())
    ]
    return sum(process.memory_info().rss for process in servers) / 1e6


def main() -> None:
    """Prints the memory after each session."""
    print(machine())
    vocabulary = registry.find_space("minilm").vocabulary()[0]
    size = vocabulary.vectors.nbytes / 1e6
    chromium = os.environ.get("CHROMIUM") or shutil.which("chromium")
    arguments = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]
    rows = [("sessions open", "server, MB", "more than before, MB")]
    with sync_playwright() as playwright, server(ROOT / "app.py") as address:
        browser = playwright.chromium.launch(executable_path=chromium, args=arguments)
        before = 0.0
        time.sleep(5)
        for count in range(1, 4):
            page = browser.new_context().new_page()
            page.goto(f"{address}/words")
            page.evaluate(ON_SCREEN, [FIRST_WORD, "queen"])
            page.wait_for_timeout(3_000)
            now = server_memory()
            rows.append((str(count), f"{now:.0f}", f"{now - before:.0f}" if before else "–"))
            before = now
        browser.close()
    print(table(rows))
    print(f"\nOne copy of the vectors is {size:.0f} MB.")


if __name__ == "__main__":
    main()
