"""Importing what takes seconds, so that work which needs it can be cancelled meanwhile."""

from __future__ import annotations

import importlib
from collections.abc import Callable
from types import ModuleType

from core.base.watched import run_watched


def import_watched(module: str, look: Callable[[], None]) -> ModuleType:
    """The module, imported in a thread of its own.

    Args:
        look: called several times a second until it is there; what it raises ends the waiting. The
            import goes on, and who asks next waits for that one.

    Raises:
        ImportError: as the import.
    """
    return run_watched(
        lambda _: importlib.import_module(module), lambda *_: look(), f"import {module}"
    )
