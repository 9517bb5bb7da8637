"""From a fresh clone to the first answer on screen, with nothing cached, and what it installs.

Clones this repository into a new folder, runs the README's command there with empty caches for
packages and an empty data home, opens the Words page in real Chromium and waits for its answer.
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


def folder_size(folder: Path) -> int:
    """Bytes of a folder's files."""
    return sum(path.lstat().st_size for path in folder.rglob("*") if path.is_file())


def main() -> None:
    """Prints the time and the sizes."""
    print(machine())
    chromium = os.environ.get("CHROMIUM") or shutil.which("chromium")
    with tempfile.TemporaryDirectory() as name, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        folder = Path(name)
        environment = {
            **os.environ,
            "UV_CACHE_DIR": str(folder / "uv-cache"),
            "PIP_NO_CACHE_DIR": "1",
            "EMBEDDING_EXPLORER_HOME": str(folder / "home"),
        }
        start = time.perf_counter()
        subprocess.run(["git", "clone", "-q", str(ROOT), str(folder / "clone")], check=True)
        server = subprocess.Popen(
            [sys.executable, "run.py", f"--server.port={PORT}"],
            cwd=folder / "clone",
            env=environment,
            start_new_session=True,
        )
        try:
            page = browser.new_page()
            installed = wait_for_server(server)
            page.goto(f"http://localhost:{PORT}/words")
            page.set_default_timeout(600_000)
            page.evaluate(ON_SCREEN, [FIRST_WORD, "queen"])
            taken = time.perf_counter() - start
        finally:
            os.killpg(server.pid, signal.SIGTERM)
            server.wait(30)
        print(f"clone, environment and packages: {installed - start:.0f} s")
        print(f"first answer on screen: {taken:.0f} s after the clone began")
        print(f"environment: {format_bytes(folder_size(folder / 'clone' / '.venv'))}")
        print(f"data home: {format_bytes(folder_size(folder / 'home'))}")
        browser.close()


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
