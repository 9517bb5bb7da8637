"""Opens the pipeline of a checked folder: classes of diffusers' own, memory as there is."""

from __future__ import annotations

import inspect
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from core.base.errors import InputError, NotReadyError, shorten
from core.generation.device import machine
from core.generation.large import autoencoders, latents, lora
from core.generation.large.files import Layout
from core.generation.large.lora import Lora
from core.generation.large.memory_plan import Plan, count_numbers, place, plan
from core.generation.large.model_index import INDEX, Part, foreign
from core.generation.large.pipelines import DRAWING
from core.readers import file_kinds

# What is offered, by class: others need packages, or noise that a seed does not decide.
SCHEDULERS = {
    "DDIM": "DDIMScheduler",
    "DDPM": "DDPMScheduler",
    "PNDM": "PNDMScheduler",
    "LMS": "LMSDiscreteScheduler",
    "Euler": "EulerDiscreteScheduler",
    "Euler ancestral": "EulerAncestralDiscreteScheduler",
    "Heun": "HeunDiscreteScheduler",
    "DPM++ 2M": "DPMSolverMultistepScheduler",
    "DPM++ 2M Karras": "DPMSolverMultistepScheduler",
    "DPM2": "KDPM2DiscreteScheduler",
    "DEIS": "DEISMultistepScheduler",
    "UniPC": "UniPCMultistepScheduler",
}
EXTRAS = {"DPM++ 2M Karras": {"use_karras_sigmas": True}}
# LDM's pipeline gives its network the latents unscaled, which these schedulers bear.
_UNSCALED = ("DDIM", "PNDM", "DPM++ 2M", "DEIS", "UniPC")


@dataclass(frozen=True, slots=True)
class Setup:
    """What a model is opened with; for another it is opened anew.

    Attributes:
        precision: as of ``plan``.
        loras: that are added to its weights.
        vae: file of an autoencoder in place of its own.
    """

    precision: str = ""
    loras: tuple[Lora, ...] = ()
    vae: Path | None = None


def pipeline_class(layout: Layout, name: str) -> type[Any]:
    """The class of diffusers that draws with this model; imports diffusers.

    Raises:
        InputError: it does not generate from text alone, or a class is of neither library.
        NotReadyError: this version of diffusers does not have it.
    """
    import diffusers

    found: type[Any] | None = getattr(diffusers, layout.pipeline, None)
    if found is None:
        raise NotReadyError(
            f"diffusers {diffusers.__version__} has no {layout.pipeline}.",
            f"{shorten(name)} needs it.",
            "Choose another model, or a newer version of this app.",
        )
    if layout.pipeline not in DRAWING:
        raise InputError(
            f"The pipeline {layout.pipeline} of {shorten(name)} does not generate from text "
            "alone, or is of a family that is not known here.",
            "A pipeline of diffusers for text to picture is needed.",
            "Choose another model, such as stabilityai/sd-turbo.",
        )
    _require_known_latents(found, layout, name)
    _require_parts(found, layout, name)
    for part in layout.parts:
        _require_class(part, name)
    return found


def _require_known_latents(found: type[Any], layout: Layout, name: str) -> None:
    """InputError where a step's latents are none that ``latents`` can turn into a picture."""
    strange = latents.is_sequence(found) and not latents.can_unpack(found)
    kinds = [
        part.kind
        for part in layout.parts
        if layout.pipeline not in latents.OF_THEIR_OWN.get(part.kind, (layout.pipeline,))
    ]
    if strange or kinds:
        raise InputError(
            f"{shorten(name)} ({layout.pipeline}) cannot be followed step by step here: its "
            f"latents are {f'those of {kinds[0]}' if kinds else 'packed in a way of its own'}.",
            "Those of Stable Diffusion, SDXL, SD 3, FLUX.1, FLUX.2 klein, Qwen-Image and the like "
            "are known.",
            "Choose another model.",
        )


def _require_parts(found: type[Any], layout: Layout, name: str) -> None:
    named = {part.name for part in layout.parts}
    # What model_index.json names with null is left out on purpose.
    left_out = _config(layout.folder / INDEX)
    wanted = list(inspect.signature(found).parameters.values())
    missing = [p.name for p in wanted if p.default is p.empty and p.name not in left_out]
    optional = set(getattr(found, "_optional_components", ()))
    if not named & {"vae", "vqvae"}:
        missing.append("vae")
    if lacking := [one for one in missing if one not in optional]:
        raise InputError(
            f"The part “{lacking[0]}” of {shorten(name)} is missing: model_index.json does not "
            "name it.",
            f"{layout.pipeline} needs it.",
            "Fetch the model again, or choose another.",
        )


def _left_out(kind: type[Any], layout: Layout) -> list[str]:
    """Parts that the pipeline names but this model does without, such as SD 3's third reader."""
    named = {part.name for part in layout.parts}
    taken = inspect.signature(kind).parameters.values()
    return [one.name for one in taken if one.default is one.empty and one.name not in named]


def _require_class(part: Part, name: str) -> None:
    import diffusers
    import transformers

    home = {"diffusers": diffusers, "transformers": transformers}.get(part.library)
    home = home or getattr(diffusers.pipelines, part.library, None)
    found = getattr(home, part.kind, None)
    if part.library == "transformers" and found is None:  # some were renamed, which diffusers knows
        return
    own = isinstance(found, type) and found.__module__.split(".")[0] in {
        "diffusers",
        "transformers",
    }
    if not own or not hasattr(found, "from_pretrained"):
        raise foreign(name, f"{part.library}.{part.kind}")


def native_side(layout: Layout) -> int:
    """Width and height, in pixels, of the pictures that the model was trained on."""
    size: Any = 0
    factor = 8
    for part in layout.parts:
        config = _config(layout.folder / part.name / "config.json")
        if part.name in {"unet", "transformer"}:
            size = config.get("sample_size") or (128 if part.name == "transformer" else 64)
        elif part.name in {"vae", "vqvae"} and isinstance(config.get("block_out_channels"), list):
            factor = 2 ** (len(config["block_out_channels"]) - 1)
    size = size[0] if isinstance(size, list) and size else size
    return size * factor if isinstance(size, int) and size > 0 else 512


def _config(path: Path) -> dict[str, Any]:
    try:
        found = json.loads(path.read_bytes())
    except (OSError, ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}


def scheduler_names(layout: Layout) -> tuple[str, ...]:
    """The schedulers that can be chosen, the model's own first; imports diffusers."""
    import diffusers

    own = next((part.kind for part in layout.parts if part.name == "scheduler"), "")
    compatible = set(getattr(getattr(diffusers, own, None), "_compatibles", ())) | {own}
    names = [name for name, kind in SCHEDULERS.items() if kind in compatible]
    if layout.pipeline == "LDMTextToImagePipeline":
        names = [name for name in names if name in _UNSCALED or SCHEDULERS[name] == own]
    first = next((name for name in names if SCHEDULERS[name] == own), "")
    first = first or own.removesuffix("Scheduler") or "its own"
    return (first, *(name for name in names if name != first))


def make_scheduler(own: Any, name: str) -> Any:
    """A fresh scheduler by its name, set up as the model's own is; ``own`` stays as it is."""
    import diffusers

    wanted = SCHEDULERS.get(name, "")
    kind = getattr(diffusers, wanted) if wanted else type(own)
    more: dict[str, Any] = dict(EXTRAS.get(name, {}))
    # DDIM and DDPM clip to [-1, 1] by default, which is for pixels and not for latents.
    if "clip_sample" in inspect.signature(kind).parameters and "clip_sample" not in own.config:
        more["clip_sample"] = False
    return kind.from_config(own.config, **more)


def load(
    layout: Layout,
    kind: type[Any],
    name: str,
    setup: Setup = Setup(),
) -> tuple[Any, Plan]:
    """The pipeline with its weights, and how it is held.

    Raises:
        InputError: a part is damaged or does not fit the others.
        OutOfMemoryError: there is no room for it.
    """
    import torch
    from diffusers.utils import logging
    from transformers.utils import logging as transformers_logging

    logging.disable_progress_bar()
    transformers_logging.disable_progress_bar()
    flows = any(part.name == "transformer" for part in layout.parts)
    counts = count_numbers(layout, name)
    chosen = plan(counts, machine(), name, flows=flows, precision=setup.precision)
    try:
        pipe = kind.from_pretrained(
            str(layout.folder),
            dtype=getattr(torch, chosen.dtype),
            variant="fp16" if layout.half else None,
            use_safetensors=True,
            local_files_only=True,
            low_cpu_mem_usage=True,
            **dict.fromkeys(_left_out(kind, layout)),
        )
    except (OSError, ValueError, KeyError, TypeError, AttributeError, ImportError) as error:
        why = shorten(file_kinds.reason_of_weights(layout.folder, error), 200)
        raise InputError(
            f"{shorten(name)} cannot be opened: {why}.",
            "Its parts must be whole and belong together.",
            "Fetch it again, or choose another model.",
        ) from error
    pipe.set_progress_bar_config(disable=True)
    if setup.vae is not None:
        autoencoders.put_in(pipe, setup.vae, layout.folder / "vae")
    lora.add(pipe, setup.loras)
    place(pipe, chosen)
    return pipe, chosen
