"""Checkpoints of trainings: written whole, and only read on by the recipe that wrote them."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import torch

from core.base.errors import InputError
from core.storage import data_home


def save(path: Path, settings: str, state: dict[str, Any]) -> None:
    """Writes a state with the digest of the settings that led to it, whole or not at all."""
    stream = io.BytesIO()
    torch.save({"settings": settings, **state}, stream)
    data_home.write_file(path, stream.getvalue())


def load(path: Path, settings: str) -> dict[str, Any]:
    """The state in a checkpoint.

    Raises:
        InputError: it was made with other settings.
    """
    found: dict[str, Any] = torch.load(path, weights_only=True)
    if found["settings"] != settings:
        raise InputError(
            f"The checkpoint {path} was made with another recipe or seed.",
            f"It would not lead to the result of this one, {settings[:12]}.",
            "Use the same, or start again with --restart.",
        )
    return found
