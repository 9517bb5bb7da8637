"""ControlNets that a person brought: files or folders in ``controlnets`` of the data home.

A ControlNet is a copy of the first half of the model's own network with further inputs (Zhang et
al. 2023), so how it is built follows from the model, and only its numbers are read: in the layout
of its authors or of diffusers, from a safetensors file, or from a folder that diffusers wrote.
"""

from __future__ import annotations

import inspect
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from core.base.errors import InputError, shorten
from core.generation.large.brought_files import SUFFIX, Folder
from core.generation.large.pipelines import STEERED
from core.readers import file_kinds

_WEIGHTS = f"diffusion_pytorch_model{SUFFIX}"  # of a folder that diffusers wrote


@dataclass(frozen=True, slots=True)
class _Folder(Folder):
    """Files, and folders that hold one."""

    def names(self) -> list[str]:
        """What can be named."""
        found = {path.parent.name for path in self.path.glob(f"[!.]*/{_WEIGHTS}")}
        return sorted({*Folder.names(self), *found})

    def find(self, name: str) -> Path:
        """The file of a name.

        Raises:
            InputError: there is none, or it is pickled.
        """
        inside = self.path / name / _WEIGHTS
        return inside if name in self.names() and inside.is_file() else Folder.find(self, name)


FOLDER = _Folder("ControlNet", "controlnets", "choose none")


def steering(pipe: Any, path: Path) -> Any:
    """A pipeline that is steered by a picture, and shares the networks of ``pipe``.

    Raises:
        InputError: the file is damaged, or holds no ControlNet for this model.
    """
    import diffusers

    kind = getattr(diffusers, STEERED[type(pipe).__name__])
    held = {**pipe.components, "controlnet": _read(pipe.unet, path)}
    wanted = inspect.signature(kind).parameters
    given = {
        name: held[name] if name in held else pipe.config[name]
        for name in wanted
        if name in held or name in pipe.config
    }
    made = kind(**given)
    made.set_progress_bar_config(disable=True)
    return made


def _read(unet: Any, path: Path) -> Any:
    """The ControlNet of a file for a model's network, where and in what numbers that is."""
    from diffusers import ControlNetModel
    from diffusers.loaders.single_file_utils import convert_controlnet_checkpoint
    from safetensors import SafetensorError
    from safetensors.torch import load_file

    made = ControlNetModel.from_unet(unet, load_weights_from_unet=False)
    try:
        tensors = convert_controlnet_checkpoint(load_file(path), dict(made.config))
        made.load_state_dict(tensors)
    except (SafetensorError, OSError, KeyError, RuntimeError, ValueError, TypeError) as error:
        raise InputError(
            f"The ControlNet “{shorten(_name(path))}” cannot be used: "
            f"{shorten(file_kinds.reason_of_weights(path, error), 160)}.",
            "It must be made for the family of the model that draws, such as Stable Diffusion 1.5.",
            "Choose another ControlNet or model.",
        ) from error
    return made.to(device=unet.device, dtype=unet.dtype).eval()


def _name(path: Path) -> str:
    return path.parent.name if path.name == _WEIGHTS else path.stem
