"""Weights and vectors that come with the app: read whole, checked, and never half used."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from core.base.errors import StorageError
from core.base.reasons import reason_of
from core.storage import data_home

if TYPE_CHECKING:
    import numpy as np
    import torch
    from torch import nn


@dataclass(frozen=True, slots=True)
class Shipped:
    """What comes along: how an error calls it, and the module that makes it anew."""

    title: str
    trainer: str

    def damaged(self, path: Path, reason: str) -> StorageError:
        """The error that says what is wrong with one of its files."""
        return StorageError(
            f"The {self.title}'s file “{path}” is damaged: {reason}.",
            "It must be as it came with the app.",
            "Take it from the repository again (git checkout assets/models), or make it anew: "
            f"python -m {self.trainer}",
        )

    def read_json(self, path: Path) -> dict[str, Any]:
        """A description beside weights.

        Raises:
            StorageError: it is missing or damaged.
        """
        try:
            found = json.loads(path.read_bytes())
        except (OSError, ValueError) as error:
            raise self.damaged(path, f"it cannot be read ({reason_of(error)})") from error
        if not isinstance(found, dict):
            raise self.damaged(path, "it is no JSON object")
        return found

    def load(self, network: nn.Module, path: Path, sha256: str) -> None:
        """Gives a network its weights, as float32.

        Raises:
            StorageError: the file is missing, is not the one described, or holds another network.
        """
        tensors = self.read_tensors(path, sha256)
        try:
            network.load_state_dict(tensors)
        except RuntimeError as error:
            raise self.damaged(path, "it holds another network") from error

    def read_tensors(self, path: Path, sha256: str) -> dict[str, torch.Tensor]:
        """A file's tensors by name, as float32.

        Raises:
            StorageError: it is missing, is not the one described, or holds no tensors.
        """
        from safetensors import SafetensorError
        from safetensors.torch import load

        data = self._read(path, sha256)
        try:
            return {name: tensor.float() for name, tensor in load(data).items()}
        except SafetensorError as error:
            raise self.damaged(path, "it holds no tensors") from error

    def read_arrays(self, path: Path, sha256: str) -> dict[str, np.ndarray]:
        """A file's tensors ``(...)`` by name, as numpy has them, without importing torch.

        Raises:
            StorageError: as ``read_tensors``.
        """
        from safetensors import SafetensorError
        from safetensors.numpy import load

        data = self._read(path, sha256)
        try:
            return load(data)
        except SafetensorError as error:
            raise self.damaged(path, "it holds no tensors") from error

    def _read(self, path: Path, sha256: str) -> bytes:
        try:
            data = path.read_bytes()
        except OSError as error:
            raise self.damaged(path, error.strerror or "it cannot be read") from error
        if (found := data_home.sha256(data)) != sha256:
            raise self.damaged(path, f"its SHA-256 is {found[:12]}…, not {sha256[:12]}…")
        return data
