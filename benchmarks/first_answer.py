"""From a fresh clone to the first answer on screen, with nothing cached, and what it installs.

Clones this repository into a new folder, runs the README's command there with empty caches for
packages and an empty data home, opens the Words page in real Chromium and waits for its answer.
Then the same with all installed: how long the page alone takes with an empty data home.
"""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from playwright.sync_api import sync_playwright

from benchmarks.common import ROOT, machine
from benchmarks.words_page import FIRST_WORD, ON_SCREEN
from core.base.memory import format_bytes

PORT = 8599
AGAIN = 3  # times that Words is opened on a fresh data folder, all being installed


def folder_size(folder: Path) -> int:
    """Bytes of a folder's files."""
    return sum(path.lstat().st_size for path in folder.rglob("*") if path.is_file())


def main() -> None:
    """Prints the times and the sizes."""
    print(machine())
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        environment = {
            **os.environ,
            "UV_CACHE_DIR": str(folder / "uv-cache"),
            "PIP_NO_CACHE_DIR": "1",
            "EMBEDDING_EXPLORER_HOME": str(folder / "home"),
        }
        start = time.perf_counter()
        subprocess.run(["git", "clone", "-q", str(ROOT), str(folder / "clone")], check=True)
        installed, answered = first_answer(folder / "clone", environment)
        print(f"clone, environment and packages: {installed - start:.0f} s")
        print(f"first answer on screen: {answered - start:.0f} s after the clone began")
        print(f"environment: {format_bytes(folder_size(folder / 'clone' / '.venv'))}")
        print(f"data home: {format_bytes(folder_size(folder / 'home'))}")
        for again in range(AGAIN):
            environment["EMBEDDING_EXPLORER_HOME"] = str(folder / f"home-{again}")
            up, answered = first_answer(folder / "clone", environment)
            print(f"Words opened on a fresh data folder, installed: {answered - up:.1f} s")


def first_answer(clone: Path, environment: dict[str, str]) -> tuple[float, float]:
    """When the server was up and the page could be opened, and when its answer stood there."""
    chromium = os.environ.get("CHROMIUM") or shutil.which("chromium")
    server = subprocess.Popen(
        [sys.executable, "run.py", f"--server.port={PORT}"],
        cwd=clone,
        env=environment,
        start_new_session=True,
    )
    try:
        with sync_playwright() as playwright:
            browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
            page = browser.new_page()
            up = wait_for_server(server)
            page.goto(f"http://localhost:{PORT}/words")
            page.set_default_timeout(600_000)
            page.evaluate(ON_SCREEN, [FIRST_WORD, "queen"])
            answered = time.perf_counter()
            browser.close()
    finally:
        os.killpg(server.pid, signal.SIGTERM)
        server.wait(30)
    return up, answered


def wait_for_server(server: subprocess.Popen[bytes]) -> float:
    """When the server first answered."""
    import urllib.error
    import urllib.request

    while server.poll() is None:
        try:
            with urllib.request.urlopen(f"http://localhost:{PORT}/_stcore/health"):
                return time.perf_counter()
        except urllib.error.URLError:
            time.sleep(0.2)
    raise SystemExit(f"run.py ended with status {server.returncode}")


if __name__ == "__main__":
    main()
