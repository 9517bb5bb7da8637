"""What PNGs of other programs tell: AUTOMATIC1111, ComfyUI, InvokeAI and Fooocus.

Each writes its settings as a text into the picture. Texts come from anybody: they are limited in
size, nothing in them is run or opened, and every value is checked for its kind.

- AUTOMATIC1111 (and Forge): ``parameters``, lines for people, the last one ``Steps: 20, …``.
- ComfyUI: ``prompt`` and ``workflow``, JSON of its graph (``core.generation.comfyui_graph``).
- InvokeAI: ``invokeai_metadata``, before version 3 ``sd-metadata``, both JSON.
- Fooocus: ``parameters`` as JSON, or as AUTOMATIC1111's lines, which ``fooocus_scheme`` says.
"""

from __future__ import annotations

import json
import math
import re
import unicodedata
from dataclasses import dataclass
from typing import Any

from core.base.errors import NOT_AS_WRITTEN, InputError, shorten
from core.base.reasons import reason_of
from core.generation.comfyui_graph import read_graph
from core.generation.png_metadata import may_have, read_texts

KEYS = ("parameters", "prompt", "workflow", "invokeai_metadata", "sd-metadata")
MAX_TEXT = 4_000_000  # characters; graphs of ComfyUI have some hundred thousand
MAX_REST = 40  # settings that are told beside those that have a meaning here
_SCHEDULES = ("karras", "polyexponential", "exponential", "sgm uniform", "simple", "beta")
_PAIR = re.compile(r'\s*(\w[\w \-/+]*):\s*("(?:\\.|[^\\"])*"|[^,]*)(?:,|$)')
_BRACKETED = re.compile(r"\[([^\[\]]*)\]")


@dataclass(frozen=True, slots=True)
class Settings:
    """What a picture's text says; None or "" for what it does not say.

    Attributes:
        tool: the program that wrote it.
        guidance: its CFG scale.
        sampler, schedule: as that program calls them; the schedule is "" where none is named.
        width, height: in pixels.
        loras: their names and weights.
        rest: everything else, a name with its value each.
    """

    tool: str
    prompt: str = ""
    negative: str = ""
    seed: int | None = None
    steps: int | None = None
    guidance: float | None = None
    sampler: str = ""
    schedule: str = ""
    width: int | None = None
    height: int | None = None
    model: str = ""
    loras: tuple[tuple[str, float], ...] = ()
    rest: tuple[tuple[str, str], ...] = ()

    def rows(self) -> list[tuple[str, str]]:
        """All that it says, for people: a name with its value each."""
        size = f"{self.width} × {self.height}" if self.width and self.height else ""
        sampler = " · ".join(part for part in (self.sampler, self.schedule) if part)
        loras = ", ".join(f"{name} ({weight:g})" for name, weight in self.loras)
        rows = [
            ("Prompt", self.prompt),
            ("Negative prompt", self.negative),
            ("Seed", "" if self.seed is None else str(self.seed)),
            ("Steps", "" if self.steps is None else str(self.steps)),
            ("Guidance (CFG)", "" if self.guidance is None else f"{self.guidance:g}"),
            ("Sampler", sampler),
            ("Size", size),
            ("Model", self.model),
            ("LoRA", loras),
            *self.rest,
        ]
        return [(name, value) for name, value in rows if value]


def may_have_settings(data: bytes) -> bool:
    """Whether a file can be a PNG with settings of another program, without opening it."""
    return may_have(data, *KEYS)


def read_settings(data: bytes, name: str) -> Settings | None:
    """The settings that another program wrote into a PNG; None where there are none.

    Raises:
        PictureError: it is no PNG, damaged, or larger than ``core.readers.pictures.MAX_PIXELS``.
        InputError: it holds a text of such a program that cannot be read.
    """
    texts = read_texts(data, name)
    try:
        if any(len(texts.get(key, "")) > MAX_TEXT for key in KEYS):
            raise ValueError("too long")
        return _read(texts)
    except (IndexError, *NOT_AS_WRITTEN) as error:
        raise InputError(
            f"The settings in {shorten(name)} cannot be read ({reason_of(error)}).",
            "Those of AUTOMATIC1111, ComfyUI, InvokeAI and Fooocus are, as these write them.",
            "Use the picture itself, or type the settings.",
        ) from error


def _read(texts: dict[str, str]) -> Settings | None:
    if "invokeai_metadata" in texts:
        return _invoke(_mapping(texts["invokeai_metadata"]))
    if "sd-metadata" in texts:
        return _old_invoke(_mapping(texts["sd-metadata"]))
    if "parameters" in texts:
        text = texts["parameters"]
        if text.lstrip().startswith("{"):
            return _fooocus(_mapping(text))
        return _lines(text, "Fooocus" if "fooocus_scheme" in texts else "AUTOMATIC1111")
    graphs = [texts.get(key, "").strip() for key in ("prompt", "workflow")]
    if not any(graph.startswith("{") for graph in graphs):
        return None
    graph = read_graph(*(json.loads(graph) if graph.startswith("{") else None for graph in graphs))
    return None if graph is None else _comfy(graph)


def _mapping(text: str) -> dict[str, Any]:
    found = json.loads(text)
    if not isinstance(found, dict):
        raise TypeError(type(found).__name__)
    return found


def _lines(text: str, tool: str) -> Settings:
    """AUTOMATIC1111's: prompt, ``Negative prompt: …``, and a last line of pairs."""
    *lines, last = text.strip().split("\n")
    pairs = dict(_PAIR.findall(last))
    if len(pairs) < 3:  # pictures can be saved without that line
        lines, pairs = [*lines, last], {}
    pairs = {key: _unquoted(value) for key, value in pairs.items()}
    prompt, _, negative = "\n".join(lines).partition("Negative prompt:")
    size = re.fullmatch(r"(\d{1,6})x(\d{1,6})", pairs.pop("Size", "").strip())
    sampler, schedule = _parted(pairs.pop("Sampler", ""), pairs.pop("Schedule type", ""))
    return Settings(
        tool,
        _text(prompt),
        _text(negative),
        _whole(pairs.pop("Seed", None)),
        _whole(pairs.pop("Steps", None)),
        _number(pairs.pop("CFG scale", None)),
        sampler,
        schedule,
        int(size[1]) if size else None,
        int(size[2]) if size else None,
        _text(pairs.pop("Model", "")),
        rest=_rest(pairs),
    )


def _unquoted(value: str) -> str:
    return str(json.loads(value)) if value.startswith('"') else value.strip()


def _parted(sampler: str, schedule: str) -> tuple[str, str]:
    """Sampler and schedule, which older versions wrote as one: ``DPM++ 2M Karras``."""
    for one in _SCHEDULES:
        if not schedule and sampler.lower().endswith(f" {one}"):
            return _text(sampler[: -len(one)]), _text(sampler[-len(one) :])
    return _text(sampler), _text(schedule)


def _comfy(graph: dict[str, Any]) -> Settings:
    loras = tuple((_text(name), _number(weight) or 0.0) for name, weight in graph.pop("loras"))
    denoise, samplers = _number(graph.pop("denoise")), graph.pop("samplers")
    rest: dict[str, Any] = {"Denoise": denoise} if denoise not in (None, 1.0) else {}
    rest |= {"Samplers": f"{samplers}, the first is read"} if samplers > 1 else {}
    return Settings(
        "ComfyUI",
        _text(graph["prompt"]),
        _text(graph["negative"]),
        _whole(graph["seed"]),
        _whole(graph["steps"]),
        _number(graph["cfg"]),
        _text(graph["sampler"]),
        _text(graph["scheduler"]),
        _whole(graph["width"]),
        _whole(graph["height"]),
        _text(graph["model"]),
        loras,
        _rest(rest),
    )


def _invoke(found: dict[str, Any]) -> Settings:
    """InvokeAI's since version 3."""
    loras = found.pop("loras", None) or ()
    return Settings(
        "InvokeAI",
        _text(found.pop("positive_prompt", "")),
        _text(found.pop("negative_prompt", "")),
        _whole(found.pop("seed", None)),
        _whole(found.pop("steps", None)),
        _number(found.pop("cfg_scale", None)),
        _text(found.pop("scheduler", "")),
        "",
        _whole(found.pop("width", None)),
        _whole(found.pop("height", None)),
        _name(found.pop("model", None)),
        tuple(
            (_name(one.get("model", one.get("lora"))), _number(one.get("weight")) or 0.0)
            for one in loras
        ),
        _rest(found),
    )


def _old_invoke(found: dict[str, Any]) -> Settings:
    """InvokeAI's before version 3: what is unwanted stands in the prompt, in square brackets."""
    image = found["image"]
    prompt = image.pop("prompt", "")
    if isinstance(prompt, list):
        prompt = " ".join(str(part["prompt"]) for part in prompt)
    return Settings(
        "InvokeAI",
        _text(_BRACKETED.sub("", str(prompt))),
        _text(", ".join(_BRACKETED.findall(str(prompt)))),
        _whole(image.pop("seed", None)),
        _whole(image.pop("steps", None)),
        _number(image.pop("cfg_scale", None)),
        _text(image.pop("sampler", "")),
        "",
        _whole(image.pop("width", None)),
        _whole(image.pop("height", None)),
        _text(found.get("model_weights", "")),
        rest=_rest(image),
    )


def _fooocus(found: dict[str, Any]) -> Settings:
    size = re.findall(r"\d{1,6}", str(found.pop("resolution", "")))
    loras = [(str(one[0]), one[1]) for one in found.pop("loras", None) or ()]
    for key in [one for one in found if one.startswith("lora_combined_")]:
        name, _, weight = str(found.pop(key)).rpartition(" : ")
        loras.append((name, weight))
    return Settings(
        "Fooocus",
        _text(found.pop("prompt", "")),
        _text(found.pop("negative_prompt", "")),
        _whole(found.pop("seed", None)),
        _whole(found.pop("steps", None)),
        _number(found.pop("guidance_scale", None)),
        _text(found.pop("sampler", "")),
        _text(found.pop("scheduler", "")),
        int(size[0]) if len(size) == 2 else None,
        int(size[1]) if len(size) == 2 else None,
        _text(found.pop("base_model", "")),
        tuple((_text(name), _number(weight) or 0.0) for name, weight in loras),
        _rest(found),
    )


def _name(found: Any) -> str:
    """A model's name, which was ``model_name`` once."""
    if not isinstance(found, dict):
        return _text(found)
    return _text(found.get("name", found.get("model_name")))


def _rest(found: dict[str, Any]) -> tuple[tuple[str, str], ...]:
    """What remains, short; values that are empty, and what only is a mark of a file, left out."""
    told = [
        (shorten(_text(key), 40), shorten(_text(value), 80))
        for key, value in found.items()
        if isinstance(value, str | int | float) and value not in ("", "None", False)
    ]
    return tuple(told[:MAX_REST])


def _text(value: Any) -> str:
    """A value as plain text, without control characters."""
    if not isinstance(value, str | int | float):
        return ""
    kept = (
        " " if unicodedata.category(one) in {"Cc", "Cs"} and one not in "\n\t" else one
        for one in str(value)
    )
    return "".join(kept).strip()


def _number(value: Any) -> float | None:
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        return None
    try:
        number = float(value)
    except ValueError:
        return None
    return number if math.isfinite(number) else None


def _whole(value: Any) -> int | None:
    if isinstance(value, str) and re.fullmatch(r"\s*\d{1,20}\s*", value):
        return int(value)
    return value if isinstance(value, int) and not isinstance(value, bool) else None
