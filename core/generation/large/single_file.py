"""A single file of weights, as most models are handed on, becomes a folder of diffusers.

That is done once, by diffusers' ``from_single_file`` with the configurations of ``families``, so
no network is asked; the folder lies in the data home and is as large as the file. Of what is in a
file, only its head is read before: a pickled file is never opened.
"""

from __future__ import annotations

import shutil
import tempfile
from pathlib import Path
from typing import Any

from core.base.errors import InputError, OutOfMemoryError, shorten
from core.base.memory import available_bytes, format_bytes
from core.base.reasons import reason_of
from core.generation.large.families import FAMILIES, Family, write_description
from core.generation.large.model_index import INDEX
from core.readers import file_kinds
from core.storage import data_home
from core.storage.downloads import require_room

PLACE = "generators"  # in the data home
SUFFIX = ".safetensors"
_PICKLED = (".ckpt", ".pt", ".pth", ".bin")
_UNET = "model.diffusion_model."
CONVERTER = (
    "Where you trust it, convert it on another computer by the tool “safetensors convert” of the "
    "hub (huggingface.co/spaces/safetensors/convert), or in Python by torch.load(…, "
    "weights_only=True) and safetensors.torch.save_file, and give that file."
)
Shapes = dict[str, tuple[int, ...]]  # of tensors by their names


def unpack(path: Path) -> Path:
    """The folder of the model in a file, written where it is not there yet.

    Raises:
        InputError: it is no safetensors file, damaged, no whole model, or of an unknown family.
        StorageError: it cannot be read, or the folder cannot be written.
        OutOfMemoryError: there is no room for its weights.
    """
    shapes, half = read_head(path)
    family = identify(shapes, path.name)
    with data_home.storage_errors("read", path):
        state = path.stat()
    [mark] = data_home.as_bytes([f"{path.resolve()} {state.st_size} {state.st_mtime_ns}"])
    own = data_home.data_home() / PLACE / "files" / data_home.sha256(mark)[:12]
    folder = own / data_home.safe_name(path.stem)  # which is what the model is called
    if not (folder / INDEX).is_file():
        with data_home.storage_errors("write", folder):
            folder.parent.mkdir(parents=True, exist_ok=True)
            require_room(folder.parent, state.st_size, path.name)
            _require_memory(path, state.st_size)
            with tempfile.TemporaryDirectory(dir=folder.parent, prefix=".") as place:
                write_description(family, Path(place, "described"), _scheduling(shapes))
                _convert(path, family, Path(place), half=half)
                shutil.rmtree(folder, ignore_errors=True)
                Path(place, "whole").rename(folder)
    return folder


def read_head(path: Path) -> tuple[Shapes, bool]:
    """The shapes of a file's tensors, and whether the U-Net's are in half precision.

    Raises:
        InputError: it is pickled, no safetensors file, or damaged.
    """
    from safetensors import SafetensorError, safe_open

    if path.suffix.lower() in _PICKLED:
        raise InputError(
            f"{shorten(path.name)} is a pickled file, which can run any program as it is opened.",
            f"A {SUFFIX} file holds numbers alone; only such are opened here.",
            CONVERTER,
        )
    if path.suffix.lower() != SUFFIX:  # which may be of any size
        raise InputError(
            f"{shorten(path.name)} is no {SUFFIX} file.",
            "A folder with model_index.json is needed, or a single file of that kind.",
            "Choose another file.",
        )
    try:
        with safe_open(path, "numpy") as file:
            slices = {key: file.get_slice(key) for key in file.keys()}  # noqa: SIM118  # no dict
            shapes = {key: tuple(one.get_shape()) for key, one in slices.items()}
            kinds = {one.get_dtype() for key, one in slices.items() if key.startswith(_UNET)}
    except (SafetensorError, OSError) as error:
        why = shorten(file_kinds.reason_of_weights(path, error), 100)
        raise InputError(
            f"{shorten(path.name)} cannot be read ({why}).",
            f"A whole {SUFFIX} file is needed.",
            "Fetch it again.",
        ) from error
    return shapes, kinds <= {"F16", "BF16"}


def identify(shapes: Shapes, name: str) -> Family:
    """The family of the model in a file.

    Raises:
        InputError: it is no whole model, or of a family that is not known.
    """
    contexts = {
        shape[1]
        for key, shape in shapes.items()
        if key.startswith(_UNET) and key.endswith(".attn2.to_k.weight") and len(shape) == 2
    }
    begins = shapes.get(f"{_UNET}input_blocks.0.0.weight", ())
    if not begins or len(contexts) != 1:
        raise _none(name, _kind_of(shapes))
    if begins[1] != 4:
        raise _none(name, f"its network takes {begins[1]} channels, as for inpainting or editing")
    if not any(key.startswith("first_stage_model.") for key in shapes):
        raise _none(name, "the autoencoder (VAE) is not in it")
    if not any(key.startswith(("cond_stage_model.", "conditioner.")) for key in shapes):
        raise _none(name, "the text encoder is not in it")
    family = next((one for one in FAMILIES if one.context in contexts), None)
    if family is None or "edm_mean" in shapes:
        raise _none(name, "it is of a family that is not known here")
    return family


def _kind_of(shapes: Shapes) -> str:
    """What a file without a U-Net seems to be, for people."""
    keys = list(shapes)
    if any("lora" in key.lower() for key in keys):
        return "it is a LoRA, a small change to a model"
    if any("double_blocks." in key or "joint_blocks." in key for key in keys):
        return "it is a transformer as of FLUX or SD 3, whose other parts are files of their own"
    if any(key.removeprefix("first_stage_model.").startswith("decoder.") for key in keys):
        return "it is an autoencoder (VAE) alone"
    if keys and len(keys) <= 2:
        return "it is an embedding (textual inversion), a word for a model"
    return "it has no U-Net as Stable Diffusion has it"


def _none(name: str, why: str) -> InputError:
    titles = " or ".join(family.title for family in FAMILIES)
    return InputError(
        f"{shorten(name)} cannot be opened: {why}.",
        f"A single file must hold a whole text-to-picture model of {titles}.",
        "Choose another file, or the model's folder with model_index.json.",
    )


def _scheduling(shapes: Shapes) -> dict[str, Any]:
    """What newer files of SDXL mark by tensors that hold nothing."""
    settings: dict[str, Any] = {"prediction_type": "v_prediction"} if "v_pred" in shapes else {}
    return settings | ({"rescale_betas_zero_snr": True} if "ztsnr" in shapes else {})


def _require_memory(path: Path, size: int) -> None:
    free = available_bytes()
    if size > free:
        raise OutOfMemoryError(
            f"{shorten(path.name)} has {format_bytes(size)} of weights.",
            f"{format_bytes(free)} of memory can be used here now.",
            "End other programs, or choose a smaller model.",
        )


def _convert(path: Path, family: Family, place: Path, *, half: bool) -> None:
    """Opens a file by the configurations in ``described`` and saves it into ``whole``."""
    import diffusers
    import torch
    from diffusers.utils import logging

    logging.disable_progress_bar()
    kind = getattr(diffusers, family.pipeline)
    try:
        pipe = kind.from_single_file(
            str(path),
            config=str(place / "described"),
            dtype=torch.float16 if half else torch.float32,
            local_files_only=True,
        )
    except (ValueError, KeyError, TypeError, AttributeError, RuntimeError) as error:
        raise InputError(
            f"{shorten(path.name)} cannot be opened: {shorten(reason_of(error), 200)}.",
            f"It must be a whole model of {family.title}.",
            "Fetch it again, or choose another file.",
        ) from error
    pipe.save_pretrained(place / "whole")
