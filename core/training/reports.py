"""The command of a model's report: two options, every figure as JSON."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from core.base.errors import ExplorerError
from core.training.picture_encoder.train import DATA

Measure = Callable[[Path, Path], dict[str, Any]]


def run(name: str, weights: Path, measure: Measure, arguments: Sequence[str] | None) -> int:
    """Prints what ``measure(data, weights)`` finds; the exit status.

    Args:
        name: of the module that is run.
        weights: the folder they are in, unless another is given.
    """
    parser = argparse.ArgumentParser(prog=f"python -m core.training.{name}")
    parser.add_argument("--data", type=Path, default=DATA)
    parser.add_argument("--weights", type=Path, default=weights, help="another folder")
    options = parser.parse_args(arguments)
    try:
        found = measure(options.data, options.weights)
    except ExplorerError as error:
        print(f"error: {error}", file=sys.stderr)
        return 2
    print(json.dumps(found, indent=1))
    return 0
