"""Where the app's own files lie: in this package where it was installed, beside it in a clone."""

from __future__ import annotations

import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
APP = HERE / "_app" if (HERE / "_app").is_dir() else HERE.parent


def importable() -> None:
    """Lets this process import the app's package ``core``, before any other of that name."""
    if str(APP) not in sys.path[:1]:
        sys.path.insert(0, str(APP))
