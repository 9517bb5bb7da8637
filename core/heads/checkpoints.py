"""Checkpoints of trainings: a file of safetensors each, from which a training goes on after a kill.

It holds the network, its optimiser and the best head so far; its metadata what was seen. Chance is
drawn anew from the seed and the number of each epoch, so no state of it is needed.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

from core.base.errors import NOT_AS_WRITTEN
from core.spaces.encoders.head import Head, from_arrays
from core.storage import data_home

if TYPE_CHECKING:
    from torch import Tensor

FOLDER = "head-checkpoints"


def path_of(key: str) -> Path:
    """The file of the training that ``key``, a digest, stands for."""
    return data_home.data_home() / FOLDER / f"{key[:16]}.safetensors"


def save(path: Path, tensors: dict[str, Tensor], seen: dict[str, Any]) -> None:
    """Writes a checkpoint, whole or not at all.

    Raises:
        StorageError: it cannot be written.
    """
    from safetensors.torch import save as to_bytes

    whole = {name: tensor.contiguous() for name, tensor in tensors.items()}
    data_home.write_file(path, to_bytes(whole, {"seen": json.dumps(seen)}))


def load(path: Path) -> tuple[dict[str, Tensor], dict[str, Any]] | None:
    """Tensors and what was seen; ``None`` where there is none, or none that can be read."""
    from safetensors import SafetensorError, safe_open

    if not path.is_file():
        return None
    try:
        with safe_open(path, framework="pt") as opened:
            tensors = {name: opened.get_tensor(name) for name in opened.keys()}  # noqa: SIM118
            seen: dict[str, Any] = json.loads((opened.metadata() or {})["seen"])
    except (SafetensorError, OSError, *NOT_AS_WRITTEN):
        return None  # it begins anew
    return tensors, seen


def head_of(tensors: dict[str, Tensor], before: str) -> Head | None:
    """The head in a checkpoint whose names begin with ``before``; ``None`` where there is none."""
    arrays = {
        name[len(before) :]: one.numpy() for name, one in tensors.items() if name.startswith(before)
    }
    return from_arrays(arrays) if arrays else None
