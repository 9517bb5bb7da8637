"""The wheel holds the whole app in one package, and runs from wherever it is installed."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import zipfile
from email.parser import Parser
from pathlib import Path
from typing import Any

import pytest

from tests.browser.conftest import wait_for

ROOT = Path(__file__).resolve().parents[2]
APP = "embedding_explorer/_app/"


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the wheel's files, as installing it leaves them."""
    out = tmp_path_factory.mktemp("wheel")
    subprocess.run(
        [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(out)],
        cwd=ROOT,
        check=True,
        capture_output=True,
    )
    (wheel,) = out.glob("*.whl")
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(out / "site")
    return out / "site"


def _python(installed: Path, cwd: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, *arguments],
        cwd=cwd,
        env={**os.environ, "PYTHONPATH": str(installed)},
        capture_output=True,
        text=True,
        check=False,
    )


def test_all_that_the_app_needs_is_inside_and_nothing_else_is_on_top(installed: Path) -> None:
    top = {path.name for path in installed.iterdir()}
    assert {name for name in top if not name.endswith(".dist-info")} == {"embedding_explorer"}
    tracked = subprocess.run(
        ["git", "ls-files", "core", "pages", "assets", "app.py", "serve.py", ".streamlit"],
        cwd=ROOT,
        check=True,
        capture_output=True,
        text=True,
    ).stdout.splitlines()
    here = {path.relative_to(installed).as_posix() for path in installed.rglob("*")}
    assert {APP + name for name in tracked} <= here
    assert not [name for name in here if "__pycache__" in name or name.startswith(APP + "tests")]


def test_it_requires_what_running_requires(installed: Path) -> None:
    (metadata,) = installed.glob("*.dist-info/METADATA")
    required = Parser().parsestr(metadata.read_text(encoding="utf-8")).get_all("Requires-Dist")
    lines = (ROOT / "requirements.txt").read_text(encoding="utf-8").splitlines()
    wanted = {_plain(line) for line in lines if line and line[0] != "#"}
    assert {_plain(line) for line in required or []} == wanted


def _plain(requirement: str) -> str:
    return requirement.replace(" ", "").replace("_", "-").lower()


def test_the_command_runs_verbs_beside_another_package_called_core(
    installed: Path, own_home: Path, tmp_path: Path
) -> None:
    (tmp_path / "core").mkdir()
    (tmp_path / "core" / "__init__.py").write_text("raise SystemExit('a stranger')")
    table = tmp_path / "notes.csv"
    table.write_text("text,kind\nA first note,a\nA second note,b\nA third,a\n")
    run = "import sys; from embedding_explorer.command import main; sys.exit(main(sys.argv[1:]))"
    done = _python(installed, tmp_path, "-P", "-c", run, "add", "notes.csv", "--json")
    assert done.returncode == 0, done.stderr
    answer: dict[str, Any] = json.loads(done.stdout)
    assert (answer["kind"], answer["count"]) == ("dataset", 3)
    done = _python(installed, tmp_path, "-P", "-c", run, "words")
    assert (done.returncode, "embedding-explorer words --help" in done.stderr) == (2, True)


@pytest.mark.slow
def test_python_gets_frames_and_errors_from_the_package(installed: Path, tmp_path: Path) -> None:
    script = tmp_path / "notebook.py"
    script.write_text(
        """
import numpy as np, embedding_explorer as ee
places = ee.project(np.eye(12, dtype=np.float32), method="pca")
assert places.shape == (12, 2) and np.isfinite(places).all()
try:
    ee.search(["a", "b"], "")
except ee.EmbeddingExplorerError as error:
    print("told:", error)
try:
    ee.encode(["fine", " "])
except ee.EmbeddingExplorerError as error:
    print("told:", error)
"""
    )
    done = _python(installed, tmp_path, str(script))
    assert done.returncode == 0, done.stderr
    assert done.stdout.count("told:") == 2
    assert "texts at 1 are empty" in done.stdout


@pytest.mark.slow
def test_a_file_is_added_and_served_from_anywhere(
    installed: Path, own_home: Path, tmp_path: Path
) -> None:
    (tmp_path / "notes.csv").write_text("text\nA first note\nA second note\nA third note\n")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    server = subprocess.Popen(
        [sys.executable, "-m", "embedding_explorer", "notes.csv", f"--server.port={port}"],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(installed), "DISPLAY": ""},
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        assert server.stdout is not None
        assert server.stdout.readline() == "3 rows as the dataset notes\n"
        assert server.stdout.readline() == "see it at /map?of=Texts&data=notes\n"
        wait_for(f"http://localhost:{port}/_stcore/health", server)
    finally:
        server.terminate()
        assert server.wait(30) == 0
