"""LoRA: small changes to a large model, named in the prompt as ``<lora:name:0.8>``.

A LoRA (low-rank adaptation; Hu et al. 2021, arXiv 2106.09685) holds for some layers two thin
matrices, whose product is added to the layer's weights: ``W + weight · alpha / rank · up · down``.
Files lie in ``loras`` of the data home, as safetensors. Their many ways to name layers are
translated by diffusers; the product is added once, as the model is opened, so that drawing costs
nothing more and no further package is needed.
"""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from core.base.errors import InputError, shorten
from core.generation.large.brought_files import Folder
from core.readers import file_kinds

FOLDER = Folder("LoRA", "loras", "take <lora:…> out of the prompt")
MOST, LARGEST = 8, 10.0  # in a prompt; of a weight
_TAG = re.compile(r"<lora:([^:<>]+)(?::([^:<>]*))?[^<>]*>")
_WEIGHTED = re.compile(r"\([^()]*:\s*[\d.]+\s*\)|\(\(")
# “….lora.down.weight”, “….lora_A.weight”, “…_lora.down.weight” and the like.
_DOWN = re.compile(r"(.+?)[._](lora(?:_linear_layer)?\.down|lora_A|lora_down)\.weight")
_UP = {"down": "up", "A": "B"}
# What marks files that hold more than the two matrices, which diffusers would leave out unsaid.
_OTHERS = {
    "dora_scale": "DoRA",
    "lora_magnitude_vector": "DoRA",
    "hada_w": "LoHa",
    "lokr_w": "LoKr",
    "oft_blocks": "OFT",
}
_PARTS = ("unet", "text_encoder", "text_encoder_2")


@dataclass(frozen=True, slots=True)
class Lora:
    """A file, and how far it counts."""

    path: Path
    weight: float


def tags(prompt: str) -> list[str]:
    """The names in a prompt's ``<lora:…>``, whether there are such files or not."""
    return [name.strip() for name, _ in _TAG.findall(prompt)]


def without(prompt: str, left_out: Collection[str]) -> str:
    """A prompt without the ``<lora:…>`` of these names."""
    kept = _TAG.sub(lambda tag: "" if tag[1].strip() in left_out else tag[0], prompt)
    return re.sub(r"[ \t]{2,}", " ", kept).strip()


def weights_note(prompt: str) -> str:
    """What is to be told where words have weights in other programs' way; "" where none has."""
    told = "Weights such as (word:1.3) are read as plain words."
    return told if _WEIGHTED.search(prompt) else ""


def parse(prompt: str) -> tuple[str, tuple[Lora, ...]]:
    """A prompt without its ``<lora:…>``, and what these name.

    Raises:
        InputError: there is no file of that name, a weight is no number, or there are too many.
    """
    found = _TAG.findall(prompt)
    if len(found) > MOST:
        raise InputError(
            f"The prompt names {len(found)} LoRA.", f"It names at most {MOST}.", "Leave some out."
        )
    return without(prompt, tags(prompt)), tuple(_lora(name.strip(), one) for name, one in found)


def _lora(name: str, weight: str) -> Lora:
    path = FOLDER.find(name)
    number = float(weight) if re.fullmatch(r"-?\d*\.?\d+|-?\d+\.", weight) else None
    number = 1.0 if not weight else number
    if number is None or abs(number) > LARGEST:
        raise InputError(
            f"The weight of the LoRA “{shorten(name)}” is “{shorten(weight, 20)}”.",
            f"It is a number from -{LARGEST:g} to {LARGEST:g}.",
            f"Such as <lora:{shorten(name)}:0.8>.",
        )
    return Lora(path, number)


def add(pipe: Any, loras: tuple[Lora, ...]) -> None:
    """Adds changes to the weights of a pipeline that was just opened.

    Raises:
        InputError: a file is damaged, or made for another model.
    """
    for lora in loras:
        tensors = _read(pipe, lora.path)
        changes = [_change(pipe, down, tensors, lora) for down in tensors if _DOWN.fullmatch(down)]
        if not changes:
            raise _unfit(lora.path, "no layer of it is known")
        for weight, change in changes:  # once all are known to fit
            weight.data += change.to(weight.dtype)


def _read(pipe: Any, path: Path) -> dict[str, Any]:
    """Tensors and alphas of a file, by diffusers' names."""
    from safetensors import SafetensorError
    from safetensors.torch import load_file

    if getattr(pipe, "unet", None) is None or not hasattr(pipe, "lora_state_dict"):
        raise _unfit(path, f"{type(pipe).__name__} takes none here")
    try:
        found = load_file(path)
        if kind := next((kind for key in found for kind in _OTHERS if kind in key), ""):
            raise _unfit(path, f"it is a {_OTHERS[kind]}, which is more than the product of two")
        tensors, alphas = pipe.lora_state_dict(found, unet_config=pipe.unet.config)
    except (SafetensorError, OSError, ValueError, KeyError, AttributeError, IndexError) as error:
        why = shorten(file_kinds.reason_of_weights(path, error), 120)
        raise _unfit(path, f"it cannot be read ({why})") from error
    return {**tensors, **(alphas or {})}


def _change(pipe: Any, down: str, tensors: dict[str, Any], lora: Lora) -> tuple[Any, Any]:
    """The weights of a layer, and what is added to them."""
    import torch

    hit = _DOWN.fullmatch(down)
    if hit is None:
        raise _unfit(lora.path, f"“{shorten(down, 80)}” is no layer")
    part, _, layer = hit[1].partition(".")
    kind = "A" if hit[2].endswith("A") else "down"
    up = down.replace(hit[2], hit[2].removesuffix(kind) + _UP[kind])
    network = getattr(pipe, part, None) if part in _PARTS else None
    try:
        weight = _layer(network, layer).weight
        first, second = tensors[down], tensors[up]
        alpha = tensors.get(f"{hit[1]}.alpha", tensors.get(f"{down}.alpha", len(first)))
        product = torch.matmul(second.float().flatten(1), first.float().flatten(1))
        change = (lora.weight * float(alpha) / len(first) * product).reshape(weight.shape)
    except (AttributeError, ArithmeticError, LookupError, RuntimeError, TypeError) as error:
        raise _unfit(lora.path, f"its layer “{shorten(hit[1], 80)}” is not there so") from error
    if not bool(change.isfinite().all()):
        raise _unfit(lora.path, f"not all numbers of its layer “{shorten(hit[1], 80)}” are finite")
    return weight, change


def _layer(network: Any, name: str) -> Any:
    """A layer by its name; text encoders have lost a level of names in newer transformers."""
    name = name.replace(".processor.", ".")
    name = re.sub(r"self_attn\.to_(q|k|v|out)$", r"self_attn.\1_proj", name)  # of text encoders
    if not hasattr(network, "text_model"):
        name = name.removeprefix("text_model.")
    layer = network.get_submodule(name)
    return layer[0] if name.endswith(".to_out") else layer


def _unfit(path: Path, why: str) -> InputError:
    return InputError(
        f"The LoRA “{shorten(path.stem)}” cannot be added: {why}.",
        "It must be made for the family of the model that draws (Stable Diffusion or SDXL).",
        "Choose a model that it was made for, or take <lora:…> out of the prompt.",
    )
