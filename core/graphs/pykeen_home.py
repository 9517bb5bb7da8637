"""PyKEEN's own folder, set before PyKEEN is imported."""

from __future__ import annotations

import os

from core.storage import data_home


def prepare() -> None:
    """Points PyKEEN and what it keeps files with to folders of the data home; before its import."""
    home = data_home.data_home() / "pykeen"
    os.environ.setdefault("PYSTOW_HOME", str(home))
    os.environ.setdefault("PYKEEN_HOME", str(home))
