"""The autoencoder of a file decodes in place of the model's own."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from safetensors.torch import load_file, save_file

from core.base.errors import InputError
from core.generation import png_metadata
from core.generation.large import autoencoders
from core.generation.large.generator import LargeGenerator
from core.generation.request import Generated, Request
from tests.support import single_files, tiny_diffusers

pytestmark = pytest.mark.filterwarnings("ignore:__array:DeprecationWarning")
FILE = "vae/diffusion_pytorch_model.safetensors"


def draw(generator: LargeGenerator, vae: str = "") -> Generated:
    request = Request("x", "a fox", steps=1, seed=3, width=64, height=64, vae=vae)
    return generator.generate(request, lambda step: None)


def keep(name: str, tensors: dict[str, Any]) -> None:
    autoencoders.FOLDER.path.mkdir(parents=True, exist_ok=True)
    save_file(tensors, autoencoders.FOLDER.path / f"{name}.safetensors")


@pytest.mark.slow
def test_a_picture_is_decoded_by_the_autoencoder_of_a_file(tmp_path: Path, own_home: Path) -> None:
    first = tiny_diffusers.build_sd(tmp_path / "first")
    other = tiny_diffusers.build_sd(tmp_path / "other", seed=1)
    generator = LargeGenerator("x", "X", first)
    plain = draw(generator)
    own = load_file(first / FILE)
    tensors = load_file(other / FILE)
    keep("diffusers", tensors)
    original = {f"first_stage_model.{single_files.vae_key(k, 2)}": v for k, v in tensors.items()}
    keep("compvis", {name: one.contiguous() for name, one in original.items()})
    made = draw(generator, "diffusers")
    held = generator._pipes[""].vae.state_dict()
    assert held.keys() == tensors.keys()
    assert all(torch.equal(held[name], one) for name, one in tensors.items())
    assert not np.array_equal(np.asarray(made.image), np.asarray(plain.image))
    assert np.array_equal(np.asarray(draw(generator, "compvis").image), np.asarray(made.image))
    assert np.array_equal(np.asarray(draw(generator).image), np.asarray(plain.image))
    # The same as with that autoencoder in the model's own folder.
    save_file(tensors, first / FILE)
    replaced = draw(LargeGenerator("x", "X", first))
    assert np.array_equal(np.asarray(replaced.image), np.asarray(made.image))
    record = png_metadata.read_record(png_metadata.to_png(made), "x.png")
    assert record is not None
    assert record.request.vae == "diffusers"
    keep("own", own)
    assert np.array_equal(np.asarray(draw(generator, "own").image), np.asarray(plain.image))


def test_what_is_no_fitting_autoencoder_is_told(tmp_path: Path, own_home: Path) -> None:
    folder = tiny_diffusers.build_sd(tmp_path / "sd")
    generator = LargeGenerator("x", "X", folder)
    tensors = load_file(folder / FILE)
    keep("part", {name: one for name, one in tensors.items() if "decoder.conv_in" not in name})
    keep("wide", tensors | {"decoder.conv_in.weight": torch.zeros(64, 16, 3, 3)})
    keep("none", {"x": torch.zeros(3)})
    (autoencoders.FOLDER.path / "damaged.safetensors").write_bytes(b"\xff" * 99)
    for name, told in (("part", "layers are missing"), ("wide", ""), ("none", ""), ("damaged", "")):
        with pytest.raises(InputError, match=f"The VAE “{name}” cannot be used: .*{told}"):
            draw(generator, name)
    with pytest.raises(InputError, match="no VAE “other” here"):
        draw(generator, "other")
    (autoencoders.FOLDER.path / "old.vae.pt").write_bytes(b"\x80\x04")
    with pytest.raises(InputError, match=r"“old\.vae\.pt” is a pickled file"):
        draw(generator, "old.vae")
