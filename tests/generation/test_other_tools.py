"""PNGs as AUTOMATIC1111, ComfyUI, InvokeAI and Fooocus write them are read and filled in."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any, cast

import pytest

from core.base.errors import InputError, PictureError
from core.generation import fill, other_tools
from core.generation.fill import Filled
from core.generation.other_tools import Settings
from core.generation.request import Generator, Request
from tests.support.other_tools_texts import (
    FOOOCUS,
    GRAPH,
    GUIDED,
    INVOKE,
    LINES,
    OLD_INVOKE,
    WORKFLOW,
    png,
)


def read(**texts: str | dict[str, Any]) -> Settings:
    data = png(**texts)
    assert other_tools.may_have_settings(data)
    found = other_tools.read_settings(data, "a.png")
    assert found is not None
    return found


def essentials(found: Settings) -> tuple[Any, ...]:
    return (
        found.tool,
        found.prompt,
        found.negative,
        found.seed,
        found.steps,
        found.guidance,
        (found.sampler, found.schedule),
        (found.width, found.height),
        found.model,
        found.loras,
    )


def test_the_lines_of_automatic1111() -> None:
    found = read(parameters=LINES)
    prompt = "a fox, (red:1.3) <lora:ink:0.8>\nin snow"
    assert essentials(found) == (
        *("AUTOMATIC1111", prompt, "blurry, text", 965400086, 20, 7.5),
        *(("DPM++ 2M", "Karras"), (512, 768), "v1-5-pruned-emaonly", ()),
    )
    assert ("Lora hashes", "ink: 1a2b, pen: 3c4d") in found.rest
    older = read(parameters="a fox\nSteps: 5, Sampler: DPM++ 2M Karras, CFG scale: 7, Seed: 1")
    assert (older.prompt, older.sampler, older.schedule) == ("a fox", "DPM++ 2M", "Karras")
    bare = read(parameters="only words: here, and more")
    assert essentials(bare)[:5] == (
        *("AUTOMATIC1111", "only words: here, and more", ""),
        *(None, None),
    )


def test_a_graph_of_comfyui_is_followed_from_the_sampler_that_begins_from_noise() -> None:
    found = read(prompt=GRAPH)
    assert essentials(found) == (
        *("ComfyUI", "a lighthouse", "watermark", 156680208700286, 25, 6.5),
        *(("euler_ancestral", "normal"), (640, 512), "dream.safetensors"),
        (("ink.safetensors", 0.7),),
    )
    assert found.rest == (("Samplers", "2, the first is read"),)
    shown = read(workflow=WORKFLOW)
    assert essentials(shown) == (
        *("ComfyUI", "a bridge", "fog", 42, 12, 4.0),
        *(("uni_pc", "simple"), (256, 320), "", ()),
    )
    guided = read(prompt=GUIDED, workflow=WORKFLOW)
    assert essentials(guided) == (
        *("ComfyUI", "a boat", "", 5, 4, None),
        *(("euler", "simple"), (1024, 768), "flux1.safetensors", ()),
    )
    # A circle of links ends; a text called “prompt” of another program is no graph.
    circle = json.loads(json.dumps(GRAPH))
    circle["11"]["inputs"]["model"] = ["11", 0]
    circle["6"]["inputs"]["text"] = ["6", 0]
    assert read(prompt=circle).prompt == ""
    assert other_tools.read_settings(png(prompt='{"a": 1}'), "a.png") is None
    assert other_tools.read_settings(png(prompt="a cat"), "a.png") is None


def test_invokeai_of_today_and_of_before() -> None:
    found = read(invokeai_metadata=INVOKE)
    assert essentials(found) == (
        *("InvokeAI", "a cabin", "people", 2718281828, 30, 5.5),
        *(("dpmpp_2m_k", ""), (832, 1216), "juggernautXL", (("detail", 0.6),)),
    )
    assert ("generation_mode", "sdxl_txt2img") in found.rest
    assert essentials(read(sd_metadata=OLD_INVOKE)) == (
        *("InvokeAI", "a harbour", "boats", 77, 50, 7.5),
        *(("k_euler_a", ""), (640, 512), "stable-diffusion-1.5", ()),
    )


def test_fooocus_as_json_and_as_lines() -> None:
    found = read(parameters=FOOOCUS, fooocus_scheme="fooocus")
    assert essentials(found) == (
        *("Fooocus", "a knight", "", 8712345678901234567, 30, 4.0),
        *(("dpmpp_2m_sde_gpu", "karras"), (1152, 896), "juggernautXL_v8Rundiffusion"),
        (("offset_0.1", 0.25),),
    )
    assert ("performance", "Speed") in found.rest
    as_lines = read(parameters=LINES, fooocus_scheme="a1111")
    assert (as_lines.tool, as_lines.steps) == ("Fooocus", 20)
    combined = {"prompt": "a knight", "lora_combined_1": "offset.safetensors : 0.1"}
    assert read(parameters=combined).loras == (("offset.safetensors", 0.1),)


@pytest.mark.parametrize(
    "texts",
    [
        {"prompt": '{"a":' * 50_000},
        {"prompt": "{"},
        {"workflow": '{"nodes": 3, "links": []}'},
        {"workflow": '{"nodes": [[]], "links": [[1]]}'},
        {"parameters": '{"loras": [1]}'},
        {"parameters": "{" + "9" * 5_000},
        {"invokeai_metadata": "[]"},
        {"sd_metadata": '{"image": 1}'},
        {"parameters": "x" * (other_tools.MAX_TEXT + 1)},
    ],
)
def test_a_text_that_is_none_of_theirs_is_refused(texts: dict[str, str]) -> None:
    with pytest.raises(InputError, match=r"settings in a\.png cannot be read"):
        other_tools.read_settings(png(**texts), "a.png")


def test_values_of_other_kinds_count_as_not_there() -> None:
    odd = {"positive_prompt": ["a"], "seed": True, "steps": "many", "cfg_scale": "nan", "width": {}}
    found = read(invokeai_metadata=odd | {"negative_prompt": "a\x00b", "model": 1e999})
    assert essentials(found)[1:6] == ("", "a b", None, None, None)
    assert (found.width, found.model) == (None, "inf")
    with pytest.raises(PictureError, match="no PNG"):
        other_tools.read_settings(b"parameters\x00", "a.png")
    assert not other_tools.may_have_settings(png())


@dataclass(frozen=True)
class Painter:
    """What a generator says of itself."""

    name: str = "sd15"
    title: str = "Stable Diffusion 1.5"
    multiple: int = 8
    square: bool = False
    schedulers: tuple[str, ...] = ("PNDM", "Euler", "Euler ancestral", "DPM++ 2M Karras")


def filled(found: Settings, **more: Any) -> Filled:
    models = {"small": "Ours", "sd15": "Stable Diffusion 1.5", "folder:/m/dream": "dream"}
    generator = cast("Generator", Painter(**more))
    own = {"steps": 25, "guidance": 7.5}
    return fill.fill(found, generator, own, models, ("ink",))


def test_what_has_a_meaning_is_filled_in_and_the_rest_is_told() -> None:
    made = filled(read(parameters=LINES))
    prompt = "a fox, (red:1.3) <lora:ink:0.8>\nin snow"
    assert made.request.checked() == Request(
        *("sd15", prompt, "blurry, text", 20, 7.5, 965400086, "DPM++ 2M Karras", 512, 768)
    )
    assert made.has_seed
    said = " ".join(made.notes)
    for part in (
        "same seed gives another picture than in AUTOMATIC1111",
        "The model v1-5-pruned-emaonly is not here: Stable Diffusion 1.5 draws",
        "(word:1.3)",
        "Without a meaning here: Model hash, Clip skip, Lora hashes, Version",
    ):
        assert part in said
    of_graph = filled(read(prompt=GRAPH))
    assert (of_graph.request.scheduler, of_graph.has_seed, of_graph.request.seed) == (
        *("Euler ancestral", False, 0),
    )
    said = " ".join(of_graph.notes)
    assert "The seed 156680208700286 is left out" in said
    assert "dream.safetensors is here: choose dream as the generator" in said
    assert of_graph.request.prompt == "a lighthouse <lora:ink:0.7>"
    missing = filled(Settings("ComfyUI", "a <lora:pen:1> b", loras=(("sub/x.safetensors", 0.5),)))
    assert missing.request.prompt == "a b"
    assert missing.notes == ("LoRA that are not here, or not for this generator: pen, x (0.5).",)


def test_a_generator_of_squares_and_odd_values() -> None:
    square = filled(read(invokeai_metadata=INVOKE), square=True, schedulers=("Euler",))
    assert (square.request.width, square.request.scheduler) == (0, "")
    assert "832 × 1216 is left out" in " ".join(square.notes)
    assert "dpmpp_2m_k is not among" in " ".join(square.notes)
    small = filled(read(parameters=LINES), square=True).request.prompt
    assert small == "a fox, (red:1.3) \nin snow"
    odd = Settings("ComfyUI", "x" * 3_000, steps=900, guidance=99.0, width=5, height=4_000)
    made = filled(odd, multiple=16)
    assert made.request.checked() == Request(
        *("sd15", "x" * 2_000, "", 200, 30.0, 0, "", 16, 2_048)
    )
    assert filled(Settings("ComfyUI", "a")).request == Request("sd15", "a", "", 25, 7.5)
    karras = Settings("ComfyUI", "a", sampler="euler", schedule="karras")
    assert filled(karras).request.scheduler == "Euler"
    assert filled(karras).notes == ("The schedule karras of the sampler is left out.",)
