"""Single files of weights: opened without a network, and what they are not is told."""

from __future__ import annotations

import json
import socket
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from safetensors.numpy import save_file

from core.base.errors import InputError
from core.generation.large import families, registry, single_file
from core.generation.large.families import FAMILIES
from core.generation.large.generator import LargeGenerator
from core.generation.request import Request
from tests.support import single_files, tiny_diffusers

pytestmark = pytest.mark.filterwarnings("ignore:__array:DeprecationWarning")
UNET = "model.diffusion_model."


def config(folder: Path, part: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((folder / part / "config.json").read_text())
    return found


def test_a_single_file_draws_what_its_folder_draws(
    tmp_path: Path, own_home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*given: Any) -> None:
        raise AssertionError(f"the network was asked: {given}")

    monkeypatch.setattr(socket.socket, "connect", refuse)
    folder = tiny_diffusers.build_sd(tmp_path / "sd")
    path = single_files.write(folder, tmp_path / "tiny.safetensors")
    parts = {
        name: (library, kind, config(folder, name))
        for name, (library, kind, _) in FAMILIES[0].parts.items()
    }
    tiny = replace(FAMILIES[0], context=32, parts=parts)
    monkeypatch.setattr(single_file, "FAMILIES", (tiny,))
    # The tiny model has letters for words.
    monkeypatch.setattr(
        families,
        "_write_tokenizer",
        lambda place, pad: tiny_diffusers._clip_tokenizer(place).save_pretrained(place),
    )
    request = Request("x", "a red apple", steps=2, seed=3, width=64, height=64)
    expected = LargeGenerator("x", "X", folder).generate(request, lambda step: None)
    opened = registry.open_folder(path)
    assert opened.generate(request, lambda step: None).image.tobytes() == expected.image.tobytes()
    assert opened.folder.parent.parent == own_home / "generators" / "files"
    assert opened.title == "tiny"
    first = opened.folder.stat().st_ino
    assert registry.add_folder(path) == f"folder:{opened.folder}"
    assert opened.folder.stat().st_ino == first  # it was not written again


def test_the_tokenizer_is_that_of_clip(tmp_path: Path) -> None:
    from transformers import CLIPTokenizer

    families._write_tokenizer(tmp_path / "tokenizer", "!")
    tokenizer = CLIPTokenizer.from_pretrained(tmp_path / "tokenizer")
    assert tokenizer("A photo of a cat")["input_ids"] == [49406, 320, 1125, 539, 320, 2368, 49407]
    assert (len(tokenizer), tokenizer.pad_token_id, tokenizer.model_max_length) == (49408, 0, 77)


@pytest.mark.parametrize(
    ("family", "millions"),
    [  # as the pages of the models state them
        (0, {"unet": 859.5, "vae": 83.7, "text_encoder": 123.1}),
        (1, {"unet": 2567.5, "vae": 83.7, "text_encoder": 123.1, "text_encoder_2": 694.7}),
    ],
)
def test_the_networks_have_as_many_numbers_as_the_published_ones(
    family: int, millions: dict[str, float]
) -> None:
    import diffusers
    import torch
    import transformers

    counted = {}
    for name, (library, kind, settings) in FAMILIES[family].parts.items():
        home: Any = diffusers if library == "diffusers" else transformers
        with torch.device("meta"):
            if library == "diffusers":
                network = getattr(home, kind).from_config(settings)
            else:
                network = getattr(home, kind)(transformers.CLIPTextConfig(**settings))
        counted[name] = round(sum(one.numel() for one in network.parameters()) / 1e6, 1)
    assert counted == millions


def shapes(context: int = 768, channels: int = 4, **more: tuple[int, ...]) -> single_file.Shapes:
    return {
        f"{UNET}input_blocks.0.0.weight": (320, channels, 3, 3),
        f"{UNET}input_blocks.1.1.transformer_blocks.0.attn2.to_k.weight": (320, context),
        "first_stage_model.decoder.conv_in.weight": (512, 4, 3, 3),
        "cond_stage_model.transformer.x": (1,),
        **more,
    }


def without(part: str) -> single_file.Shapes:
    return {key: value for key, value in shapes().items() if not key.startswith(part)}


@pytest.mark.parametrize(
    ("given", "told"),
    [
        (shapes(channels=9), "9 channels, as for inpainting"),
        (shapes(context=1024), "family that is not known"),
        (shapes(context=2048, edm_mean=(4,)), "family that is not known"),
        (without("first_stage_model"), "autoencoder"),
        (without("cond_stage_model"), "text encoder is not in it"),
        ({"lora_unet_x.lora_down.weight": (4, 4)}, "is a LoRA"),
        ({"double_blocks.0.img_attn.norm.key_norm.scale": (1,)}, "as of FLUX"),
        ({"decoder.conv_in.weight": (1,), "encoder.conv_in.weight": (1,)}, "VAE"),
        ({"emb_params": (4, 768)}, "textual inversion"),
        ({}, "no U-Net"),
    ],
)
def test_what_is_no_whole_model_is_told(given: single_file.Shapes, told: str) -> None:
    with pytest.raises(InputError, match=told):
        single_file.identify(given, "x.safetensors")


def test_the_family_and_its_scheduling_are_told_by_shapes_alone() -> None:
    assert single_file.identify(shapes(), "x").title == "Stable Diffusion 1"
    assert single_file.identify(shapes(context=2048), "x").title == "SDXL"
    assert single_file._scheduling(shapes(v_pred=(0,), ztsnr=(0,))) == {
        "prediction_type": "v_prediction",
        "rescale_betas_zero_snr": True,
    }


def test_pickled_and_damaged_files_are_refused(tmp_path: Path, own_home: Path) -> None:
    path = tmp_path / "model.ckpt"
    path.write_bytes(b"\x80\x04")
    with pytest.raises(InputError, match="pickled file") as caught:
        registry.open_folder(path)
    assert "safetensors/convert" in caught.value.remedy
    path = tmp_path / "model.safetensors"
    path.write_bytes(b"\xff" * 100)
    with pytest.raises(InputError, match=r"model\.safetensors cannot be read"):
        registry.add_folder(path)
    save_file({"emb_params": np.zeros((2, 768), np.float16)}, path)
    with pytest.raises(InputError, match="textual inversion"):
        registry.add_folder(path)
