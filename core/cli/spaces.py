"""``python -m core spaces``: every space and whether it can be used now."""

from __future__ import annotations

import argparse
from typing import Any

from core.spaces.registry import list_spaces

HELP = "List every embedding model: name, modalities, dimension, state."


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """This verb has no options of its own."""


def run(options: argparse.Namespace) -> dict[str, Any]:
    """The list as plain data."""
    return {
        "spaces": [
            {
                "name": entry.space.name,
                "title": entry.space.title,
                "modalities": [modality.value for modality in entry.space.modalities],
                "dim": entry.space.dim,
                "state": entry.state,
            }
            for entry in list_spaces()
        ]
    }


def show(result: dict[str, Any]) -> str:
    """The list for a person."""
    rows = (
        f"{row['name']:<20} {row['dim']:>5}  {', '.join(row['modalities']):<12} {row['state']}"
        for row in result["spaces"]
    )
    return "\n".join(rows)
