"""The small generator's files, as diffusers lays out a pipeline: a folder for each part."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from core.base.paths import ASSETS
from core.base.reasons import reason_of
from core.generation.small.schedulers import TIMES
from core.storage import data_home
from core.storage.bundled_weights import Shipped

if TYPE_CHECKING:
    from core.generation.small.pipeline import VectorPipeline

FOLDER = ASSETS / "models" / "generator"
PHOTOS = ASSETS / "models" / "generator-photos"
SHIPPED = Shipped("small generator", "core.training.generator.train")
UNET, AUTOENCODER = "unet", "autoencoder"
KINDS = {UNET: "UNet2DConditionModel", AUTOENCODER: "PictureAutoencoder"}
_WIDTHS = ("encoder_widths", "decoder_widths", "blocks")
CONFIG, WEIGHTS = "config.json", "diffusion_pytorch_model.safetensors"
ABOUT, CAPTIONS = "model_index.json", "captions.txt"
SCHEDULER: dict[str, Any] = {
    "_class_name": "FlowMatchEulerDiscreteScheduler",
    "num_train_timesteps": TIMES,
    "shift": 1.0,
}


@dataclass(frozen=True, slots=True)
class Part:
    """One of the networks on disk: its settings, and its weights' digest."""

    config: dict[str, Any]
    sha256: str


def write_generator(
    folder: Path, unet: Any, autoencoder: Any, captions: Sequence[str] = ()
) -> None:
    """Writes both networks, half precision, and about them; a reader in between is told.

    Args:
        captions: what it knows, where no package tells.
    """
    from safetensors.torch import save

    digests = {}
    for name, network in ((UNET, unet), (AUTOENCODER, autoencoder)):
        weights = {key: value.half().contiguous() for key, value in network.state_dict().items()}
        data = save(weights)
        digests[name] = data_home.sha256(data)
        data_home.write_file(folder / name / WEIGHTS, data)
        config = {**network.config, "_class_name": KINDS[name]}
        data_home.write_file(folder / name / CONFIG, _json(config))
    about = {
        "_class_name": "VectorPipeline",
        UNET: ["diffusers", KINDS[UNET]],
        AUTOENCODER: ["core.generation.small.autoencoder", KINDS[AUTOENCODER]],
        "scheduler": ["diffusers", SCHEDULER["_class_name"]],
        "sha256": digests,
    }
    data_home.write_file(folder / "scheduler" / "scheduler_config.json", _json(SCHEDULER))
    if captions:
        data_home.write_file(folder / CAPTIONS, "".join(f"{one}\n" for one in captions).encode())
    data_home.write_file(folder / ABOUT, _json(about))


def _json(value: dict[str, Any]) -> bytes:
    return json.dumps(value, indent=1, sort_keys=True).encode() + b"\n"


def read_captions(folder: Path) -> tuple[str, ...]:
    """What a generator was trained on, of those whose folder says it.

    Raises:
        StorageError: the file is missing or damaged.
    """
    path = folder / CAPTIONS
    try:
        return tuple(path.read_text(encoding="utf-8").splitlines())
    except (OSError, UnicodeDecodeError) as error:
        raise SHIPPED.damaged(path, f"it cannot be read ({reason_of(error)})") from error


def read_digest(folder: Path = FOLDER) -> str:
    """Stands for both networks' weights.

    Raises:
        StorageError: what is about them is missing or damaged.
    """
    found = SHIPPED.read_json(folder / ABOUT)
    try:
        digests = [str(found["sha256"][name]) for name in (UNET, AUTOENCODER)]
    except (KeyError, TypeError) as error:
        raise SHIPPED.damaged(folder / ABOUT, "it says no digests") from error
    return data_home.sha256(" ".join(digests).encode())


def open_pipeline(folder: Path = FOLDER) -> VectorPipeline:
    """The pipeline with its weights as float32, checked against their digests.

    Raises:
        StorageError: a file is missing or damaged.
    """
    import torch

    from core.generation.small.autoencoder import PictureAutoencoder
    from core.generation.small.network import VectorUNet
    from core.generation.small.pipeline import VectorPipeline

    digests = SHIPPED.read_json(folder / ABOUT).get("sha256", {})
    networks: dict[str, Any] = {}
    kinds: dict[str, Callable[[dict[str, Any]], Any]] = {
        UNET: lambda config: VectorUNet(config["in_channels"], config["block_out_channels"]),
        AUTOENCODER: lambda config: PictureAutoencoder(
            **{name: config[name] for name in ("channels", *_WIDTHS)}
        ),
    }
    for name, make in kinds.items():
        path = folder / name / CONFIG
        try:
            network = make(SHIPPED.read_json(path))
        except (KeyError, TypeError, ValueError) as error:
            raise SHIPPED.damaged(path, "it describes no such network") from error
        SHIPPED.load(network, folder / name / WEIGHTS, str(digests.get(name)))
        networks[name] = network.eval().to(memory_format=torch.channels_last)
    return VectorPipeline(**networks)
