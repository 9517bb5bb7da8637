"""LoRA files change the layers they name, by their weights, and nothing stays of them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors.torch import save_file

from core.base.errors import InputError
from core.generation.large import lora
from core.generation.large.generator import LargeGenerator
from core.generation.request import Request
from tests.support import tiny_diffusers

pytestmark = pytest.mark.filterwarnings("ignore:__array:DeprecationWarning")
UNET = "down_blocks.1.attentions.0.transformer_blocks.0.attn1.to_q"
TEXT = "encoder.layers.0.self_attn.q_proj"


def write(name: str, rank: int = 2, alpha: float = 1.0, **more: Any) -> dict[str, Any]:
    """A file as kohya's scripts name its layers."""
    made = torch.Generator().manual_seed(1)
    tensors: dict[str, Any] = dict(more)
    for key, width in (
        (f"lora_unet_{UNET.replace('.', '_')}", 64),
        (f"lora_te_text_model_{TEXT.replace('.', '_')}", 32),
    ):
        tensors[f"{key}.lora_down.weight"] = torch.randn(rank, width, generator=made)
        tensors[f"{key}.lora_up.weight"] = torch.randn(width, rank, generator=made)
        tensors[f"{key}.alpha"] = torch.tensor(alpha)
    lora.FOLDER.path.mkdir(parents=True, exist_ok=True)
    save_file(tensors, lora.FOLDER.path / f"{name}.safetensors")
    return tensors


def layers(generator: LargeGenerator) -> list[torch.Tensor]:
    pipe = generator._pipes[""]
    encoder = getattr(pipe.text_encoder, "text_model", pipe.text_encoder)
    found = (pipe.unet.get_submodule(UNET), encoder.get_submodule(TEXT))
    return [layer.weight.detach().clone() for layer in found]


def test_loras_are_added_by_their_weights_and_leave_no_trace(
    tmp_path: Path, own_home: Path
) -> None:
    generator = LargeGenerator("x", "X", tiny_diffusers.build_sd(tmp_path / "sd"))

    def drawn(prompt: str) -> bytes:
        request = Request("x", prompt, steps=1, seed=3, width=64, height=64)
        made = generator.generate(request, lambda step: None)
        assert made.request.prompt == prompt  # as typed, so that it can be made again
        return bytes(made.image.tobytes())

    first, second = write("ink"), write("pen", rank=4, alpha=2.0)
    plain = drawn("a fox")
    before = layers(generator)
    changed = drawn("a fox <lora:ink:0.5> <lora:pen>")
    for at, (was, now) in enumerate(zip(before, layers(generator), strict=True)):
        expected = was.clone()
        for tensors, scale in ((first, 0.5 * 1 / 2), (second, 1.0 * 2 / 4)):
            downs = [one for key, one in tensors.items() if key.endswith("down.weight")]
            ups = [one for key, one in tensors.items() if key.endswith("up.weight")]
            expected += scale * ups[at] @ downs[at]
        assert torch.allclose(now, expected, atol=1e-5)
        assert not torch.allclose(now, was, atol=1e-2)
    assert changed != plain
    assert drawn("a fox") == plain
    write("odd", lora_unet_down_blocks_9_nothing=torch.zeros(1))
    with pytest.raises(InputError, match="“odd” cannot be added"):
        drawn("a fox <lora:odd>")
    write("dora", **{f"lora_unet_{UNET.replace('.', '_')}.dora_scale": torch.ones(64, 1)})
    with pytest.raises(InputError, match="it is a DoRA"):
        drawn("a fox <lora:dora>")
    assert drawn("a fox") == plain
    request = Request("x", "a (fox:1.3)", steps=1, width=64, height=64)
    made = generator.generate(request, lambda step: None)
    assert "Weights such as (word:1.3) are read as plain words." in made.notes


def test_a_prompt_is_parted_from_its_loras(own_home: Path) -> None:
    write("ink")
    words, found = lora.parse("a fox <lora:ink:0.8> in snow<lora:ink:-.5>")
    assert words == "a fox in snow"
    assert [(one.path.stem, one.weight) for one in found] == [("ink", 0.8), ("ink", -0.5)]
    assert lora.parse("a fox, <3 (red:1.3)") == ("a fox, <3 (red:1.3)", ())
    assert lora.parse("<lora:ink>")[1][0].weight == 1.0
    with pytest.raises(InputError, match="no LoRA “pen” here") as caught:
        lora.parse("a <lora:pen:1>")
    assert "Known: ink" in caught.value.expected
    for prompt, told in (
        ("<lora:ink:much>", "is “much”"),
        ("<lora:ink:99>", "from -10 to 10"),
        ("<lora:../ink:1>", "no LoRA"),
        ("<lora:ink>" * 9, "names 9 LoRA"),
    ):
        with pytest.raises(InputError, match=told) as caught:
            lora.parse(prompt)


def test_a_lora_whose_layers_are_no_numbers_or_no_matrices_is_refused(
    tmp_path: Path, own_home: Path
) -> None:
    from diffusers import StableDiffusionPipeline

    built = tiny_diffusers.build_sd(tmp_path / "sd")
    pipe = StableDiffusionPipeline.from_pretrained(built, safety_checker=None)
    layer = f"lora_unet_{UNET.replace('.', '_')}"
    down, up = f"{layer}.lora_down.weight", f"{layer}.lora_up.weight"
    before = pipe.unet.get_submodule(UNET).weight.detach().clone()
    for name, odd in (
        ("unending", {f"{layer}.alpha": torch.tensor(float("nan"))}),
        ("empty", {down: torch.zeros(0, 64), up: torch.zeros(64, 0)}),
        ("one", {down: torch.tensor(1.0)}),
    ):
        save_file({**write(name), **odd}, lora.FOLDER.path / f"{name}.safetensors")
        with pytest.raises(InputError, match=f"“{name}” cannot be added"):
            lora.add(pipe, lora.parse(f"<lora:{name}>")[1])
    assert torch.equal(pipe.unet.get_submodule(UNET).weight, before)
