"""What a pipeline of diffusers is called with, and what of a request it cannot heed."""

from __future__ import annotations

import inspect
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
    unguided = "guidance_scale" not in known or _is_distilled(pipe)
    if unguided and request.guidance > 1:
        notes.append("This model is distilled: guidance has no effect.")
    if request.source is not None and begun is not None:
        given["image"] = begun.picture
        given["strength"] = request.source.strength
        given["num_inference_steps"] = max(request.steps, ceil(1 / request.source.strength))
        if given["num_inference_steps"] != request.steps:
            notes.append(
                f"{given['num_inference_steps']} steps instead of {request.steps}: so little "
                "strength skips all of fewer."
            )
        if begun.mask is not None:
            given["mask_image"] = begun.mask
    if pieces := prompt_pieces.arguments(pipe, request, notes):
        given = {key: one for key, one in given.items() if key not in _WORDS} | pieces
    for name, text in (("prompt", request.prompt), ("negative prompt", request.negative)):
        if (name == "prompt" or request.guidance > 1) and name.replace(" ", "_") in known:
            notes += _cut_note(pipe, text, name)
    return {key: value for key, value in given.items() if key in known}


def _is_distilled(pipe: Any) -> bool:
    """Whether a Flux was distilled without an input for guidance."""
    network = getattr(pipe, "transformer", None)
    return network is not None and network.config.get("guidance_embeds") is False


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
