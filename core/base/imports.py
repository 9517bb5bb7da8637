"""Importing what takes seconds, so that work which needs it can be cancelled meanwhile."""

from __future__ import annotations

import importlib
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor, wait
from types import ModuleType

_LOOK = 0.2  # seconds between two looks


def import_watched(module: str, look: Callable[[], None]) -> ModuleType:
    """The module, imported in a thread of its own.

    Args:
        look: called several times a second until it is there; what it raises ends the waiting. The
            import goes on, and who asks next waits for that one.

    Raises:
        ImportError: as the import.
    """
    pool = ThreadPoolExecutor(1, thread_name_prefix=f"import {module}")
    imported = pool.submit(importlib.import_module, module)
    pool.shutdown(wait=False)
    while wait([imported], _LOOK).not_done:
        look()
    return imported.result()
