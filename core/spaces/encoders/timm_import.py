"""timm, imported by one thread at a time.

Its parts ``timm.data`` and ``timm.models`` import each other. Where two threads begin at different
ends, as two sessions that need a network for the first time do, Python breaks the circle by handing
one of them a module that is half imported, and its import fails. So nothing else imports timm.
"""

from __future__ import annotations

import importlib
import threading
from typing import Any

_lock = threading.Lock()


def timm() -> Any:
    """The package ``timm`` with its parts.

    Raises:
        ImportError: it is not installed.
    """
    with _lock:
        return importlib.import_module("timm")
