"""Settings of another program as far as they have a meaning here, and which have none."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Any

from core.base.errors import shorten
from core.generation.large import lora
from core.generation.large.brought_files import SUFFIX
from core.generation.other_tools import Settings
from core.generation.request import (
    MAX_GUIDANCE,
    MAX_SEED,
    MAX_SIDE,
    MAX_STEPS,
    Generator,
    Request,
)
from core.generation.request_checks import MAX_PROMPT

# By what programs call them, without “k_” and “sample_”, spaces and underscores alike.
_SCHEDULERS = {
    "euler": "Euler",
    "euler a": "Euler ancestral",
    "euler ancestral": "Euler ancestral",
    "heun": "Heun",
    "dpm++ 2m": "DPM++ 2M",
    "dpmpp 2m": "DPM++ 2M",
    "dpm 2": "DPM2",
    "dpm2": "DPM2",
    "lms": "LMS",
    "ddim": "DDIM",
    "ddpm": "DDPM",
    "pndm": "PNDM",
    "plms": "PNDM",
    "unipc": "UniPC",
    "uni pc": "UniPC",
    "deis": "DEIS",
}
_PLAIN_SCHEDULES = ("", "normal", "automatic", "uniform")  # evenly in the network's time
_FILES = (".safetensors", ".ckpt", ".sft", ".pt")


@dataclass(frozen=True, slots=True)
class Filled:
    """What a generator can be asked for.

    Attributes:
        request: the settings that have a meaning, as the generator takes them; the generator's own
            for those that are not there.
        has_seed: whether the seed is one of them.
        notes: what was changed, and what has no meaning here; for people.
    """

    request: Request
    has_seed: bool
    notes: tuple[str, ...]


def fill(
    found: Settings,
    generator: Generator,
    own: Mapping[str, Any],
    models: Mapping[str, str],
    loras: Collection[str] = (),
) -> Filled:
    """The request that comes closest to the settings of another program.

    Args:
        generator: that is to draw.
        own: its steps and guidance.
        models: titles of all generators that can be chosen, by their names.
        loras: the names of those that are here.
    """
    notes: list[str] = []
    prompt = _with_loras(found, () if generator.square else loras, notes)
    steps = _within("steps", found.steps, own["steps"], (1, MAX_STEPS), notes)
    guidance = _within("guidance", found.guidance, own["guidance"], (0, MAX_GUIDANCE), notes)
    has_seed = found.seed is not None and 0 <= found.seed <= MAX_SEED
    if has_seed:
        notes.append(
            f"The same seed gives another picture than in {found.tool}: each program draws its "
            "noise, and steps through it, in its own way."
        )
    elif found.seed is not None:
        notes.append(f"The seed {found.seed} is left out: here they go up to {MAX_SEED:,}.")
    width, height = _size(found, generator, notes)
    request = Request(
        generator.name,
        _prompt("prompt", prompt, notes),
        _prompt("negative prompt", found.negative, notes),
        int(steps),
        float(guidance),
        found.seed if has_seed and found.seed is not None else 0,
        _scheduler(found, generator, notes),
        width,
        height,
    )
    _tell_model(found, generator, models, notes)
    if told := lora.weights_note(f"{found.prompt} {found.negative}"):
        notes.append(told)
    if found.rest:
        names = ", ".join(name for name, _ in found.rest)
        notes.append(f"Without a meaning here: {shorten(names, 400)}.")
    return Filled(request, has_seed, tuple(notes))


def _within(
    name: str, value: float | None, own: float, limits: tuple[float, float], notes: list[str]
) -> float:
    if value is None:
        return own
    least, most = limits
    kept = min(max(value, least), most)
    if kept != value:
        notes.append(f"{name.capitalize()} {value:g} became {kept:g}: from {least:g} to {most:g}.")
    return kept


def _with_loras(found: Settings, here: Collection[str], notes: list[str]) -> str:
    """The prompt that names the LoRA which are here, and no others."""
    prompt = found.prompt
    missing = [name for name in lora.tags(prompt) if name not in here]
    prompt = lora.without(prompt, missing)
    for name, weight in found.loras:
        stem = PurePosixPath(name.replace("\\", "/")).name.removesuffix(SUFFIX)
        if stem in here:
            prompt += f" <lora:{stem}:{weight:g}>"
        else:
            missing.append(f"{stem} ({weight:g})")
    if missing:
        names = ", ".join(shorten(name, 40) for name in missing)
        notes.append(f"LoRA that are not here, or not for this generator: {shorten(names, 200)}.")
    return prompt


def _prompt(name: str, text: str, notes: list[str]) -> str:
    if len(text) > MAX_PROMPT:
        notes.append(f"The {name} was cut after {MAX_PROMPT:,} of {len(text):,} characters.")
    return text[:MAX_PROMPT]


def _size(found: Settings, generator: Generator, notes: list[str]) -> tuple[int, int]:
    """Width and height as the generator takes them; 0 for its own."""
    if not found.width or not found.height:
        return 0, 0
    if generator.square:
        notes.append(
            f"The size {found.width} × {found.height} is left out: {generator.title} draws squares."
        )
        return 0, 0
    step = generator.multiple
    width, height = (
        min(max(round(side / step) * step, step), MAX_SIDE) for side in (found.width, found.height)
    )
    if (width, height) != (found.width, found.height):
        notes.append(
            f"{found.width} × {found.height} became {width} × {height} pixels: multiples of "
            f"{step}, at most {MAX_SIDE:,}."
        )
    return width, height


def _scheduler(found: Settings, generator: Generator, notes: list[str]) -> str:
    """The generator's scheduler that is such a sampler; "" for its own."""
    if not found.sampler:
        return ""
    called = re.sub(r"[\s_]+", " ", found.sampler.lower()).strip()
    called = called.removeprefix("sample ").removeprefix("k ")
    schedule = found.schedule.lower()
    if called.endswith(" k"):  # InvokeAI's mark of Karras' schedule
        called, schedule = called.removesuffix(" k"), "karras"
    name = _SCHEDULERS.get(called, "")
    if f"{name} Karras" in generator.schedulers and schedule == "karras":
        return f"{name} Karras"
    if name not in generator.schedulers:
        notes.append(
            f"The sampler {shorten(found.sampler, 40)} is not among the schedulers of "
            f"{generator.title}: its own is taken."
        )
        return ""
    if schedule not in _PLAIN_SCHEDULES:
        notes.append(f"The schedule {shorten(schedule, 40)} of the sampler is left out.")
    return name


def _tell_model(
    found: Settings, generator: Generator, models: Mapping[str, str], notes: list[str]
) -> None:
    if not found.model:
        return
    model = shorten(found.model, 60)
    wanted = _plain(found.model)
    same = [name for name, title in models.items() if wanted in (_plain(name), _plain(title))]
    if not same:
        notes.append(f"The model {model} is not here: {generator.title} draws.")
    elif generator.name not in same:
        notes.append(f"The model {model} is here: choose {models[same[0]]} as the generator.")


def _plain(name: str) -> str:
    """A model's name without folder, ending and signs."""
    leaf = PurePosixPath(name.replace("\\", "/")).name.lower()
    for ending in _FILES:
        leaf = leaf.removesuffix(ending)
    return re.sub(r"[^a-z0-9]", "", leaf)
