"""The Dockerfile, where there is no Docker: what it says goes together, and its steps run.

The steps are taken from the file itself and run in a fresh environment. Left out are what needs an
index of packages (the app's requirements are those of the environment that tests) and the user.
"""

from __future__ import annotations

import http.client
import json
import os
import re
import shlex
import shutil
import socket
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
import yaml

from tests.browser.conftest import wait_for

ROOT = Path(__file__).resolve().parents[2]
PORT = "8501"


def _instructions() -> list[tuple[str, str]]:
    """Each instruction and what it says, continued lines as one."""
    text = (ROOT / "Dockerfile").read_text(encoding="utf-8").replace("\\\n", " ")
    lines = (line for line in text.splitlines() if line.strip() and not line.startswith("#"))
    return [(name, rest.strip()) for name, _, rest in (line.partition(" ") for line in lines)]


def _said(name: str) -> list[str]:
    return [rest for found, rest in _instructions() if found == name]


def _commands() -> list[list[str]]:
    """The commands of all steps ``RUN``."""
    return [shlex.split(one) for step in _said("RUN") for one in step.split("&&")]


def _command(*words: str) -> list[str]:
    """The one command with these words."""
    [found] = [one for one in _commands() if {*words} <= {*one}]
    return found


def test_what_the_dockerfile_says_goes_together() -> None:
    names = [name for name, _ in _instructions()]
    assert names[0] == "FROM"
    assert names[-1] == "CMD"
    requires = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    versions = {re.fullmatch(r"python:(3\.\d+)(?:-slim| AS \w+)", one) for one in _said("FROM")}
    assert {found[1] for found in versions if found} == {
        requires["requires-python"].removeprefix(">=").partition(",")[0]
    }
    assert None not in versions
    for source in (one.split() for one in _said("COPY") if not one.startswith("--from=")):
        assert all((ROOT / part).exists() for part in source[:-1])
    # what runs is no administrator, and the folder of data is its own and outlives the container
    assert names.index("USER") < names.index("CMD")
    [user], [volume] = _said("USER"), _said("VOLUME")
    assert ["chown", user, volume] in _commands()
    assert any(one[0] == "useradd" and one[-1] == user for one in _commands())
    assert f"EMBEDDING_EXPLORER_HOME={volume}" in _said("ENV")
    # nothing that pip or uv laid aside stays in the image
    for one in _commands():
        if "install" in one and one[0] != "apt-get":
            assert {"--no-cache-dir", "--no-cache"} & {*one}


def test_one_port_is_served_asked_and_published() -> None:
    compose = yaml.safe_load((ROOT / "compose.yaml").read_text("utf-8"))["services"]["explorer"]
    [command], [health] = _said("CMD"), _said("HEALTHCHECK")
    assert _said("EXPOSE") == [PORT]
    assert f"--server.port={PORT}" in json.loads(command)
    assert f"localhost:{PORT}/" in health
    assert [one.split(":") for one in compose["ports"]] == [["127.0.0.1", PORT, PORT]]
    assert compose["volumes"] == [f"explorer:{_said('VOLUME')[0]}"]
    readme = (ROOT / "Dockerfile").read_text("utf-8").splitlines()[:4]
    assert any(f"127.0.0.1:{PORT}:{PORT}" in line for line in readme)


@pytest.fixture(scope="module")
def image(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A fresh environment, in which the Dockerfile's own steps have built and installed the app."""
    place = tmp_path_factory.mktemp("image")
    source = place / "source"
    ignored = (ROOT / ".dockerignore").read_text("utf-8").split()
    shutil.copytree(
        ROOT, source, ignore=shutil.ignore_patterns(*(one.removeprefix("**/") for one in ignored))
    )
    build = _command("hatchling", "build")
    assert build[0] == "python"
    wheels = place / "wheel"
    build = [sys.executable, *(one.replace("/wheel", str(wheels)) for one in build[1:])]
    subprocess.run(build, cwd=source, check=True, capture_output=True)
    environment = place / "environment"
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", str(environment)], check=True)
    install = _command("uv", "pip", "/tmp/wheel/*.whl")
    at = install.index("-c") + 1
    assert install[at] in [one.split()[-1] for one in _said("COPY")]
    given = [
        one for one in install if one not in ("--system", "/tmp/wheel/*.whl", "-c", install[at])
    ]
    subprocess.run(
        [
            *(sys.executable, "-m", *given),  # uv beside this Python, wherever PATH leads
            "--offline",
            "--no-deps",
            "--python",
            str(environment),
            *map(str, wheels.iterdir()),
        ],
        check=True,
        capture_output=True,
    )
    [site] = environment.glob("lib/python*/site-packages")
    own = [path for path in sys.path if path.endswith("site-packages")]
    (site / "requirements.pth").write_text("\n".join(own), encoding="utf-8")
    return environment


@pytest.mark.slow
def test_the_steps_give_a_command_that_serves_and_a_health_check_that_tells(
    image: Path, tmp_path: Path
) -> None:
    program, *options = json.loads(_said("CMD")[-1])
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = str(free.getsockname()[1])
    given = [one.replace(PORT, port).replace("0.0.0.0", "127.0.0.1") for one in options]
    assert given != options
    variables = dict(one.split("=") for one in _said("ENV")) | {
        "EMBEDDING_EXPLORER_HOME": str(tmp_path / "data"),
        "EMBEDDING_EXPLORER_HOSTS": "a.example",
        "PATH": f"{image / 'bin'}:{os.environ['PATH']}",
    }
    environment = {k: v for k, v in os.environ.items() if k != "PYTHONPATH"} | variables
    health = json.loads(_said("HEALTHCHECK")[0].partition("CMD ")[2].replace(PORT, port))
    assert subprocess.run(health, env=environment, check=False, capture_output=True).returncode
    server = subprocess.Popen([image / "bin" / program, *given], cwd=tmp_path, env=environment)
    try:
        wait_for(f"http://localhost:{port}/_stcore/health", server)
        assert subprocess.run(health, env=environment, check=False).returncode == 0
        for name, status in (("a.example", 200), ("b.example", 400)):
            connection = http.client.HTTPConnection("localhost", int(port))
            connection.request("GET", "/_stcore/health", headers={"Host": name})
            assert connection.getresponse().status == status
            connection.close()
    finally:
        server.terminate()
        server.wait(30)
