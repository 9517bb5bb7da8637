"""The command ``embedding-explorer``: serves the app, opens a file in it, or runs a verb.

    embedding-explorer                      serve the app on this computer
    embedding-explorer vectors.parquet      add the file or folder, and open it in the browser
    embedding-explorer words "king - man"   a verb without a browser (--help lists them)

Options that begin with two dashes go to Streamlit, such as --server.port 8600; --no-browser opens
none.
"""

from __future__ import annotations

import os
import runpy
import shutil
import socket
import sys
import threading
import time
import urllib.request
import webbrowser
from collections.abc import Sequence
from contextlib import suppress

from embedding_explorer.app_files import APP, importable

NO_BROWSER = "--no-browser"
HOSTS = "EMBEDDING_EXPLORER_HOSTS"  # names that others call the server by, with commas between
FIRST_PORT, PORTS = 8501, 100
WAIT_SECONDS = 60.0


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs what the module's first lines say; the exit status, as of ``python -m core``."""
    given = list(sys.argv[1:] if arguments is None else arguments)
    importable()
    from core.cli import main as cli

    if given[:1] in (["--help"], ["-h"]):
        sys.stdout.write(f"{__doc__}\nVerbs: {', '.join(cli.VERBS)}\n")
        return 0
    first = given[0] if given else ""
    if first in cli.VERBS:
        return cli.main(given)
    browser = NO_BROWSER not in given
    given = [one for one in given if one != NO_BROWSER]
    if not first or first.startswith("-"):
        serve(given)
        return 0
    added = _add(first)
    if added is None:
        return 2
    serve(given[1:], added if browser else None)
    return 0


def _add(path: str) -> str | None:
    """Adds a file or folder; the address that shows it, ``None`` where it cannot be used."""
    from core.base.errors import ExplorerError
    from core.cli import add, main as cli, streams

    streams.prepare()
    try:
        result = cli.answer(["add", path])
    except ExplorerError as error:
        streams.tell(f"error: {error}")
        return None
    streams.write(add.show(result))
    return str(result["address"])


def serve(options: Sequence[str], address: str | None = None) -> None:
    """Serves the app in this process, until it is told to end.

    Args:
        options: Streamlit's.
        address: a page with its choices, which is opened in a browser once the server answers.
    """
    if not _is_given("--server.port", options):
        options = ["--server.port", str(free_port()), *options]
    options = [*options, *_hosts()]
    if address is not None and can_open():
        host = f"http://localhost:{_value('--server.port', options)}"
        threading.Thread(target=_open, args=(host, address), daemon=True).start()
    os.chdir(APP)  # whose .streamlit has the settings
    sys.argv = ["serve.py", *options]
    runpy.run_path(str(APP / "serve.py"), run_name="__main__")


def _hosts() -> list[str]:
    """The names of ``HOSTS``, and that of this computer, as Streamlit's options."""
    names = [name.strip() for name in os.environ.get(HOSTS, "").split(",") if name.strip()]
    wanted = [*names, "localhost", "127.0.0.1"] if names else []
    return [f"--server.allowedHosts={name}" for name in wanted]


def free_port(first: int = FIRST_PORT) -> int:
    """The first port of this computer from ``first`` on that nobody listens at.

    Raises:
        OSError: a hundred are taken.
    """
    for port in range(first, first + PORTS):
        with socket.socket() as tried:
            if tried.connect_ex(("127.0.0.1", port)) != 0:
                return port
    raise OSError(f"the ports {first} to {first + PORTS - 1} are taken")


def can_open() -> bool:
    """Whether this computer has a screen to open a browser on."""
    screen = os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY")
    return sys.platform in ("win32", "darwin") or bool(screen and shutil.which("xdg-open"))


def wait_until_ready(host: str, seconds: float = WAIT_SECONDS) -> bool:
    """Waits until a server answers, or the time is over."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        health = f"{host}/_stcore/health"
        with suppress(OSError), urllib.request.urlopen(health, timeout=5):  # noqa: S310  # ours
            return True
        time.sleep(0.1)
    return False


def _open(host: str, address: str) -> None:
    if wait_until_ready(host):
        webbrowser.open(f"{host}/{address}")


def _is_given(name: str, options: Sequence[str]) -> bool:
    return any(one == name or one.startswith(f"{name}=") for one in options)


def _value(name: str, options: Sequence[str]) -> str:
    """What an option says: the last that is given counts."""
    found = ""
    for at, one in enumerate(options):
        if one == name and at + 1 < len(options):
            found = options[at + 1]
        elif one.startswith(f"{name}="):
            found = one.partition("=")[2]
    return found
