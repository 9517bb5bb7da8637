"""What a pipeline of diffusers is called with, and what of a request it cannot heed."""

from __future__ import annotations

import inspect
from collections.abc import Mapping
from math import ceil
from typing import Any

from core.base.errors import shorten
from core.generation.large import prompt_pieces
from core.generation.placement import Laid
from core.generation.request import Request

_CLIP = 77  # tokens that CLIP reads of a prompt
_WORDS = ("prompt", "negative_prompt")
_LONGEST = 512  # tokens that other readers are given at most


def arguments(pipe: Any, request: Request, begun: Laid | None, notes: list[str]) -> dict[str, Any]:
    """What the pipeline is called with; ``notes`` tell what of the request has no effect.

    ``begun`` is the request's source as it lies on the picture that is drawn.

    Raises:
        InputError: as ``prompt_pieces.arguments``.
    """
    import torch

    known = inspect.signature(type(pipe).__call__).parameters
    given: dict[str, Any] = {
        "prompt": request.prompt,
        "num_inference_steps": request.steps,
        "guidance_scale": request.guidance,
        "width": request.width,
        "height": request.height,
        "generator": torch.Generator("cpu").manual_seed(request.seed),
    }
    if request.negative and "negative_prompt" not in known:
        notes.append("This model takes no negative prompt: it was left out.")
    elif request.negative:
        given["negative_prompt"] = request.negative
        if "true_cfg_scale" in known:
            given["true_cfg_scale"] = request.guidance
        if request.guidance <= 1:
            notes.append("Without guidance the negative prompt has no effect.")
    if _counts_on_negative(known):
        given["true_cfg_scale"] = given.pop("guidance_scale")
        given["negative_prompt"] = (request.negative or " ") if request.guidance > 1 else None
    unguided = "guidance_scale" not in known or _is_distilled(pipe)
    if unguided and request.guidance > 1:
        notes.append("This model is distilled: guidance has no effect.")
    if request.source is not None and begun is not None:
        given |= _begun(begun, request, request.source.strength, notes)
    if pieces := prompt_pieces.arguments(pipe, request, notes):
        given = {key: one for key, one in given.items() if key not in _WORDS} | pieces
    for name, text in (("prompt", request.prompt), ("negative prompt", request.negative)):
        if (name == "prompt" or request.guidance > 1) and name.replace(" ", "_") in known:
            notes += _cut_note(pipe, text, name)
    return {key: value for key, value in given.items() if key in known}


def _begun(laid: Laid, request: Request, strength: float, notes: list[str]) -> dict[str, Any]:
    """What is said of a picture to begin from, and of a mask."""
    steps = max(request.steps, ceil(1 / strength))
    if steps != request.steps:
        notes.append(
            f"{steps} steps instead of {request.steps}: so little strength skips all of fewer."
        )
    given = {"image": laid.picture, "strength": strength, "num_inference_steps": steps}
    return given if laid.mask is None else given | {"mask_image": laid.mask}


def _counts_on_negative(known: Mapping[str, inspect.Parameter]) -> bool:
    """Whether a pipeline guides by a negative prompt alone, as Qwen-Image by a space."""
    default = known["true_cfg_scale"].default if "true_cfg_scale" in known else 0
    return isinstance(default, float) and default > 1


def _is_distilled(pipe: Any) -> bool:
    """Whether guidance was distilled away: FLUX.2 says so, FLUX.1 has no input for it then."""
    if "is_distilled" in pipe.config:
        return bool(pipe.config["is_distilled"])
    known = inspect.signature(type(pipe).__call__).parameters
    network = getattr(pipe, "transformer", None)
    plain = network is not None and network.config.get("guidance_embeds") is False
    return plain and not _counts_on_negative(known)


def _cut_note(pipe: Any, text: str, name: str) -> list[str]:
    """A note where the end of a prompt is not read: from where on."""
    named = (getattr(pipe, one, None) for one in ("tokenizer", "tokenizer_2", "tokenizer_3"))
    readers: list[Any] = [one for one in named if one is not None]
    if prompt_pieces.reads_pieces(pipe):
        return []
    limits = [min(int(one.model_max_length), _LONGEST) for one in readers]
    if not readers or any(limit > _CLIP for limit in limits):
        return []  # one of them reads long prompts
    read = [one(text).input_ids for one in readers]
    if any(len(tokens) <= _CLIP for tokens in read):
        return []
    # The last token that is read is the mark of the end.
    lost = readers[0].decode(read[0][_CLIP - 1 : -1], skip_special_tokens=True)
    return [
        f"The end of the {name} was not read, from “{shorten(lost.strip(), 60)}” on: this model "
        f"reads {_CLIP} tokens, and it has {len(read[0])}. Put what counts first, or shorten it."
    ]
