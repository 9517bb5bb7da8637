"""The small generator's files, as diffusers lays out a pipeline: a folder for each part."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from core import store
from core.errors import StorageError

if TYPE_CHECKING:
    from torch import nn

    from core.generation.pipeline import VectorPipeline

FOLDER = Path(__file__).parents[2] / "assets" / "models" / "generator"
UNET, AUTOENCODER = "unet", "autoencoder"
CONFIG, WEIGHTS = "config.json", "diffusion_pytorch_model.safetensors"
ABOUT = "model_index.json"
SCHEDULER: dict[str, Any] = {
    "_class_name": "FlowMatchEulerDiscreteScheduler",
    "num_train_timesteps": 1000,
    "shift": 1.0,
}


@dataclass(frozen=True, slots=True)
class Part:
    """One of the networks on disk: its settings, and its weights' digest."""

    config: dict[str, Any]
    sha256: str


def write_generator(folder: Path, unet: Any, autoencoder: Any) -> None:
    """Writes both networks, half precision, and about them; a reader in between is told."""
    from safetensors.torch import save

    digests = {}
    for name, network in ((UNET, unet), (AUTOENCODER, autoencoder)):
        weights = {key: value.half().contiguous() for key, value in network.state_dict().items()}
        data = save(weights)
        digests[name] = store.sha256(data)
        store.write_file(folder / name / WEIGHTS, data)
        config = {key: value for key, value in network.config.items() if key[0] != "_"}
        config["_class_name"] = type(network).__name__
        store.write_file(folder / name / CONFIG, _json(config))
    about = {
        "_class_name": "VectorPipeline",
        UNET: ["diffusers", "UNet2DConditionModel"],
        AUTOENCODER: ["core.generation.autoencoder", "PictureAutoencoder"],
        "scheduler": ["diffusers", SCHEDULER["_class_name"]],
        "sha256": digests,
    }
    store.write_file(folder / "scheduler" / "scheduler_config.json", _json(SCHEDULER))
    store.write_file(folder / ABOUT, _json(about))


def _json(value: dict[str, Any]) -> bytes:
    return json.dumps(value, indent=1, sort_keys=True).encode() + b"\n"


def read_digest(folder: Path = FOLDER) -> str:
    """Stands for both networks' weights.

    Raises:
        StorageError: what is about them is missing or damaged.
    """
    found = _read_json(folder / ABOUT)
    try:
        digests = [str(found["sha256"][name]) for name in (UNET, AUTOENCODER)]
    except (KeyError, TypeError) as error:
        raise _damaged(folder / ABOUT, "it says no digests") from error
    return store.sha256(" ".join(digests).encode())


def open_pipeline(folder: Path = FOLDER) -> VectorPipeline:
    """The pipeline with its weights as float32, checked against their digests.

    Raises:
        StorageError: a file is missing or damaged.
    """
    import torch
    from diffusers import FlowMatchEulerDiscreteScheduler, UNet2DConditionModel

    from core.generation.autoencoder import PictureAutoencoder
    from core.generation.pipeline import VectorPipeline

    digests = _read_json(folder / ABOUT).get("sha256", {})
    networks: dict[str, Any] = {}
    kinds = {UNET: UNet2DConditionModel, AUTOENCODER: PictureAutoencoder}
    for name, kind in kinds.items():
        config = _read_json(folder / name / CONFIG)
        config.pop("_class_name", None)
        network = kind.from_config(config)
        _load_weights(network, folder / name / WEIGHTS, str(digests.get(name)))
        networks[name] = network.eval().to(memory_format=torch.channels_last)
    settings = {key: value for key, value in SCHEDULER.items() if key[0] != "_"}
    return VectorPipeline(scheduler=FlowMatchEulerDiscreteScheduler(**settings), **networks)


def _load_weights(network: nn.Module, path: Path, digest: str) -> None:
    from safetensors import SafetensorError
    from safetensors.torch import load

    try:
        data = path.read_bytes()
    except OSError as error:
        raise _damaged(path, error.strerror or "it cannot be read") from error
    if (found := store.sha256(data)) != digest:
        raise _damaged(path, f"its SHA-256 is {found[:12]}…, not {digest[:12]}…")
    try:
        network.load_state_dict({name: tensor.float() for name, tensor in load(data).items()})
    except (SafetensorError, RuntimeError) as error:
        raise _damaged(path, "it holds another network") from error


def _read_json(path: Path) -> dict[str, Any]:
    try:
        found = json.loads(path.read_bytes())
    except (OSError, ValueError) as error:
        raise _damaged(path, f"it cannot be read ({type(error).__name__})") from error
    if not isinstance(found, dict):
        raise _damaged(path, "it is no JSON object")
    return found


def _damaged(path: Path, reason: str) -> StorageError:
    return StorageError(
        f"The small generator's file “{path}” is damaged: {reason}.",
        "It must be as it came with the app.",
        "Take it from the repository again (git checkout assets/models), or train it anew: "
        "python -m core.training.generator",
    )
