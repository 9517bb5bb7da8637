"""What the actions of ``python -m core train`` share: where that goes which was trained."""

from __future__ import annotations

import argparse
from pathlib import Path

from core.base.errors import InputError
from core.storage import data_home


def given_out(options: argparse.Namespace, where: str) -> Path | None:
    """The path that ``--out`` names; ``None`` where ``--name`` alone is given.

    Args:
        where: says where what is trained can go.

    Raises:
        InputError: neither is given, or it is no path.
    """
    if options.out is not None:
        return data_home.given_path(options.out)
    if options.name is None:
        raise InputError("Neither --out nor --name is given.", where, "Give one of them.")
    return None
