"""Writes the vectors of ImageNet's names: ``python -m core.training.imagenet_names``.

Each class is told by the first of its names and its definition (facts of WordNet, as timm has
them), encoded by MiniLM. Nothing is trained.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Sequence
from pathlib import Path

import torch
from safetensors.torch import save

from core.base.errors import ExplorerError
from core.images import imagenet
from core.spaces.encoders.imagenet_pictures import ABOUT, NAMES
from core.spaces.encoders.minilm import MiniLMEncoder
from core.spaces.encoders.minilm_pictures import FOLDER
from core.spaces.sources.minilm import MINILM
from core.storage import data_home


def texts() -> list[str]:
    """What is encoded of each class, in the classifier's order."""
    return [
        f"{one.name}, {one.definition}" if one.definition else one.name
        for one in imagenet.classes()
    ]


def export(folder: Path) -> None:
    """Writes the vectors in half precision, and their digest beside them."""
    encoder = MiniLMEncoder(MINILM.known[0].space, None)
    data = save({"names": torch.from_numpy(encoder.encode(texts())).half()})
    about = {"format": 1, "sha256": data_home.sha256(data)}
    data_home.write_file(folder / NAMES, data)
    data_home.write_file(folder / ABOUT, json.dumps(about, indent=1).encode() + b"\n")


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs the command; the exit status."""
    parser = argparse.ArgumentParser(prog="python -m core.training.imagenet_names")
    parser.add_argument("--out", type=Path, default=FOLDER, help="the folder for the vectors")
    options = parser.parse_args(arguments)
    try:
        export(options.out)
    except ExplorerError as error:
        print(f"error: {error}", file=sys.stderr)
        return 2
    print(f"wrote {options.out / NAMES}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
