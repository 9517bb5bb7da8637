"""What the child process of ``core.export.tensorboard`` runs: TensorBoard's projector on a folder.

``python -m core.export.tensorboard_child FOLDER`` writes its port on a line of stdout once the
projector has read the export, and ends when its stdin does: the system closes that pipe when the
parent ends, however it ends.
"""

from __future__ import annotations

import http.client
import json
import mimetypes
import os
import signal
import sys
import threading
import time
import urllib.parse

from core.base import child_process

HOST = "127.0.0.1"
_LISTING = "/data/plugins_listing"


def main(folder: str) -> None:
    """Serves ``folder`` until stdin ends."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl+C is for the app; this ends with it
    mimetypes.add_type("text/javascript", ".js")  # Windows may have another one (TensorBoard #3120)
    # All imports come before the thread that reads stdin: on Windows, importing a library may wait
    # for such a read to end.
    from tensorboard import program
    from tensorboard.plugins.core.core_plugin import CorePluginLoader
    from tensorboard.plugins.projector.projector_plugin import (
        ProjectorPlugin,
    )

    threading.excepthook = child_process.end_with_error
    watcher = threading.Thread(target=_end_with_parent, daemon=True)
    watcher.start()
    board = program.TensorBoard(plugins=[CorePluginLoader(), ProjectorPlugin])
    # reload_interval=0: look for event files once; there are none
    board.configure(logdir=folder, host=HOST, port=0, load_fast="false", reload_interval=0)
    port = urllib.parse.urlsplit(board.launch()).port or 0
    while not _is_ready(port):
        time.sleep(0.1)
    sys.stdout.write(f"{port}\n")
    sys.stdout.flush()
    watcher.join()


def _is_ready(port: int) -> bool:
    """Whether the projector has read the export; a page opened sooner would show no data."""
    connection = http.client.HTTPConnection(HOST, port)
    try:
        connection.request("GET", _LISTING)
        listing = json.load(connection.getresponse())
    finally:
        connection.close()
    return bool(listing["projector"]["enabled"])


def _end_with_parent() -> None:
    while os.read(0, 4096):
        pass
    os._exit(0)


if __name__ == "__main__":
    main(sys.argv[1])
