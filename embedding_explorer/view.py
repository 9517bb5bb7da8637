"""What ``show`` opens: a server of this process, and the selection that the app's Map reports."""

from __future__ import annotations

import atexit
import json
import subprocess
import sys
import webbrowser
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pandas as pd

from embedding_explorer.app_files import APP
from embedding_explorer.command import can_open, free_port, wait_until_ready
from embedding_explorer.verbs import environment


@dataclass(frozen=True, slots=True)
class View:
    """Items as the app shows them.

    Attributes:
        url: the address of the page, for this computer alone.
    """

    url: str
    _items: pd.DataFrame = field(repr=False)
    _report: Path = field(repr=False)

    def selection(self) -> pd.DataFrame:
        """The rows that are selected on the Map now, in their order; none before anything is."""
        rows = json.loads(self._report.read_bytes())["rows"]
        return self._items.iloc[[row - 1 for row in rows]]

    def _repr_html_(self) -> str:
        return f'<a href="{self.url}" target="_blank">{len(self._items):,} items on the Map</a>'


def open_view(added: Mapping[str, Any], items: pd.DataFrame, *, browser: bool) -> View:
    """A view of what the verb ``add`` has ``added`` with a report; starts the server at first.

    Raises:
        RuntimeError: the server did not start.
    """
    view = View(f"{_host()}/{added['address']}", items, Path(added["report"]))
    atexit.register(view._report.unlink, missing_ok=True)
    if browser and can_open():
        webbrowser.open(view.url)
    return view


_server: tuple[subprocess.Popen[bytes], str] | None = None


def _host() -> str:
    """The address of this process's server."""
    global _server  # noqa: PLW0603  # one a process
    if _server is not None and _server[0].poll() is None:
        return _server[1]
    port = free_port()
    server = subprocess.Popen(  # noqa: S603  # our own script
        [sys.executable, "serve.py", f"--server.port={port}"],
        cwd=APP,
        env={**environment(), "EMBEDDING_EXPLORER_ENDS_WITH_STDIN": "1"},
        stdin=subprocess.PIPE,  # the system closes it when this process is gone, however it ended
        stdout=subprocess.DEVNULL,
        process_group=0,  # what interrupts a cell would end it, and with it all views
    )
    atexit.register(server.terminate)
    host = f"http://localhost:{port}"
    if not wait_until_ready(host):
        server.kill()
        raise RuntimeError("The app's server did not start; its messages say why.")
    _server = (server, host)
    return host
